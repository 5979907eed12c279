"""What every place that keeps a ledger offers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pytest_modelpin.files import safe_name
from pytest_modelpin.ledger.decision import Decision
from pytest_modelpin.ledger.night import Night
from pytest_modelpin.ledger.nights import complete


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


def nights_file(name: str) -> str:
    """Where the nights of a logical model are, relative to the ledger, with `/`."""
    return f"{safe_name(name)}.jsonl"


def decisions_file(name: str) -> str:
    """Where the decisions about a logical model are: a folder keeps them from being a model."""
    return f"decisions/{safe_name(name)}.jsonl"


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
