"""Models behind other doors than their vendor's: Bedrock, Vertex, Ollama, Cohere elsewhere."""

from __future__ import annotations

import base64
import json
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.providers import (
    ToolCall,
    Usage,
    provider_for,
    provider_named,
    read_reply,
    served_id,
    streams,
    wire,
)

BEDROCK = "https://bedrock-runtime.us-east-1.amazonaws.com/model/"
VERTEX = (
    "https://us-east5-aiplatform.googleapis.com/v1/projects/p/locations/us-east5/publishers/"
    "anthropic/models/"
)
CLAUDE = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
IN_PATH = CLAUDE.replace(":", "%3A")
ASKS = {
    "anthropic_version": "bedrock-2023-05-31",
    "max_tokens": 8,
    "messages": [{"role": "user", "content": "hi"}],
}
MESSAGE = {
    "type": "message",
    "role": "assistant",
    "model": "claude-sonnet-4-5-20250929",
    "content": [{"type": "text", "text": "Hello"}],
    "stop_reason": "end_turn",
    "usage": {"input_tokens": 3, "output_tokens": 2},
}
EVENTS = [
    {"type": "message_start", "message": {**MESSAGE, "content": [], "stop_reason": None}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hel"}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "lo"}},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 2}},
    {"type": "message_stop"},
]


def frame(payload, **headers):
    """One message of AWS's event stream, as the specification has it."""
    packed = b""
    for name, value in headers.items():
        name = b":" + name.replace("_", "-").encode()
        packed += struct.pack(">B", len(name)) + name + b"\x07"
        packed += struct.pack(">H", len(value)) + value.encode()
    body = json.dumps(payload).encode()
    prelude = struct.pack(">II", 16 + len(packed) + len(body), len(packed))
    whole = prelude + struct.pack(">I", zlib.crc32(prelude)) + packed + body
    return whole + struct.pack(">I", zlib.crc32(whole))


def wrapped(document):
    content = base64.b64encode(json.dumps(document).encode()).decode()
    return frame({"bytes": content, "p": "abc"}, event_type="chunk", message_type="event")


def event(kind, payload):
    return frame(payload, event_type=kind, message_type="event")


AWS = {"content-type": streams.AWS_CONTENT_TYPE}


def test_claude_invoked_on_bedrock():
    reply = read_reply(f"{BEDROCK}{IN_PATH}/invoke", ASKS, 200, {}, MESSAGE)
    assert (reply.provider, reply.requested_model) == ("bedrock", CLAUDE)
    assert (reply.text, reply.finish_reason, reply.usage) == ("Hello", "end_turn", Usage(3, 2))
    assert reply.served_model == "claude-sonnet-4-5-20250929"
    assert served_id(CLAUDE, reply) == CLAUDE


def test_claude_invoked_on_bedrock_streams():
    stream = b"".join(map(wrapped, EVENTS))
    url = f"{BEDROCK}{IN_PATH}/invoke-with-response-stream"
    reply = read_reply(url, ASKS, 200, AWS, stream)
    assert (reply.text, reply.complete, reply.finish_reason) == ("Hello", True, "end_turn")
    assert reply.served_model == "claude-sonnet-4-5-20250929"
    torn = read_reply(url, ASKS, 200, AWS, stream[:-30])
    assert (torn.text, torn.complete) == ("Hello", False)


def test_what_a_bedrock_reply_proves():
    bedrock = provider_named("bedrock")
    assert bedrock.proves(CLAUDE, "claude-sonnet-4-5-20250929")
    assert bedrock.proves("anthropic.claude-opus-4-6-v1", "claude-opus-4-6")
    assert not bedrock.proves(CLAUDE, "claude-opus-4-8")


def test_converse_streams():
    stream = b"".join(
        [
            event("messageStart", {"role": "assistant"}),
            event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "Let "}}),
            event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "me."}}),
            event(
                "contentBlockStart",
                {"contentBlockIndex": 1, "start": {"toolUse": {"toolUseId": "t", "name": "roll"}}},
            ),
            event(
                "contentBlockDelta", {"contentBlockIndex": 1, "delta": {"toolUse": {"input": ""}}}
            ),
            event(
                "contentBlockDelta",
                {"contentBlockIndex": 1, "delta": {"toolUse": {"input": '{"sides": 6}'}}},
            ),
            event("messageStop", {"stopReason": "tool_use"}),
            event("metadata", {"usage": {"inputTokens": 5, "outputTokens": 7}}),
        ]
    )
    body = {"messages": [{"role": "user", "content": [{"text": "roll"}]}]}
    reply = read_reply(f"{BEDROCK}{IN_PATH}/converse-stream", body, 200, AWS, stream)
    assert (reply.provider, reply.text) == ("bedrock", "Let me.")
    assert reply.tools == (ToolCall("roll", {"sides": 6}),)
    assert (reply.usage, reply.finish_reason) == (Usage(5, 7), "tool_use")
    assert (reply.complete, reply.served_model) == (True, None)


def test_an_exception_in_a_bedrock_stream_is_an_error():
    failed = frame(
        {"message": "Too many requests"},
        exception_type="throttlingException",
        message_type="exception",
    )
    reply = read_reply(f"{BEDROCK}{IN_PATH}/converse-stream", ASKS, 200, AWS, failed)
    assert reply.error == "throttlingException: Too many requests"
    assert not reply.complete


def test_botocore_reads_the_same_messages():
    from botocore.eventstream import EventStreamBuffer

    stream = b"".join(map(wrapped, EVENTS))
    buffer = EventStreamBuffer()
    buffer.add_data(stream)
    theirs = [(message.headers[":event-type"], message.payload) for message in buffer]
    ours = [(headers[":event-type"], payload) for headers, payload in streams.messages(stream)]
    assert ours == theirs


@given(st.binary(max_size=200) | st.binary(max_size=40).map(lambda rest: wrapped({"a": 1}) + rest))
def test_no_bytes_break_the_reading_of_a_stream(content):
    assert isinstance(wire.aws_documents(content), list)


@pytest.mark.parametrize(
    "body", [{"inputText": "embed me"}, {"texts": ["a"], "input_type": "search_query"}]
)
def test_an_embedding_invoked_on_bedrock_asks_for_no_answer(body):
    url = f"{BEDROCK}amazon.titan-embed-text-v2%3A0/invoke"
    assert provider_for("POST", url, body) is None


def test_a_swap_on_bedrock_quotes_the_id():
    path, body = provider_named("bedrock").with_model(f"/model/{IN_PATH}/invoke", ASKS, "a.b-v1:0")
    assert (path, body) == ("/model/a.b-v1%3A0/invoke", ASKS)


@pytest.mark.parametrize("call", ["rawPredict", "streamRawPredict"])
def test_claude_on_vertex(call, stream):
    asked = "claude-sonnet-4-5@20250929"
    body = {**ASKS, "anthropic_version": "vertex-2023-10-16"}
    streams = call == "streamRawPredict"
    content = stream(*EVENTS) if streams else MESSAGE
    headers = {"content-type": "text/event-stream"} if streams else {}
    reply = read_reply(f"{VERTEX}{asked}:{call}", body, 200, headers, content)
    assert (reply.provider, reply.requested_model, reply.text) == ("google", asked, "Hello")
    assert (reply.complete, reply.served_model) == (True, "claude-sonnet-4-5-20250929")
    assert served_id(asked, reply) == asked
    assert provider_named("vertex").proves(asked, reply.served_model)


def test_counting_claudes_tokens_on_vertex_asks_for_no_answer():
    assert provider_for("POST", f"{VERTEX}count-tokens:rawPredict", ASKS) is None


OLLAMA = "http://localhost:11434/api/"
ANSWERED = {
    "model": "llama3.2:3b",
    "created_at": "2026-11-20T10:00:00Z",
    "message": {
        "role": "assistant",
        "content": "Hello",
        "tool_calls": [{"function": {"name": "roll", "arguments": {"sides": 6}}}],
    },
    "done_reason": "stop",
    "done": True,
    "prompt_eval_count": 26,
    "eval_count": 2,
}


def lines(*documents):
    return "".join(json.dumps(document) + "\n" for document in documents).encode()


def test_ollamas_own_chat():
    body = {"model": "llama3.2:3b", "messages": [{"role": "user", "content": "hi"}]}
    reply = read_reply(f"{OLLAMA}chat", body, 200, {}, ANSWERED)
    assert (reply.provider, reply.text, reply.complete) == ("ollama", "Hello", True)
    assert reply.tools == (ToolCall("roll", {"sides": 6}),)
    assert (reply.usage, reply.finish_reason) == (Usage(26, 2), "stop")
    assert reply.served_model == reply.requested_model == "llama3.2:3b"


@pytest.mark.parametrize("headers", [{"content-type": "application/x-ndjson"}, {}])
def test_ollama_streams_lines(headers):
    body = {"model": "llama3.2:3b", "prompt": "hi"}
    pieces = [{"model": "llama3.2:3b", "response": text, "done": False} for text in ("Hel", "lo")]
    last = {"model": "llama3.2:3b", "response": "", "done": True, "eval_count": 2}
    reply = read_reply(f"{OLLAMA}generate", body, 200, headers, lines(*pieces, last))
    assert (reply.text, reply.complete, reply.usage) == ("Hello", True, Usage(None, 2))
    assert not read_reply(f"{OLLAMA}generate", body, 200, headers, lines(*pieces)).complete


@pytest.mark.parametrize(
    ("url", "model", "known"),
    [
        ("http://localhost:11434/api/chat", "my-model", True),
        ("http://gpu-box:11434/api/chat", "my-model", True),
        ("https://ollama.example/api/chat", "llama3.2:3b", True),
        ("http://127.0.0.1:8000/api/chat", "gpt-4o-2024-08-06", False),  # a program of one's own
    ],
)
def test_where_a_chat_path_is_ollamas(url, model, known):
    body = {"model": model, "messages": []}
    assert (provider_for("POST", url, body) is not None) is known


@pytest.mark.parametrize(
    ("url", "model", "known"),
    [
        ("https://api.cohere.com/v1/chat", "command-r", True),
        ("https://api.cohere.com/v1/chat", "my-tuned-model", True),
        ("https://my-cohere.example/v1/chat", "command-r-08-2024", True),
        ("http://127.0.0.1:8000/v1/chat", "gpt-4o-2024-08-06", False),  # a program of one's own
    ],
)
def test_where_a_first_chats_path_is_coheres(url, model, known):
    body = {"model": model, "message": "hi"}
    assert (provider_for("POST", url, body) is not None) is known


@pytest.mark.parametrize(
    "url", ["https://api.cohere.com/v2/chat", "https://my-cohere.example/cohere/v2/chat"]
)
def test_cohere_is_known_on_any_host(url):
    body = {"model": "command-a-03-2025", "messages": [{"role": "user", "content": "hi"}]}
    answered = {
        "finish_reason": "COMPLETE",
        "message": {"content": [{"type": "text", "text": "x"}]},
    }
    reply = read_reply(url, body, 200, {}, answered)
    assert (reply.provider, reply.text) == ("cohere", "x")


@pytest.mark.parametrize(
    "url",
    [
        "https://api.openai.com/v1/completions",
        "http://127.0.0.1:8000/v1/completions",
        "https://r.openai.azure.com/openai/deployments/d/completions",
    ],
)
def test_the_completion_of_a_text(url, stream):
    body = {"model": "gpt-3.5-turbo-instruct", "prompt": "Once"}
    whole = {"object": "text_completion", "model": "m", "choices": [{"index": 0, "text": " upon"}]}
    assert read_reply(url, body, 200, {}, whole).text == " upon"
    pieces = [{"model": "m", "choices": [{"index": 0, "text": text}]} for text in (" up", "on")]
    reply = read_reply(
        url, body, 200, {"content-type": "text/event-stream"}, stream(*pieces, done=True)
    )
    assert (reply.text, reply.complete) == (" upon", True)
