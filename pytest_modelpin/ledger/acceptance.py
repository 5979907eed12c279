"""Accepting what changed: which cases of a version ask for it, and writing down who did."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_modelpin.clock import utc_now
from pytest_modelpin.errors import LedgerError
from pytest_modelpin.ledger.decision import Decision, accepted_cases
from pytest_modelpin.ledger.night import Night
from pytest_modelpin.ledger.nights import last_of_each_day
from pytest_modelpin.ledger.store import Ledger


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
    at = utc_now().isoformat(timespec="milliseconds")
    ledger.decide(Decision(name, version, "accepted", because, at, cases=chosen, who=who))
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
