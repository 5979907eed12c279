"""Gemini's interactions: what a reply says, plain, streamed, and while it is being made."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_modelpin.providers import ToolCall, Usage, provider_for, provider_named
from pytest_modelpin.providers.interactions import SHAPE

URL = "https://generativelanguage.googleapis.com/v1beta/interactions"
ON_VERTEX = "https://aiplatform.googleapis.com/v1beta1/projects/p/locations/global/interactions"
CALL = {"type": "function_call", "id": "c1", "name": "add", "arguments": {"a": 1}}
USAGE = {"total_input_tokens": 5, "total_output_tokens": 2, "total_thought_tokens": 7}


def said(text: str) -> dict[str, Any]:
    return {"type": "model_output", "content": [{"type": "text", "text": text}]}


def interaction(*steps: Any, **fields: Any) -> dict[str, Any]:
    told = {"id": "i1", "model": "gemini-2.5-flash", "status": "completed", "usage": USAGE}
    return {**told, "steps": list(steps), **fields}


def test_a_plain_reply(read):
    reply = read("interactions", interaction({"type": "thought", "signature": "x"}, said("Hello")))
    assert (reply.text, reply.tools, reply.finish_reason) == ("Hello", (), "completed")
    assert (reply.provider, reply.served_model) == ("google", "gemini-2.5-flash")
    assert reply.usage == Usage(5, 2, None, 7)
    assert reply.complete


def test_what_was_said_before_is_no_answer(read):
    earlier = [said("Before"), CALL, {"type": "function_result", "call_id": "c1", "result": "2"}]
    reply = read("interactions", interaction(*earlier, said("It is "), said("2.")))
    assert (reply.text, reply.tools) == ("It is 2.", ())


def test_a_function_call(read):
    reply = read("interactions", interaction(CALL, status="requires_action"))
    assert (reply.text, reply.tools) == ("", (ToolCall("add", {"a": 1}),))


@pytest.mark.parametrize("status", ["in_progress", "queued"])
def test_one_that_is_being_made_is_no_answer_yet(read, status):
    assert not read("interactions", interaction(status=status)).complete


def test_one_that_failed_says_why(read):
    errors = [{"code": "unavailable", "message": "The model is overloaded."}]
    reply = read("interactions", interaction(status="failed", errors=errors))
    assert reply.error == "The model is overloaded."


def events(*deltas: dict[str, Any], step: dict[str, Any], end: bool = True) -> list[dict[str, Any]]:
    begun = {"id": "i1", "model": "gemini-2.5-flash", "status": "in_progress"}
    last = {**interaction(), "steps": None}
    return [
        {"event_type": "interaction.created", "interaction": begun},
        {"event_type": "step.start", "index": 0, "step": step},
        *({"event_type": "step.delta", "index": 0, "delta": delta} for delta in deltas),
        {"event_type": "step.stop", "index": 0},
        *([{"event_type": "interaction.completed", "interaction": last}] if end else []),
    ]


def texts(*pieces: str) -> list[dict[str, Any]]:
    return [{"type": "text", "text": piece} for piece in pieces]


def test_a_stream(read, stream):
    told = events(*texts("Hel", "lo"), step={"type": "model_output"})
    reply = read("interactions", stream(*told, done=True))
    assert (reply.text, reply.finish_reason, reply.complete) == ("Hello", "completed", True)
    assert (reply.served_model, reply.usage) == ("gemini-2.5-flash", Usage(5, 2, None, 7))


def test_a_streamed_call(read, stream):
    pieces = [{"type": "arguments_delta", "arguments": each} for each in ('{"a"', ": 1}")]
    reply = read("interactions", stream(*events(*pieces, step={**CALL, "arguments": {}})))
    assert reply.tools == (ToolCall("add", {"a": 1}),)


def test_a_stream_that_broke_off_is_not_whole(read, stream):
    reply = read("interactions", stream(*events(*texts("Hel"), step=said(""), end=False)))
    assert (reply.text, reply.complete, reply.finish_reason) == ("Hel", False, None)


def test_an_error_in_a_stream(read, stream):
    error = {"event_type": "error", "error": {"code": "unavailable", "message": "Overloaded."}}
    assert read("interactions", stream(*events(step=said(""), end=False), error)).error


@pytest.mark.parametrize("url", [URL, ON_VERTEX, "http://127.0.0.1:8080/v1beta/interactions"])
def test_the_model_of_its_body_is_asked(url):
    body = {"model": "gemini-2.5-flash", "input": "hi"}
    provider = provider_for("POST", url, body)
    assert provider is not None
    assert (provider.name, provider.requested_model(url, body)) == ("google", "gemini-2.5-flash")
    moved = provider.with_model(url, body, "gemini-3.5-flash")
    assert moved == (url, {"model": "gemini-3.5-flash", "input": "hi"})
    same = provider.without_model(*moved), provider.without_model(url, body)
    assert same[0] == same[1]


def test_an_agent_is_no_model():
    assert provider_for("POST", URL, {"agent": "deep-research", "input": "hi"}) is None


@pytest.mark.parametrize(
    ("method", "path", "body", "pending"),
    [
        ("POST", "/v1beta/interactions", {"model": "m", "background": True}, True),
        ("POST", "/v1beta/interactions", {"model": "m"}, False),
        ("GET", "/v1beta/interactions/i1", None, True),
        ("GET", "/v1beta/models/m", None, False),
    ],
)
def test_one_in_the_background_is_looked_at_until_it_is_made(method, path, body, pending):
    google = provider_named("google")
    assert google is not None
    assert google.may_be_pending(method, path, body) is pending


def test_an_sdks_object_is_an_answer_and_a_users_document_is_none():
    (answer,) = SHAPE.answers(interaction(said("Hello")))
    assert answer.text == "Hello"
    assert SHAPE.answers({"status": "open", "steps": [{"type": "walk"}]}) == ()
