"""Replies that look well by their status and hold no answer, and streams that hold a refusal."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from pytest_modelpin.providers.reply import JSON, Reply

_PAGE = (b"<!doctype", b"<html")
_DOCUMENT = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:[\[{]|(?:data|event|id|retry)?:)")
"""How JSON and a stream of events begin."""
_BINARY = ("application/vnd.amazon.eventstream", "application/octet-stream")

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


def why_no_answer(status: int, content_type: str, content: bytes) -> str | None:
    """What came in an answer's place, as words after a colon; None where it may be an answer.

    Only a success can lack its answer: an error's page is what the provider had to say.
    """
    if not 200 <= status < 300:
        return None
    if not content.strip():
        return f"status {status} with nothing in it"
    kind = content_type.partition(";")[0].strip().lower()
    if kind in _BINARY:
        return None
    if kind == "text/html" or content.lstrip()[:9].lower().startswith(_PAGE):
        return f"status {status} with an HTML page, as a proxy or a portal sends it"
    try:
        content.decode()
    except UnicodeDecodeError:
        return f"status {status} with bytes that are no text (not UTF-8)"
    return None


def why_unfinished(reply: Reply) -> str | None:
    """What a success that was read to its end lacks of an answer; None where it is one.

    A document that is cut off or garbled holds nothing, as does one of another kind altogether. A
    stream that is cut off between its provider and here (a gateway's timeout) may end well by
    HTTP's lights; that it was not whole is told by its own last event, which is missing.
    """
    if not 200 <= reply.status < 300:
        return None
    if not (reply.text or reply.tools or reply.refusal or reply.finish_reason or reply.error):
        return "a success without a text, a tool call or a reason why it ended"
    return None if reply.complete or reply.error else "a stream that ended before its answer"


def why_of_another_kind(reply: Reply, content_type: str, content: bytes) -> str | None:
    """What a success without an answer holds that is nothing which models answer in.

    A gateway's "OK", a store's error in XML, `null`: nobody can have asked for it. A document that
    holds no answer may be what a test expects.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if why_unfinished(reply) is None or kind in _BINARY or _DOCUMENT.match(content):
        return None
    return f"status {reply.status} with neither a JSON document nor a stream of events"


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
        try:
            document = json.loads(line.removeprefix(b"data:"))
        except (ValueError, RecursionError):
            continue
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
