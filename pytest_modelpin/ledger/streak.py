"""The straight green nights of one candidate version, up to now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from pytest_modelpin.ledger.night import Night, Streak
from pytest_modelpin.ledger.nights import Nights


def streak(nights: Sequence[Night], pin: str | None = None) -> Streak:
    """The streak that the nights of one logical model end in, in whatever order they come.

    Greens on distinct UTC days of one served version, pin and fingerprint count. A red ends the
    streak; an inconclusive night neither counts nor ends it; a new served version, pin or
    fingerprint starts over. Of several runs on one day only the last counts, by `at`; but an
    inconclusive one takes a green away and no red. A green whose served version is unknown proves
    nothing about any version: it counts as inconclusive.
    With a `pin`, only the nights that compared with it are looked at.
    """
    greens: list[Night] = []
    ended_by = None
    for night in _conclusive(nights, pin):
        if night.colour == "red":
            ended_by = _red(night)
            if not greens:
                return Streak(night.name, night.served, night.fingerprint, (), ended_by)
            break
        if greens and (change := _change(night, greens[-1])):
            ended_by = change
            break
        greens.append(night)
    if not greens:
        return Streak(nights[-1].name if nights else "", None, "")
    newest = greens[0]
    return Streak(newest.name, newest.served, newest.fingerprint, tuple(reversed(greens)), ended_by)


def last_of_each_day(nights: Sequence[Night], pin: str | None = None) -> Iterator[Night]:
    """Newest first, the night that counts of each UTC day: the last run by `at`.

    With a `pin`, of the runs that compared with it.
    """
    day = None
    for night in _newest_first(nights, pin):
        if night.day != day:
            yield night
        day = night.day


def _newest_first(nights: Sequence[Night], pin: str | None) -> Iterator[Night]:
    ordered = nights if isinstance(nights, Nights) else sorted(nights, key=_time)
    return (night for night in reversed(ordered) if pin is None or night.pin == pin)


def _conclusive(nights: Sequence[Night], pin: str | None) -> Iterator[Night]:
    for _, runs in groupby(_newest_first(nights, pin), key=lambda night: night.day):
        if night := _counting(runs):
            yield night


def _counting(runs: Iterator[Night]) -> Night | None:
    """Of one day's runs, newest first, the one whose conclusion holds."""
    last = next(runs)
    if _concludes(last):
        return last
    before = next(filter(_concludes, runs), None)
    return before if before is not None and before.colour == "red" else None


def _concludes(night: Night) -> bool:
    return night.colour == "red" or (night.colour == "green" and night.served is not None)


def _time(night: Night) -> tuple[str, str]:
    return night.day, night.at


def _red(night: Night) -> str:
    because = f": {night.reasons[0]}" if night.reasons else "."
    return f"The night of {night.day} was red{because}"


def _change(earlier: Night, later: Night) -> str | None:
    if earlier.served != later.served:
        return (
            f"On {later.day} {later.served} answered instead of {earlier.served}: "
            "the streak started over."
        )
    if earlier.pin != later.pin:
        return (
            f"On {later.day} the pin was {later.pin} instead of {earlier.pin}: "
            "the streak started over."
        )
    if earlier.fingerprint != later.fingerprint:
        return f"Prompts, tests or judge had changed on {later.day}: the streak started over."
    return None
