"""Which requests a recording foretells."""

from __future__ import annotations

from functools import partial
from typing import Any

import httpx

from pytest_modelpin.intercept.recognising import Recogniser
from pytest_modelpin.live.expected_requests import UpcomingTest, expected_requests
from pytest_modelpin.providers import provider_for
from pytest_modelpin.providers.reply import Reply, ToolCall
from pytest_modelpin.recordings.store import Recordings
from pytest_modelpin.registry.selection import Selected


def asks(url: str, *texts: str) -> Any:
    def ask(text: str) -> Any:
        body = {"model": "gpt-4o-2024-08-06", "messages": [{"role": "user", "content": text}]}
        return httpx.post(f"{url}/v1/chat/completions", json=body)

    return lambda: [ask(text) for text in texts]


def steps_of(stage: Any, selection: Any, *names: str) -> list[Any]:
    look = partial(
        expected_requests,
        selection=selection,
        recordings=Recordings(root=stage.folder),
        providers=provider_for,
        key=Recogniser(selection, provider_for).key,
    )
    return [step for script in look(UpcomingTest(stage.owner, names=names)) for step in script]


def test_what_the_first_sample_asked_the_pin_is_asked_of_the_candidate(
    server: Any, stage: Any, words: Any
) -> None:
    for sample in (1, 2):
        stage.play(words.production("new"), asks(server.url, "a", "b", "a"), sample=sample)
    steps = steps_of(stage, words.candidate())
    assert [step.body["model"] for step in steps] == [words.ALIAS] * 3
    assert [step.body["messages"][0]["content"] for step in steps] == ["a", "b", "a"]
    assert [step.ordinal for step in steps] == [0, 0, 1]


def test_a_selection_that_is_replayed_foretells_nothing(
    server: Any, stage: Any, words: Any
) -> None:
    stage.play(words.production("new"), asks(server.url, "a"))
    assert steps_of(stage, words.production()) == []
    assert steps_of(stage, words.candidate("new")) == []


def test_nothing_is_foretold_from_a_redacted_request_on(
    server: Any, stage: Any, words: Any
) -> None:
    texts = ("a", "my key is sk-planted-0123456789abcdef", "b")
    stage.play(words.production("new"), asks(server.url, *texts))
    assert len(steps_of(stage, words.candidate())) == 1


def test_of_names_that_share_a_pin_the_declared_one_is_meant(
    server: Any, stage: Any, words: Any
) -> None:
    stage.play(words.production("new"), asks(server.url, "a"))
    both = words.selection_of(
        Selected("one", words.PIN, "candidate", words.ALIAS, "all"),
        Selected("two", words.PIN, "production", words.PIN, "none"),
    )
    assert [step.asked for step in steps_of(stage, both, "one")] == [words.ALIAS]
    assert steps_of(stage, both, "two") == []
    assert steps_of(stage, both) == []


def test_a_torn_recording_foretells_nothing(server: Any, stage: Any, words: Any) -> None:
    stage.play(words.production("new"), asks(server.url, "a"))
    (stage.folder / stage.files()[0]).write_text("{")
    assert steps_of(stage, words.candidate()) == []


def test_the_next_step_follows_from_the_same_text_only(server: Any, stage: Any, words: Any) -> None:
    stage.play(words.production("new"), asks(server.url, "a", "b"))
    first = steps_of(stage, words.candidate())[0]
    assert first.is_answered_alike(Reply(text="answer 1"))
    assert not first.is_answered_alike(Reply(text="answer 2"))
    assert not first.is_answered_alike(Reply(text="answer 1", tools=[("look", {})]))


def test_nothing_follows_a_tool_call_whose_id_is_never_the_same(
    server: Any, stage: Any, words: Any
) -> None:
    document = words.chat(words.PIN, "")
    call = {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
    document["choices"][0]["message"] = {"role": "assistant", "tool_calls": [call]}
    server.scripts = [server.plain(document)]
    stage.play(words.production("new"), asks(server.url, "a", "b"))
    first = steps_of(stage, words.candidate())[0]
    assert not first.is_answered_alike(Reply(tools=[ToolCall("look", {})]))
