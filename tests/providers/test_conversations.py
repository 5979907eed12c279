"""Mistral's conversations: what a reply says, plain and streamed, and whose a question is."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_modelpin.providers import ToolCall, Usage, provider_for, provider_named
from pytest_modelpin.providers.conversations import SHAPE

URL = "https://api.mistral.ai/v1/conversations"
PIN = "mistral-small-2506"
USAGE = {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}


def said(content: Any, **more: Any) -> dict[str, Any]:
    return {"type": "message.output", "model": PIN, "content": content, **more}


def call(**more: Any) -> dict[str, Any]:
    return {"type": "function.call", "name": "add", "tool_call_id": "c1", "model": PIN, **more}


def response(*outputs: Any, **more: Any) -> dict[str, Any]:
    told = {"object": "conversation.response", "conversation_id": "conv_1", "usage": USAGE}
    return {**told, "outputs": list(outputs), **more}


def test_a_plain_reply(read):
    reply = read("conversations", response(said("Hello")))
    assert (reply.text, reply.tools, reply.complete) == ("Hello", (), True)
    assert (reply.provider, reply.served_model) == ("mistral", PIN)
    assert reply.usage == Usage(5, 2)


def test_thoughts_and_references_are_no_text(read):
    thought = {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}
    source = {"type": "tool_reference", "tool": "web_search", "title": "A page"}
    texts = [{"type": "text", "text": each} for each in ("It is ", "so.")]
    reply = read("conversations", response(said([thought, texts[0], source, texts[1]])))
    assert reply.text == "It is so."


def test_what_mistral_ran_itself_is_no_call(read):
    ran = {"type": "tool.execution", "name": "web_search", "arguments": '{"query": "x"}'}
    reply = read("conversations", response(ran, said("Found.")))
    assert (reply.text, reply.tools) == ("Found.", ())


@pytest.mark.parametrize("arguments", ['{"a": 1}', {"a": 1}])
def test_a_function_call(read, arguments):
    reply = read("conversations", response(call(arguments=arguments)))
    assert (reply.text, reply.tools) == ("", (ToolCall("add", {"a": 1}),))
    assert reply.served_model == PIN


def events(*deltas: dict[str, Any], end: bool = True) -> list[dict[str, Any]]:
    return [
        {"type": "conversation.response.started", "conversation_id": "conv_1"},
        *({"model": PIN, "output_index": 0, **delta} for delta in deltas),
        *([{"type": "conversation.response.done", "usage": USAGE}] if end else []),
    ]


def test_a_stream(read, stream):
    chunk = {"type": "text", "text": "lo"}
    pieces = [{"type": "message.output.delta", "content": each} for each in ("Hel", chunk)]
    reply = read("conversations", stream(*events(*pieces)))
    assert (reply.text, reply.complete) == ("Hello", True)
    assert (reply.served_model, reply.usage) == (PIN, Usage(5, 2))


def test_calls_of_a_stream_are_told_apart_by_their_place(read, stream):
    def piece(place: int, arguments: str) -> dict[str, Any]:
        made = {"name": "add", "tool_call_id": f"c{place}", "output_index": place}
        return {"type": "function.call.delta", "arguments": arguments, **made}

    pieces = [piece(1, '{"a"'), piece(2, '{"b": '), piece(1, ": 1}"), piece(2, "2}")]
    reply = read("conversations", stream(*events(*pieces)))
    assert reply.tools == (ToolCall("add", {"a": 1}), ToolCall("add", {"b": 2}))


def test_a_stream_that_broke_off_is_not_whole(read, stream):
    delta = {"type": "message.output.delta", "content": "Hel"}
    reply = read("conversations", stream(*events(delta, end=False)))
    assert (reply.text, reply.complete) == ("Hel", False)


def test_an_error_in_a_stream(read, stream):
    error = {"type": "conversation.response.error", "message": "Overloaded.", "code": 3505}
    assert read("conversations", stream(*events(end=False), error)).error == "Overloaded."


@pytest.mark.parametrize("url", [URL, f"{URL}#stream", "http://127.0.0.1:8080/v1/conversations"])
def test_the_model_of_its_body_is_asked(url):
    body = {"model": PIN, "inputs": "hi", "stream": False}
    provider = provider_for("POST", url, body)
    assert provider is not None
    assert provider.requested_model(url, body) == PIN
    moved = provider.with_model(url, body, "mistral-medium-2508")
    assert moved == (url, {**body, "model": "mistral-medium-2508"})


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/v1/conversations", "messages"),
        ("/v1/conversations", "input"),
        ("/conversations", "inputs"),
    ],
)
def test_a_programs_own_conversations_are_none_of_mistrals(path, field):
    assert provider_for("POST", f"http://127.0.0.1:8000{path}", {"model": PIN, field: "hi"}) is None


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/conversations", {"agent_id": "ag_1", "inputs": "hi"}),
        ("/v1/agents/completions", {"agent_id": "ag_1", "messages": []}),
        ("/v1/conversations/conv_1", {"inputs": "hi"}),
    ],
)
def test_what_names_no_model_is_no_question_by_itself(path, body):
    assert provider_for("POST", f"https://api.mistral.ai{path}", body) is None


@pytest.mark.parametrize(
    ("method", "path", "on"),
    [
        ("POST", "/v1/conversations/conv_1", True),
        ("POST", "/v1/conversations/conv_1/restart", True),
        ("GET", "/v1/conversations/conv_1", False),
        ("GET", "/v1/conversations/conv_1/history", False),
        ("POST", "/v1/conversations", False),
    ],
)
def test_what_is_said_on_belongs_to_the_reply_that_gave_the_id(method, path, on):
    mistral = provider_named("mistral")
    assert mistral is not None
    assert mistral.may_be_pending(method, path, {"inputs": "hi"}) is on


def test_a_change_of_openais_conversation_is_no_answer():
    openai = provider_named("openai")
    assert openai is not None
    changed = b'{"id": "conv_1", "object": "conversation", "metadata": {}}'
    assert not openai.read("/v1/conversations/conv_1", {"metadata": {}}, 200, {}, changed).complete


def test_an_sdks_object_is_an_answer_and_a_users_document_is_none():
    (answer,) = SHAPE.answers(response(said("Hello")))
    assert answer.text == "Hello"
    assert SHAPE.answers({"outputs": ["a"], "object": "report"}) == ()
