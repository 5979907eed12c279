"""What a person decided about a version: not wanted, or wanted after all."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from pytest_modelpin.errors import LedgerError
from pytest_modelpin.ledger.lines import SCHEMA, records


@dataclass(frozen=True, slots=True)
class Decision:
    """One line of `decisions/<name>.jsonl`: the last one about a version holds."""

    name: str
    version: str
    wanted: Literal["no", "yes", "accepted"]
    """`accepted`: what changed in the answers of `cases` is wanted, and holds for this version."""
    because: str
    """For a person, and for telling one decision from another: `closed #12 unmerged`,
    `rolled back on 2026-11-20`, `ticked on the dashboard`."""
    at: str = ""
    """ISO 8601, UTC."""
    schema: int = SCHEMA
    cases: tuple[str, ...] = ()
    """Case ids; none stands for every case."""
    who: str = ""


def unwanted(decisions: Iterable[Decision]) -> dict[str, Decision]:
    """By version: the decision that keeps it from being proposed; `decisions` oldest first."""
    last = {decision.version: decision for decision in decisions if decision.wanted != "accepted"}
    return {version: decision for version, decision in last.items() if decision.wanted == "no"}


def accepted_cases(decisions: Iterable[Decision], version: str | None) -> frozenset[str]:
    """The cases whose changes in this version a person has accepted; `*` stands for every one."""
    return frozenset(
        case
        for decision in decisions
        if decision.wanted == "accepted" and decision.version == version
        for case in (decision.cases or ("*",))
    )


def read_decisions(content: bytes, where: str) -> tuple[Decision, ...]:
    """The decisions of a file, in the order they were taken; a torn last line is passed over.

    Raises LedgerError where another line is torn or of a later schema.
    """
    return tuple(_decision(record, place) for record, place in records(content, where))


def _decision(content: dict[str, object], place: str) -> Decision:
    known = {field.name for field in dataclasses.fields(Decision)}
    try:
        given: dict[str, Any] = {key: value for key, value in content.items() if key in known}
        return Decision(**given | {"cases": tuple(given.get("cases", ()))})
    except TypeError as error:
        raise LedgerError(f"{place} is not a decision: {error}.") from None
