"""When two requests are the same question: a fingerprint without model, secrets and noise."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from pytest_modelpin.providers.provider import Provider
from pytest_modelpin.providers.reply import JSON
from pytest_modelpin.recordings.exchange import Request

_NAMED_ID = re.compile(
    r'"(?:id|call_?id|tool_?call_?id|tool_?use_?id|(?:trace|span|run|session|correlation)_?id)"'
    r':"([^"\\]{8,200})"|(pyd_ai_[0-9a-f-]{32,36})',
    re.IGNORECASE,
)
"""What names a call, a message or a run in clients; pydantic-ai's, wherever it quotes them."""
_INVENTED = re.compile(
    r"(?:call|tool|toolu|tooluse|fc|msg|rs|run|adk|lc)[-_](?=\D*\d)[0-9A-Za-z_-]{8,}"
    r"|(?=\D*\d)(?=[0-9-]*[a-f])[0-9a-f-]{8,}"  # a UUID, or its beginning
)
_OF_NINE = re.compile(r"(?=(?:.*?(?:[A-Za-z]\d|\d[A-Za-z]|[a-z][A-Z])){2})[0-9A-Za-z]{9}")
"""Mistral takes no other, so that clients make such of those they have."""
_DATA = ("args", "arguments", "input", "json", "response")
"""What holds a call's arguments or a tool's result as an object, as with Gemini, Ollama, Anthropic
and Bedrock. Elsewhere they are text, in which no id is looked for."""
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


def fingerprint(provider: Provider, request: Request, ignore_fields: Sequence[str] = ()) -> str:
    """A hash that two requests share where they ask the same of whichever model.

    Method, path and body count; the model, the provider's volatile fields and `ignore_fields`
    (dotted paths, as in `metadata.trace`; a list is passed through) don't, nor do headers, host
    and, except for a GET's, the query. `request` is redacted, as recordings hold it.
    """
    path, body = counted(provider, request, ignore_fields)
    text = canonical_but_ids(body)
    return hashlib.sha256(f"{request.method} {path}\n{text}".encode()).hexdigest()


def counted(
    provider: Provider, request: Request, ignore_fields: Sequence[str] = ()
) -> tuple[str, JSON]:
    """What of a request tells it from others: its path and its body, without what `fingerprint`
    leaves out.
    """
    parts = urlsplit(request.url)
    path, body = provider.without_model(parts.path, request.body)
    if request.method == "GET" and parts.query:  # a page of a list, not the key
        path = f"{path}?{'&'.join(sorted(parts.query.split('&')))}"
    if isinstance(request.body, list | str):  # a body that is no JSON object names no model
        body = {"": request.body}
    for field in ignore_fields:
        body = _without(body, field.split("."))
    return path, body


def canonical(value: JSON) -> str:
    """JSON that is the same text for the same value, whatever the order of its fields."""
    return _CANONICAL.encode(value)


def canonical_but_ids(value: JSON) -> str:
    """Canonical JSON with the first id that a client made up as 1, the second as 2, and so on.

    Where a provider gives a tool's call no id, as Gemini's, clients make one up, a new one in each
    run; so do those that keep a conversation themselves. An id that was replayed counts alike.
    What a call is told and what a tool answers is the test's own: an `id` there, such as a commit's
    hash, is part of the question.
    """
    text = canonical(value)
    if 'id":"' not in text.lower() and "pyd_ai_" not in text:  # most requests, told much sooner
        return text
    numbers: dict[str, str] = {}
    try:
        looked_at = canonical(_without_data(value))
    except RecursionError:  # which holds a tool's data deeper than anybody sends it
        looked_at = text
    for found in _NAMED_ID.finditer(looked_at):
        value = found[1] or found[2]
        if value not in numbers and (found[2] or _is_invented(value)):
            numbers[value] = f"invented-{len(numbers) + 1}"
    for value in sorted(numbers, key=len, reverse=True):
        text = text.replace(value, numbers[value])
    return text


def _without_data(value: JSON) -> JSON:
    """Without the arguments and results of tools that are JSON objects."""
    if isinstance(value, list):
        return [_without_data(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: None if name in _DATA and isinstance(item, dict) else _without_data(item)
        for name, item in value.items()
    }


def _is_invented(value: str) -> bool:
    """Whether nobody has chosen an id: it is drawn, as `call_9f8a7b6c` is, not `question_2`."""
    if _INVENTED.fullmatch(value) or _OF_NINE.fullmatch(value):
        return True
    # Only here: most requests carry no id, and their replay loads no redaction.
    from pytest_modelpin.redaction.spellings import looks_like_key

    return looks_like_key(value)


def _without(value: JSON, steps: list[str]) -> JSON:
    """A copy of `value` without the field that `steps` lead to."""
    if isinstance(value, list):
        return [_without(item, steps) for item in value]
    if not isinstance(value, dict) or steps[0] not in value:
        return value
    first, *rest = steps
    if not rest:
        return {name: item for name, item in value.items() if name != first}
    return {**value, first: _without(value[first], rest)}
