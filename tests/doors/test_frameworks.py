"""Frameworks as published, each group in an environment of its own: recorded, swapped, replayed.

A group's file is what its users would write, tests that know nothing of pins; here pytest runs it
three times. A framework that is not installed breaks its own group alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from every_wire import EveryWire
from framework_environments import python_of
from framework_suite import (
    ACCOUNT,
    ALIASES,
    CANDIDATES,
    CITY,
    GROUPS,
    SAID,
    SECRETS,
    SERVED,
    Suite,
    doors,
)

from pytest_modelpin.demo.provider_server import Question
from pytest_modelpin.providers.wire import Reply, ToolCall


def answer(question: Question) -> str | Reply:
    """What each test waits for: a tool's call until it was made, then words; JSON where asked, and
    where a judge asks about an answer.
    """
    if question.tools and "sunny" not in question.text:
        return Reply(tools=(ToolCall(question.tools[0], CITY),))
    if "[[ ## city ## ]]" in question.text:
        return "[[ ## city ## ]]\nOslo\n\n[[ ## completed ## ]]"
    if "evaluation" in question.text.lower():
        return json.dumps({"score": 10, "reason": "Four words."})
    return json.dumps(CITY) if "json" in question.text else SAID


@pytest.fixture
def provider() -> Iterator[EveryWire]:
    with EveryWire(answer, aliases=ALIASES, aws_secrets=dict([ACCOUNT])) as server:
        yield server


def signature_problem(case: Any, served: str | None, *, fresh: bool) -> str | None:
    """Why a cell's run does not hold; None where it does."""
    if case is None:
        return "has no case in the run's report"
    [sample] = case["samples"]
    if sample["outcome"] != "passed":
        return f"{sample['outcome']}: {sample.get('message')}"
    if case.get("left_out"):
        return f"left out: {case['left_out']}"
    if not sample["calls"]:
        return "no hook heard it"
    for call in sample["calls"]:
        reply = call["reply"]
        usage = reply.get("usage") or {}
        if call["fresh"] != fresh:
            return f"fresh is {call['fresh']}"
        if reply.get("served_model") != served:
            return f"served by {reply.get('served_model')}, not {served}"
        if not usage.get("input_tokens") or not usage.get("output_tokens"):
            return f"no usage: {usage}"
    return None


def said(case: Any) -> list[Any]:
    """What the models answered in a case."""
    calls = case["samples"][0]["calls"] if case else []
    return [(call["reply"].get("text"), call["reply"].get("tools")) for call in calls]


@pytest.mark.long
@pytest.mark.parametrize("group", GROUPS)
def test_every_door_of_a_group(group: str, provider: EveryWire, tmp_path: Path) -> None:
    suite = Suite(tmp_path, group, python_of(group))
    cells = {
        f"{door}-{mode}": SERVED[wire]
        for door, (wire, ways) in doors(group).items()
        for mode in ways
    }
    wrong: dict[str, str] = {}

    def look(run: str, cases: dict[str, Any], which: int, *, fresh: bool) -> None:
        for cell, served in cells.items():
            if found := signature_problem(cases.get(cell), served[which], fresh=fresh):
                wrong[f"{run}: {cell}"] = found

    recorded = suite.run("record", provider.url, "--model-record", "new", secrets=SECRETS)
    look("record", recorded, 0, fresh=True)
    seen = sum(len(case["samples"][0]["calls"]) for case in recorded.values())
    questions = [request for request in provider.requests if request.model is not None]
    assert seen == len(questions), "questions that no hook saw"

    before = len(provider.requests)
    tried = suite.run("candidate", provider.url, "--model", "candidate", secrets=SECRETS)
    look("candidate", tried, 1, fresh=True)
    assert {request.model for request in provider.requests[before:]} <= {*CANDIDATES, None}

    provider.close()
    replayed = suite.run("replay", provider.url, secrets={}, cut=True)
    look("replay", replayed, 0, fresh=False)
    for cell, case in recorded.items():
        if not said(case) == said(tried.get(cell)) == said(replayed.get(cell)):
            wrong[f"heard: {cell}"] = f"{said(case)}, {said(tried.get(cell))}"
    assert wrong == {}, suite.said[-4000:]

    for path, content in suite.written():
        for name, secret in SECRETS.items():
            assert secret.encode() not in content, f"{name} in {path.relative_to(tmp_path)}"


WITH_AIORESPONSES = """
import asyncio
import aiohttp
from aioresponses import aioresponses
from door_questions import GPT, URL, asked

CHAT = f"{URL}/v1/chat/completions"
MOCKED = {"choices": [{"message": {"content": "mocked"}}]}

async def asking(question):
    async with aiohttp.ClientSession() as session:
        body = {"model": GPT, "messages": asked(question)}
        async with session.post(CHAT, json=body) as reply:
            return (await reply.json())["choices"][0]["message"]["content"]

def ask(question):
    return asyncio.run(asking(question))

def test_plain():
    assert ask("first") == "four words of answer"

def test_mocked():
    with aioresponses() as mock:
        mock.post(CHAT, payload=MOCKED)
        assert ask("never recorded") == "mocked"
        mock.assert_called_once()

def test_let_through():
    with aioresponses(passthrough=[URL]) as mock:
        mock.post("http://elsewhere.example/", payload=MOCKED)
        assert ask("second") == "four words of answer"

def test_both():
    with aioresponses(passthrough_unmatched=True) as mock:
        assert ask("third") == "four words of answer"
        mock.post(CHAT, payload=MOCKED)
        assert ask("never recorded") == "mocked"
"""


@pytest.mark.long
def test_what_aioresponses_answers_is_no_model_s_and_what_it_lets_through_is(
    provider: EveryWire, tmp_path: Path
) -> None:
    """It stands above our hook, in the place of a session's way to ask. It knows no newer aiohttp
    than that of the group.
    """
    suite = Suite(tmp_path, "year_old", python_of("year_old"))
    (tmp_path / "project/tests/test_group.py").write_text(WITH_AIORESPONSES)
    asked = {"test_plain": 1, "test_let_through": 1, "test_both": 1}

    def heard(which: str, *options: str, **more: Any) -> dict[str, int]:
        cases = suite.run(which, provider.url, *options, secrets=SECRETS, **more)
        assert [case["left_out"] for case in cases.values() if case["left_out"]] == [], suite.said
        assert "4 passed" in suite.said
        return {name: len(case["samples"][0]["calls"]) for name, case in cases.items()}

    assert heard("record", "--model-record", "new") == asked
    assert heard("candidate", "--model", "candidate") == asked
    assert {request.model for request in provider.requests[len(asked) :]} == {"gpt-4o"}
    provider.close()
    assert heard("replay", cut=True) == asked
