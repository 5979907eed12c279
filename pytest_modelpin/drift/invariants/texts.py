"""The texts that stand at one place of a case's samples: the answers, or strings within values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from pytest_modelpin.drift.detection import detected
from pytest_modelpin.drift.drift import RANK, Break, Context, DriftKind, Severity, drift_of
from pytest_modelpin.drift.invariants.facts import (
    SharedFigures,
    SharedNames,
    special_breaks,
)
from pytest_modelpin.drift.invariants.fields import (
    field_breaks,
    literal_breaks,
    program_in,
)
from pytest_modelpin.drift.invariants.losses import Losses
from pytest_modelpin.drift.invariants.nearest import Nearest, rests_on_words, say_too_little
from pytest_modelpin.drift.invariants.qualifiers import Qualifiers
from pytest_modelpin.drift.invariants.sample_text import SampleText, read_text
from pytest_modelpin.drift.invariants.statements import Statements
from pytest_modelpin.drift.invariants.ties import Ties
from pytest_modelpin.drift.labels import wordy_label
from pytest_modelpin.drift.once import once
from pytest_modelpin.drift.pair import Pair
from pytest_modelpin.drift.text.language import changed_language
from pytest_modelpin.drift.text.markdown import Layout
from pytest_modelpin.drift.text.non_answers import broken_off, still_declines

_LEAST_LENGTH = 300  # characters from which a change of length is worth a look
_LEAST_ANSWERED = 5  # words of the pin's texts in one that declines only a part of what is asked
_UNSURE: frozenset[DriftKind] = frozenset(("number", "negation", "content"))
"""Kinds that are for review in prose of which the pin has one sample only."""


def text_breaks(
    pins: Sequence[str], candidates: Sequence[str], context: Context, where: str
) -> list[list[Break]]:
    """What each of the candidate's texts breaks of what all of the pin's share, in their order."""
    usual = [read_text(text) for text in dict.fromkeys(pins)]
    others = [read_text(text) for text in candidates]
    known = {each.text.strip() for each in usual}
    if all(other.text.strip() in known for other in others):
        return [[] for _ in others]
    if len(pins) < 2:
        return [_of_one(usual[0], other, context, where) for other in others]
    distinct = list(dict.fromkeys(others))
    group = _Group(usual, distinct, context, where)
    found = {
        other: [] if other.text.strip() in known else group.breaks_of(other) for other in distinct
    }
    return [found[other] for other in others]


def _of_one(pin: SampleText, other: SampleText, context: Context, where: str) -> list[Break]:
    """One sample tells nothing of what may vary: typed answers as they are, prose for review."""
    if other.text == pin.text:
        return []
    found = detected(Pair(pin.text, other.text, context), context)
    prose = not (pin.is_label or pin.is_code)
    breaks = []
    for drift in found:
        key = (drift.kind, drift.where, str(drift.before)[:80])
        if prose and drift.kind in _UNSURE and drift.severity == "regression":
            drift = replace(drift, severity="review")
        breaks.append(Break(key, replace(drift, where=_joined(where, drift.where))))
    return breaks


def _joined(where: str, inner: str) -> str:
    return f"{where}, {inner}" if where and inner else where or inner


class _Group:
    """At least two texts of the pin's, and the candidate's."""

    def __init__(
        self,
        distinct: Sequence[SampleText],
        candidates: Sequence[SampleText],
        context: Context,
        where: str,
    ) -> None:
        """Each text once: one that is given again shows nothing more of what may vary."""
        self.distinct = distinct
        self.candidates = candidates
        self.context = context
        self.where = where
        self.label = (
            distinct[0]
            if distinct[0].is_label and (len({pin.key for pin in distinct}) == 1)
            else None
        )

    @once
    def nearest(self) -> Nearest:
        """The pin's texts, of which one may be nearly the candidate's."""
        return Nearest(self.distinct, self.context)

    @once
    def statements(self) -> Statements:
        """What the pin's texts state; read once for all candidates."""
        return Statements(self.distinct, self.candidates)

    @once
    def losses(self) -> Losses:
        """What the candidate's texts leave out."""
        return Losses(self.distinct, self.candidates)

    @once
    def ties(self) -> Ties:
        """What they tell together, and in which order."""
        return Ties(self.distinct, self.candidates)

    @once
    def qualifiers(self) -> Qualifiers:
        """How much of what they say the texts of either side mean."""
        return Qualifiers(self.distinct, self.candidates)

    @once
    def figures(self) -> SharedFigures:
        """The figures that the pin's texts share."""
        return SharedFigures(self.distinct, self.candidates)

    @once
    def names(self) -> SharedNames:
        """The names that they share."""
        return SharedNames(self.distinct, self.candidates)

    def breaks_of(self, other: SampleText) -> list[Break]:
        """What one text of the candidate's breaks; at least that it is worded differently."""
        found = list(self.breaks(other))
        if say_too_little(self.distinct, self.candidates):
            texts = (*self.distinct, other)
            found = [each for each in found if not rests_on_words(each, texts)]
        if self.label is None and all(each.drift.severity == "info" for each in found):
            found += [
                Break(
                    ("nearest", drift.kind),
                    replace(drift, severity="review", where=_joined(self.where, drift.where)),
                )
                for drift in self.nearest.of_prose(other, edited=len(self.distinct) > 1)
            ]
        if not found:
            before = self.distinct[0].text
            found.append(Break(("wording",), drift_of("wording", self.where, before, other.text)))
        return found

    def breaks(self, other: SampleText) -> Iterable[Break]:
        """What one text of the candidate's breaks."""
        before, where = self.distinct[0].text, self.where
        if not other.text.strip():
            if all(pin.text.strip() for pin in self.distinct):
                yield Break(("empty",), drift_of("empty", where, before, other.text))
            return
        if other.refuses and not self._answers(other):
            if not any(pin.refuses for pin in self.distinct):
                yield Break(("refusal",), drift_of("refusal", where, before, other.text))
            return
        if all(pin.refuses for pin in self.distinct) and not (
            self._answers(other)
            or any(still_declines(pin.text, other.text) for pin in self.distinct)
        ):
            yield Break(("refusal",), drift_of("refusal", where, before, other.text, "review"))
            return
        if self.label is not None:
            yield from self._of_label(self.label, other)
            return
        if all(pin.is_code for pin in self.distinct):
            yield from self._of_code(other)
            return
        yield from self._of_prose(other)

    def _answers(self, other: SampleText) -> bool:
        """Whether a text that declines something says what the pin's texts say, all the same."""
        told = other.words & self.statements.known
        return len(told) >= _LEAST_ANSWERED and 2 * len(told) >= len(other.words)

    def _of_label(self, label: SampleText, other: SampleText) -> Iterable[Break]:
        """The label, number or name that is the whole answer of every sample."""
        found = detected(Pair(label.text, other.text, self.context), self.context)
        gravest = max(found, key=lambda d: RANK[d.severity], default=None)
        if gravest is None or gravest.kind == "identical":
            return
        severity: Severity = gravest.severity
        same = other.key == label.key
        kept = not same and label.key in other.key
        if gravest.kind in ("content", "number", "negation", "enum") and not same and not kept:
            severity = "regression"  # all of the pin's samples give one answer, and this is another
        elif kept and wordy_label(label.text.strip(), other.text):
            severity = "regression"
        elif severity == "info" and not same and not kept and _differs(label, other):
            gravest = drift_of("content", "", label.text, other.text, "review")
            severity = "review"
        yield Break(
            ("label",),
            replace(gravest, severity=severity, where=_joined(self.where, gravest.where)),
        )

    def _of_code(self, other: SampleText) -> Iterable[Break]:
        """Programs; in what the pin's own differ from one another, a candidate's may, too."""
        told = self.nearest.of_code(other)
        for drift in told:
            where = _joined(self.where, drift.where)
            yield Break(("code", drift.kind), replace(drift, where=where))
        if all(drift.severity == "info" for drift in told):
            yield from literal_breaks(self.distinct, self.candidates, self.where)

    def _of_prose(self, other: SampleText) -> Iterable[Break]:
        where = self.where
        if self._translated(other):
            yield Break(
                ("language",),
                drift_of("language", where, self.distinct[0].language, other.language),
            )
            return
        shortest = self._shortest
        if broken_off(shortest.text, other.text) and not any(
            broken_off(other.text, pin.text) for pin in self.distinct
        ):
            yield Break(
                ("truncated",),
                drift_of("truncated", where, shortest.text[-200:], other.text[-200:]),
            )
        yield from self._of_layout(other)
        # A sample that opens with neither yes nor no contradicts nobody.
        answers = [pin.answer for pin in self.distinct if pin.answer]
        usual = answers[0] if 2 * len(answers) >= len(self.distinct) else 0
        if len(set(answers)) == 1 and other.answer * usual < 0:
            yield Break(("answer",), drift_of("negation", where, self.distinct[0].text, other.text))
            return
        yield from field_breaks(self.distinct, other, where)
        yield from self.figures.breaks(other, where)
        yield from special_breaks(self.distinct, self.candidates, other, where)
        named = list(self.names.breaks(other, where))
        yield from named
        names = {str(key[1]).lower() for key, _ in named if key[0] == "name"}
        stated = []
        for found in (*self.statements.breaks(other, where), *self.losses.breaks(where)):
            words = found.key[1]
            if not (isinstance(words, frozenset) and words & names):
                stated.append(found)
        yield from stated
        # Always, as what turns a sentence round differs from sample to sample, and so do its keys.
        turned = any(each.drift.kind == "negation" for each in stated)
        qualified = [
            each
            for each in self.qualifiers.breaks(other, where)
            if not (turned and each.key[0] == "denies otherwise")
        ]
        yield from qualified
        yield from self.ties.breaks(other, where)
        yield from self._of_blocks(other)
        if self._programs:
            yield from literal_breaks(self.distinct, self.candidates, where)

    @once
    def _programs(self) -> bool:
        """Whether every sample gives a program, however it is set off from its prose."""
        return all(program_in(each) for each in (*self.distinct, *self.candidates))

    def _translated(self, other: SampleText) -> bool:
        if 2 * len(other.words & self.statements.known) >= len(other.words) > 0:
            return False  # it shares too many words to be a translation
        mine = self.distinct[0].language
        if mine is None or other.language in (None, mine):
            return False
        return all(pin.language == mine for pin in self.distinct) and changed_language(
            self.distinct[0].markdown.prose, other.markdown.prose
        )

    def _of_layout(self, other: SampleText) -> Iterable[Break]:
        mine = other.layout
        for aspect, usual in self._usual_layout.items():
            if _ASPECTS[aspect](mine) is not usual:
                if aspect == "opening" and not self._courtesy_changed():
                    continue
                yield Break(
                    ("format", aspect),
                    drift_of(
                        "format", self.where, str(self.distinct[0].layout), str(mine),
                        "info" if len(self.distinct) == 1 else None,
                    ),
                )  # fmt: skip
        lengths = [pin.length for pin in self.distinct]
        ratio, length = self.context.length_ratio, other.length
        if max(length, *lengths) < _LEAST_LENGTH:
            return
        if not min(lengths) * (1 - ratio) <= length <= max(lengths) * (1 + ratio):
            middle = sorted(lengths)[len(lengths) // 2]
            yield Break(("length",), drift_of("length", self.where, middle, length))

    @once
    def _shortest(self) -> SampleText:
        return min(self.distinct, key=lambda pin: len(pin.text))

    @once
    def _usual_layout(self) -> Mapping[str, bool]:
        """The aspects of a layout in which all of the pin's texts are alike."""
        return {
            aspect: usual.pop()
            for aspect, of in _ASPECTS.items()
            if len(usual := {of(pin.layout) for pin in self.distinct}) == 1
        }

    def _courtesy_changed(self) -> bool:
        """Whether an opening courtesy, which comes and goes, parts the samples beyond chance."""
        usual = self.distinct[0].layout.opening
        return self.statements.strong and all(
            each.layout.opening != usual for each in self.candidates
        )

    def _of_blocks(self, other: SampleText) -> Iterable[Break]:
        """Code blocks within prose, where all of the pin's samples have as many."""
        counts = {len(pin.markdown.blocks) for pin in self.distinct}
        if len(counts) != 1 or counts == {0}:
            return
        blocks = other.markdown.blocks
        if {len(blocks)} != counts:
            yield Break(
                ("blocks",),
                drift_of("content", self.where, f"{max(counts)} code blocks",
                         f"{len(blocks)} code blocks"),
            )  # fmt: skip
            return
        for place in range(len(blocks)):
            of_pins = [f"```\n{pin.markdown.blocks[place]}\n```" for pin in self.distinct]
            where = _joined(self.where, f"code block {place + 1}")
            group = text_breaks(of_pins, [f"```\n{blocks[place]}\n```"], self.context, where)
            for found in group[0]:
                yield Break((place, *found.key), found.drift)


def _differs(label: SampleText, other: SampleText) -> bool:
    """Whether two short answers share no word at all."""
    return bool(label.words) and label.words.isdisjoint(other.words)


_ASPECTS: Mapping[str, Callable[[Layout], bool]] = {
    "opening": lambda layout: layout.opening,
    "headings": lambda layout: bool(layout.headings),
    "list": lambda layout: layout.items + layout.steps >= 2,
    "table": lambda layout: layout.rows >= 2,
}
"""What of a layout all samples may share."""
