"""A recording, its file and its text: one test's exchanges with one version, as reviewable JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import date
from functools import partial
from math import isfinite
from pathlib import Path
from typing import Any, NamedTuple

from modelpin_runtime.errors import is_conflict_marker
from pytest_modelpin.errors import RecordingError
from pytest_modelpin.files import from_here, names_in, read_bytes, write_atomically
from pytest_modelpin.providers.wire import JSON
from pytest_modelpin.recordings import large_bodies
from pytest_modelpin.recordings.exchange import Exchange, Request, Response
from pytest_modelpin.recordings.large_bodies import LFS_POINTER, Aside, Take
from pytest_modelpin.recordings.reply_content import read_content, write_content

SCHEMA, WITH_FILES = 1, 2
"""Versions of the file's JSON, the second where files lie beside it. A reader refuses any other and
says so.
"""


_DAMAGED = (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError)


class Recording(NamedTuple):
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


def read(path: Path) -> Recording | None:
    """The recording at `path`, None where there is none. Raises RecordingError."""
    try:
        text = read_bytes(path).decode()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise RecordingError(
            f"The recording {path} can't be read: {error}. Restore it from git, or delete it and "
            f"record it again with `--model-record new`."
        ) from None
    return read_recording(text, path)


_HEAD = 4096
"""Bytes; `answered_by` stands before the exchanges."""
_ANSWERED_BY = re.compile(rb'^ "answered_by": "([^"\\]+)",?$', re.MULTILINE)


def answered_by(path: Path) -> str | None:
    """The version that answered in a pin's place, by the first bytes of its recording alone.

    None where the pin answered itself, and where nothing can be read.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD).split(b'\n "exchanges"', 1)[0]
    except OSError:
        return None
    found = _ANSWERED_BY.search(head)
    return found[1].decode("utf-8", "replace") if found else None


def save(path: Path, recording: Recording) -> None:
    """Write a recording in one step, and what is large in it beside it.

    Raises RecordingError where the folder refuses it.
    """
    try:
        aside: Aside = {}
        text = write_recording(recording, aside)
        with (
            large_bodies.beside(path, aside) if aside or _files_lie_beside(path) else nullcontext()
        ):
            write_atomically(path, text.encode())
    except OSError as error:
        raise RecordingError(
            f"The recording {path} can't be written: {error.strerror or error}. Make its folder "
            f"writable, or run with `--model-record none` to replay only."
        ) from None


def remove(path: Path) -> None:
    """Take a recording away, and the folders that it leaves empty. Raises RecordingError."""
    try:
        with large_bodies.beside(path, {}):
            path.unlink(missing_ok=True)
        for folder in (path.parent, path.parent.parent, path.parent.parent.parent):
            if not folder.is_dir() or any(folder.iterdir()):
                return
            folder.rmdir()
    except OSError as error:
        raise RecordingError(
            f"The recording {path} can't be taken away: {error.strerror or error}. Make its folder "
            "writable."
        ) from None


def write_recording(recording: Recording, aside: Aside | None = None) -> str:
    """The file's text. Equal recordings give equal text. `aside` takes what is large in it.

    Raises RecordingError where a request is nested too deep to be written.
    """
    document: dict[str, JSON] = {"schema": SCHEMA, "test": recording.test}
    document["version"] = recording.version
    if recording.answered_by is not None:
        document["answered_by"] = recording.answered_by
    document["recorded"] = recording.recorded.isoformat()
    document["exchanges"] = [_write_said(*said, aside) for said in _said(recording.exchanges)]
    if aside:
        document["schema"] = WITH_FILES
    try:
        text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
        text.encode()
    except UnicodeEncodeError:  # half a surrogate pair in a request can only be written escaped
        return json.dumps(document, indent=1) + "\n"
    except RecursionError:
        raise RecordingError(
            f"What {recording.test} asked {recording.version} can't be recorded: a request is "
            f"nested deeper than Python writes JSON. Nest it less, or keep the test from asking "
            f"a model."
        ) from None
    return text


def read_recording(text: str, path: Path, take: Take | None = None) -> Recording:
    """The recording that `text`, found at `path`, holds. `take` gives what lies beside it.

    Raises RecordingError, naming the file and what to do, where it is torn or of another schema.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        if text.startswith(LFS_POINTER.decode()):
            raise RecordingError(
                f"The recording {path} is a pointer of Git LFS, and what it points to is not here: "
                "`git lfs pull` brings it, in a workflow `lfs: true` below actions/checkout. Git "
                "alone keeps recordings by a line in .gitattributes: `**/__recordings__/** -filter`"
                ", and then `git add --renormalize .`."
            ) from None
        lines = enumerate(text.splitlines(), 1)
        if number := next((n for n, line in lines if is_conflict_marker(line)), None):
            import shlex  # for a conflict alone

            quoted = shlex.quote(from_here(path))
            raise RecordingError(
                f"The recording {path} is in conflict: line {number} is a merge conflict marker. "
                f"Take one side whole, with `git checkout --ours {quoted}` or "
                f"`--theirs`, and record what it lacks with `{_record(path)}` and the test's name."
            ) from None
        raise RecordingError(
            f"The recording {path} is torn: it is not JSON ({error}). {_mend(path)}"
        ) from None
    schema = document.get("schema") if isinstance(document, dict) else None
    if schema not in (SCHEMA, WITH_FILES):
        newer = isinstance(schema, int) and schema > WITH_FILES
        raise RecordingError(
            f"The recording {path} has schema {schema!r}; this version of pytest-modelpin reads "
            f"schemas {SCHEMA} and {WITH_FILES}. "
            + (
                "A newer one wrote it: run `pip install --upgrade pytest-modelpin`."
                if newer
                else _mend(path)
            )
        )
    try:
        return Recording(
            test=_text(document["test"]),
            version=_text(document["version"]),
            recorded=date.fromisoformat(document["recorded"]),
            exchanges=_read_all(document["exchanges"], take or partial(large_bodies.take, path)),
            answered_by=_text(document.get("answered_by"), str | None),
        )
    except _DAMAGED as error:
        amiss = f"lacks the key {error}" if isinstance(error, KeyError) else f"is damaged: {error}"
        raise RecordingError(f"The recording {path} {amiss}. {_mend(path)}") from None


def same_answers(one: Recording, other: Recording) -> bool:
    """Whether two recordings differ in nothing but the day and the seconds that replies took."""
    if (one.test, one.version, one.answered_by) != (other.test, other.version, other.answered_by):
        return False
    return in_order(one.exchanges) == in_order(other.exchanges)


def grown(there: Recording | None, more: Recording) -> Recording | None:
    """A recording with what another one of the same test and version holds beyond it; None where
    that is nothing.
    """
    known = there.exchanges if there else ()
    new = [each for each in more.exchanges if each not in known]
    return more._replace(exchanges=in_order((*known, *new))) if new else None


def in_order(exchanges: Iterable[Exchange]) -> tuple[Exchange, ...]:
    """Sample by sample, each in the order in which it asked."""
    return tuple(sorted(exchanges, key=lambda exchange: exchange.sample))


def _files_lie_beside(path: Path) -> bool:
    """Whether there are large bodies in its folder, of which some may be its own."""
    return any(name.endswith(large_bodies.SUFFIX) for name in names_in(path.parent))


def _mend(path: Path) -> str:
    return (
        f"Restore it from git, or delete it and record it again with `{_record(path)}` and the "
        "test's name."
    )


def _record(path: Path) -> str:
    return f"pytest --model {path.parent.parent.name} --model-record new"


def _said(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, list[Exchange]]]:
    """Each exchange, with those of later samples that are the same; they are written once.

    Only whole samples are taken together: what a sample hears stays in the order of its requests.
    """
    if tuple(exchanges) != in_order(exchanges):  # they are read in order of sample
        yield from ((exchange, []) for exchange in exchanges)
        return
    samples: dict[int, list[Exchange]] = {}
    for exchange in exchanges:
        samples.setdefault(exchange.sample, []).append(exchange)
    twins: dict[int, list[list[Exchange]]] = {}
    firsts: list[int] = []
    for sample, each in samples.items():
        as_written = [(first, [replace(one, sample=first) for one in each]) for first in firsts]
        first = next((first for first, same in as_written if same == samples[first]), None)
        if first is None:
            firsts.append(sample)
        else:
            twins.setdefault(first, []).append(each)
    places = {first: iter(range(len(samples[first]))) for first in firsts}
    for exchange in exchanges:
        if exchange.sample in places:
            place = next(places[exchange.sample])
            yield exchange, [twin[place] for twin in twins.get(exchange.sample, ())]


def _write_said(
    exchange: Exchange, same: Sequence[Exchange], aside: Aside | None
) -> dict[str, JSON]:
    entry = _write_exchange(exchange, aside)
    if same:
        entry["also"] = {str(each.sample): round(each.seconds, 3) for each in same}
    return entry


def _read_all(entries: Sequence[Mapping[str, Any]], take: Take) -> tuple[Exchange, ...]:
    """Each exchange; where some are written once for several samples, sample by sample."""
    found: list[Exchange] = []
    for entry in entries:
        found.append(_read_exchange(entry, take))
        for sample, seconds in entry.get("also", {}).items():
            found.append(replace(found[-1], sample=int(sample), seconds=_finite(seconds)))
    return tuple(found) if len(found) == len(entries) else in_order(found)


def _write_exchange(exchange: Exchange, aside: Aside | None = None) -> dict[str, JSON]:
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
            **write_content(exchange.response, aside),
        },
        "asked": exchange.asked,
        "served": exchange.served,
        "seconds": round(exchange.seconds, 3),
    }


def _read_exchange(entry: Mapping[str, Any], take: Take) -> Exchange:
    request, response = entry["request"], entry["response"]
    return Exchange(
        request=Request(str(request["method"]), str(request["url"]), request["body"]),
        response=Response(
            status=int(response["status"]),
            headers={str(name): str(value) for name, value in response["headers"].items()},
            content=read_content(response, take),
            complete=bool(response.get("complete", True)),
        ),
        asked=str(entry["asked"]),
        served=_text(entry["served"], str | None),
        seconds=_finite(entry["seconds"]),
        sample=int(entry["sample"]),
    )


def _text(value: Any, kind: Any = str) -> Any:
    if not isinstance(value, kind):
        raise TypeError(f"{value!r:.60} stands where a text has to")
    return value


def _finite(number: Any) -> float:
    if not isfinite(number):
        raise ValueError(f"{number} seconds")
    return float(number)
