"""What every place that keeps a ledger offers, and the two that there are.

On disk it is a folder with one file a logical model, safe under kill -9 and two writers at once; on
GitHub a branch of the repository, written by compare-and-swap.
"""

from __future__ import annotations

import base64
import os
import random
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from io import FileIO
from pathlib import Path

from pytest_modelpin.errors import ForgeError, LedgerError
from pytest_modelpin.files import plain_content, safe_name
from pytest_modelpin.forge import Forge
from pytest_modelpin.forge.branches import (
    advance,
    commit_files,
    commit_tree,
    head_of,
    is_ruled,
    read_commit,
)
from pytest_modelpin.forge.errors import Limited, Moved, is_outage
from pytest_modelpin.ledger import (
    Night,
    StageEvidence,
    complete,
    night_line,
    read_stages,
    to_line,
)
from pytest_modelpin.ledger.decision import Decision, read_decisions
from pytest_modelpin.ledger.nights import Nights
from pytest_modelpin.locks import locked


class Ledger(ABC):
    """Nights, decisions and what later stages said, by logical name; append-only."""

    def read(self, name: str) -> Sequence[Night]:
        """All nights of a logical model, oldest first; empty where there are none.

        Raises LedgerError where the ledger can't be read.
        """
        return Nights(*self._file(nights_file(name)))

    def append(self, night: Night) -> None:
        """Keep a night. A night that is there already, to the byte, is not kept twice.

        Raises LedgerError where the ledger can't be written.
        """
        message = f"{night.name}: {night.colour} on {night.day}"
        self._append(nights_file(night.name), night_line(night), message)

    @abstractmethod
    def expect(self, name: str) -> None:
        """Find out whether a night of this logical model could be kept, before it is paid for.

        Raises ModelpinError where it could not.
        """

    def names(self) -> tuple[str, ...]:
        """The logical models that have nights, sorted."""
        files = [Nights(*self._file(path)) for path in self._paths() if path.endswith(".jsonl")]
        return tuple(sorted({nights[0].name for nights in files if nights}))

    def decisions(self, name: str) -> tuple[Decision, ...]:
        """What was decided about versions of a logical model, oldest first."""
        return read_decisions(*self._file(decisions_file(name)))

    def decide(self, decision: Decision) -> None:
        """Keep a decision; one that is there already, to the byte, is not kept twice."""
        message = f"{decision.name}: {decision.because}"
        self._append(decisions_file(decision.name), to_line(decision), message)

    def stages(self, name: str) -> tuple[StageEvidence, ...]:
        """What shadow and canary said of versions of a logical model, oldest first."""
        return read_stages(*self._file(stages_file(name)))

    def add_stage(self, evidence: StageEvidence) -> None:
        """Keep what a stage said; what is there already, to the byte, is not kept twice."""
        message = f"{evidence.name}: {evidence.stage} of {evidence.version} {evidence.colour}"
        self._append(stages_file(evidence.name), to_line(evidence), message)

    @abstractmethod
    def _file(self, path: str) -> tuple[bytes, str]:
        """A file's content, empty where there is none, and what errors call the file."""

    @abstractmethod
    def _paths(self) -> Iterable[str]:
        """The names of the files in the ledger's own folder."""

    @abstractmethod
    def _append(self, path: str, line: str, message: str) -> None:
        """Add the line, unless it is there; `message` says in one line what it is."""


def nights_file(name: str) -> str:
    """Where the nights of a logical model are, relative to the ledger, with `/`."""
    return f"{safe_name(name)}.jsonl"


def decisions_file(name: str) -> str:
    """Where the decisions about a logical model are: a folder keeps them from being a model."""
    return f"decisions/{safe_name(name)}.jsonl"


def stages_file(name: str) -> str:
    """Where the evidence of later stages is."""
    return f"stages/{safe_name(name)}.jsonl"


def addition(content: bytes, line: str) -> tuple[int, bytes] | None:
    """What one more line does to a ledger file: how many bytes stay, and which follow.

    None where the file holds that very line already. A torn last line does not stay: it was
    never whole, and a line behind it would be torn too.
    """
    stays = complete(content)
    whole = content[:stays]
    encoded = line.encode("utf-8") + b"\n"
    if whole and not whole.endswith(b"\n"):
        encoded = b"\n" + encoded
        whole += b"\n"
    if (b"\n" + line.encode("utf-8") + b"\n") in (b"\n" + whole):
        return None
    return stays, encoded


class FolderLedger(Ledger):
    """The ledger in `path`, which is made on the first append."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def expect(self, name: str) -> None:
        """As a night would: by opening its file, or where there is none by making one."""
        file = self.path / nights_file(name)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            if file.exists():
                file.open("ab").close()
            else:
                tempfile.TemporaryFile(dir=file.parent).close()
        except OSError as error:
            raise _unwritable(file, error) from None

    def _file(self, path: str) -> tuple[bytes, str]:
        file = self.path / path
        try:
            return plain_content(file) or b"", str(file)
        except OSError as error:
            raise LedgerError(f"The ledger {file} can't be read: {error.strerror}.") from None

    def _paths(self) -> Iterable[str]:
        return (file.name for file in self.path.glob("*.jsonl"))

    def _append(self, path: str, line: str, message: str) -> None:
        file = self.path / path
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            # Unbuffered, so that what is written is in the file before the lock is given up.
            with file.open("a+b", buffering=0) as handle, locked(handle.fileno()):
                handle.seek(0)
                content = handle.readall()
                new = addition(content, line)
                if new is None:
                    return
                _put(handle, *new)
        except OSError as error:
            raise _unwritable(file, error) from None


def _unwritable(file: Path, error: OSError) -> LedgerError:
    return LedgerError(
        f"The ledger {file} can't be written: {error.strerror}. "
        "Check the folder's permissions, or name another with --ledger."
    )


def _put(file: FileIO, stays: int, follows: bytes) -> None:
    """Have `follows` behind the first `stays` bytes, all of it or nothing. Raises OSError."""
    file.truncate(stays)
    try:
        left = memoryview(follows)
        while left:  # a disk that is nearly full takes a part, and calls that no error
            left = left[file.write(left) :]
        os.fsync(file.fileno())
    except OSError:
        with suppress(OSError):
            file.truncate(stays)
        raise


BRANCH = "modelpin-ledger"

_ATTEMPTS = 8
_LONGEST_PAUSE = 64.0  # seconds, between two attempts while GitHub has trouble
_PATIENCE = 900.0  # seconds that a line waits for a rate limit to end: what it says is paid for
_README = """\
# The ledger of pytest-modelpin

One file a logical model, one night a line, append-only. It shares no history with the code.
Nothing here is meant to be edited or merged.
"""


@dataclass(frozen=True, slots=True)
class _State:
    """What the branch held when it was read."""

    head: str | None
    tree: str | None
    blobs: Mapping[str, str]
    """By path."""


class BranchLedger(Ledger):
    """The ledger on the branch `modelpin-ledger`, which is made on the first append.

    The branch is read once and then only when somebody else has moved it: an append commits on
    top of what was read, and GitHub refuses the move where that is no longer the head.
    """

    def __init__(self, forge: Forge, sleep: Callable[[float], None] = time.sleep) -> None:
        self._forge = forge
        self._sleep = sleep
        self._state: _State | None = None
        self._contents: dict[str, bytes] = {}
        self._expected = False

    def _file(self, path: str) -> tuple[bytes, str]:
        return self._content(path), f"{BRANCH}:{path}"

    def _paths(self) -> Iterable[str]:
        return (path for path in self._read().blobs if "/" not in path)

    def expect(self, name: str) -> None:
        """As a night would, by a commit without a change; once for all models.

        One that no branch points to tells whether the token may write; a rule speaks up only where
        the branch moves. Without a branch, the first night's is made.
        """
        if not self._expected:
            self._written(self._expect)
            self._expected = True

    def _expect(self) -> None:
        state = self._read()
        if state.head is None or state.tree is None:
            self._write({}, "The ledger begins")
            return
        made = commit_tree(self._forge, state.tree, message="A night begins", parents=[state.head])
        if is_ruled(self._forge, BRANCH):
            advance(self._forge, BRANCH, state.head, made.sha)
            self._state = replace(state, head=made.sha)

    def _append(self, path: str, line: str, message: str) -> None:
        def write() -> None:
            content = self._content(path)
            new = addition(content, line)
            if new is not None:
                stays, follows = new
                self._write({path: content[:stays] + follows}, message)

        self._written(write)

    def _written(self, write: Callable[[], None]) -> None:
        """Do it, again where somebody else was faster or GitHub has trouble.

        Raises LedgerError where that was no use, and what GitHub refuses for good.
        """
        patience = _PATIENCE
        for attempt in range(_ATTEMPTS):
            try:
                write()
                return
            except ForgeError as error:
                pause = _pause(error, attempt)
                if pause is None or pause > patience:
                    raise
                failure = error
            # Either somebody else was faster, or the answer was lost and the line may be there:
            # both are seen by reading again.
            self._state, self._contents = None, {}
            patience -= pause
            self._sleep(pause)
        raise LedgerError(
            f"The branch {BRANCH} could not be written in {_ATTEMPTS} attempts: {failure} What was "
            "to be kept is not in the ledger: run again."
        )

    def _write(self, new: Mapping[str, bytes], message: str) -> None:
        state = self._read()
        files = dict(new)
        if state.head is None:
            files["README.md"] = _README.encode()
        made = commit_files(
            self._forge,
            files,
            message=message,
            parents=[state.head] if state.head else [],
            tree=state.tree,
        )
        advance(self._forge, BRANCH, state.head, made.sha)
        # What was just written need not be read: the blob's id stands for "in the cache".
        self._state = _State(made.sha, made.tree, dict(state.blobs) | dict.fromkeys(files, ""))
        self._contents |= files

    def _read(self) -> _State:
        if self._state is None:
            head = head_of(self._forge, BRANCH)
            if head is None:
                self._state = _State(None, None, {})
            else:
                tree = read_commit(self._forge, head).tree
                listed = self._forge.get(f"/git/trees/{tree}", recursive=1)["tree"]
                blobs = {item["path"]: item["sha"] for item in listed if item["type"] == "blob"}
                self._state = _State(head, tree, blobs)
        return self._state

    def _content(self, path: str) -> bytes:
        blobs = self._read().blobs
        if path not in blobs:
            return b""
        if path not in self._contents:
            found = self._forge.get(f"/git/blobs/{blobs[path]}")
            self._contents[path] = base64.b64decode(found["content"])
        return self._contents[path]


def _pause(error: ForgeError, attempt: int) -> float | None:
    """Seconds to wait before the next attempt; None where none is any use."""
    if isinstance(error, Limited):
        return error.wait
    if is_outage(error):
        return min(2.0 ** (attempt + 1), _LONGEST_PAUSE)
    # Two nights that collide once would collide again without chance.
    return random.uniform(0.1, 0.5) * 2**attempt if isinstance(error, Moved) else None  # noqa: S311
