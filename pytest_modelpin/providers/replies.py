"""From an HTTP request and its reply to a Reply, whichever provider it was; and what differs in two
replies that say the same: ids, times, and what only the provider reads.

Of what differs there is one table for all providers: the names are unlike enough, and gateways mix
them. Sources are the providers' API references, and replies of the same question asked twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from pytest_modelpin.providers import wire
from pytest_modelpin.providers.catalogue import (
    host_and_path,
    known_providers,
    provider_for,
    side_provider_for,
)
from pytest_modelpin.providers.embeddings import Embeddings
from pytest_modelpin.providers.openai_compatible import CHAT
from pytest_modelpin.providers.provider import Provider
from pytest_modelpin.providers.streams import lines
from pytest_modelpin.providers.wire import JSON, Reply, Shape, read, shape_by_looks


def read_reply(
    url: str,
    request_body: JSON | bytes,
    status: int,
    response_headers: Mapping[str, Any],
    response_body: JSON | bytes,
) -> Reply:
    """What the provider said, from a plain or a streamed reply. Never raises on odd input.

    Bodies are bytes, text or parsed JSON; compressed bodies must be decoded. Header names may be
    in any case. A reply of an API that is not known is read by its looks, with `provider` None.
    """
    body = wire.mapping(_parsed(request_body))
    headers = _lower(response_headers)
    content = _content(response_body)
    provider = provider_for("POST", url, body)
    if provider is not None:
        return provider.read(host_and_path(url)[1], body, status, headers, content)
    shapes = (CHAT, *_shapes(known_providers()))
    reply = read(shape_by_looks(content, shapes), status, headers, content)
    return replace(reply, requested_model=wire.word(body.get("model")))


def read_embeddings(
    method: str, url: str, request_body: JSON, response_body: bytes
) -> Embeddings | None:
    """The texts and vectors of a call for embeddings; None where it asked for something else.

    Never raises on odd input.
    """
    provider = side_provider_for(method, url)
    if provider is None or method.upper() != "POST" or not isinstance(request_body, dict):
        return None
    return provider.embeddings(host_and_path(url)[1], request_body, response_body)


def read_object(reply: Mapping[Any, Any]) -> tuple[Reply, ...]:
    """Text, tool calls and refusal of each answer in a reply object, an SDK's or plain JSON.

    Empty where the object is no whole reply of an API known here.
    """
    for shape in _shapes(known_providers()):
        if answers := shape.answers(reply):
            return answers
    return ()


def volatile_fields_of(module: str) -> frozenset[str]:
    """What differs from call to call in an object of the module; empty where it is no SDK's.

    A user's own model never loses a field.
    """
    return frozenset().union(
        *(
            provider.volatile_reply_fields
            for provider in known_providers()
            if any(f"{module}.".startswith(f"{sdk}.") for sdk in provider.sdk_modules)
        )
    )


@lru_cache(maxsize=4)  # a session knows one set of providers
def _shapes(providers: tuple[Provider, ...]) -> tuple[Shape, ...]:
    return tuple(dict.fromkeys(shape for provider in providers for shape in provider.shapes))


def _parsed(body: JSON | bytes) -> JSON:
    return wire.parse(body) if isinstance(body, bytes | bytearray | str) else body


def _lower(headers: Mapping[str, Any]) -> dict[str, str]:
    """Names in lower case; of a header given as a list of values, the first."""
    return {str(name).lower(): _one(value) for name, value in headers.items()}


def _one(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, Iterable) and not isinstance(value, str):
        return str(next(iter(value), ""))
    return str(value)


def _content(body: JSON | bytes) -> bytes:
    if isinstance(body, bytes):
        return body
    if isinstance(body, bytearray):
        return bytes(body)
    if not isinstance(body, str):
        return json.dumps(body, default=str).encode()
    return body.encode("utf-8", "replace")


FIELDS = frozenset({
    # Of the reply as a whole, and of its items: OpenAI, Anthropic, Google, Cohere, OpenRouter.
    "id", "item_id", "call_id", "tool_call_id", "response_id", "responseId", "request_id",
    "generation_id", "container_id", "previous_response_id", "interaction_id",
    "previous_interaction_id", "event_id",
    # When it was made.
    "created", "created_at", "createTime", "completed_at", "expires_at", "updated",
    # Of the machine that served it, and padding against eavesdroppers: OpenAI.
    "system_fingerprint", "obfuscation",
    # Reasoning, sealed anew each time: Google, Anthropic, OpenAI.
    "thoughtSignature", "thought_signature", "signature", "encrypted_content", "redacted_thinking",
    # How long it took: Groq, Ollama, Bedrock.
    "queue_time", "prompt_time", "completion_time", "total_time", "total_duration",
    "load_duration", "prompt_eval_duration", "eval_duration", "latencyMs",
    # What happened to lie in the provider's cache: OpenAI, Google, DeepSeek.
    "cached_tokens", "cachedContentTokenCount", "cacheTokensDetails", "prompt_cache_hit_tokens",
    "prompt_cache_miss_tokens", "total_cached_tokens",
})  # fmt: skip
"""Fields of a reply, at any depth but within `ANSWERS`."""

ANSWERS = frozenset({"arguments", "args", "input", "parsed", "embedding", "content_json"})
"""Fields whose value the model said: a field `id` in them is an answer."""

_HEADERS = frozenset({"date", "age", "cf-ray", "retry-after", "server-timing"})
_HEADER_PARTS = (
    "request-id", "requestid", "trace-id", "correlation-id", "generation-id", "ratelimit",
    "processing-ms", "call-id", "duration-ms", "overhead", "deprecation", "sunset",
)  # fmt: skip


def is_volatile_header(name: str) -> bool:
    """Whether a reply's header, in lower case, says nothing of the answer."""
    return name in _HEADERS or any(part in name for part in _HEADER_PARTS)


def is_keep_alive(event: str) -> bool:
    """Whether a server-sent event only keeps the connection open: a comment, or a `ping`."""
    told = [line for each in lines(event) if (line := each.rstrip("\r\n"))]
    return all(line.startswith(":") for line in told) or "event: ping" in told
