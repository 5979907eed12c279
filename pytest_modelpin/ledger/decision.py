"""What a person decided about a version: unwanted, wanted after all, or its changes accepted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from pytest_modelpin.clock import utc_text
from pytest_modelpin.errors import LedgerError
from pytest_modelpin.ledger import SCHEMA, Night, record_of, records
from pytest_modelpin.ledger.nights import last_of_each_day

if TYPE_CHECKING:
    from pytest_modelpin.ledger.store import Ledger


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


def accepted_since(decisions: Iterable[Decision], night: Night) -> frozenset[str]:
    """The cases whose changes a person has accepted after this night, in the version it asked."""
    before = _instant(night.at)
    later = (decision for decision in decisions if _instant(decision.at) >= before)
    return accepted_cases(later, night.served)


def decided_since(decisions: Iterable[Decision], version: str, night: Night) -> bool:
    """Whether anybody has decided anything about a version after this night."""
    return any(
        decision.version == version and _instant(decision.at) >= _instant(night.at)
        for decision in decisions
    )


def _instant(at: str) -> datetime:
    """When something was written down; long ago where that is not known."""
    try:
        read = datetime.fromisoformat(at)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def read_decisions(content: bytes, where: str) -> tuple[Decision, ...]:
    """The decisions of a file, in the order they were taken; a torn last line is passed over.

    Raises LedgerError where another line is torn or of a later schema.
    """
    return tuple(
        record_of(record, Decision, f"{place} is not a decision")
        for record, place in records(content, where)
    )


def changed_cases(
    nights: Sequence[Night], decisions: Sequence[Decision], version: str | None
) -> tuple[str, ...]:
    """Cases whose change in `version` waits for a person, sorted; none where nothing does.

    Those with a confirmed change that holds a bump, and those that the last night flagged without
    being green, or held out because their prompt moved with the model.
    """
    if version is None:
        return ()
    of_version = [night for night in last_of_each_day(nights) if night.served == version]
    held = {case for night in of_version for case in night.held}
    asked = {*of_version[0].open, *of_version[0].moved} if of_version else set()
    accepted = accepted_cases(decisions, version)
    return () if "*" in accepted else tuple(sorted((held | asked) - accepted))


def accept(
    ledger: Ledger,
    name: str,
    version: str,
    cases: Sequence[str] = (),
    *,
    because: str,
    who: str = "",
) -> tuple[str, ...]:
    """Accept the changes of a version in `cases`, each an id or its end; without any, in all.

    Gives the ids that are accepted now; empty stands for every case. Raises LedgerError where the
    version never answered, or no case or more than one has such a name.
    """
    nights = [night for night in ledger.read(name) if night.served == version]
    if not nights:
        raise LedgerError(
            f"The ledger holds no night of {name} that {version} answered, so there is nothing to "
            "accept. Run `pytest-modelpin nightly` first, or name another version with --to."
        )
    known = sorted({case for night in nights for case in (*night.cases, *night.held, *night.moved)})
    chosen = tuple(dict.fromkeys(_one_of(known, case) for case in cases))
    ledger.decide(Decision(name, version, "accepted", because, utc_text(), cases=chosen, who=who))
    return chosen


def _one_of(known: Sequence[str], wanted: str) -> str:
    if wanted in known:
        return wanted
    found = [case for case in known if case.endswith((f"::{wanted}", f"/{wanted}"))]
    if len(found) == 1:
        return found[0]
    if found:
        raise LedgerError(f"{wanted!r} may be {' or '.join(found[:5])}; write its whole id.")
    raise LedgerError(
        f"No night of this version ran a case {wanted!r}; it ran, for instance: "
        f"{', '.join(known[:5])}."
    )
