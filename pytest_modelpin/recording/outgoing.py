"""A recognised request on its way out: which model it asks, and what counts of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from pytest_modelpin.providers.provider import Provider
from pytest_modelpin.providers.reply import JSON
from pytest_modelpin.recording.exchange import Request
from pytest_modelpin.registry.selection import RecordMode, Selected


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One request to a model, the selected id already in it."""

    provider: Provider
    name: str
    """The logical name, or the id where models.yml does not name it."""
    asked: str
    """The id that is sent."""
    pinned: bool
    """Whether `asked` is a pin, whose recordings lie in a folder of its own name."""
    record: RecordMode
    selected: Selected | None
    """None where models.yml does not name the model."""
    path: str
    body: JSON
    """Path and body as sent, secrets and all."""
    swapped: bool
    """Whether another id than the test's own was put in."""
    request: Request
    """As recordings hold it: redacted."""
    fingerprint: str
    secrets: tuple[str, ...]
    """What must not be written of this request and its reply."""
    pins: frozenset[str] = frozenset()
    """Every pin of models.yml: into its folder only its own answers are recorded."""


def sent_instead(request: Any, outgoing: Outgoing) -> Any:
    """The client's request with the selected id in it; the very request where that is its own."""
    if not outgoing.swapped:
        return request
    query = request.url.query
    path = outgoing.path.encode() + (b"?" + query if query else b"")
    content = json.dumps(outgoing.body).encode()
    headers = [
        (name, str(len(content)).encode() if name.lower() == b"content-length" else value)
        for name, value in request.headers.raw
        if name.lower() != b"transfer-encoding"
    ]
    return type(request)(
        request.method,
        request.url.copy_with(raw_path=path),
        headers=headers,
        content=content,
        extensions=request.extensions,
    )
