"""What models answer that Bedrock's Invoke gives a text: each vendor's words for it."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from every_wire.bedrock import message

from pytest_modelpin.providers import ToolCall, Usage, provider_for, read_reply

BEDROCK = "https://bedrock-runtime.us-east-1.amazonaws.com/model/"
LLAMA = "us.meta.llama3-3-70b-instruct-v1%3A0"
PROMPT = {"prompt": "hi"}
BINARY = {"content-type": "application/vnd.amazon.eventstream"}


def invoked(id: str, body: Any, reply: Any) -> Any:
    return read_reply(f"{BEDROCK}{id}/invoke", body, 200, {}, reply)


@pytest.mark.parametrize(
    ("id", "body", "reply", "reason", "usage"),
    [
        (
            LLAMA, PROMPT,
            {"generation": "Hello", "prompt_token_count": 5, "generation_token_count": 2,
             "stop_reason": "stop"},
            "stop", Usage(5, 2),
        ),
        (
            "mistral.mistral-7b-instruct-v0%3A2", PROMPT,
            {"outputs": [{"text": "Hello", "stop_reason": "stop"}]}, "stop", Usage(),
        ),
        (
            "amazon.titan-text-express-v1", {"inputText": "hi"},
            {"inputTextTokenCount": 5, "results": [
                {"outputText": "Hello", "tokenCount": 2, "completionReason": "FINISH"}]},
            "FINISH", Usage(5, 2),
        ),
        (
            "cohere.command-text-v14", PROMPT,
            {"generations": [{"text": "Hello", "finish_reason": "COMPLETE"}], "prompt": "hi"},
            "COMPLETE", Usage(),
        ),
        (
            "us.deepseek.r1-v1%3A0", PROMPT,
            {"choices": [{"text": "Hello", "stop_reason": "length"}]}, "length", Usage(),
        ),
        ("anthropic.claude-v2", PROMPT, {"completion": "Hello", "stop_reason": "stop_sequence"},
         "stop_sequence", Usage()),
    ],
)  # fmt: skip
def test_a_plain_reply(id, body, reply, reason, usage):
    read = invoked(id, body, reply)
    assert (read.provider, read.text, read.complete, read.error) == ("bedrock", "Hello", True, None)
    assert (read.finish_reason, read.usage, read.served_model) == (reason, usage, None)


def test_command_r_answers_as_coheres_first_chat():
    reply = {
        "text": "Hello", "generation_id": "g", "response_id": "r", "finish_reason": "COMPLETE",
        "tool_calls": [{"name": "add", "parameters": {"a": 1}}],
    }  # fmt: skip
    read = invoked("cohere.command-r-plus-v1%3A0", {"message": "hi"}, reply)
    assert (read.text, read.tools) == ("Hello", (ToolCall("add", {"a": 1}),))


METRICS = {"amazon-bedrock-invocationMetrics": {"inputTokenCount": 5, "outputTokenCount": 2}}


@pytest.mark.parametrize(
    ("id", "body", "pieces", "usage"),
    [
        (
            LLAMA, PROMPT,
            [{"generation": "Hel", "prompt_token_count": 5, "generation_token_count": 1,
              "stop_reason": None},
             {"generation": "lo", "prompt_token_count": None, "generation_token_count": 2,
              "stop_reason": "stop"}],
            Usage(5, 2),
        ),
        (
            "mistral.mistral-7b-instruct-v0%3A2", PROMPT,
            [{"outputs": [{"text": "Hel", "stop_reason": None}]},
             {"outputs": [{"text": "lo", "stop_reason": "stop"}], **METRICS}],
            Usage(5, 2),
        ),
        (
            "us.deepseek.r1-v1%3A0", PROMPT,
            [{"choices": [{"text": "Hel", "stop_reason": None}]},
             {"choices": [{"text": "lo", "stop_reason": "stop"}]}],
            Usage(),
        ),
    ],
)  # fmt: skip
def test_a_stream(id, body, pieces, usage):
    def read(count: int) -> Any:
        chunks = [base64.b64encode(json.dumps(each).encode()).decode() for each in pieces[:count]]
        content = b"".join(message("chunk", {"bytes": each}) for each in chunks)
        url = f"{BEDROCK}{id}/invoke-with-response-stream"
        return read_reply(url, body, 200, BINARY, content)

    whole, torn = read(2), read(1)
    assert (whole.text, whole.complete, whole.usage) == ("Hello", True, usage)
    assert whole.finish_reason == "stop"
    assert (torn.text, torn.complete) == ("Hel", False)


@pytest.mark.parametrize(
    ("id", "body"),
    [
        ("stability.sd3-5-large-v1%3A0", PROMPT),
        ("us.stability.stable-image-inpaint-v1%3A0", PROMPT),
        ("amazon.titan-embed-text-v2%3A0", {"inputText": "hi"}),
        ("amazon.nova-canvas-v1%3A0", {"taskType": "TEXT_IMAGE"}),
        ("cohere.embed-english-v3", {"texts": ["hi"], "input_type": "search_query"}),
        ("twelvelabs.pegasus-1-2-v1%3A0", {"inputPrompt": "hi"}),
    ],
)
def test_what_is_no_question(id, body):
    assert provider_for("POST", f"{BEDROCK}{id}/invoke", body) is None
