from __future__ import annotations

import enum
import json
import math
from collections import OrderedDict, deque, namedtuple
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path, PureWindowsPath
from types import MappingProxyType
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from pytest_modelpin.errors import SnapshotError
from pytest_modelpin.providers.wire import Reply
from pytest_modelpin.snapshot.answer import as_answer

CHAT = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1,
    "model": "gpt-5.6-sol",
    "system_fingerprint": "fp_1",
    "choices": [
        {
            "index": 0,
            "finish_reason": "stop",
            "message": {"role": "assistant", "content": "Hello!", "refusal": None},
        }
    ],
    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
}
CHAT_WITH_TOOL = CHAT | {
    "choices": [
        {
            "index": 0,
            "finish_reason": "tool_calls",
            "message": {
                "role": "assistant",
                "content": None,
                "refusal": None,
                "tool_calls": [
                    {
                        "id": "call_1",
                        "type": "function",
                        "function": {"name": "roll", "arguments": '{"id": 4}'},
                    }
                ],
            },
        }
    ]
}
RESPONSE = {
    "id": "resp_1",
    "object": "response",
    "created_at": 1,
    "model": "gpt-5.6-sol",
    "parallel_tool_calls": True,
    "tool_choice": "auto",
    "tools": [],
    "output": [
        {"type": "reasoning", "id": "rs_1", "summary": []},
        {
            "type": "message",
            "id": "msg_1",
            "role": "assistant",
            "status": "completed",
            "content": [{"type": "output_text", "text": "Hello!", "annotations": []}],
        },
    ],
}
MESSAGE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-opus-4-6",
    "stop_reason": "tool_use",
    "stop_sequence": None,
    "content": [
        {"type": "thinking", "thinking": "hm", "signature": "x"},
        {"type": "text", "text": "Let me roll."},
        {"type": "tool_use", "id": "toolu_1", "name": "roll", "input": {"id": 4}},
    ],
    "usage": {"input_tokens": 1, "output_tokens": 1},
}
GENERATED = {
    "responseId": "x",
    "modelVersion": "gemini-2.5-flash",
    "candidates": [
        {
            "finishReason": "STOP",
            "content": {
                "role": "model",
                "parts": [{"text": "hm", "thought": True}, {"text": "Hel"}, {"text": "lo!"}],
            },
        }
    ],
}


COHERE = {
    "id": "c14c80c3-18eb-4519-9460-6c92edd8cfb4",
    "finish_reason": "TOOL_CALL",
    "message": {
        "role": "assistant",
        "content": [{"type": "text", "text": "Let me roll."}],
        "tool_calls": [
            {
                "id": "roll_0",
                "type": "function",
                "function": {"name": "roll", "arguments": '{"id": 4}'},
            }
        ],
    },
    "usage": {"billed_units": {"input_tokens": 5}, "tokens": {"input_tokens": 71}},
}
CONVERSED = {
    "ResponseMetadata": {"RequestId": "f0a1", "HTTPStatusCode": 200},
    "output": {
        "message": {
            "role": "assistant",
            "content": [
                {"text": "Let me roll."},
                {"toolUse": {"toolUseId": "tooluse_1", "name": "roll", "input": {"id": 4}}},
            ],
        }
    },
    "stopReason": "tool_use",
    "usage": {"inputTokens": 1, "outputTokens": 2, "totalTokens": 3},
    "metrics": {"latencyMs": 551},
}


def openai_chat(data: dict[str, Any]) -> object:
    from openai.types.chat import ChatCompletion

    return ChatCompletion.model_validate(data)


def openai_response(data: dict[str, Any]) -> object:
    from openai.types.responses import Response

    return Response.model_validate(data)


def anthropic_message(data: dict[str, Any]) -> object:
    from anthropic.types import Message

    return Message.model_validate(data)


def gemini(data: dict[str, Any]) -> object:
    from google.genai.types import GenerateContentResponse

    return GenerateContentResponse.model_validate(data)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    )
)
def test_plain_json_stays_as_it_is(value: object) -> None:
    assert as_answer(value) == value


@pytest.mark.parametrize("build", [openai_chat, dict])
def test_a_chat_completion_is_its_text(build: Any) -> None:
    assert as_answer(build(CHAT)) == "Hello!"


@pytest.mark.parametrize("build", [openai_chat, dict])
def test_a_chat_completion_that_calls_a_tool_is_its_calls(build: Any) -> None:
    assert as_answer(build(CHAT_WITH_TOOL)) == {"tools": [{"name": "roll", "arguments": {"id": 4}}]}


def test_a_refusal_is_kept() -> None:
    refusing: dict[str, Any] = json.loads(json.dumps(CHAT))
    refusing["choices"][0]["message"] |= {"content": None, "refusal": "I can't."}
    assert as_answer(openai_chat(refusing)) == {"refusal": "I can't."}


def test_several_choices_are_a_list() -> None:
    twice: dict[str, Any] = json.loads(json.dumps(CHAT))
    twice["choices"].append(twice["choices"][0] | {"index": 1})
    assert as_answer(openai_chat(twice)) == ["Hello!", "Hello!"]


@pytest.mark.parametrize("build", [openai_response, dict])
def test_a_response_is_its_text(build: Any) -> None:
    assert as_answer(build(RESPONSE)) == "Hello!"


@pytest.mark.parametrize("build", [openai_response, dict])
def test_a_response_that_calls_a_function_is_its_calls(build: Any) -> None:
    call = {
        "type": "function_call",
        "id": "fc_1",
        "call_id": "c",
        "name": "roll",
        "arguments": "{broken",
    }
    calling = RESPONSE | {"output": [call]}
    assert as_answer(build(calling)) == {"tools": [{"name": "roll", "arguments": "{broken"}]}


@pytest.mark.parametrize("build", [anthropic_message, dict])
def test_a_message_is_its_text_and_calls_without_the_thinking(build: Any) -> None:
    assert as_answer(build(MESSAGE)) == {
        "text": "Let me roll.",
        "tools": [{"name": "roll", "arguments": {"id": 4}}],
    }


@pytest.mark.parametrize("build", [gemini, dict])
def test_generated_content_is_its_text_without_the_thoughts(build: Any) -> None:
    assert as_answer(build(GENERATED)) == "Hello!"


@pytest.mark.parametrize("build", [gemini, dict])
def test_generated_function_calls_are_calls(build: Any) -> None:
    parts = [{"functionCall": {"name": "roll", "args": {"id": 4}}, "thoughtSignature": "eHg="}]
    calling = {"candidates": [{"finishReason": "STOP", "content": {"parts": parts}}]}
    assert as_answer(build(calling)) == {"tools": [{"name": "roll", "arguments": {"id": 4}}]}


@pytest.mark.parametrize("build", [gemini, dict])
def test_a_blocked_prompt_is_a_refusal(build: Any) -> None:
    assert as_answer(build({"promptFeedback": {"blockReason": "SAFETY"}})) == {"refusal": "SAFETY"}


def test_a_candidate_stopped_for_safety_is_a_refusal() -> None:
    stopped = {"candidates": [{"finishReason": "SAFETY", "content": {"parts": []}}]}
    assert as_answer(gemini(stopped)) == {"refusal": "SAFETY"}


def test_replies_inside_other_values_are_reduced_too() -> None:
    assert as_answer({"turns": [openai_chat(CHAT), (anthropic_message(MESSAGE),)]}) == {
        "turns": [
            "Hello!",
            [{"text": "Let me roll.", "tools": [{"name": "roll", "arguments": {"id": 4}}]}],
        ]
    }


def test_a_part_of_a_reply_loses_its_ids_and_keeps_its_arguments() -> None:
    blocks = anthropic_message(MESSAGE).content  # type: ignore[attr-defined]
    answer = as_answer(blocks[2])
    assert answer["input"] == {"id": 4}
    assert "id" not in answer


def test_a_reply_of_this_package_is_its_text() -> None:
    assert as_answer(Reply(text="Hello!", served_model="x")) == "Hello!"
    assert as_answer(Reply(tools=[("roll", {"n": 1})])) == {  # type: ignore[arg-type]
        "tools": [{"name": "roll", "arguments": {"n": 1}}]
    }


class Colour(enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 3


@dataclass
class Order:
    id: str
    lines: list[Decimal] = field(default_factory=list)


class Invoice(BaseModel):
    id: str
    model: str
    due: date


Point = namedtuple("Point", "x y")


@pytest.mark.parametrize(
    ("value", "answer"),
    [
        (b"hello", "hello"),
        (b"\xff", "base64:/w=="),
        ({3, 1, 2}, [1, 2, 3]),
        (frozenset({"b", "a"}), ["a", "b"]),
        ((1, "a"), [1, "a"]),
        (deque([1]), [1]),
        (Point(1, 2), {"x": 1, "y": 2}),
        (Colour.RED, "red"),
        (Level.HIGH, 3),
        (date(2026, 11, 20), "2026-11-20"),
        (datetime(2026, 11, 20, 3, tzinfo=UTC), "2026-11-20T03:00:00+00:00"),
        (timedelta(hours=1), "1:00:00"),
        (Decimal("1.10"), "1.10"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (Path("a") / "b", "a/b"),
        (PureWindowsPath("a\\b"), "a/b"),
        (MappingProxyType({1: True, None: 2}), {"1": True, "null": 2}),
        (OrderedDict(b=1, a={"x"}), {"b": 1, "a": ["x"]}),
        ({Colour.RED: 1}, {"red": 1}),
        (Order("o-1", [Decimal(1)]), {"id": "o-1", "lines": ["1"]}),
        (
            Invoice(id="i", model="m", due=date(2026, 1, 1)),
            {"id": "i", "model": "m", "due": "2026-01-01"},
        ),
        (range(2), [0, 1]),
    ],
)
def test_python_values_have_a_json_form(value: object, answer: object) -> None:
    assert as_answer(value) == answer


def test_nan_is_allowed() -> None:
    assert math.isnan(as_answer([math.nan])[0])


def test_a_subclass_of_str_comes_down_to_str() -> None:
    class Loud(str):
        pass

    assert type(as_answer(Loud("a"))) is str


def looped() -> list[object]:
    loop: list[object] = []
    loop.append({"again": loop})
    return loop


def stream() -> Iterator[str]:
    yield "a"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"a": [object()]}, r"can't keep the object at \$\.a\[0\]: give it a text"),
        (stream(), r"can't keep the generator at \$"),
        (looped(), r"can't keep the list at \$\[0\]\.again: it contains itself"),
        ({"a": {(1, 2): 3}}, r"can't keep the tuple at \$\.a: a key must be"),
        ({1: "a", "1": "b"}, r"at \$: two of its keys are written '1'"),
        (Order, r"can't keep the type at \$"),
        (Invoice, r"at \$: give it"),
    ],
)
def test_what_cannot_be_kept_is_named_with_type_and_path(value: object, message: str) -> None:
    with pytest.raises(SnapshotError, match=message):
        as_answer(value)


def test_a_value_given_twice_is_not_a_loop() -> None:
    shared = ["a"]
    assert as_answer([shared, shared]) == [["a"], ["a"]]


def test_too_deep_a_value_is_an_error() -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(SnapshotError, match="nested this deeply"):
        as_answer(deep)


@pytest.mark.parametrize("reply", [COHERE, CONVERSED], ids=["cohere", "bedrock"])
def test_a_reply_of_cohere_or_bedrock_keeps_neither_ids_nor_usage(reply: dict[str, Any]) -> None:
    assert as_answer(reply) == {
        "text": "Let me roll.",
        "tools": [{"name": "roll", "arguments": {"id": 4}}],
    }


def test_a_custom_field_that_is_null_hides_no_call() -> None:
    calling: dict[str, Any] = json.loads(json.dumps(CHAT_WITH_TOOL))
    calling["choices"][0]["message"]["tool_calls"][0]["custom"] = None
    assert as_answer(calling) == {"tools": [{"name": "roll", "arguments": {"id": 4}}]}


def test_what_anthropic_called_itself_stays_in_the_answer() -> None:
    searching = MESSAGE | {
        "content": [
            {"type": "server_tool_use", "id": "x", "name": "search", "input": {"query": "dice"}},
            {"type": "text", "text": "Four."},
        ]
    }
    assert as_answer(searching) == {
        "text": "Four.",
        "tools": [{"name": "search", "arguments": {"query": "dice"}}],
    }
