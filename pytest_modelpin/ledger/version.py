"""What earlier nights say of the version that answered tonight: the evidence it starts from."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_modelpin.gate.evidence import Counts, EarlierNights, NightCounts
from pytest_modelpin.ledger.night import Night
from pytest_modelpin.ledger.nights import last_of_each_day


def earlier_nights(past: Sequence[Night], tonight: Night) -> EarlierNights:
    """What the ledger holds about tonight's version, pin and fingerprint.

    `past` are the nights of the logical model in any order; an earlier run of tonight's day does
    not count, because tonight's replaces it. A case that production was asked for live has its
    live counts in the nights before, too: they replace the recording's.
    """
    same: list[Night] = []
    reds = 0
    open_cases: tuple[str, ...] | None = None
    for night in last_of_each_day(past, tonight.pin):
        if night.day >= tonight.day or night.served is None:
            continue
        if (night.served, night.fingerprint) != (tonight.served, tonight.fingerprint):
            break
        if open_cases is None:
            open_cases = night.open
        if night.colour == "red":
            reds += 1
        elif not reds:
            same.append(night)
    usable = [night for night in reversed(same) if _usable(night)]
    return EarlierNights(
        nights=_with_live(usable),
        fresh=tuple(night.fresh for night in usable),
        greens=sum(night.colour == "green" for night in usable),
        reds=reds,
        open=open_cases or (),
        held=frozenset(case for night in same for case in night.held),
    )


def _usable(night: Night) -> bool:
    return bool(night.cases) and (night.colour == "green" or bool(night.usable))


def _with_live(nights: Sequence[Night]) -> tuple[NightCounts, ...]:
    first: dict[str, Counts] = {}
    for night in nights:
        for case in night.live:
            if case in night.cases:
                first.setdefault(case, night.cases[case])
    return tuple(
        {
            case: (*first[case][:2], *counts[2:])
            if case in first and case not in night.live
            else counts
            for case, counts in night.cases.items()
        }
        for night in nights
    )
