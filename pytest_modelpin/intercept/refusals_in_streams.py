"""Whether an error that a provider reports within a success says "no", or "not now"."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_modelpin.providers.wire import JSON, parse

_REFUSALS = frozenset(
    {
        # OpenAI and those that speak like it, by `type` or `code`
        "invalid_request_error",
        "invalid_prompt",
        "content_filter",
        "content_policy_violation",
        "context_length_exceeded",
        "string_above_max_length",
        # Anthropic
        "request_too_large",
        # Google, by `status`
        "invalid_argument",
        "failed_precondition",
        "out_of_range",
        # all of them
        "authentication_error",
        "permission_error",
        "permission_denied",
        "unauthenticated",
        "not_found_error",
        "not_found",
        "billing_error",
        "model_not_found",
        "invalid_api_key",
    }
)
"""What providers call an error that the same request would meet again, as a status of 4xx says."""
_LATER = frozenset({408, 409, 425, 429})


def is_refusal_in_stream(content: bytes) -> bool:
    """Whether an error within a success says "no", not "later"; unknown ones may pass with time."""
    return any(map(_is_refusal, _errors(content)))


def _is_refusal(error: dict[str, JSON]) -> bool:
    for name in ("code", "status", "type"):
        value = error.get(name)
        if isinstance(value, str) and value.isdecimal() and len(value) == 3:
            value = int(value)
        if isinstance(value, int):
            return 400 <= value < 500 and value not in _LATER
        if isinstance(value, str) and value.lower() in _REFUSALS:
            return True
    return False


def _errors(content: bytes) -> Iterator[dict[str, JSON]]:
    """The error objects of a reply's JSON document or of its events."""
    for line in (content, *content.splitlines()):
        if b'"error"' not in line and b'"failed"' not in line:
            continue
        document = parse(line.removeprefix(b"data:"))
        for holder in document if isinstance(document, list) else [document]:
            if not isinstance(holder, dict):
                continue
            response = holder.get("response")
            inner = response.get("error") if isinstance(response, dict) else None
            for error in (holder.get("error"), inner):
                if isinstance(error, dict):
                    yield error
            if holder.get("type") == "error" and "code" in holder:  # OpenAI's Responses API
                yield holder
