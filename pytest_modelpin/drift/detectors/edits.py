"""What became of a sentence that is still there: of its figures, denials, words, ties, wording."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from pytest_modelpin.drift.drift import Context, Drift, DriftKind, drift_of
from pytest_modelpin.drift.figures.bounds import bound_turned
from pytest_modelpin.drift.figures.figure_changes import figures_changed
from pytest_modelpin.drift.lexicon.opposites import DENYING, IMPLYING, LIMITING
from pytest_modelpin.drift.pair import Pair
from pytest_modelpin.drift.programs.program_code import INLINE, is_pattern, plain_pattern
from pytest_modelpin.drift.text.clauses import condition_dropped, conjunct_dropped, opposite_said
from pytest_modelpin.drift.text.intact import (
    another_person,
    cut_down,
    edited,
    exchanged,
    meant,
    special,
    swapped,
)
from pytest_modelpin.drift.text.negation import contradicts, polarity
from pytest_modelpin.drift.text.sentences import Sentence, topic
from pytest_modelpin.drift.text.similarity import likeness, requantified, substituted
from pytest_modelpin.drift.text.tokens import worded
from pytest_modelpin.drift.text_pair import TextPair

_SAME_TOPIC = 0.6  # Dice's coefficient of two sentences that speak of one thing
_ALIKE = 0.4  # likeness from which a sentence still shows what became of it
_MOST_REWRITTEN = 8  # sentences of a text written anew in which a tie still says something
_MOST_DENYING = 8  # sentences of a text of which none denies anything any more
_SETTLING = DENYING | LIMITING | IMPLYING
_MOST_READ = 1000  # reworded sentences that are read closely, so that time stays bounded


def _edits(pair: Pair) -> Iterator[tuple[TextPair, str, Sentence, Sentence]]:
    """Every sentence that was edited: its text, its place, itself and its counterpart."""
    for text in pair.texts:
        for i, j in text.edited[:_MOST_READ]:
            one, other = text.parts[0][i], text.parts[1][j]
            if one.key != other.key:
                yield text, text.place(i), one, other


def _weighed(kind: DriftKind, text: TextPair, place: str, one: Sentence, other: Sentence) -> Drift:
    """A finding that is for review where the sentence may not be its counterpart's at all."""
    sure = text.certain(one, other)
    return drift_of(kind, place, one.text, other.text, None if sure else "review")


class Figures:
    """Amounts, dates, times, units, ids and versions: `number`; one that only one side gives:
    `content`.
    """

    kinds: tuple[DriftKind, ...] = ("number", "content")

    def detect(self, pair: Pair, context: Context) -> Iterable[Drift]:
        """A figure that moved to another sentence has not changed."""
        for text, place, one, other in _edits(pair):
            kind = figures_changed(one.text, other.text, *text.wholes)
            if kind is not None:
                yield _weighed(kind, text, place, one, other)


class Denials:
    """Yes for no, allowed for denied, "not" dropped or added."""

    kinds: tuple[DriftKind, ...] = ("negation",)

    def detect(self, pair: Pair, context: Context) -> Iterable[Drift]:
        """Told by words that deny and words that are opposites."""
        for text in pair.texts:
            if (lost := _no_longer_denied(text)) is not None and not pair.cut_off:
                place = text.place(text.parts[0].index(lost))
                yield drift_of("negation", place, lost.text, None, "review")
        for text, place, one, other in _edits(pair):
            if contradicts(one.text, other.text):
                if text.reworded and min(map(len, text.parts)) > 1:
                    yield drift_of("negation", place, one.text, other.text, "info")
                else:
                    yield _weighed("negation", text, place, one, other)


def _no_longer_denied(text: TextPair) -> Sentence | None:
    """The first sentence that denies something, where all is said anew and nothing denies it.

    A denial mostly stays one in other words. "Only" denies the rest, and among many sentences
    denials come and go.
    """
    if not text.is_prose or text.truncated or not text.reworded:
        return None
    parts, parts_after = text.parts
    if max(len(parts), len(parts_after)) > _MOST_DENYING:
        return None
    if any(not _SETTLING.isdisjoint(worded(part.text)) for part in parts_after):
        return None
    told = text.wholes[1].topics
    return next((part for part in parts if _denies(part.text) and _affirmed(part.text, told)), None)


def _affirmed(sentence: str, told: frozenset[str]) -> bool:
    """Whether most of what a sentence denies is still told: else it may be told by an opposite."""
    denied = polarity(sentence).denied or topic(sentence)
    return bool(denied) and 2 * len(denied & told) >= len(denied)


_BOUND = re.compile(r"\b(?:no|not) \w+ than\b|\bnot only\b|\b(?:or|if) not\b", re.IGNORECASE)
"""What denies nothing: "no more than 3", "not only", "whether or not"."""


def _denies(sentence: str) -> bool:
    return not DENYING.isdisjoint(worded(_BOUND.sub(" ", sentence)))


class Words:
    """A name or a word that gave way to one of another meaning."""

    kinds: tuple[DriftKind, ...] = ("content",)

    def detect(self, pair: Pair, context: Context) -> Iterable[Drift]:
        """Only where the sentence stays intact around it."""
        for text in pair.texts:
            if text.edited and (told := _code_changed(text)) is not None:
                yield drift_of("content", text.within("inline code"), *told)
            if text.edited and swapped(*text.prose):
                i, j = text.edited[0]
                one, other = text.parts[0][i], text.parts[1][j]
                yield drift_of("content", text.place(i), one.text, other.text)
        for text, place, one, other in _edits(pair):
            before, after = text.wholes
            if (
                substituted(one.text, other.text, before, after)
                or edited(one.text, other.text, before, after)
                or _said_otherwise(text, one, other)
            ):
                yield drift_of("content", place, one.text, other.text)


def _code_changed(text: TextPair) -> tuple[str, str] | None:
    """Commands, paths and names of code of which as many are given, and others; else None."""
    one, other = _coded(text.before), _coded(text.after)
    gone = [c for c in one if c not in (other if is_pattern(c) else text.after)]
    new = [c for c in other if c not in (one if is_pattern(c) else text.before)]
    if len(one) == len(other) and gone and new and _spelled(gone[0]) != _spelled(new[0]):
        return gone[0], new[0]
    return None


def _spelled(code: str) -> Sequence[str]:
    return [plain_pattern(code)] if is_pattern(code) else code.split()


def _coded(text: str) -> Sequence[str]:
    if "`" not in text:  # to look for that is far cheaper
        return special(text)
    return [*INLINE.findall(text), *special(INLINE.sub(" ", text))]


def _of_one_thing(one: Sentence, other: Sentence) -> bool:
    """Whether two sentences surely speak of the same, in whatever words."""
    mine, theirs = topic(one.text), topic(other.text)
    return 2 * len(mine & theirs) >= _SAME_TOPIC * (len(mine) + len(theirs)) > 0


def _said_otherwise(text: TextPair, one: Sentence, other: Sentence) -> bool:
    """What counts only where the sentence, or most of the text around it, surely stands."""
    if requantified(one.text, other.text) and (
        text.certain(one, other) or _of_one_thing(one, other)
    ):
        return True
    if exchanged(one.text, other.text) or another_person(one.text, other.text):
        return True
    return text.one_edited and (
        (likeness(one.text, other.text) >= _ALIKE and meant(one.text, other.text))
        or cut_down(one.text, other.text)
    )


class Relations:
    """Bounds that were turned round, opposites, conditions, parts of a sentence, in any wording.

    For review where the words around them may mean something else than is read here.
    """

    kinds: tuple[DriftKind, ...] = ("content",)

    def detect(self, pair: Pair, context: Context) -> Iterable[Drift]:
        """At most one finding of each."""
        for text in pair.texts:
            if not text.is_prose:
                continue
            parts, parts_after = text.parts
            if text.rewritten and min(len(parts), len(parts_after)) > _MOST_REWRITTEN:
                continue  # among so many sentences words of any tie meet by chance
            loose = text.loose[0].parts
            for turned in (bound_turned(loose, parts_after), opposite_said(loose, parts_after)):
                if turned is not None:
                    one, other = turned
                    place = text.place(parts.index(one))
                    yield drift_of("content", place, one.text, other.text, "review")
            if pair.cut_off or text.truncated:
                continue
            dropped = condition_dropped(parts, parts_after) or conjunct_dropped(parts, parts_after)
            if dropped is not None and dropped in loose:
                place = text.place(parts.index(dropped))
                yield drift_of("content", place, dropped.text, None)
            added = condition_dropped(parts_after, parts)
            if added is not None and added.key not in {part.key for part in parts}:
                yield drift_of("content", text.where, None, added.text)


class Wording:
    """The same said in other words, spelling or typography."""

    kinds: tuple[DriftKind, ...] = ("wording",)

    def detect(self, pair: Pair, context: Context) -> Iterable[Drift]:
        """For every reworded sentence; what another detector says of the same place wins."""
        for text in pair.texts:
            if not text.is_prose:
                continue
            parts, parts_after = text.parts
            for i, j in (*text.edited, *text.aligned.equal):
                if parts[i].text != parts_after[j].text:
                    yield drift_of("wording", text.place(i), parts[i].text, parts_after[j].text)
