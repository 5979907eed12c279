"""Requests that production sent, out of whatever wrote them down: the form is told by the content.

Read are: our own observations with content (`content={"request": …, "response": …}`), request logs
of OpenAI and Anthropic as JSON lines (a body a line; what goes into a batch, with `body` or
`params`; pairs of `request` and `response`), OpenTelemetry's GenAI spans with their messages, and
HAR (HTTP Archive 1.2, as browsers and proxies export it).
"""

from __future__ import annotations

import base64
import binascii
import codecs
import gzip
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pytest_modelpin.errors import SITE, ModelpinError
from pytest_modelpin.files import named_content
from pytest_modelpin.production.spans import conversations
from pytest_modelpin.providers.streams import looks_like_events
from pytest_modelpin.providers.wire import JSON, at, parse

_ASKS = ("messages", "input", "contents", "prompt")
"""One of them is in every body that asks a model something, by whichever API."""
_BEGINNING = 20  # characters
_PIECE = 2**16  # bytes
_MOST = 4 * 2**30  # bytes of a file once it is uncompressed: a thousandth of that may hold them


@dataclass(frozen=True, slots=True)
class CapturedReply:
    """What came back, where it was written down as the wire had it."""

    status: int
    content: str
    content_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class Captured:
    """One request to a model."""

    body: dict[str, JSON]
    where: str
    """The file and line, or entry, that it is from."""
    path: str = ""
    """Of its URL; empty where only the body was written down."""
    reply: CapturedReply | None = None

    @property
    def model(self) -> str | None:
        """The id that it asks, in the body or, as Gemini's, in the path."""
        named = self.body.get("model")
        if isinstance(named, str):
            return named
        _, mark, rest = self.path.partition("/models/")
        return rest.partition(":")[0] or None if mark else None


@dataclass(frozen=True, slots=True)
class Traffic:
    """What was written down."""

    requests: tuple[Captured, ...]
    torn: int = 0
    """Lines that are no JSON, in files that hold JSON otherwise."""


def read(path: Path) -> Traffic:
    """All requests of a file, in its order; of a folder, those of its files; compressed by gzip or
    not.

    Lines that are torn or ask no model are passed over. Raises ModelpinError where there is no
    file, or nothing in it is a request to a model.
    """
    files = sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
    found = [_of_file(file) for file in files]
    requests = tuple(each for one in found for each in one.requests)
    if not requests:
        raise ModelpinError(
            f"{path} holds no request to a model. Read are observations with content, request logs "
            "as JSON lines, OpenTelemetry's GenAI spans with messages, and HAR files. What "
            f"becomes of vcrpy's cassettes and promptfoo's cases: {SITE}moving-in/"
        )
    return Traffic(requests, sum(each.torn for each in found))


def size_of(path: Path) -> int:
    """Bytes of a file, or of all below a folder; 0 of what can't be looked at."""
    try:
        files = path.rglob("*") if path.is_dir() else [path]
        return sum(each.stat().st_size for each in files if each.is_file())
    except OSError:
        return 0


def _of_file(path: Path) -> Traffic:
    try:
        text = _decoded(_unzipped(named_content(path), path))
    except FileNotFoundError:
        raise ModelpinError(
            f"There is neither a file nor a folder {path}: name what was captured, such as the "
            "folder that MODELPIN_OBSERVATIONS names where the application runs."
        ) from None
    except OSError as error:
        raise ModelpinError(f"{path} can't be read: {error.strerror or error}.") from None
    whole = parse(text)
    if isinstance(whole, dict) and isinstance(at(whole, "log", "entries"), list):
        return Traffic(tuple(_har(whole, path.name)))
    if whole is not None:
        return Traffic(tuple(_of_entries(whole if isinstance(whole, list) else [whole], path.name)))
    return _of_lines(text, path.name)


def _of_lines(text: str, file: str) -> Traffic:
    """One line after the other: all that is kept of a big log is what asks a model."""
    found: list[Captured] = []
    torn, is_log = 0, False
    for number, line in enumerate(_lines(text), 1):
        if not line.strip():
            continue
        entry = parse(line)
        torn += entry is None
        is_log |= isinstance(entry, dict)
        found += _of_entries([entry], file, number)
    return Traffic(tuple(found), torn if is_log else 0)


def _lines(text: str) -> Iterator[str]:
    """Nothing but a line feed ends a line of JSON; str.splitlines cuts within texts, too."""
    start = 0
    while (end := text.find("\n", start)) >= 0:
        yield text[start:end]
        start = end + 1
    yield text[start:]


def _unzipped(content: bytes, path: Path) -> bytes:
    """As far as it goes, where it was compressed: a log may be cut off while it is rotated."""
    if not content.startswith(b"\x1f\x8b"):
        return content
    pieces, size = [], 0
    with suppress(OSError, EOFError, zlib.error), gzip.open(BytesIO(content)) as file:
        while piece := file.read(_PIECE):
            pieces.append(piece)
            size += len(piece)
            if size > _MOST:
                raise ModelpinError(
                    f"{path} holds more than {_MOST:,} bytes once it is uncompressed; cut it into "
                    "files that are smaller, and name their folder."
                )
    return b"".join(pieces)


def _decoded(content: bytes) -> str:
    """By the mark in front, as programs on Windows write it; without one it is UTF-8."""
    is_wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return content.decode("utf-16" if is_wide else "utf-8-sig", "replace")


def _of_entries(entries: Iterable[Any], file: str, first: int = 1) -> Iterator[Captured]:
    for number, entry in enumerate(entries, first):
        where = f"{file}:{number}"
        if not isinstance(entry, dict):
            continue
        if "resourceSpans" in entry:
            yield from _spans(entry, where)
        elif (captured := _entry(entry, where)) is not None:
            yield captured


def _entry(entry: Mapping[str, Any], where: str) -> Captured | None:
    """One line of a log, or one observation."""
    content = entry.get("content")
    said = content if "v" in entry and isinstance(content, dict) else entry
    request = next(
        (
            each
            for each in (
                at(said, "request", "body"), said.get("request"), said.get("body"),
                said.get("params"), said,
            )
            if isinstance(each, dict) and _asks(each)
        ),
        None,
    )  # fmt: skip
    if request is None:
        return None
    body = dict(request)
    if said is not entry and "model" not in body and isinstance(entry.get("id"), str):
        body["model"] = entry["id"]
    url = said.get("url") or at(said, "request", "url") or said.get("path")
    return Captured(body, where, _path_of(url) if isinstance(url, str) else "", _reply(said))


def _path_of(url: str) -> str:
    """Empty for a URL that is none, such as `http://[half`."""
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


def _asks(body: Mapping[str, Any]) -> bool:
    return any(isinstance(body.get(key), list | str) and body[key] for key in _ASKS)


def _reply(said: Mapping[str, Any]) -> CapturedReply | None:
    response = said.get("response")
    if response is None:
        response = at(said, "result", "message")
    status, content = 200, response
    if isinstance(response, dict) and "body" in response:
        content = response["body"]
        told = response.get("status_code", response.get("status"))
        status = told if isinstance(told, int) else 200
    if isinstance(content, dict):
        return CapturedReply(status, json.dumps(content))
    if isinstance(content, str) and content:
        return CapturedReply(status, content, _type_of(content))
    return None


def _type_of(content: str) -> str:
    streamed = looks_like_events(content.lstrip()[:_BEGINNING].encode())
    return "text/event-stream" if streamed else "application/json"


def _har(archive: Mapping[str, Any], file: str) -> Iterator[Captured]:
    for number, entry in enumerate(archive["log"]["entries"], 1):
        text, url = at(entry, "request", "postData", "text"), at(entry, "request", "url")
        body = parse(text) if isinstance(text, str) else None
        if isinstance(body, dict) and _asks(body) and isinstance(url, str):
            reply = _har_reply(at(entry, "response"))
            yield Captured(body, f"{file}, entry {number}", _path_of(url), reply)


def _har_reply(response: Any) -> CapturedReply | None:
    content, status = at(response, "content"), at(response, "status")
    text = at(content, "text")
    if not isinstance(text, str) or not text or not isinstance(status, int):
        return None
    if at(content, "encoding") == "base64":
        try:
            text = base64.b64decode(text, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return None
    return CapturedReply(status, text, _type_of(text))


def _spans(export: Mapping[str, Any], where: str) -> Iterator[Captured]:
    """Of a span there are the messages, from which the body is made anew; no reply as it was."""
    for number, said in enumerate(conversations(export), 1):
        body: dict[str, JSON] = {"model": said.model}
        turns: list[JSON] = [{"role": role, "content": text} for role, text in said.turns]
        if said.provider == "anthropic":
            body["max_tokens"] = said.most_tokens or 1024
            if said.system:
                body["system"] = said.system
            body["messages"] = turns
        elif said.provider in ("gcp.gemini", "gcp.gen_ai", "google"):
            body["contents"] = [
                {"role": "model" if role == "assistant" else "user", "parts": [{"text": text}]}
                for role, text in said.turns
            ]
            if said.system:
                body["systemInstruction"] = {"parts": [{"text": said.system}]}
        else:
            system: list[JSON] = [{"role": "system", "content": said.system}] if said.system else []
            body["messages"] = [*system, *turns]
        yield Captured(body, f"{where}, span {number}")
