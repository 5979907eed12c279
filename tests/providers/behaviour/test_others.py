"""Providers without a file of tests: Cohere, Bedrock, a gateway at any address."""

from __future__ import annotations

import json

import pytest

from pytest_modelpin.providers import ToolCall, Usage
from pytest_modelpin.providers.replies import read_object

FUNCTION = {"name": "add", "arguments": '{"a": 1}'}


def test_cohere_names_no_model_and_bills_apart(read):
    tokens = {"input_tokens": 496, "output_tokens": 11}
    reply = read(
        "cohere",
        {
            "finish_reason": "COMPLETE",
            "message": {
                "content": [{"type": "text", "text": "Hi"}],
                "tool_calls": [{"function": FUNCTION}],
            },
            "usage": {"billed_units": {"input_tokens": 1}, "tokens": tokens},
        },
    )
    assert (reply.provider, reply.served_model, reply.text) == ("cohere", None, "Hi")
    assert (reply.tools, reply.usage) == ((ToolCall("add", {"a": 1}),), Usage(496, 11))


def test_coheres_stream_is_put_together(read, stream):
    def piece(kind, **message):
        return {"type": kind, "index": 0, "delta": {"message": message}}

    body = stream(
        {"type": "message-start"},
        piece("content-start", content={"type": "text", "text": ""}),
        piece("content-delta", content={"text": "Hi"}),
        piece("tool-call-start", tool_calls={"function": {"name": "add", "arguments": ""}}),
        piece("tool-call-delta", tool_calls={"function": {"arguments": '{"a": 1}'}}),
        {
            "type": "message-end",
            "delta": {"finish_reason": "TOOL_CALL", "usage": {"tokens": {"input_tokens": 3}}},
        },
    )
    reply = read("cohere", body)
    assert (reply.text, reply.tools) == ("Hi", (ToolCall("add", {"a": 1}),))
    assert (reply.finish_reason, reply.usage.input_tokens) == ("TOOL_CALL", 3)
    assert read("cohere", body[:-90]).complete is False


FIRST = {
    "text": "Hi",
    "generation_id": "g1",
    "finish_reason": "COMPLETE",
    "chat_history": [{"role": "CHATBOT", "message": "Hi"}],
    "tool_calls": [{"name": "add", "parameters": {"a": 1}}],
    "meta": {"billed_units": {"input_tokens": 1}, "tokens": {"input_tokens": 82}},
}


def test_coheres_first_chat(read):
    reply = read("first chat", FIRST)
    assert (reply.provider, reply.served_model, reply.text) == ("cohere", None, "Hi")
    assert (reply.finish_reason, reply.usage.input_tokens) == ("COMPLETE", 82)
    assert reply.tools == (ToolCall("add", {"a": 1}),)
    (answer,) = read_object(FIRST)
    assert (answer.text, answer.tools) == ("Hi", reply.tools)
    assert read_object({"text": "Hi", "generation_id": "g1"}) == ()


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("whole", [{"response": FIRST}, {}])
def test_the_stream_of_coheres_first_chat_has_an_event_a_line(read, ending, whole):
    lines = [
        {"event_type": "stream-start", "generation_id": "g1"},
        {"event_type": "text-generation", "text": "H"},
        {"event_type": "text-generation", "text": "i"},
        {"event_type": "tool-calls-generation", "tool_calls": FIRST["tool_calls"]},
        {"event_type": "stream-end", "finish_reason": "COMPLETE", **whole},
    ]

    def body(count):
        return ending.join(json.dumps(each) for each in lines[:count]).encode()

    reply = read("first chat", body(5), headers={"content-type": "application/stream+json"})
    assert (reply.text, reply.tools) == ("Hi", (ToolCall("add", {"a": 1}),))
    assert (reply.finish_reason, reply.complete) == ("COMPLETE", True)
    torn = read("first chat", body(3), headers={"content-type": "application/stream+json"})
    assert (torn.text, torn.complete) == ("Hi", False)


def test_bedrock_names_the_model_in_the_path_only(read):
    reply = read(
        "converse",
        {
            "output": {
                "message": {
                    "content": [{"text": "Hi"}, {"toolUse": {"name": "add", "input": {"a": 1}}}]
                }
            },
            "stopReason": "tool_use",
            "usage": {"inputTokens": 5, "outputTokens": 2, "cacheReadInputTokens": 0},
        },
    )
    assert (reply.requested_model, reply.served_model) == ("a.b-v1:0", None)
    assert (reply.text, reply.tools) == ("Hi", (ToolCall("add", {"a": 1}),))
    assert reply.usage == Usage(5, 2, 0)


def test_a_gateway_at_any_address(read):
    reply = read("gateway", {"model": "m", "choices": [{"message": {"content": "Hi"}}]})
    assert (reply.provider, reply.text) == ("openai_compatible", "Hi")


EMPTY = {
    "cohere": {"message": {"tool_calls": [{}, {"function": {"name": "", "arguments": ""}}]}},
    "converse": {"output": {"message": {"content": [{"toolUse": {}}]}}},
    "messages": {"type": "message", "content": [{"type": "tool_use", "name": "", "input": {}}]},
    "responses": {"object": "response", "output": [{"type": "function_call", "arguments": ""}]},
}


@pytest.mark.parametrize("api", EMPTY)
def test_an_empty_call_is_none(read, api):
    assert read(api, EMPTY[api]).tools == ()
