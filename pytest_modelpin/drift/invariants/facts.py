"""Figures, flags, paths, zones and names that all of the pin's samples give."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

from pytest_modelpin.drift.drift import Break, Drift, DriftKind, Severity, drift_of
from pytest_modelpin.drift.figures.bounds import Bounds, bounds
from pytest_modelpin.drift.figures.numbers import Quantity, same
from pytest_modelpin.drift.invariants.sample_text import SampleText, common
from pytest_modelpin.drift.once import once
from pytest_modelpin.drift.programs.shell_and_sql import same_commands
from pytest_modelpin.drift.text.intact import abbreviates
from pytest_modelpin.drift.text.sentences import holding
from pytest_modelpin.drift.text.similarity import related

_LOOSE = ("weekday", "letter", "link")
"""Sorts of figures that are named `content`, not `number`."""


class SharedFigures:
    """The figures that all of the pin's samples give.

    Where a figure is lost and another of its sort and unit is new, it was changed: `number`, at
    regression. Where the pin's own samples differ in figures of that unit, a new one says nothing.
    """

    def __init__(self, pins: Sequence[SampleText], candidates: Sequence[SampleText]) -> None:
        self.pins = pins
        self.candidates = candidates
        given = frozenset.intersection(*(pin.values for pin in pins))
        self.shared = [
            _plainest(q, pins)
            for value, q in pins[0].by_value.items()
            if not q.soft and (value in given or all(p.gives(q, value) for p in pins[1:]))
        ]
        self._values = frozenset(q.value for q in self.shared)
        self._known = frozenset().union(*(pin.values for pin in pins))

    @once
    def wavering(self) -> Sequence[Quantity]:
        """Figures that some of the pin's samples give and others don't."""
        pins = self.pins
        return [q for p in pins for q in p.figures if not all(other.gives(q) for other in pins)]

    def breaks(self, candidate: SampleText, where: str) -> Iterable[Break]:
        """Figures that one sample of the candidate's lost, changed or added."""
        missing = self._values - candidate.values
        lost = [q for q in self.shared if missing and q.value in missing and not candidate.gives(q)]
        unknown = candidate.values - self._known
        new = [
            q
            for value, q in (candidate.by_value.items() if unknown else ())
            if not q.soft and value in unknown and not any(p.gives(q, value) for p in self.pins)
        ]
        for figure in lost:
            other = next((q for q in new if _comparable(figure, q)), None)
            key = ("figure", figure.value)
            before = _around(self.pins[0], figure)
            if other is None:
                yield Break(key, drift_of("content", where, before, None))
                continue
            new.remove(other)
            kind: DriftKind = "content" if figure.sort in _LOOSE else "number"
            severity: Severity = "review" if figure.sort == "link" else "regression"
            yield Break(key, Drift(kind, severity, where, before, _around(candidate, other)))
        yield from self._bounded_otherwise(candidate, where)
        yield from self._rebased(candidate, where)
        for figure in new:
            yield from self._added(figure, candidate, where)

    @once
    def _turned_bounds(self) -> Sequence[tuple[Quantity, str]]:
        """Figures that most of the pin's samples give as the least (or the most) and none as the
        other, and most of the candidate's the other way round.
        """
        found = []
        may_turn = _sides(self.pins) & {_TURNED[side] for side in _sides(self.candidates)}
        for figure in self.shared if may_turn else ():
            theirs = [_bound_of(figure, each) for each in self.candidates]
            if not any(theirs):
                continue  # as most figures, and then the pin's samples need not be read
            mine = [_bound_of(figure, pin) for pin in self.pins]
            for side, other in (("least", "most"), ("most", "least")):
                held = (
                    sum(side in each for each in mine) if not any(other in e for e in mine) else 0
                )
                now = sum(other in each and side not in each for each in theirs)
                if 2 * held > len(mine) and 2 * now >= len(theirs):
                    found.append((figure, other))
        return found

    def _bounded_otherwise(self, candidate: SampleText, where: str) -> Iterable[Break]:
        for figure, side in self._turned_bounds:
            if side in _bound_of(figure, candidate):
                before, after = _around(self.pins[0], figure), _around(candidate, figure)
                yield Break(("bound", figure.value), drift_of("content", where, before, after))

    def _rebased(self, candidate: SampleText, where: str) -> Iterable[Break]:
        """Amounts that are given for another unit: per pound for per kilogram."""
        if not self.pins[0].bases:
            return
        shared = common(frozenset(pin.bases) for pin in self.pins)
        if not shared:
            return
        known = frozenset().union(*(pin.bases for pin in self.pins))
        lost = shared - candidate.bases.keys()
        new = candidate.bases.keys() - known
        if lost and new:
            before, after = self.pins[0], candidate
            mine = holding(before.parts, before.bases[min(lost)])
            yield Break(
                ("base", *sorted(lost)),
                drift_of("number", where, mine, holding(after.parts, after.bases[min(new)])),
            )

    def _added(self, figure: Quantity, candidate: SampleText, where: str) -> Iterable[Break]:
        after = _around(candidate, figure)
        usual = next(
            (q for q in self.wavering if q.sort == figure.sort and q.unit == figure.unit), None
        )
        if usual is not None:
            kind: DriftKind = "content" if figure.sort in _LOOSE else "number"
            before = _around(self.pins[0], usual)
            yield Break(("wavers", figure.value), Drift(kind, "info", where, before, after))
        elif all(each.gives(figure) for each in self.candidates):
            yield Break(("new figure", figure.value), drift_of("content", where, None, after))


_TURNED = {"least": "most", "most": "least"}


def _sides(texts: Iterable[SampleText]) -> frozenset[str]:
    """Whether several texts give any figure as the most, and any as the least."""
    told = {part.text for text in texts for part in text.parts}  # of which several have the same
    return frozenset().union(*[sides for sentence in told for _, sides in bounds(sentence)])


@lru_cache(maxsize=4096)
def _bounds(text: SampleText) -> Bounds:
    return [each for part in text.parts for each in bounds(part.text)]


def _bound_of(figure: Quantity, text: SampleText) -> frozenset[str]:
    """Whether a text gives a figure as the most, the least or both."""
    return frozenset().union(*(sides for q, sides in _bounds(text) if same(q, figure)))


def _plainest(figure: Quantity, pins: Sequence[SampleText]) -> Quantity:
    """The figure with its unit, where any of the pin's samples names one and none another."""
    if figure.sort != "number" or figure.unit is not None:
        return figure
    spelled = [q for pin in pins for q in pin.figures if q.unit and q.plain == figure.plain]
    return spelled[0] if len({q.value for q in spelled}) == 1 else figure


def _comparable(one: Quantity, other: Quantity) -> bool:
    """Whether one figure can stand in the other's place."""
    return one.sort == other.sort and (
        one.unit == other.unit or one.unit is None or other.unit is None
    )


def _around(said: SampleText, figure: Quantity) -> str:
    """The sentence that gives a figure; the figure alone where none does."""
    spelled = figure.text.strip()
    return next((part.text for part in said.parts if spelled and spelled in part.text), spelled)


def special_breaks(
    pins: Sequence[SampleText], candidates: Sequence[SampleText], candidate: SampleText, where: str
) -> Iterable[Break]:
    """Flags, paths, variables and zones: changed is a regression, lost is for review."""
    gone = common(pin.zones for pin in pins)
    gone = gone - candidate.zones if gone else gone
    come = candidate.zones.difference(*(pin.zones for pin in pins)) if gone else gone
    if gone and (come or not any(each.zones for each in candidates)):
        yield Break(
            ("zone", *sorted(gone)),
            Drift("number", "regression" if come else "review", where,
                  ", ".join(sorted(gone)), ", ".join(sorted(come)) or None),
        )  # fmt: skip
    if not pins[0].special:
        return
    shared = common(pin.special for pin in pins)
    lost = sorted(token for token in shared if token not in candidate.text)
    if lost and (respelled := _respelled(pins, candidate)):
        lost = [token for token in lost if not any(token in each for each in respelled)]
    if not lost:
        return
    known = frozenset().union(*(pin.special for pin in pins))
    new = sorted(token for token in candidate.special - known)
    for token in lost:
        other = next((each for each in new if each[:1] == token[:1]), None)
        severity: Severity = "regression" if other else "review"
        yield Break(
            ("special", token),
            Drift("content", severity, where, holding(pins[0].parts, token),
                  holding(candidate.parts, other) if other else None),
        )  # fmt: skip


def _respelled(pins: Sequence[SampleText], candidate: SampleText) -> list[str]:
    """The pin's command lines that a candidate gives with its flags spelt otherwise."""
    return [
        command
        for command in dict.fromkeys(each for pin in pins for each in pin.snippets)
        if any(same_commands(command, each) for each in candidate.snippets)
    ]


class SharedNames:
    """The names that all of the pin's samples say."""

    def __init__(self, pins: Sequence[SampleText], candidates: Sequence[SampleText]) -> None:
        self.pins = pins
        self.candidates = candidates
        self._shared = common(pin.capitals for pin in pins)

    def breaks(self, candidate: SampleText, where: str) -> Iterable[Break]:
        """A name that gave way to one that no sample of the pin's says; else one that is lost."""
        replaced = self._replaced(candidate)
        if replaced is None:
            for name in self._lost:
                told = holding(self.pins[0].parts, name)
                yield Break(("name lost", name), drift_of("content", where, told, None))
            return
        lost, new = replaced
        for name in lost:
            yield Break(
                ("name", name),
                Drift("content", "regression", where, holding(self.pins[0].parts, name),
                      holding(candidate.parts, new)),
            )  # fmt: skip

    def _replaced(self, candidate: SampleText) -> tuple[Sequence[str], str] | None:
        """The names that a sample of the candidate's lost, and the one in their place."""
        lost = sorted(name for name in self._shared if name.lower() not in candidate.lowered)
        if not lost or not candidate.names or not all(pin.names for pin in self.pins):
            return None
        new = sorted(
            name
            for name in candidate.names
            if not any(name.lower() in pin.lowered for pin in self.pins)
            and all(name.lower() in each.lowered for each in self.candidates)
        )
        if not new or related([n.lower() for n in lost], [n.lower() for n in new]):
            return None
        return None if abbreviates(lost, new) or abbreviates(new, lost) else (lost, new[0])

    @once
    def _lost(self) -> Sequence[str]:
        """The names that no sample of the candidate's says.

        Other words are said otherwise, names hardly ever. Where a sentence begins with it, a
        capital says nothing: so half of the samples have to show that it is a name.
        """
        pins, candidates = self.pins, self.candidates
        seen = Counter(name for pin in pins for name in pin.names)
        lost = [
            name
            for name, count in seen.items()
            if 2 * count >= len(pins)
            and all(name.lower() in pin.lowered for pin in pins)
            and not any(name.lower() in each.lowered for each in candidates)
        ]
        lost.sort(key=lambda name: (pins[0].lowered.find(name.lower()), name))
        new = sorted({name for each in candidates for name in each.names}) if lost else []
        return () if new and (abbreviates(lost, new) or abbreviates(new, lost)) else lost
