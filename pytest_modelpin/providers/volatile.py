"""What differs in two replies that say the same: ids, times, and what only the provider reads.

One table for all providers: the names are unlike enough, and gateways mix them. Sources are the
providers' API references, and replies of the same question asked twice.
"""

from __future__ import annotations

FIELDS = frozenset({
    # Of the reply as a whole, and of its items: OpenAI, Anthropic, Google, Cohere, OpenRouter.
    "id", "item_id", "call_id", "tool_call_id", "response_id", "responseId", "request_id",
    "generation_id", "container_id", "previous_response_id",
    # When it was made.
    "created", "created_at", "createTime", "completed_at", "expires_at",
    # Of the machine that served it, and padding against eavesdroppers: OpenAI.
    "system_fingerprint", "obfuscation",
    # Reasoning, sealed anew each time: Google, Anthropic, OpenAI.
    "thoughtSignature", "thought_signature", "signature", "encrypted_content", "redacted_thinking",
    # How long it took: Groq, Ollama, Bedrock.
    "queue_time", "prompt_time", "completion_time", "total_time", "total_duration",
    "load_duration", "prompt_eval_duration", "eval_duration", "latencyMs",
    # What happened to lie in the provider's cache: OpenAI, Google, DeepSeek.
    "cached_tokens", "cachedContentTokenCount", "cacheTokensDetails", "prompt_cache_hit_tokens",
    "prompt_cache_miss_tokens",
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
    lines = [line for line in event.splitlines() if line]
    return all(line.startswith(":") for line in lines) or "event: ping" in lines
