from __future__ import annotations

import pytest

from pytest_modelpin.providers import ToolCall, Usage

MESSAGE = {"type": "message", "content": [{"type": "output_text", "text": "Hello"}]}
CALL = {"type": "function_call", "name": "add", "arguments": '{"a": 1}'}


def response(*output, **fields):
    return {"model": "gpt-5.6-sol", "status": "completed", "output": list(output), **fields}


def event(kind, **fields):
    return {"type": f"response.{kind}", **fields}


def test_a_plain_response(read):
    usage = {
        "input_tokens": 5,
        "output_tokens": 2,
        "input_tokens_details": {"cached_tokens": 1},
        "output_tokens_details": {"reasoning_tokens": 0},
    }
    reply = read("responses", response({"type": "reasoning"}, MESSAGE, CALL, usage=usage))
    assert (reply.text, reply.tools) == ("Hello", (ToolCall("add", {"a": 1}),))
    assert (reply.served_model, reply.finish_reason) == ("gpt-5.6-sol", "completed")
    assert reply.usage == Usage(5, 2, 1, 0)


@pytest.mark.parametrize("kind", [[], {}, [["function_call"]], 1, None])
def test_an_item_of_no_kind_is_passed_over(read, kind):
    reply = read("responses", response({**CALL, "type": kind}, MESSAGE))
    assert (reply.text, reply.tools) == ("Hello", ())


def test_a_refusal_part(read):
    item = {"type": "message", "content": [{"type": "refusal", "refusal": "I can't."}]}
    reply = read("responses", response(item))
    assert (reply.text, reply.refusal) == ("", "I can't.")


def test_an_incomplete_response_says_why(read):
    details = {"reason": "max_output_tokens"}
    reply = read("responses", response(MESSAGE, status="incomplete", incomplete_details=details))
    assert reply.finish_reason == "max_output_tokens"


def test_a_response_in_the_background_is_not_complete(read):
    assert read("responses", response(status="queued")).complete is False


def test_the_last_event_of_a_stream_holds_the_whole(read, stream):
    body = stream(
        event("created", response=response(status="in_progress")),
        event("output_text.delta", output_index=0, delta="Hel"),
        event("completed", response=response(MESSAGE, CALL)),
    )
    reply = read("responses", body)
    assert (reply.text, reply.tools, reply.complete) == (
        "Hello",
        (ToolCall("add", {"a": 1}),),
        True,
    )


@pytest.mark.parametrize("kind", ["completed", "incomplete", "failed"])
def test_each_last_event_ends_the_stream(read, stream, kind):
    reply = read("responses", stream(event(kind, response=response(status=kind))))
    assert (reply.complete, reply.finish_reason) == (True, kind)


def test_a_broken_stream_is_read_as_far_as_it_got(read, stream):
    body = stream(
        event("created", response=response(status="in_progress")),
        event("output_item.added", output_index=0, item={"type": "message", "content": []}),
        event("output_text.delta", output_index=0, delta="Hel"),
        event("output_text.delta", output_index=0, delta="lo"),
        event("output_item.added", output_index=1, item={**CALL, "arguments": ""}),
        event("function_call_arguments.delta", output_index=1, delta='{"a":'),
        event("function_call_arguments.delta", output_index=1, delta=" 1}"),
        event("output_item.added", output_index=2, item={**CALL, "name": "mul"}),
        event("output_item.done", output_index=2, item={**CALL, "name": "mul"}),
    )
    reply = read("responses", body)
    assert (reply.text, reply.complete, reply.finish_reason) == ("Hello", False, None)
    assert reply.tools == (ToolCall("add", {"a": 1}), ToolCall("mul", {"a": 1}))
    assert reply.served_model == "gpt-5.6-sol"


def test_a_last_event_with_no_output_leaves_it_to_the_pieces(read, stream):
    body = stream(
        event("output_item.done", output_index=0, item=MESSAGE),
        event("completed", response=response()),
    )
    assert read("responses", body).text == "Hello"


def test_a_custom_tool_takes_free_text(read, stream):
    item = {"type": "custom_tool_call", "name": "sql", "input": ""}
    body = stream(
        event("output_item.added", output_index=0, item=item),
        event("custom_tool_call_input.delta", output_index=0, delta="select "),
        event("custom_tool_call_input.delta", output_index=0, delta="1"),
    )
    assert read("responses", body).tools == (ToolCall("sql", "select 1"),)


def test_a_failed_response_carries_its_error(read):
    reply = read("responses", response(status="failed", error={"message": "no luck"}))
    assert reply.error == "no luck"


def test_an_error_event(read, stream):
    reply = read("responses", stream({"type": "error", "message": "no luck"}))
    assert (reply.error, reply.complete) == ("no luck", False)
