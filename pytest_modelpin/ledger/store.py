"""What every place that keeps a ledger offers, and the place on disk: a folder with one file a
logical model, safe under kill -9 and two writers at once.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from pytest_modelpin.errors import LedgerError
from pytest_modelpin.files import is_temporary, safe_name
from pytest_modelpin.ledger.decision import Decision, read_decisions
from pytest_modelpin.ledger.lines import (
    Night,
    StageEvidence,
    complete,
    night_line,
    read_stages,
    to_line,
)
from pytest_modelpin.ledger.nights import Nights
from pytest_modelpin.locks import locked


class Ledger(Protocol):
    """Nights and decisions by logical name, append-only."""

    def read(self, name: str) -> Sequence[Night]:
        """All nights of a logical model, oldest first; empty where there are none.

        Raises LedgerError where the ledger can't be read.
        """

    def append(self, night: Night) -> None:
        """Keep a night. A night that is there already, to the byte, is not kept twice.

        Raises LedgerError where the ledger can't be written.
        """

    def names(self) -> tuple[str, ...]:
        """The logical models that have nights, sorted."""

    def decisions(self, name: str) -> tuple[Decision, ...]:
        """What was decided about versions of a logical model, oldest first."""

    def decide(self, decision: Decision) -> None:
        """Keep a decision; one that is there already, to the byte, is not kept twice."""

    def stages(self, name: str) -> tuple[StageEvidence, ...]:
        """What shadow and canary said of versions of a logical model, oldest first."""

    def add_stage(self, evidence: StageEvidence) -> None:
        """Keep what a stage said; what is there already, to the byte, is not kept twice."""


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


class FolderLedger:
    """The ledger in `path`, which is made on the first append."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self, name: str) -> Sequence[Night]:
        """See Ledger."""
        file = self.path / nights_file(name)
        return Nights(_content(file), str(file))

    def append(self, night: Night) -> None:
        """See Ledger."""
        _append(self.path / nights_file(night.name), night_line(night))

    def names(self) -> tuple[str, ...]:
        """See Ledger."""
        files = [
            Nights(_content(file), str(file))
            for file in self.path.glob("*.jsonl")
            if not is_temporary(file.name)
        ]
        return tuple(sorted({nights[0].name for nights in files if nights}))

    def decisions(self, name: str) -> tuple[Decision, ...]:
        """See Ledger."""
        file = self.path / decisions_file(name)
        return read_decisions(_content(file), str(file))

    def decide(self, decision: Decision) -> None:
        """See Ledger."""
        _append(self.path / decisions_file(decision.name), to_line(decision))

    def stages(self, name: str) -> tuple[StageEvidence, ...]:
        """See Ledger."""
        file = self.path / stages_file(name)
        return read_stages(_content(file), str(file))

    def add_stage(self, evidence: StageEvidence) -> None:
        """See Ledger."""
        _append(self.path / stages_file(evidence.name), to_line(evidence))


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise LedgerError(f"The ledger {file} can't be read: {error.strerror}.") from None


def _append(file: Path, line: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        # Unbuffered, so that what is written is in the file before the lock is given up.
        with file.open("a+b", buffering=0) as handle, locked(handle.fileno()):
            handle.seek(0)
            content = handle.readall()
            new = addition(content, line)
            if new is None:
                return
            stays, follows = new
            if stays < len(content):
                handle.truncate(stays)
            handle.write(follows)
            os.fsync(handle.fileno())
    except OSError as error:
        raise LedgerError(
            f"The ledger {file} can't be written: {error.strerror}. "
            "Check the folder's permissions, or name another with --ledger."
        ) from None
