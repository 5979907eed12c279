from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.providers import PROVIDERS, Reply, ToolCall, provider_for, read_reply

CHAT = {"model": "m", "messages": []}
URLS = [
    "https://api.openai.com/v1/chat/completions",
    "https://api.openai.com/v1/responses",
    "https://api.anthropic.com/v1/messages",
    "https://generativelanguage.googleapis.com/v1/models/g:streamGenerateContent?alt=sse",
    "https://api.cohere.com/v2/chat",
    "https://x.amazonaws.com/model/m/converse",
    "https://x.openai.azure.com/openai/deployments/d/chat/completions",
    "https://example.com/unknown",
    "http://[broken",
]

# JSON made of the names that readers look for, with values of any type behind them.
NAMES = """
choices index message delta content tool_calls function name arguments custom usage model
error type response output output_index item content_block text partial_json candidates
parts functionCall promptFeedback blockReason usageMetadata x_groq to stop_details
incomplete_details prompt_tokens finish_reason finishReason metadata raw detail
"""
KINDS = """
message_start content_block_start content_block_delta message_delta error fallback text
tool_use response.completed response.output_item.added response.output_text.delta
response.function_call_arguments.delta function_call message content-delta message-end
tool-call-delta
"""
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(KINDS.split()),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(NAMES.split()), inner, max_size=5)
    ),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("url", "body", "name"),
    [
        ("https://api.openai.com/v1/chat/completions", CHAT, "openai"),
        ("https://eu.api.openai.com/v1/responses", {"model": "m", "input": "x"}, "openai"),
        ("https://api.anthropic.com/v1/messages?beta=true", CHAT, "anthropic"),
        ("http://localhost:4010/v1/messages", CHAT, "anthropic"),
        ("https://aiplatform.googleapis.com/v1beta1/projects/p/locations/global/publishers/google"
         "/models/gemini-2.0-flash:generateContent", {}, "google"),
        ("http://localhost:4010/v1/models/g:streamGenerateContent?alt=sse", {}, "google"),
        ("https://api.mistral.ai/v1/chat/completions#stream", CHAT, "mistral"),
        ("https://api.groq.com/openai/v1/chat/completions", CHAT, "groq"),
        ("https://api.deepseek.com/chat/completions", CHAT, "deepseek"),
        ("https://openrouter.ai/api/v1/chat/completions", CHAT, "openrouter"),
        ("https://api.x.ai/v1/chat/completions", CHAT, "xai"),
        ("https://api.cohere.com/v2/chat", CHAT, "cohere"),
        ("https://api.together.xyz/v1/chat/completions", CHAT, "together"),
        ("https://api.fireworks.ai/inference/v1/chat/completions", CHAT, "fireworks"),
        ("https://me.openai.azure.com/openai/deployments/d/chat/completions?api-version=1", CHAT,
         "azure"),
        ("https://apim.example/openai/deployments/d/chat/completions", {"messages": []}, "azure"),
        ("https://bedrock-runtime.us-east-1.amazonaws.com/model/m%3A0/converse", {}, "bedrock"),
        ("http://localhost:11434/v1/chat/completions", CHAT, "ollama"),
        ("http://127.0.0.1:8000/proxy/v1/chat/completions", CHAT, "openai_compatible"),
        ("http://127.0.0.1:8000/v1/responses", {"model": "m", "input": []}, "openai_compatible"),
    ],
)  # fmt: skip
def test_a_request_for_an_answer_has_its_provider(url, body, name):
    provider = provider_for("post", url, json.dumps(body).encode())
    assert provider is not None
    assert provider.name == name


@pytest.mark.parametrize(
    ("method", "url", "body"),
    [
        ("GET", "https://api.openai.com/v1/chat/completions", CHAT),
        ("POST", "https://api.openai.com/v1/embeddings", {"model": "m", "input": "x"}),
        ("POST", "https://api.anthropic.com/v1/messages/count_tokens", CHAT),
        ("POST", "https://generativelanguage.googleapis.com/v1/models/g:countTokens", {}),
        ("POST", "https://example.com/chat/completions", {"q": "no model"}),
        ("POST", "https://example.com/responses", [1]),
        ("POST", "https://hooks.slack.com/x", CHAT),
        ("POST", "https://notapi.openai.com.evil.example/v1/x", CHAT),
        ("POST", "https://api.openai.com/v1/chat/completions", b"\x1f\x8bnot json"),
        ("POST", "http://[broken", CHAT),
    ],
)
def test_any_other_request_has_none(method, url, body):
    assert provider_for(method, url, body) is None


def test_bodies_may_be_bytes_text_or_parsed_and_headers_in_any_case():
    document = {"model": "m-1", "choices": [{"message": {"content": "Hi"}}]}
    text = json.dumps(document)
    replies = {
        read_reply(URLS[0], request, 200, headers, body)
        for request in (CHAT, json.dumps(CHAT), json.dumps(CHAT).encode())
        for headers in ({"CONTENT-TYPE": "application/json"}, {"content-type": ["x"]}, {})
        for body in (document, text, text.encode())
    }
    assert [(r.text, r.requested_model, r.served_model) for r in replies] == [("Hi", "m", "m-1")]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"choices": [{"message": {"content": "Hi"}}]}, "Hi"),
        ({"stop_reason": "end_turn", "content": [{"type": "text", "text": "Hi"}]}, "Hi"),
        ({"candidates": [{"content": {"parts": [{"text": "Hi"}]}}]}, "Hi"),
        (
            {"output": [{"type": "message", "content": [{"type": "output_text", "text": "Hi"}]}]},
            "Hi",
        ),
        (b"<html>", ""),
    ],
)
def test_a_reply_of_an_unknown_api_is_read_by_its_looks(body, text):
    reply = read_reply("https://example.com/ask", {"model": "m"}, 200, {}, body)
    assert (reply.provider, reply.requested_model, reply.text) == (None, "m", text)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"error": {"message": "No such model."}}, "No such model."),
        ({"error": "model not found"}, "model not found"),
        ({"type": "error", "error": {"type": "x", "message": "model: x"}}, "model: x"),
        ({"message": "invalid request"}, "invalid request"),
        ({"detail": [{"msg": "field required"}, {"msg": "too long"}]}, "field required; too long"),
        ({"detail": "Unauthorized"}, "Unauthorized"),
        (
            {"error": {"message": "Provider returned error", "metadata": {"raw": "upstream full"}}},
            "Provider returned error: upstream full",
        ),
        (b"upstream connect error", "upstream connect error"),
        (b"", "HTTP 503, with no message"),
    ],
)
def test_the_error_message_is_found_wherever_it_lies(body, error):
    reply = read_reply(URLS[0], CHAT, 503, {}, body)
    assert (reply.error, reply.status, reply.requested_model) == (error, 503, "m")
    assert (reply.text, reply.served_model) == ("", None)


def test_a_gateways_page_is_cut():
    assert len(read_reply(URLS[0], CHAT, 502, {}, b"x" * 10_000).error or "") == 2000


def test_a_plain_reply_cut_short_is_not_complete():
    assert read_reply(URLS[0], CHAT, 200, {}, b'{"choices": [{"mess').complete is False


@given(st.sampled_from(URLS), st.binary(), st.sampled_from([200, 404, 529]))
def test_no_bytes_make_a_reader_raise(url, content, status):
    assert isinstance(read_reply(url, CHAT, status, {}, content), Reply)


@given(st.sampled_from(URLS), JSON, st.booleans(), st.sampled_from([200, 500]))
def test_no_json_makes_a_reader_raise(url, document, streamed, status):
    body = f"data: {json.dumps(document)}\n\n" * 2 if streamed else json.dumps(document)
    reply = read_reply(url, document, status, {"content-type": "x"}, body)
    assert reply.text.encode().decode() == reply.text
    assert all(isinstance(call, ToolCall) for call in reply.tools)


@given(st.sampled_from(PROVIDERS), st.text(), JSON, st.text())
def test_no_request_makes_a_provider_raise(provider, path, body, model):
    assert provider.recognises("POST", "example.com", path, body) in (True, False)
    provider.requested_model(path, body)
    provider.with_model(path, body, model)
    assert len(provider.without_model(path, body)) == 2
