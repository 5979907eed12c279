from __future__ import annotations

import pytest

from pytest_modelpin.providers import ToolCall, Usage


def message(*content, **fields):
    return {
        "type": "message",
        "model": "claude-opus-4-6",
        "content": list(content),
        "stop_reason": "end_turn",
        **fields,
    }


def start(index, **block):
    return {"type": "content_block_start", "index": index, "content_block": block}


def delta(index, **fields):
    return {"type": "content_block_delta", "index": index, "delta": fields}


BEGIN = {
    "type": "message_start",
    "message": message(usage={"input_tokens": 10, "output_tokens": 1}, stop_reason=None),
}
STOP = {"type": "message_stop"}


def end(reason="end_turn", **usage):
    return {"type": "message_delta", "delta": {"stop_reason": reason}, "usage": usage}


@pytest.mark.parametrize("kind", [[], {}, [["tool_use"]], 1, None])
def test_a_block_of_no_kind_is_passed_over(read, kind):
    call = {"type": kind, "name": "add", "input": {}}
    reply = read("messages", message(call, {"type": "text", "text": "Hello"}))
    assert (reply.text, reply.tools) == ("Hello", ())


def test_a_plain_message(read):
    usage = {
        "input_tokens": 5,
        "output_tokens": 2,
        "cache_read_input_tokens": 3,
        "output_tokens_details": {"thinking_tokens": 1},
        "iterations": [{"model": "claude-advisor"}],
    }
    blocks = (
        {"type": "thinking", "thinking": "hm"},
        {"type": "text", "text": "Hel"},
        {"type": "text", "text": "lo"},
        {"type": "tool_use", "name": "add", "input": {"a": 1}},
        {"type": "server_tool_use", "name": "web_search", "input": {}},
    )
    reply = read("messages", message(*blocks, usage=usage))
    assert (reply.text, reply.tools) == ("Hello", (ToolCall("add", {"a": 1}),))
    assert (reply.served_model, reply.finish_reason) == ("claude-opus-4-6", "end_turn")
    assert reply.usage == Usage(5, 2, 3, 1)


def test_a_refusal_gives_its_explanation_category_or_the_bare_word(read):
    details = {"type": "refusal", "category": "bio", "explanation": "No."}
    stop = {"stop_reason": "refusal"}
    replies = [
        read("messages", message(**stop, stop_details=details)),
        read("messages", message(**stop, stop_details={**details, "explanation": None})),
        read("messages", message(**stop)),
        read("messages", message()),
    ]
    assert [reply.refusal for reply in replies] == ["No.", "bio", "refusal", None]


def test_a_stream_with_text_and_parallel_tool_calls(read, stream):
    body = stream(
        BEGIN,
        start(0, type="text", text=""),
        {"type": "ping"},
        delta(0, type="text_delta", text="Hel"),
        delta(0, type="text_delta", text="lo"),
        start(1, type="tool_use", name="add", input={}),
        start(2, type="tool_use", name="mul", input={}),
        delta(1, type="input_json_delta", partial_json=""),
        delta(1, type="input_json_delta", partial_json='{"a":'),
        delta(2, type="input_json_delta", partial_json='{"b": 2}'),
        delta(1, type="input_json_delta", partial_json=" 1}"),
        start(3, type="tool_use", name="now", input={}),
        end("tool_use", output_tokens=9),
        STOP,
    )
    reply = read("messages", body)
    assert (reply.text, reply.finish_reason, reply.complete) == ("Hello", "tool_use", True)
    assert reply.tools == (
        ToolCall("add", {"a": 1}),
        ToolCall("mul", {"b": 2}),
        ToolCall("now", {}),
    )


def test_the_last_usage_is_cumulative_and_may_correct_the_input(read, stream):
    body = stream(BEGIN, end(input_tokens=24, output_tokens=9, cache_read_input_tokens=None), STOP)
    assert read("messages", body).usage == Usage(24, 9)


def test_a_stream_without_message_stop_is_not_complete(read, stream):
    assert read("messages", stream(BEGIN, end(output_tokens=9))).complete is False


def test_an_error_event_after_a_200(read, stream):
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    reply = read("messages", stream(BEGIN, error))
    assert (reply.error, reply.complete) == ("Overloaded", False)


def test_after_a_fallback_the_other_model_is_the_served_one(read, stream):
    fallback = start(1, type="fallback", to={"model": "claude-sonnet-4-6"})
    reply = read("messages", stream(BEGIN, fallback, end(), STOP))
    assert reply.served_model == "claude-sonnet-4-6"
