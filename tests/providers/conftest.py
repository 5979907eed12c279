from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from pytest_modelpin.providers import Reply, read_reply

URLS = {
    "chat": "https://api.openai.com/v1/chat/completions",
    "responses": "https://api.openai.com/v1/responses",
    "messages": "https://api.anthropic.com/v1/messages?beta=true",
    "gemini": "https://generativelanguage.googleapis.com/v1beta/models/gemini-x:generateContent",
    "conversations": "https://api.mistral.ai/v1/conversations",
    "first chat": "https://api.cohere.com/v1/chat",
    "interactions": "https://generativelanguage.googleapis.com/v1beta/interactions",
    "cohere": "https://api.cohere.com/v2/chat",
    "converse": "https://bedrock-runtime.us-east-1.amazonaws.com/model/a.b-v1%3A0/converse",
    "gateway": "http://127.0.0.1:4000/v1/chat/completions",
    "unknown": "https://example.com/answer",
}


def _read(api: str, body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Reply:
    request = {"model": "asked", "messages": [{"role": "user", "content": "hi"}]}
    return read_reply(URLS[api], request, status, headers or {}, body)


def _stream(*documents: Any, done: bool = False) -> bytes:
    data = [d if isinstance(d, str) else json.dumps(d) for d in documents]
    return "".join(f"data: {line}\n\n" for line in [*data, *(["[DONE]"] if done else [])]).encode()


@pytest.fixture
def read() -> Callable[..., Reply]:
    """Read a reply of the API called chat, responses, messages, gemini … ."""
    return _read


@pytest.fixture
def stream() -> Callable[..., bytes]:
    """Server-sent events with the documents as data, one an event."""
    return _stream
