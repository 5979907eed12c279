"""What newer models refuse: by id, wire and field."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.providers.parameters import refused_parameters

CHAT, RESPONSES, MESSAGES = "/v1/chat/completions", "/v1/responses", "/v1/messages"
CONVERSE, GEMINI = "/model/x/converse", "/v1beta/models/x:generateContent"
THINKING = {"thinking": {"type": "enabled", "budget_tokens": 2048}}
PREFILL = {"messages": [{"role": "user"}, {"role": "assistant", "content": "{"}]}
BUDGET = {"thinkingBudget": 0}


def fields(model, path, body):
    return [each.field for each in refused_parameters(model, path, body)]


@pytest.mark.parametrize(
    ("model", "path", "body", "refused"),
    [
        ("gpt-4o-2024-08-06", CHAT, {"max_tokens": 9, "temperature": 0}, []),
        ("gpt-4.1", CHAT, {"max_tokens": 9}, []),
        ("gpt-5-mini", CHAT, {"max_tokens": 9, "temperature": 0}, ["max_tokens", "temperature"]),
        ("gpt-5", CHAT, {"temperature": 1, "logprobs": False, "logit_bias": {}}, []),
        ("gpt-5-chat-latest", CHAT, {"max_tokens": 9, "temperature": 0}, []),
        ("gpt-5.2", CHAT, {"temperature": 0}, []),
        ("gpt-5.2", CHAT, {"temperature": 0, "reasoning_effort": "high"}, ["temperature"]),
        ("gpt-5.6-sol", RESPONSES, {"top_p": 0.5, "max_output_tokens": 9}, ["top_p"]),
        ("gpt-5.6-sol", RESPONSES, {"top_p": 0.5, "reasoning": {"effort": "none"}}, []),
        ("gpt-6-luna", CHAT, {"tools": [{}], "max_completion_tokens": 9}, ["tools"]),
        ("gpt-6-luna", CHAT, {"tools": [{}], "reasoning_effort": "none"}, []),
        ("gpt-6-luna", RESPONSES, {"tools": [{}]}, []),
        ("openai/o3", CHAT, {"stop": ["\n"], "seed": 1}, ["stop"]),
        ("gpt-oss-120b", CHAT, {"max_tokens": 9, "temperature": 0}, []),
        ("claude-sonnet-4-6", MESSAGES, {"temperature": 0, **THINKING}, []),
        ("claude-haiku-4-5-20251001", MESSAGES, {"temperature": 0, "top_p": 0.9}, ["top_p"]),
        ("claude-sonnet-4-20250514", MESSAGES, {"temperature": 0, "top_p": 0.9, **PREFILL}, []),
        ("claude-opus-4-7", MESSAGES, {"temperature": 0, "max_tokens": 9}, ["temperature"]),
        ("claude-opus-4-7", MESSAGES, {"temperature": 1}, []),
        ("claude-opus-4-7", MESSAGES, THINKING, ["thinking.budget_tokens"]),
        ("claude-opus-5", MESSAGES, {"thinking": {"type": "disabled"}}, []),
        ("claude-opus-5-5", MESSAGES, {"thinking": {"type": "disabled"}}, ["thinking"]),
        ("claude-sonnet-4-6", MESSAGES, PREFILL, ["messages[-1]"]),
        ("anthropic/claude-opus-5", CHAT, {"temperature": 0, "max_tokens": 9}, []),
        (
            "us.anthropic.claude-sonnet-5-5-v1:0",
            CONVERSE,
            {"inferenceConfig": {"temperature": 0, "maxTokens": 9}},
            ["inferenceConfig.temperature"],
        ),
        (
            "us.anthropic.claude-sonnet-5-5",
            "/model/x/invoke",
            {"anthropic_version": "bedrock-2023-05-31", "top_k": 5},
            ["top_k"],
        ),
        ("gemini-2.5-pro", GEMINI, {"generationConfig": {"thinkingConfig": BUDGET}}, []),
        ("gemini-3.5-flash", GEMINI, {"generationConfig": {"thinkingConfig": BUDGET}}, []),
        (
            "gemini-4-neon",
            GEMINI,
            {"generationConfig": {"thinkingConfig": BUDGET}},
            ["generationConfig.thinkingConfig.thinkingBudget"],
        ),
        ("mistral-large-2512", CHAT, {"max_tokens": 9, "temperature": 0}, []),
    ],
)
def test_what_is_refused(model, path, body, refused):
    assert fields(model, path, body) == refused


def test_each_is_named_with_what_to_send():
    (one,) = refused_parameters("gpt-5", CHAT, {"max_tokens": 9})
    assert one.instead == "send max_completion_tokens"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=9,
)
NAMES = ["temperature", "thinking", "messages", "generationConfig", "inferenceConfig", "stop"]


@given(
    st.sampled_from(["gpt-5", "o3", "claude-opus-5-5", "gemini-4-neon", "", ":", "x/y:0"]),
    st.sampled_from([CHAT, RESPONSES, MESSAGES, CONVERSE, GEMINI, ""]),
    JSON | st.dictionaries(st.sampled_from(NAMES), JSON),
)
def test_no_body_breaks_it(model, path, body):
    for each in refused_parameters(model, path, body):
        assert each.field
        assert each.instead
