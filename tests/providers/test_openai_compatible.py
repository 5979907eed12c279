from __future__ import annotations

import pytest

from pytest_modelpin.providers import ToolCall, Usage


def chunk(delta, **fields):
    choice = {"index": 0, "delta": delta, "finish_reason": fields.pop("finish_reason", None)}
    return {"model": "gpt-4o-2024-08-06", "choices": [choice], **fields}


def call(index, name=None, arguments="", id=None):
    return {"index": index, "id": id, "function": {"name": name, "arguments": arguments}}


def completion(message, **fields):
    return {"model": "m-1", "choices": [{"index": 0, "message": message}], **fields}


def test_a_plain_completion(read):
    reply = read(
        "chat",
        {
            "model": "gpt-4o-2024-08-06",
            "choices": [{"index": 0, "message": {"content": "Hi"}, "finish_reason": "stop"}],
            "usage": {
                "prompt_tokens": 5,
                "completion_tokens": 2,
                "prompt_tokens_details": {"cached_tokens": 1},
                "completion_tokens_details": {"reasoning_tokens": 1},
            },
        },
    )
    assert (reply.text, reply.finish_reason, reply.served_model) == (
        "Hi",
        "stop",
        "gpt-4o-2024-08-06",
    )
    assert reply.usage == Usage(5, 2, 1, 1)
    assert (reply.requested_model, reply.provider, reply.complete) == ("asked", "openai", True)


def test_tool_calls_of_a_plain_completion(read):
    calls = [
        {"function": {"name": "add", "arguments": '{"a": 1}'}},
        {"type": "custom", "custom": {"name": "sql", "input": "select 1"}},
    ]
    reply = read("chat", completion({"content": None, "tool_calls": calls}))
    assert reply.tools == (ToolCall("add", {"a": 1}), ToolCall("sql", "select 1"))


def test_the_function_call_of_old_replies(read):
    message = {"content": None, "function_call": {"name": "add", "arguments": "{}"}}
    assert read("chat", completion(message)).tools == (ToolCall("add", {}),)


def test_arguments_that_do_not_parse_stay_raw(read):
    calls = [{"function": {"name": "add", "arguments": '{"a": '}}]
    assert read("chat", completion({"tool_calls": calls})).tools == (ToolCall("add", '{"a": '),)


def test_a_refusal_is_no_text(read):
    reply = read("chat", completion({"content": None, "refusal": "I can't."}))
    assert (reply.text, reply.refusal) == ("", "I can't.")


def test_thinking_beside_the_text_is_left_out(read):
    content = [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}]
    content.append({"type": "text", "text": "42"})
    assert read("chat", completion({"content": content})).text == "42"


def test_the_first_of_several_choices_is_the_answer(read):
    choices = [{"index": 1, "message": {"content": "b"}}, {"index": 0, "message": {"content": "a"}}]
    assert read("chat", {"model": "m", "choices": choices}).text == "a"


def test_a_moderation_models_name_is_not_the_served_model(read, stream):
    moderation = {"model": "", "choices": [], "moderation": {"input": {"model": "omni-moderation"}}}
    reply = read("chat", stream(moderation, chunk({"content": "x"}), done=True))
    assert reply.served_model == "gpt-4o-2024-08-06"


def test_a_stream(read, stream):
    usage = {"prompt_tokens": 3, "completion_tokens": 2}
    reply = read(
        "chat",
        stream(
            {"model": "", "choices": []},  # Azure's filter results
            chunk({"role": "assistant", "content": ""}),
            chunk({"content": "Hel"}),
            chunk({"content": "lo"}),
            chunk({}, finish_reason="stop"),
            {"model": "gpt-4o-2024-08-06", "choices": [], "usage": usage},
            done=True,
        ),
        headers={"Content-Type": "text/event-stream"},
    )
    assert (reply.text, reply.finish_reason, reply.complete) == ("Hello", "stop", True)
    assert (reply.served_model, reply.usage) == ("gpt-4o-2024-08-06", Usage(3, 2))


def test_parallel_tool_calls_are_put_together_by_index(read, stream):
    reply = read(
        "chat",
        stream(
            chunk({"tool_calls": [call(0, "add", "", "c0")]}),
            chunk({"tool_calls": [call(1, "mul", '{"b"', "c1")]}),
            chunk({"tool_calls": [call(0, None, '{"a":'), call(1, None, ": 2}")]}),
            chunk({"tool_calls": [call(0, None, " 1}")]}),
            chunk({}, finish_reason="tool_calls"),
        ),
    )
    assert reply.tools == (ToolCall("add", {"a": 1}), ToolCall("mul", {"b": 2}))


def test_whole_calls_under_one_index_are_told_apart_by_id(read, stream):
    reply = read(
        "chat",
        stream(
            chunk({"tool_calls": [call(0, "add", '{"a": 1}', "x")]}),
            chunk({"tool_calls": [call(0, "add", '{"a": 2}', "y")]}, finish_reason="tool_calls"),
        ),
    )
    assert reply.tools == (ToolCall("add", {"a": 1}), ToolCall("add", {"a": 2}))


def test_streamed_arguments_may_come_as_an_object(read, stream):
    delta = {"tool_calls": [{"function": {"name": "add", "arguments": {"a": 1}}}]}
    assert read("chat", stream(chunk(delta))).tools == (ToolCall("add", {"a": 1}),)


def test_a_streamed_refusal(read, stream):
    reply = read("chat", stream(chunk({"refusal": "I "}), chunk({"refusal": "can't."}), done=True))
    assert reply.refusal == "I can't."


def test_groqs_usage_lies_under_x_groq(read, stream):
    usage = {"prompt_tokens": 18, "completion_tokens": 73}
    reply = read("chat", stream(chunk({}, finish_reason="stop", x_groq={"usage": usage})))
    assert reply.usage == Usage(18, 73)


@pytest.mark.parametrize(
    ("last", "done", "complete"),
    [("stop", False, True), (None, True, True), (None, False, False)],
)
def test_a_stream_is_complete_once_it_says_so(read, stream, last, done, complete):
    body = stream(chunk({"content": "x"}, finish_reason=last), done=done)
    assert read("chat", body).complete is complete


def test_a_torn_stream_keeps_what_came(read, stream):
    body = stream(chunk({"content": "Hel"}), chunk({"content": "lo"}))[:-40]
    reply = read("chat", body, headers={"content-type": "text/event-stream"})
    assert (reply.text, reply.complete) == ("Hel", False)


def test_an_error_within_a_stream(read, stream):
    reply = read("chat", stream(chunk({"content": "x"}), {"error": {"message": "overloaded"}}))
    assert (reply.error, reply.complete) == ("overloaded", False)


def test_half_a_character_in_each_of_two_events(read, stream):
    body = stream(chunk({"content": "\ud83d"}), chunk({"content": "\ude00"}), done=True)
    assert read("chat", body).text == "😀"


def test_azure_names_the_served_model_in_a_header():
    from pytest_modelpin.providers import read_reply

    reply = read_reply(
        "https://x.openai.azure.com/openai/v1/responses",
        {"model": "house", "input": "hi"},
        200,
        {"X-MS-Served-Model": "gpt-5.6-sol-2026-07-09"},
        {"model": "gpt-5.6-sol", "status": "completed", "output": []},
    )
    assert (reply.provider, reply.served_model) == ("azure", "gpt-5.6-sol-2026-07-09")


EMPTY = [
    {"function_call": {"name": "", "arguments": ""}},
    {"function_call": {"name": "", "arguments": "{}"}},
    {"function_call": {}},
    {"tool_calls": [{}]},
    {"tool_calls": [{"function": {"name": ""}}]},
    {"tool_calls": [{"type": "function", "function": None, "custom": None}]},
]


@pytest.mark.parametrize("empty", EMPTY, ids=str)
def test_an_empty_call_is_none(read, stream, empty):
    assert read("chat", completion({"content": "4", **empty})).tools == ()
    reply = read("chat", stream(chunk({"content": "4", **empty}), chunk({}, finish_reason="stop")))
    assert (reply.text, reply.tools) == ("4", ())


def test_an_empty_function_call_beside_a_tool_call_adds_nothing(read, stream):
    delta = {"tool_calls": [call(0, "add", '{"a": 1}', "c0")]}
    delta["function_call"] = {"name": "", "arguments": "{}"}
    assert read("chat", stream(chunk(delta), done=True)).tools == (ToolCall("add", {"a": 1}),)


def test_a_call_with_arguments_and_no_name_is_kept(read):
    calls = [{"function": {"arguments": '{"a": 1}'}}]
    assert read("chat", completion({"tool_calls": calls})).tools == (ToolCall("", {"a": 1}),)


@pytest.mark.parametrize("custom", [None, {}, {"name": "", "input": ""}], ids=str)
def test_an_empty_custom_field_beside_a_function_hides_nothing(read, stream, custom):
    first = {"index": 0, "id": "c", "type": "function", "custom": custom}
    first["function"] = {"name": "add", "arguments": '{"a":'}
    plain = {**first, "function": {"name": "add", "arguments": '{"a": 1}'}}
    rest = {"index": 0, "custom": custom, "function": {"arguments": " 1}"}}
    called = (ToolCall("add", {"a": 1}),)
    assert read("chat", completion({"tool_calls": [plain]})).tools == called
    deltas = chunk({"tool_calls": [first]}), chunk({"tool_calls": [rest]})
    assert read("chat", stream(*deltas, done=True)).tools == called


def test_a_custom_tools_input_comes_in_pieces(read, stream):
    first = {"index": 0, "id": "c", "type": "custom", "function": None}
    first["custom"] = {"name": "sql", "input": ""}
    deltas = [first, *({"index": 0, "custom": {"input": text}} for text in ("select", " 1"))]
    reply = read("chat", stream(*(chunk({"tool_calls": [d]}) for d in deltas), done=True))
    assert reply.tools == (ToolCall("sql", "select 1"),)


def test_the_choice_with_the_lowest_index_is_the_answer(read, stream):
    choices = [{"index": 2, "message": {"content": "b"}}, {"index": 1, "message": {"content": "a"}}]
    assert read("chat", {"model": "m", "choices": choices}).text == "a"


RAN = {"id": "t1", "function": {"name": "search", "arguments": "{}"}}


def test_where_mistral_ran_tools_the_last_message_is_the_answer(read):
    """All before it, what a tool gave among it, was read as nothing, or in a stream as the text."""
    messages = [
        {"role": "assistant", "content": "", "tool_calls": [RAN]},
        {"role": "tool", "content": "A page.", "tool_call_id": "t1"},
        {"role": "assistant", "content": [{"type": "text", "text": "Found."}]},
    ]
    choice = {"index": 0, "finish_reason": "stop", "messages": messages}
    reply = read("chat", {"choices": [choice], "model": "mistral-small-2506"})
    assert (reply.text, reply.tools, reply.finish_reason) == ("Found.", (), "stop")


def test_so_it_is_in_a_stream(read, stream):
    deltas = [
        {"role": "assistant", "tool_calls": [RAN], "index": 0},
        {"role": "tool", "content": "A page.", "index": 1},
        {"role": "assistant", "content": "Fou", "index": 2},
        {"content": "nd.", "index": 2},
    ]
    chunks = [{"choices": [{"index": 0, "delta": delta}]} for delta in deltas]
    reply = read("chat", stream(*chunks, done=True))
    assert (reply.text, reply.tools) == ("Found.", ())
