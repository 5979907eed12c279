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

_UUID = "[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}"
_INVENTED_ID = re.compile(
    rf"""pyd_ai_{_UUID}|(?<="id":"){_UUID}(?=")|(?<=call_id":"){_UUID}(?=")"""
    rf"""|(?<=tool_use_id":"){_UUID}(?=")"""
)
"""pydantic-ai's, wherever it quotes them; others' where a tool's call is named."""
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


def fingerprint(provider: Provider, request: Request, ignore_fields: Sequence[str] = ()) -> str:
    """A hash that two requests share where they ask the same of whichever model.

    Method, path and body count; the model, the provider's volatile fields and `ignore_fields`
    (dotted paths, as in `metadata.trace`; a list is passed through) don't, nor do headers, host
    and, except for a GET's, the query. `request` is redacted, as recordings hold it.
    """
    path, body = counted(provider, request, ignore_fields)
    text = _without_invented_ids(canonical(body))
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


def _without_invented_ids(text: str) -> str:
    """The text with the first such id as 1, the second as 2, and so on.

    Where a provider gives a tool's call no id, as Gemini's, some clients make one up, a new one
    in each run.
    """
    if 'id":"' not in text and "pyd_ai_" not in text:  # most requests, told much sooner
        return text
    numbers: dict[str, int] = {}
    return _INVENTED_ID.sub(
        lambda found: f"invented-{numbers.setdefault(found[0], len(numbers) + 1)}", text
    )


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
