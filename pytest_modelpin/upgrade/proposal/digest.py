"""What of a bump's files is worth a commit: pins, accepted answers, and what a test can see.

Each night records anew, and each reply comes with a new id, date and request id; models.yml says
when the pin was last validated. A commit for these alone would restart the checks of an open pull
request and dismiss its approvals every night.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path

from pytest_modelpin.errors import RecordingError
from pytest_modelpin.providers import provider_for, read_reply
from pytest_modelpin.providers.reply import JSON
from pytest_modelpin.providers.volatile import FIELDS
from pytest_modelpin.recordings.exchange import Exchange
from pytest_modelpin.recordings.outgoing import canonical, counted
from pytest_modelpin.recordings.recording_file import read_recording

_DAY = re.compile(rb"((?:last_validated|promoted):)[^,}\n]*")
"""The two dates of models.yml that a promotion sets, in block and in flow style."""

_VOLATILE = FIELDS | {"usage", "usageMetadata", "service_tier"}
"""Fields of a reply of no known shape that differ from one asking to the next."""


def digest(files: Mapping[str, bytes | None]) -> str:
    """What a bump's files hold, as one short text: equal where nothing is worth a commit."""
    total = hashlib.sha256()
    for path, content in sorted(files.items()):
        one = (
            "deleted"
            if content is None
            else hashlib.sha256(_significant(path, content)).hexdigest()
        )
        total.update(f"{path}\0{one}\n".encode())
    return total.hexdigest()


def _significant(path: str, content: bytes) -> bytes:
    *folders, name = path.split("/")
    if "__recordings__" in folders:
        return _seen_by_tests(path, content)
    if name.endswith((".yml", ".yaml")) and b"production" in content:
        return _DAY.sub(rb"\1", content)
    return content


def _seen_by_tests(path: str, content: bytes) -> bytes:
    try:
        recording = read_recording(content.decode("utf-8"), Path(path))
    except (RecordingError, UnicodeDecodeError):
        return content
    seen = [_exchange(exchange) for exchange in recording.exchanges]
    whole: JSON = [recording.test, recording.version, recording.answered_by, seen]
    return canonical(whole).encode("utf-8", "surrogatepass")


def _exchange(exchange: Exchange) -> JSON:
    request, response = exchange.request, exchange.response
    provider = provider_for(request.method, request.url, request.body)
    asked = counted(provider, request) if provider else (request.url, request.body)
    return [
        request.method,
        *asked,
        exchange.asked,
        exchange.served,
        exchange.sample,
        response.status,
        response.complete,
        response.headers.get("content-type"),
        _reply(exchange),
    ]


def _reply(exchange: Exchange) -> JSON:
    request, response = exchange.request, exchange.response
    reply = read_reply(
        request.url, request.body, response.status, response.headers, response.content
    )
    if reply.text or reply.tools or reply.error or reply.refusal:
        tools = [list(call) for call in reply.tools]
        return [reply.text, tools, reply.error, reply.refusal, reply.finish_reason]
    try:
        return _steady(json.loads(response.content))
    except (ValueError, RecursionError):
        return response.content.decode("utf-8", "backslashreplace")


def _steady(value: JSON) -> JSON:
    if isinstance(value, dict):
        return {name: _steady(item) for name, item in value.items() if name not in _VOLATILE}
    return [_steady(item) for item in value] if isinstance(value, list) else value
