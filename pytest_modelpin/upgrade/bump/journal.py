"""The journal of a pin's move: what a killed move had done is undone or finished by the next run.

A move touches many files: accepted answers, recordings, code, models.yml. Before the first of them
changes, all that the move replaces is written to `.pytest_modelpin/move.json`; once plain `pytest`
has passed, the journal says so, and only what is left over goes; then the journal goes. A run that
finds one knows which of the two it has to do.
"""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, cast

from pytest_modelpin.errors import UpgradeError
from pytest_modelpin.files import (
    MOVE_JOURNAL,
    OWN_FOLDER,
    relative_path,
    write_atomically,
)
from pytest_modelpin.locks import lock_file
from pytest_modelpin.typed_json import Misfit, Readers, misfit, plain_reader, whole_json
from pytest_modelpin.upgrade.bump.version_files import answers, remove_recordings
from pytest_modelpin.upgrade.git import git

_LOCK = "move.lock"
_SCHEMA = 1
_PATIENCE = 120.0
"""Seconds to wait for another move, or for the tests that a killed one has left running."""

Kind = Literal["promote", "rollback"]


@dataclass(frozen=True, slots=True)
class JournalledMove:
    """A move of a pin as its journal has it. Paths are relative to the folder that is tested."""

    kind: Kind
    name: str
    old: str
    new: str
    before: Mapping[str, bytes]
    """What the files held that the move replaces."""
    written: Mapping[str, bytes]
    """What the move puts into some of them, as far as that was known before."""
    comes: tuple[str, ...] = ()
    """Files that the move makes."""
    goes: str | None = None
    """The version whose recordings go once the tests have passed."""
    head: str = ""
    """The commit that was checked out; empty outside of git."""
    passed: bool = False
    """Whether plain `pytest` has passed with all of it."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """A move that was broken off, and what became of it."""

    move: JournalledMove
    finished: bool
    """False where it was undone."""
    sentence: str


@contextmanager
def one_move_at_a_time(root: Path) -> Iterator[int]:
    """Nobody else moves a pin below `root` meanwhile; gives the descriptor that holds the lock.

    Raises UpgradeError where somebody else does so for too long, or nothing can be written there.
    """
    try:
        (root / OWN_FOLDER).mkdir(parents=True, exist_ok=True)
        with lock_file(root / OWN_FOLDER / _LOCK, patience=_PATIENCE) as held:
            if held is None:
                raise UpgradeError(
                    f"Another process has been moving a pin in {root} for {_PATIENCE:.0f} seconds. "
                    "Wait until it is done, or end it; then run this again."
                )
            yield held
    except OSError as error:
        raise _unwritable(error) from None


def put_right(root: Path) -> Recovered | None:
    """As `recover`, for whoever moves nothing: the lock is taken only where there is a journal."""
    if not (root / MOVE_JOURNAL).exists():
        return None
    with one_move_at_a_time(root):
        return recover(root)


def half_done(root: Path) -> tuple[str, str] | None:
    """What is to be said of a move that was broken off, and its cure; None where none was, or it is
    still under way.

    Nothing is put right. Raises UpgradeError where the journal can't be read.
    """
    if not (root / MOVE_JOURNAL).exists():
        return None
    with suppress(OSError), lock_file(root / OWN_FOLDER / _LOCK) as held:  # or a read-only folder
        if held is None:
            return None
    move = _read(root)
    if move is None:
        return None
    said = f"a move of {move.name} to {move.new} was broken off: until it is undone, tests may fail"
    cure = (
        f"Run `pytest-modelpin {move.kind} {move.name}` again: it undoes, or finishes, that first."
    )
    return said, cure


def recover(root: Path) -> Recovered | None:
    """Undo or finish the move that was broken off below `root`; None where there is none.

    To be called with the lock of `one_move_at_a_time`. Raises UpgradeError where the journal can't
    be read, or a file can't be put back.
    """
    move = _read(root)
    if move is None:
        return None
    try:
        if move.passed:
            finish(root, move)
            said = f"The move of {move.name} to {move.new} that was broken off is finished now."
            return Recovered(move, True, said)
        if move.head != _head(root):
            _forget(root)
            raise UpgradeError(
                f"A move of {move.name} from {move.old} to {move.new} was broken off here, and "
                "something was committed or checked out since, so nothing is put back. See "
                "whether `git status` shows what you expect, then run this again."
            )
        left = _undo(root, move)
    except OSError as error:
        raise _unwritable(error) from None
    said = f"A move of {move.name} to {move.new} that was broken off was undone first."
    if left:
        said += f" Changed since and left as they are: {', '.join(left)}."
    return Recovered(move, False, said)


@contextmanager
def journalled(root: Path, move: JournalledMove) -> Iterator[Callable[[Iterable[Path]], None]]:
    """Run the block as one step: a failure puts back what it changed, a kill leaves the journal.

    `move.before` must hold all that the block replaces; what turns out later is given to the
    function that comes, before it changes. The block ends with the tests passed; what `move.goes`
    names is removed behind it. Raises UpgradeError where a file can't be written.
    """
    move = replace(move, head=_head(root))

    def before_changing(paths: Iterable[Path]) -> None:
        nonlocal move
        held = contents(root, paths)
        more = {name: held[name] for name in held.keys() - {*move.before, *move.comes}}
        move = replace(move, before={**move.before, **more})
        _write(root, move)

    try:
        _write(root, move)
        try:
            yield before_changing
            _write(root, replace(move, passed=True))
        except BaseException:
            _undo(root, move)
            raise
        finish(root, move)
    except OSError as error:
        raise _unwritable(error) from None


def finish(root: Path, move: JournalledMove) -> None:
    """What is left to do once the tests have passed; doing it twice does no harm."""
    if move.goes is not None:
        remove_recordings(root, move.goes)
    _forget(root)


def contents(root: Path, paths: Iterable[Path]) -> dict[str, bytes]:
    """What files hold, by their path from `root`."""
    return {relative_path(path, root): path.read_bytes() for path in paths}


def rewrite(path: Path, content: bytes) -> None:
    """Replace a file in one step; its byte code, if it has any, must not be taken for its own.

    Python tells stale byte code by a source's size and its time in whole seconds. Two ids are
    often equally long, and the tests ran this very second: the time has to move on.
    """
    there = path.stat() if path.exists() else None
    write_atomically(path.resolve(), content)
    if there is None:
        return
    path.chmod(there.st_mode & 0o7777)
    after = path.stat().st_mtime
    if int(after) == int(there.st_mtime):
        os.utime(path, (after, int(there.st_mtime) + 1))


def _undo(root: Path, move: JournalledMove) -> list[str]:
    """Put back what the move replaced; gives the files that somebody has changed since."""
    left = []
    for name in move.comes:
        path = root / name
        path.unlink(missing_ok=True)
        with suppress(OSError):  # not empty, or never made
            for folder in list(path.parents)[:3]:
                folder.rmdir()
    for path in answers(root):
        if relative_path(path, root) not in move.before:
            path.unlink()
    for name, content in move.before.items():
        path = root / name
        found = path.read_bytes() if path.exists() else None
        if found == content:
            continue
        if found is not None and name in move.written and found != move.written[name]:
            left.append(name)
            continue
        rewrite(path, content)
    _forget(root)
    return left


def _head(root: Path) -> str:
    try:
        return git(root, "rev-parse", "--verify", "HEAD").strip()
    except UpgradeError:
        return ""


def _write(root: Path, move: JournalledMove) -> None:
    content = {
        "schema": _SCHEMA,
        "kind": move.kind,
        "name": move.name,
        "old": move.old,
        "new": move.new,
        "head": move.head,
        "passed": move.passed,
        "goes": move.goes,
        "comes": move.comes,
        "before": _coded(move.before),
        "written": _coded(move.written),
    }
    write_atomically(root / MOVE_JOURNAL, json.dumps(content, indent=1).encode())


def _read(root: Path) -> JournalledMove | None:
    path = root / MOVE_JOURNAL
    try:
        content = whole_json(path.read_bytes())
        if plain_reader(_OfSchema)(content).schema != _SCHEMA:
            raise Misfit("of another schema", f"of schema {_SCHEMA}")
        move = cast(JournalledMove, _READERS.of(JournalledMove)(content))
        for name in (*move.comes, *move.before, *move.written):
            if "\0" in name or re.search("[\ud800-\udc7f\udd00-\udfff]", name):
                raise misfit(name, "the path of a file")
        return move
    except FileNotFoundError:
        return None
    except Misfit as found:
        raise UpgradeError(
            f"{path} tells of a move that was broken off, but can't be read: {found}. See what "
            "`git status` shows, put it right, and delete that file."
        ) from None


@dataclass(frozen=True, slots=True)
class _OfSchema:
    """How to read the file."""

    schema: int


def _decoded(value: Any) -> bytes:
    try:
        return base64.b64decode(plain_reader(str)(value), validate=True)
    except Misfit:
        raise
    except ValueError:
        raise misfit(value, "base64") from None


_READERS = Readers({JournalledMove: ()}, {bytes: _decoded})
"""Of a journal nothing may lack: what it does not name would not be put back."""


def _forget(root: Path) -> None:
    (root / MOVE_JOURNAL).unlink(missing_ok=True)


def _coded(files: Mapping[str, bytes]) -> dict[str, str]:
    return {name: base64.b64encode(content).decode() for name, content in files.items()}


def _unwritable(error: OSError) -> UpgradeError:
    place = f"{error.filename} " if error.filename else "A file "
    return UpgradeError(
        f"{place}can't be written ({error.strerror or error}), so the pin was not moved. Make room "
        "or make it writable, then run this again: it begins by putting back whatever was changed."
    )
