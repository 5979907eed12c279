"""The text of a recording: one test's exchanges with one model version, as reviewable JSON."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pytest_modelpin.errors import RecordingError
from pytest_modelpin.providers.reply import JSON
from pytest_modelpin.recordings.exchange import Exchange, Request, Response

SCHEMA = 1
"""Version of the file's JSON. A reader refuses any other and says so."""


_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)


@dataclass(frozen=True, slots=True)
class Recording:
    """One file: what one test asked one model version, and the replies."""

    test: str
    """The test's module and name, for people; the file's place is what counts."""
    version: str
    """The model version that the folder stands for."""
    recorded: date
    """UTC day of the last change."""
    exchanges: tuple[Exchange, ...]
    answered_by: str | None = None
    """The version that answered, where a pin was answered by another."""


def write_recording(recording: Recording) -> str:
    """The file's text. Equal recordings give equal text."""
    document: dict[str, JSON] = {
        "schema": SCHEMA,
        "test": recording.test,
        "version": recording.version,
    }
    if recording.answered_by is not None:
        document["answered_by"] = recording.answered_by
    document["recorded"] = recording.recorded.isoformat()
    document["exchanges"] = [_write_exchange(exchange) for exchange in recording.exchanges]
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    try:
        text.encode()
    except UnicodeEncodeError:  # half a surrogate pair in a request can only be written escaped
        return json.dumps(document, indent=1) + "\n"
    return text


def read_recording(text: str, path: Path) -> Recording:
    """The recording that `text`, found at `path`, holds.

    Raises RecordingError, naming the file and what to do, where it is torn or of another schema.
    """
    try:
        document = json.loads(text)
    except ValueError as error:
        raise RecordingError(
            f"The recording {path} is torn: it is not JSON ({error}). {_mend(path)}"
        ) from None
    schema = document.get("schema") if isinstance(document, dict) else None
    if schema != SCHEMA:
        raise RecordingError(
            f"The recording {path} has schema {schema!r}; this version of pytest-modelpin reads "
            f"schema {SCHEMA}. {_mend(path)}"
        )
    try:
        return Recording(
            test=document["test"],
            version=document["version"],
            recorded=date.fromisoformat(document["recorded"]),
            exchanges=tuple(_read_exchange(entry) for entry in document["exchanges"]),
            answered_by=document.get("answered_by"),
        )
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error) as error:
        raise RecordingError(
            f"The recording {path} is damaged: {type(error).__name__} {error}. {_mend(path)}"
        ) from None


def same_answers(one: Recording, other: Recording) -> bool:
    """Whether two recordings differ in nothing but the day and the seconds that replies took."""
    return (one.test, one.version, one.answered_by, one.exchanges) == (
        other.test,
        other.version,
        other.answered_by,
        other.exchanges,
    )


def settled(exchange: Exchange) -> Exchange:
    """The exchange as it reads after being written, so that what is heard is what is replayed."""
    return _read_exchange(_write_exchange(exchange))


def _mend(path: Path) -> str:
    return (
        f"Restore it from git, or delete it and record it again with "
        f"`pytest --model {path.parent.parent.name} --model-record new` and the test's name."
    )


def _write_exchange(exchange: Exchange) -> dict[str, JSON]:
    return {
        "sample": exchange.sample,
        "request": {
            "method": exchange.request.method,
            "url": exchange.request.url,
            "body": exchange.request.body,
        },
        "response": {
            "status": exchange.response.status,
            "headers": dict(sorted(exchange.response.headers.items())),
            **({} if exchange.response.complete else {"complete": False}),
            **_write_content(exchange.response),
        },
        "asked": exchange.asked,
        "served": exchange.served,
        "seconds": round(exchange.seconds, 3),
    }


def _read_exchange(entry: Mapping[str, Any]) -> Exchange:
    request, response = entry["request"], entry["response"]
    return Exchange(
        request=Request(str(request["method"]), str(request["url"]), request["body"]),
        response=Response(
            status=int(response["status"]),
            headers={str(name): str(value) for name, value in response["headers"].items()},
            content=_read_content(response),
            complete=bool(response.get("complete", True)),
        ),
        asked=str(entry["asked"]),
        served=entry["served"],
        seconds=float(entry["seconds"]),
        sample=int(entry["sample"]),
    )


def _write_content(response: Response) -> dict[str, JSON]:
    """The reply's content in the form that is best to review: JSON, events, text, or bytes."""
    try:
        text = response.content.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(response.content).decode()}
    if response.headers.get("content-type", "").startswith("text/event-stream"):
        return {"events": split_events(text)}
    try:
        return {"body": parse_exactly(text)}
    except ValueError:
        return {"text": text}


def _read_content(response: Mapping[str, Any]) -> bytes:
    if "body" in response:
        return compact(response["body"]).encode()
    if "events" in response:
        return "".join(response["events"]).encode()
    if "text" in response:
        return str(response["text"]).encode()
    return base64.b64decode(response["base64"], validate=True)


def split_events(text: str) -> list[str]:
    """The server-sent events of a stream, each with the blank line that ends it."""
    return re.findall(r".+?(?:\r\n\r\n|\n\n|\r\r|\Z)", text, re.DOTALL)


def compact(value: JSON) -> str:
    """JSON without white space, its fields in their own order. ValueError for a NaN."""
    return _COMPACT.encode(value)


def parse_exactly(text: str) -> JSON:
    """The JSON value of `text`, where writing it again loses nothing but white space.

    Raises ValueError where it would: for a field given twice, a number beyond a float, a NaN, and
    half a character.
    """
    value = json.loads(text, object_pairs_hook=_distinct, parse_constant=_refuse)
    compact(value).encode()  # half a surrogate pair, read from an escape, can't be written
    return value


def _distinct(pairs: list[tuple[str, JSON]]) -> dict[str, JSON]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a field is given twice")
    return fields


def _refuse(constant: str) -> JSON:
    raise ValueError(f"{constant} is not JSON")
