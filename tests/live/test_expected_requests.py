"""Which requests a recording foretells."""

from __future__ import annotations

import uuid
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.intercept.recognising import Recogniser
from pytest_modelpin.live.expected_requests import (
    Differences,
    UpcomingTest,
    differing_fields,
    expected_requests,
)
from pytest_modelpin.providers.wire import Reply, ToolCall
from pytest_modelpin.recordings.owner import Owner
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
        key=Recogniser(selection).key,
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


JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


def owner(name: str) -> Owner:
    return Owner(Path("tests"), "test_a", name)


@given(JSON, JSON)
def test_fields_are_named_exactly_where_bodies_differ(one: object, other: object) -> None:
    assert bool(differing_fields(one, other)) == (one != other)
    assert differing_fields(one, one) == []


def test_places_are_written_as_in_code() -> None:
    before = {"messages": [{"content": "a"}], "tools": [1], "n": 1}
    after = {"messages": [{"content": "b"}], "tools": [1, 2], "seed": 1}
    assert differing_fields(before, after) == ["messages[0].content", "n", "seed", "tools"]


def test_what_differs_in_the_same_is_one_sentence() -> None:
    differences = Differences()
    differences.sent_twice(owner("test_x[1]"), ["header x-beta"])
    differences.sent_twice(owner("test_x[2]"), ["header x-beta"])
    differences.unexpected(owner("test_y"), {"n": 2, "t": 0}, [{"n": 1, "t": 1}, {"n": 1, "t": 0}])
    twice, unexpected = differences.notes()
    assert twice.startswith("2 requests were sent twice: what was sent ahead differed in header x-")
    assert "first in tests/test_a.py::test_x[1]" in twice
    assert "n is not as recorded on the pin (in tests/test_a.py::test_y)" in unexpected


def test_many_that_differ_are_counted_and_not_compared() -> None:
    differences = Differences()
    for number in range(50):
        differences.unexpected(owner("test_y"), {"n": number, "x": 0}, [{"n": -1, "x": 0}])
    notes = differences.notes()
    assert [note.partition(" ")[0] for note in notes] == ["20", "30"]
    assert "what is asked is not as recorded" in notes[1]


def test_an_id_that_a_client_made_up_is_no_difference() -> None:
    def conversation(call: str, result: str) -> Any:
        return {"messages": [{"tool_calls": [{"id": call}]}, {"tool_call_id": result}]}

    one, other = f"call_{uuid.uuid4().hex}", f"call_{uuid.uuid4().hex}"
    assert differing_fields(conversation(one, one), conversation(other, other)) == []
    assert differing_fields(conversation(one, one), conversation(other, one)) != []
