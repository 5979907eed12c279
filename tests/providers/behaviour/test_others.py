"""Providers without a file of tests: Cohere, Bedrock, a gateway at any address."""

from __future__ import annotations

import pytest

from pytest_modelpin.providers import ToolCall, Usage

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
