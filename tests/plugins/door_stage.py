"""What the tests of the doors ask and wait for, and how a door is shown to be open."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from every_wire import EveryWire

from pytest_modelpin.demo.provider_server import Question
from pytest_modelpin.providers import read_reply
from pytest_modelpin.providers.api_keys import Keys
from pytest_modelpin.providers.wire import Reply, ToolCall
from pytest_modelpin.registry.selection import Selected

SAID = "four words of answer"
CITY = {"city": "Oslo"}
SECRET = "sk-planted-0123456789abcdef0123"
SCHEMA = {
    "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"],
    "additionalProperties": False,
}  # fmt: skip
IDS = {
    "openai": ("gpt-4o-2024-08-06", "gpt-4o", "gpt-4o-2024-11-20"),
    "anthropic": ("claude-sonnet-4-5-20250929", "claude-sonnet-4-5", "claude-sonnet-4-5-20261101"),
    "google": ("gemini-2.5-flash", "gemini-3.5-flash", "gemini-3.5-flash"),
    "azure": ("gpt-4.1-2025-04-14", "gpt-4.1", "gpt-4.1-2025-10-01"),
    "vertex": ("claude-sonnet-4-5@20250929", "claude-opus-4-8", "claude-opus-4-8"),
    "google-vertex": ("gemini-2.5-flash", "gemini-3.5-flash", "gemini-3.5-flash"),
}
"""By provider: the pin, the candidate, and the version that serves the candidate."""
KEYS = {
    "openai": "OPENAI_API_KEY",
    "anthropic": "ANTHROPIC_API_KEY",
    "google": "GEMINI_API_KEY",
    "azure": "AZURE_OPENAI_API_KEY",
    "vertex": "PLANTED_ACCESS_TOKEN",
    "google-vertex": "PLANTED_ACCESS_TOKEN",
}
GPT, CLAUDE, GEMINI, DEPLOYMENT, ON_VERTEX, _ = (ids[0] for ids in IDS.values())
STREAM: Any = {"stream": True, "stream_options": {"include_usage": True}}
TOOL = {"name": "weather", "description": "The weather.", "parameters": SCHEMA}


def asked(question: str) -> Any:
    return [{"role": "user", "content": question}]


def body(question: str, **more: Any) -> dict[str, Any]:
    return {"model": GPT, "messages": asked(question), **more}


def headers() -> dict[str, str]:
    return {"authorization": f"Bearer {os.environ['OPENAI_API_KEY']}"}


def said(document: Any) -> str:
    return str(document["choices"][0]["message"]["content"])


def streamed(lines: Any) -> str:
    texts = [line.decode() if isinstance(line, bytes) else line for line in lines]
    events = [json.loads(text[6:]) for text in texts if text.startswith("data: {")]
    choices = [choice for each in events for choice in each["choices"]]
    return "".join(choice["delta"].get("content") or "" for choice in choices)


def within_a_loop(test: Callable[[str], Any]) -> Callable[[str], Any]:
    return lambda url: asyncio.run(test(url))


Doors = Mapping[str, tuple[str, Mapping[str, Callable[[str], Any]]]]
"""Of each door: whose wire it speaks, and the ways to use it."""


def cells(doors: Doors) -> Any:
    """Parametrises a test by every way of every door."""
    ways = [
        pytest.param(vendor, way, id=f"{door}-{mode}")
        for door, (vendor, modes) in doors.items()
        for mode, way in modes.items()
    ]
    return pytest.mark.parametrize(("vendor", "way"), ways)


def answer(question: Question) -> str | Reply:
    if question.text == "tool":
        return Reply(tools=(ToolCall("weather", CITY),))
    return json.dumps(CITY) if question.text == "json" else SAID


@pytest.fixture
def hold_open(
    stage: Any, words: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str, Callable[[str], Any]], None]]:
    """Uses a door in each way that its tests' owner will, and looks that it holds.

    Called with whose wire it speaks, and the way to use it.
    """
    aliases = {candidate: served for _, candidate, served in IDS.values()}
    with EveryWire(answer, aliases=aliases) as provider:
        yield lambda vendor, way: _hold_open(vendor, way, provider, stage, words, monkeypatch)


def _hold_open(
    vendor: str,
    way: Callable[[str], Any],
    provider: EveryWire,
    stage: Any,
    words: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pin, candidate, served = IDS[vendor]
    key = KEYS[vendor]
    monkeypatch.delenv("GOOGLE_API_KEY", raising=False)
    monkeypatch.setenv(key, SECRET)

    def selected(which: Any, id: str, record: Any) -> Any:
        return words.selection_of(Selected("it", pin, which, id, record, provider=vendor))

    recorded, capture = stage.play(selected("production", pin, "new"), lambda: way(provider.url))
    assert recorded in (SAID, CITY)
    assert {call.version for call in capture.calls} == {pin}
    exchange = capture.calls[0].exchange
    assert exchange.served == pin
    request, response = exchange.request, exchange.response
    usage = read_reply(
        request.url, request.body, response.status, response.headers,
        response.content,
    ).usage  # fmt: skip
    assert usage.input_tokens
    assert usage.output_tokens
    assert SECRET not in stage.text()

    before = len(provider.requests)
    tried, capture = stage.play(selected("candidate", candidate, "all"), lambda: way(provider.url))
    assert tried == recorded
    assert {request.model for request in provider.requests[before:]} == {candidate}
    assert {call.exchange.served for call in capture.calls} == {served}

    provider.close()
    monkeypatch.delenv(key)
    replaying = selected("production", pin, "none")
    keys = Keys(replaying)
    keys.stand_in()
    try:
        replayed, capture = stage.play(replaying, lambda: way(provider.url))
    finally:
        keys.take_back()
    assert replayed == recorded
    assert not any(call.fresh for call in capture.calls)
