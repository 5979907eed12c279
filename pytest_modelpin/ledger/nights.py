"""All nights of one logical model, in order of time, each decoded when it is looked at; and the
straight green ones of one candidate version, up to now.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import overload

from pytest_modelpin.gate.evidence import Counts, EarlierNights, NightCounts
from pytest_modelpin.ledger import LEAD, Night, Streak, lines, night_of_line, parse
from pytest_modelpin.wording import counted


class Nights(Sequence[Night]):
    """The nights of one ledger file, oldest first by day and instant.

    Most readers want the last few of several years, so a line is decoded on first access. A torn
    last line is passed over: the process that wrote it was killed, and its night never counted.
    """

    __slots__ = ("_decoded", "_lines", "_where")

    def __init__(self, content: bytes = b"", where: str = "the ledger") -> None:
        """`content` is a whole ledger file; `where` names it in errors.

        Raises LedgerError where the content is not UTF-8 or an odd line is not JSON.
        """
        numbered = [(line, number) for number, line in enumerate(lines(content, where), 1) if line]
        self._where = where
        self._lines = sorted(numbered, key=self._time_of)
        self._decoded: dict[int, Night] = {}

    def __len__(self) -> int:
        return len(self._lines)

    @overload
    def __getitem__(self, index: int) -> Night: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Night, ...]: ...
    def __getitem__(self, index: int | slice) -> Night | tuple[Night, ...]:
        if isinstance(index, slice):
            return tuple(self[i] for i in range(*index.indices(len(self))))
        position = range(len(self))[index]
        night = self._decoded.get(position)
        if night is None:
            line, number = self._lines[position]
            night = night_of_line(line, f"{self._where}, line {number},")
            self._decoded[position] = night
        return night

    def until(self, day: str) -> Nights:
        """See `until`."""
        kept = Nights(where=self._where)
        ends = f'{LEAD}{day}"\x7f'
        kept._lines = self._lines[: bisect(self._lines, ends, key=self._time_of)]
        kept._decoded = self._decoded  # from the first on, they stand where they stood
        return kept

    def _time_of(self, numbered: tuple[str, int]) -> str:
        return _time(numbered[0], self._where, numbered[1])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or len(self) != len(other):
            return NotImplemented if not isinstance(other, Sequence) else False
        return all(mine == theirs for mine, theirs in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]  # equal to tuples, which hash otherwise

    def __repr__(self) -> str:
        return f"<{counted(len(self), 'night')} of {self._where}>"


def _time(line: str, where: str, number: int) -> str:
    if line.startswith(LEAD):
        return line
    content = parse(line, f"{where}, line {number},")
    return f'{LEAD}{content.get("day", "")}","at":"{content.get("at", "")}"'


def until(nights: Sequence[Night], day: str) -> Sequence[Night]:
    """Without the nights of later days, which a wrong clock, or a trial with `--today`, has left.

    Else one of them would be the last night for as long as it takes the days to catch up.
    """
    if isinstance(nights, Nights):
        return nights.until(day)
    return tuple(night for night in nights if night.day <= day)


def streak(nights: Sequence[Night]) -> Streak:
    """The streak that the nights of one logical model end in, in whatever order they come.

    Greens on distinct UTC days of one served version, pin and fingerprint count. A red ends the
    streak; an inconclusive night neither counts nor ends it; a new served version, pin or
    fingerprint starts over, and a version does so, too, where all that is known is that it answered
    on an inconclusive night. Of several runs on one day only the last counts, by `at`; but an
    inconclusive one takes a green away and no red. A green whose served version is unknown proves
    nothing about any version: it counts as inconclusive.
    """
    greens: list[Night] = []
    ended_by = None
    last = next(_newest_first(nights), None)
    since: Night | None = None  # the last night on which a version is known to have answered
    for run, night in _by_day(nights):
        if night is None:
            if run.served is None or run.served == (since or run).served:
                since = since or (run if run.served else None)
                continue
            ended_by = _other_version(run, since or run)
            break
        if last and not greens and night.pin != last.pin:  # moved, and no night concludes yet
            return Streak(last.name, None, "", (), _other_pin(night, last))
        if since is not None and night.served not in (None, since.served):
            ended_by = _other_version(night, since)
            break
        if night.colour == "red":
            ended_by = f"the night of {night.day} was red"
            if not greens:
                return Streak(night.name, night.served, night.fingerprint, (), ended_by)
            break
        if greens and (change := _change(night, greens[-1])):
            ended_by = change
            break
        greens.append(night)
        since = night
    if not greens and since is not None and ended_by is not None:
        return Streak(since.name, since.served, since.fingerprint, (), ended_by)
    if not greens:
        return Streak(nights[-1].name if nights else "", None, "")
    newest = greens[0]
    return Streak(newest.name, newest.served, newest.fingerprint, tuple(reversed(greens)), ended_by)


def last_of_each_day(nights: Sequence[Night]) -> Iterator[Night]:
    """Newest first, the night that counts of each UTC day: the last run by `at`."""
    day = None
    for night in _newest_first(nights):
        if night.day != day:
            yield night
        day = night.day


def _newest_first(nights: Sequence[Night]) -> Iterator[Night]:
    return reversed(nights if isinstance(nights, Nights) else sorted(nights, key=_order))


def _by_day(nights: Sequence[Night]) -> Iterator[tuple[Night, Night | None]]:
    """Newest first, the last run of each day, and the one whose conclusion holds, if one does."""
    for _, runs in groupby(_newest_first(nights), key=lambda night: night.day):
        yield _last_and_counting(runs)


def _last_and_counting(runs: Iterator[Night]) -> tuple[Night, Night | None]:
    """As above, of one day's runs, the newest first."""
    last = next(runs)
    if _concludes(last):
        return last, last
    before = next(filter(_concludes, runs), None)
    return last, before if before is not None and before.colour == "red" else None


def _concludes(night: Night) -> bool:
    return night.colour == "red" or (night.colour == "green" and night.served is not None)


def _order(night: Night) -> tuple[str, str]:
    return night.day, night.at


def _change(earlier: Night, later: Night) -> str | None:
    if earlier.served != later.served:
        return _other_version(earlier, later)
    if earlier.pin != later.pin:
        return _other_pin(earlier, later)
    if earlier.fingerprint != later.fingerprint:
        return f"prompts, tests or judge had changed on {later.day}"
    return None


def _other_version(earlier: Night, later: Night) -> str:
    return f"on {later.day} {later.served} answered instead of {earlier.served}"


def _other_pin(earlier: Night, later: Night) -> str:
    return f"on {later.day} the pin was {later.pin} instead of {earlier.pin}"


def _nothing(_: Night) -> Collection[str]:
    return ()


def earlier_nights(
    past: Sequence[Night],
    tonight: Night,
    accepted_since: Callable[[Night], Collection[str]] = _nothing,
) -> EarlierNights:
    """What the ledger holds about tonight's version, pin and fingerprint.

    `past` are the nights of the logical model in any order; an earlier run of tonight's day does
    not count, because tonight's replaces it. What ends a streak ends the evidence, too, so that
    both tell of the same greens. A case that production was asked for live has its live counts in
    the nights before: they replace the recording's. What a night left open and a person has
    accepted since is settled: neither is it asked for anew, nor do that night's counts speak
    against it.
    """
    same: list[Night] = []
    reds = 0
    open_cases: tuple[str, ...] | None = None
    for last, counting in _by_day(past):
        kept = counting or last
        if kept.day >= tonight.day or (kept.served is None and counting is None):
            continue
        if kept.served not in (tonight.served, None):
            break
        if (kept.pin, kept.fingerprint) != (tonight.pin, tonight.fingerprint):
            # Of a part of the suite, played by hand, nothing follows: it ends no streak, either.
            if counting is None:
                continue
            break
        night = _without(kept, accepted_since(kept)) if kept.open else kept
        if open_cases is None:
            open_cases = night.open
        if night.colour == "red":
            reds += 1
        elif not reds:
            same.append(night)
    usable = [night for night in reversed(same) if night.usable and night.cases]
    return EarlierNights(
        nights=_with_live(usable),
        fresh=tuple(night.fresh for night in usable),
        greens=sum(night.colour == "green" for night in usable),
        reds=reds,
        open=open_cases or (),
        held=frozenset(case for night in same for case in night.held),
    )


def _without(night: Night, accepted: Collection[str]) -> Night:
    """The night without the cases that it left open and that are accepted; `*` stands for all."""
    settled = {case for case in night.open if "*" in accepted or case in accepted}
    if not settled:
        return night
    return replace(
        night,
        open=tuple(case for case in night.open if case not in settled),
        cases={case: counts for case, counts in night.cases.items() if case not in settled},
        fresh={case: counts for case, counts in night.fresh.items() if case not in settled},
    )


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
