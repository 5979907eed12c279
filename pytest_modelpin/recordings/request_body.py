"""A request's body as JSON, whatever it is on the wire: so recordings hold it and match it."""

from __future__ import annotations

import hashlib
import json
import re

from pytest_modelpin.providers.reply import JSON
from pytest_modelpin.recordings.wire import RawHeaders

LONGEST_TEXT = 10_000
"""Characters of a form's field that are kept as they are; what is longer, or no text, is hashed."""

_BOUNDARY = rb'(?i)boundary="?([^";,]+)"?'
_PARAMETER = r'\b(filename|name)="((?:[^"\\]|\\.)*)"'


def body_as_json(headers: RawHeaders, content: bytes) -> JSON:
    """The body: JSON as it is, None where there is none.

    A form (multipart/form-data) becomes an object: its short texts as fields, its files by length
    and hash; the boundary, made up anew for each request, is gone. So is what else is no JSON.
    """
    if not content:
        return None
    kind = next((value for name, value in headers if name.lower() == b"content-type"), b"")
    if kind.lower().startswith(b"multipart/"):
        found = re.search(_BOUNDARY, kind)
        return _form(content, found[1]) if found else _hashed(content)
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return _text_or_hash(content)


def is_json(headers: RawHeaders) -> bool:
    """Whether the body is JSON by its content-type, or may be, where it has none."""
    for name, value in headers:
        if name.lower() == b"content-type":
            return value.startswith(b"application/json")
    return True


def _form(content: bytes, boundary: bytes) -> dict[str, JSON]:
    fields: dict[str, JSON] = {}
    for part in content.split(b"--" + boundary)[1:]:
        head, separator, body = part.partition(b"\r\n\r\n")
        if not separator:
            continue
        said = dict(re.findall(_PARAMETER, head.decode("utf-8", "replace")))
        name, value = said.get("name", ""), body.removesuffix(b"\r\n")
        kept: JSON = _text_or_hash(value)
        if "filename" in said:
            kept = {"file": said["filename"], **_hashed(value)}
        if name in fields:  # a list, as `timestamp_granularities[]` is sent
            before = fields[name]
            kept = [*before, kept] if isinstance(before, list) else [before, kept]
        fields[name] = kept
    return fields


def _text_or_hash(content: bytes) -> JSON:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return _hashed(content)
    return text if len(text) <= LONGEST_TEXT else _hashed(content)


def _hashed(content: bytes) -> dict[str, JSON]:
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
