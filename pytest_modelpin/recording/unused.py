"""Recorded exchanges that nothing asks for any more, and recordings of tests that are gone.

Only recordings of the versions in force are ever looked at: those of another selection can't be
judged by this run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pytest_modelpin.files import safe_name
from pytest_modelpin.recording.exchange import Exchange
from pytest_modelpin.recording.owner import Owner
from pytest_modelpin.recording.recordings import FOLDER, Recordings, read, save
from pytest_modelpin.recording.tape import Tape


@dataclass(frozen=True, slots=True)
class Unused:
    """A recording with exchanges that its test did not ask for."""

    path: Path
    exchanges: tuple[int, ...]
    """Their indexes in the file."""
    total: int
    """How many exchanges the file holds."""


def unused_exchanges(
    tapes: Iterable[Tape],
    versions: Collection[str],
    recordings: Recordings,
    key: Callable[[Exchange], str | None],
) -> tuple[Unused, ...]:
    """What finished tests left unasked in their own recordings of `versions`.

    Exchanges of samples that did not run are left out. Only tapes of tests that passed tell
    anything: a test that failed may have stopped before it asked. `key` is the interceptor's.
    Raises RecordingError.
    """
    heard: dict[Owner, list[Tape]] = {}
    for tape in tapes:
        heard.setdefault(tape.owner, []).append(tape)
    found = []
    for owner, own in heard.items():
        for version in versions:
            path = recordings.path(owner, version)
            recording = read(path)
            if recording is None:
                continue
            unasked = _unasked(recording.exchanges, own, version, key)
            if unasked:
                found.append(Unused(path, unasked, len(recording.exchanges)))
    return tuple(found)


def orphans(
    owners: Iterable[Owner], modules: Iterable[tuple[Path, str]], versions: Collection[str]
) -> tuple[Path, ...]:
    """Recordings of `versions` whose test is not among `owners`, in `modules` (folder, stem).

    `modules` are those that were collected whole, so that a missing test is a test that is gone;
    `owners` are all of their tests and fixtures, whether they ran or not.
    """
    known = {(owner.folder, owner.module, f"{safe_name(owner.name)}.json") for owner in owners}
    return tuple(
        path
        for folder, module in sorted(set(modules))
        for version in sorted(set(versions))
        for path in sorted(
            (folder / FOLDER / safe_name(version) / safe_name(module)).glob("*.json")
        )
        if (folder, module, path.name) not in known
    )


def remove(unused: Iterable[Unused] = (), orphans: Iterable[Path] = ()) -> None:
    """Take unused exchanges out of their files, and delete orphans and emptied files and folders.

    Raises RecordingError.
    """
    for entry in unused:
        recording = read(entry.path)
        if recording is None:
            continue
        kept = tuple(
            exchange
            for index, exchange in enumerate(recording.exchanges)
            if index not in entry.exchanges
        )
        if kept:
            save(entry.path, replace(recording, exchanges=kept))
        else:
            _delete(entry.path)
    for path in orphans:
        _delete(path)


def _unasked(
    recorded: Sequence[Exchange],
    tapes: Sequence[Tape],
    version: str,
    key: Callable[[Exchange], str | None],
) -> tuple[int, ...]:
    asked = Counter(
        (tape.sample, call.fingerprint)
        for tape in tapes
        for call in tape.calls
        if call.version == version
    )
    samples = {tape.sample for tape in tapes}
    unasked = []
    for index, exchange in enumerate(recorded):
        name = (exchange.sample, key(exchange) or "")
        if exchange.sample in samples and not asked[name]:
            unasked.append(index)
        asked[name] -= asked[name] > 0
    return tuple(unasked)


def _delete(path: Path) -> None:
    path.unlink(missing_ok=True)
    for folder in (path.parent, path.parent.parent, path.parent.parent.parent):
        try:
            folder.rmdir()
        except OSError:  # not empty
            return
