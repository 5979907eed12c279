"""A reply heard anew that says the same stays as it is recorded; nothing else does."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.providers.replies import FIELDS
from pytest_modelpin.recordings.exchange import Exchange, Request, Response
from pytest_modelpin.recordings.settling import settled_on
from pytest_modelpin.recordings.store import Recordings

MODEL = "gpt-4o"
JSON_REPLY = {"content-type": "application/json"}


def exchange(
    reply: Any, request: Any = "hi", url: str = "http://host/v1/chat", **headers: str
) -> Exchange:
    content = reply if isinstance(reply, bytes) else json.dumps(reply).encode()
    response = Response(200, {**JSON_REPLY, **headers}, content)
    return Exchange(Request("POST", url, {"messages": [request]}), response, MODEL, MODEL)


def stream(*events: str) -> Exchange:
    response = Response(200, {"content-type": "text/event-stream"}, "".join(events).encode())
    return Exchange(Request("POST", "http://host/v1/chat", {}), response, MODEL, MODEL)


SAME = [
    ({"id": "a", "text": "x"}, {"id": "b", "text": "x"}),
    ({"created": 1, "text": "x"}, {"created": 2, "text": "x"}),
    ({"text": "x"}, {"text": "x", "system_fingerprint": "fp_1"}),
    ({"usage": {"total": 3, "d": {"cached_tokens": 0}}},
     {"usage": {"total": 3, "d": {"cached_tokens": 2}}}),
    ({"choices": [{"id": "a", "text": "x"}]}, {"choices": [{"id": "b", "text": "x"}]}),
]  # fmt: skip
OTHER = [
    ({"id": "a", "text": "x"}, {"id": "a", "text": "y"}),
    ({"text": "x"}, {"text": "x", "more": 1}),
    ({"usage": {"total": 3}}, {"usage": {"total": 4}}),
    ({"ok": True}, {"ok": 1}),
    ({"input": {"id": 1}}, {"input": {"id": 2}}),
    ({"functionCall": {"args": {"created": 1}}}, {"functionCall": {"args": {"created": 2}}}),
    ({"choices": [1]}, {"choices": [1, 1]}),
]  # fmt: skip


@pytest.mark.parametrize(("before", "now"), SAME)
def test_what_says_the_same_stays_as_it_is_recorded(before: Any, now: Any) -> None:
    recorded, heard = exchange(before), exchange(now)
    (kept,) = settled_on([recorded], [heard])
    assert kept is recorded


@pytest.mark.parametrize(("before", "now"), OTHER)
def test_what_a_test_can_tell_apart_is_taken_anew(before: Any, now: Any) -> None:
    recorded, heard = exchange(before), exchange(now)
    (kept,) = settled_on([recorded], [heard])
    assert kept is heard


def test_ids_of_requests_and_limits_in_headers_do_not_count_and_others_do() -> None:
    recorded = exchange({}, **{"x-request-id": "1", "x-ratelimit-remaining": "9"})
    heard = exchange({}, **{"x-request-id": "2", "x-ratelimit-remaining": "8"})
    assert settled_on([recorded], [heard]) == (recorded,)
    warned = exchange({}, **{"x-api-warning": "deprecated"})
    assert settled_on([recorded], [warned]) == (warned,)


def test_streams_are_compared_event_by_event_without_what_keeps_them_open() -> None:
    def event(id: str, text: str) -> str:
        return f'data: {{"id": "{id}", "delta": "{text}"}}\n\n'

    recorded = stream(event("a", "x"), event("a", "y"), "data: [DONE]\n\n")
    ping = 'event: ping\ndata: {"type": "ping"}\n\n'
    heard = stream(": alive\n\n", event("b", "x"), ping, event("b", "y"), "data: [DONE]\n\n")
    assert settled_on([recorded], [heard]) == (recorded,)
    other = stream(event("b", "x"), event("b", "z"), "data: [DONE]\n\n")
    assert settled_on([recorded], [other]) == (other,)


def test_a_stream_is_told_apart_whatever_mark_is_in_its_text() -> None:
    def event(id: str) -> str:
        return f'data: {{"id": "{id}", "delta": "one\u2028two\x85three"}}\n\n'

    recorded, heard = stream(event("a")), stream(event("b"))
    assert settled_on([recorded], [heard]) == (recorded,)


def call(id: str, name: str = "look") -> Any:
    return {"id": f"reply-{id}", "tool_calls": [{"id": f"call-{id}", "name": name}]}


def answered(id: str) -> Any:
    return {"tool_call_id": f"call-{id}", "content": "5 days"}


def test_a_request_that_quotes_a_new_id_is_the_same_where_the_rest_is() -> None:
    recorded = [exchange(call("1")), exchange({"text": "x"}, answered("1"))]
    heard = [exchange(call("2")), exchange({"text": "x"}, answered("2"))]
    assert settled_on(recorded, heard) == tuple(recorded)


def test_a_reply_whose_id_is_quoted_by_what_changed_is_taken_anew_with_it() -> None:
    recorded = [exchange(call("1")), exchange({"text": "x"}, answered("1"))]
    heard = [exchange(call("2")), exchange({"text": "changed"}, answered("2"))]
    assert settled_on(recorded, heard) == tuple(heard)


def test_an_id_in_an_address_counts_as_quoted() -> None:
    recorded = [exchange(call("1")), exchange({"a": 1}, url="http://host/v1/reply-1")]
    heard = [exchange(call("2")), exchange({"a": 1}, url="http://host/v1/reply-2")]
    assert settled_on(recorded, heard) == tuple(recorded)


def test_the_same_question_asked_twice_keeps_its_order() -> None:
    recorded = [exchange({"id": "re-1", "n": 1}), exchange({"id": "re-2", "n": 2})]
    heard = [exchange({"id": "re-3", "n": 1}), exchange({"id": "re-4", "n": 3})]
    assert settled_on(recorded, heard) == (recorded[0], heard[1])


@pytest.mark.parametrize("content", [b"\xff\xfe", b"[" * 100_000, b"", b"<html>"])
def test_no_bytes_are_too_odd_to_be_compared(content: bytes) -> None:
    recorded, heard = exchange(content), exchange(content + b" ")
    assert settled_on([recorded], [heard]) == (heard,)
    assert settled_on([recorded], [exchange(content)]) == (recorded,)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "created", "text", "args", "n"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)


def told(value: Any) -> Any:
    """A value without what never tells."""
    if isinstance(value, dict):
        return {
            name: each if name == "args" else told(each)
            for name, each in value.items()
            if name not in FIELDS
        }
    return [told(each) for each in value] if isinstance(value, list) else value


@given(values, values)
def test_a_reply_is_kept_only_where_all_that_tells_is_the_same(before: Any, now: Any) -> None:
    recorded, heard = exchange(before), exchange(now)
    (kept,) = settled_on([recorded], [heard])
    if json.dumps(told(before), sort_keys=True) == json.dumps(told(now), sort_keys=True):
        assert kept is recorded
    elif kept is recorded:  # an id that a second field repeats
        assert "id" in json.dumps(now)


def test_a_second_live_run_of_equal_answers_leaves_every_byte(
    server: Any, stage: Any, words: Any
) -> None:
    def ask() -> Any:
        body = {"model": words.PIN, "messages": [{"role": "user", "content": "hi"}]}
        return httpx.post(f"{server.url}/v1/chat/completions", json=body).json()

    def run(day: int, text: str) -> bytes:
        recordings = Recordings(root=stage.folder, today=date(2026, 1, day))
        for sample in (1, 2, 3):
            said = words.chat(words.ALIAS, text if sample == 2 else "5 days")
            said |= {"id": f"chatcmpl-{day}-{sample}", "created": day * 10 + sample}
            server.scripts = [server.plain(said, **{"x-request-id": f"{day}-{sample}"})]
            stage.play(words.candidate(), ask, sample=sample, recordings=recordings)
        (path,) = (stage.folder / "__recordings__").rglob("*.json")
        return path.read_bytes()

    first = run(1, "six days")
    assert run(2, "six days") == first
    changed = run(3, "seven days")
    before, after = (json.loads(content)["exchanges"] for content in (first, changed))
    assert [entry["sample"] for entry in before] == [1, 2]
    assert list(before[0]["also"]) == ["3"]
    assert after[0] == before[0]
    assert after[1] != before[1]
    server.stop()
    held = Recordings(root=stage.folder).exchanges(stage.owner, words.ALIAS)
    assert {sample: len(each) for sample, each in held.items()} == {1: 1, 2: 1, 3: 1}
    for sample, text in ((1, "5 days"), (2, "seven days"), (3, "5 days")):
        said, _ = stage.play(words.candidate("none"), ask, sample=sample)
        assert said["choices"][0]["message"]["content"] == text


def test_samples_that_hear_the_same_of_a_changed_prompt_are_written_once(
    server: Any, stage: Any, words: Any
) -> None:
    """Only the first recording was; each change of a prompt then wrote every sample out."""

    def ask(text: str) -> Any:
        body = {"model": words.PIN, "messages": [{"role": "user", "content": text}]}
        return lambda: httpx.post(f"{server.url}/v1/chat/completions", json=body).json()

    for text in ("hi", "hello"):
        for sample in (1, 2, 3):
            said = words.chat(words.PIN, "6 days" if (text, sample) == ("hello", 2) else "5 days")
            server.scripts = [server.plain(said | {"id": f"chatcmpl-{text}-{sample}"})]
            stage.play(words.production("new"), ask(text), sample=sample)
    (path,) = (stage.folder / "__recordings__").rglob("*.json")
    written = json.loads(path.read_text())["exchanges"]
    said = [(each["sample"], *each.get("also", ())) for each in written]
    assert said == [(1, "3"), (1, "3"), (2,), (2,)]
