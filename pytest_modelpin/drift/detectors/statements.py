"""Sentences without a counterpart, texts that were rewritten as a whole, and another order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from pytest_modelpin.drift.drift import Context, Drift, DriftKind, Severity, drift_of
from pytest_modelpin.drift.figures.numbers import Quantity
from pytest_modelpin.drift.figures.quantities import quantities
from pytest_modelpin.drift.figures.quantity_words import counts_only
from pytest_modelpin.drift.pair import Pair
from pytest_modelpin.drift.text.intact import name_replaced, special
from pytest_modelpin.drift.text.markdown import layout
from pytest_modelpin.drift.text.non_answers import courteous
from pytest_modelpin.drift.text.sentences import Sentence, Whole, holding, topic
from pytest_modelpin.drift.text.similarity import similarity
from pytest_modelpin.drift.text_pair import SHARED, TextPair
from pytest_modelpin.wording import some

_COVERED = 0.5  # share of a sentence's words that the other text must also have
_COVERED_BY_FIGURES = 0.3  # the same where the other text gives the sentence's figures
_REPEATED = 0.8  # from here on a sentence only says again what another says
_MOST_MEASURED = 5000  # characters of two texts whose likeness is measured


class Statements:
    """Sentences that said something of their own, lost or added.

    What they said may have moved into a reworded sentence, but not into one that stayed the same.
    """

    kinds: tuple[DriftKind, ...] = ("content",)

    def detect(self, pair: Pair, context: Context) -> Iterable[Drift]:
        """None in a text that was rewritten as a whole, or that breaks off."""
        for text in pair.texts:
            if text.is_prose and not text.rewritten:
                lost = () if text.truncated else text.aligned.gone
                if not pair.cut_off and (lost or text.aligned.new):
                    yield from _one_sided(text, lost)


def _one_sided(text: TextPair, gone: Sequence[int]) -> Iterable[Drift]:
    (parts, parts_after), aligned = text.parts, text.aligned
    before, after = text.loose
    all_before, all_after = text.wholes
    # Where no sentence stayed, one without a counterpart is as often the same in other words.
    mild: Severity | None = "info" if text.reworded or text.explained else None
    tabled = layout(text.after).rows > 0
    for i in gone:
        if not tabled and " | " in parts[i].text and not quantities(parts[i].text):
            continue  # the head of a table that became a list
        if _says_more(parts[i], after, all_after):
            yield drift_of("content", text.place(i), parts[i].text, None, mild)
    explaining = all(read.blocks for read in text.markdown)
    for j in aligned.new:
        if _says_more(parts_after[j], before, all_before):
            # What is said beside code that is there on both sides explains it.
            yield drift_of(
                "content", text.where, None, parts_after[j].text, "info" if explaining else mild
            )


def _severity(text: TextPair) -> Severity | None:
    """`info` where everything is said in other words, and nothing that can be told is lacking."""
    if text.explained:
        return "info"
    return "info" if text.reworded and text.says_as_much(SHARED) else None


def _says_more(part: Sentence, loose: Whole, everything: Whole) -> bool:
    if courteous(part.text):
        return False
    figures = [q for q in quantities(part.text) if not q.soft and q.sort != "link"]
    if any(not everything.gives(q) for q in figures):
        return True
    told = topic(part.text)
    # Its figures tie a sentence to its counterpart, so that fewer words have to.
    tied = any(not q.soft and loose.gives(q) for q in quantities(part.text))
    share = _COVERED_BY_FIGURES if tied else _COVERED
    if len(told) < 2 or len(told & loose.topics) >= share * len(told):
        return False
    return not everything.repeats(told, _REPEATED)


class Unrelated:
    """A text that looks different and whose sentences share no word with their counterparts."""

    kinds: tuple[DriftKind, ...] = ("content",)

    def detect(self, pair: Pair, context: Context) -> Iterable[Drift]:
        """By `similarity`, which is a hint; at most one finding a text."""
        for text in pair.texts:
            if text.edited and not pair.cut_off:
                yield from _unrelated(text, context)


def _unrelated(text: TextPair, context: Context) -> Iterable[Drift]:
    one, other = text.before[:_MOST_MEASURED], text.after[:_MOST_MEASURED]
    least = context.similarity
    # An embedding only ever adds a hint: a likeness that it finds excuses nothing.
    if context.embed is not None and similarity(one, other, context.embed) < least:
        yield drift_of("content", text.where, text.before, text.after, "review")
        return
    parts, parts_after = text.parts
    for i, j in text.edited:
        if _share_nothing(parts[i].topic, parts_after[j].topic):
            if similarity(one, other, least=least) < least:
                reworded = not text.stands and text.says_as_much(SHARED)
                mild: Severity | None = "info" if reworded else _severity(text)
                yield drift_of("content", text.place(i), parts[i].text, parts_after[j].text, mild)
            return


def _share_nothing(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one) >= 2 and len(other) >= 2 and one.isdisjoint(other)


class Rewritten:
    """Prose that was rewritten as a whole: one finding that sums up what only one side says."""

    kinds: tuple[DriftKind, ...] = ("content", "wording")

    def detect(self, pair: Pair, context: Context) -> Iterable[Drift]:
        """One finding a text; without the pin's own spread nothing more can be said of it."""
        for text in pair.texts:
            if text.is_prose and text.rewritten:
                before, after = _summary(text)
                mild: Severity | None = "info" if text.restated else None
                yield drift_of("content", text.where, before, after, mild)


class Replaced:
    """The single figure or name that gave way to another of its sort, or a figure that is gone,
    where all is said in other words about the same; for review, as it may stand for something else.
    """

    kinds: tuple[DriftKind, ...] = ("content", "number")

    def detect(self, pair: Pair, context: Context) -> Iterable[Drift]:
        """Names, and what is gone, in short texts alone: in a longer one they come and go."""
        for text in pair.texts:
            if not text.is_prose or not (text.rewritten or text.reworded):
                continue
            if not text.restated:
                continue
            (parts, parts_after), (gone, new) = text.parts, text.one_sided_figures
            if len(gone) == len(new) == 1 and _replaces(new[0], gone[0]):
                was, now = holding(parts, gone[0].text), holding(parts_after, new[0].text)
                yield drift_of("number", text.where, was, now, "review")
            if max(len(parts), len(parts_after)) > _MOST_SENTENCES:
                continue
            names = name_replaced(parts, parts_after, *text.wholes)
            if names is not None:
                was, now = holding(parts, names[0]), holding(parts_after, names[1])
                yield drift_of("content", text.where, was, now, "review")
            lost = [q.text for q in gone if not (new or counts_only(q))]
            told = special(text.after)
            lost += [each for each in special(text.before) if each not in told]
            if lost:
                yield drift_of("content", text.where, holding(parts, lost[0]), None, "review")
            elif (unsaid := _unsaid(text)) is not None and not pair.cut_off:
                yield drift_of("content", text.where, unsaid.text, None, "review")


def _unsaid(text: TextPair) -> Sentence | None:
    """A sentence of the first text of which the second, which is shorter, has no word at all."""
    shorter = len(text.before) - len(text.after)
    told = text.wholes[1].topics
    for part in text.parts[0] if shorter > 0 and not text.truncated else ():
        said = topic(part.text)
        if (
            len(said) >= _LEAST_SAID
            and said.isdisjoint(told)
            and shorter >= _LEFT_OUT * len(part.text)
            and not courteous(part.text)
        ):
            return part
    return None


_LEAST_SAID = 3  # words of a sentence, of which some would be found in any rewording of it
_LEFT_OUT = 0.3  # of its length by which the text is shorter: what else is said may have grown
_MOST_SENTENCES = 8  # of a text in which a name, or a figure that is gone, says something


def _replaces(new: Quantity, gone: Quantity) -> bool:
    """Whether two different figures are of one sort and unit, as an amount and another one are."""
    return (new.sort, new.unit) == (gone.sort, gone.unit)


_MOST_NAMED = 8  # figures of a summary


def _summary(text: TextPair) -> tuple[str, str]:
    """How many sentences either side has, and which figures only it gives."""
    (parts, parts_after), kept = text.parts, len(text.aligned.equal)
    gone, new = text.one_sided_figures
    return (
        f"{len(parts)} sentences, {kept} of them kept{_listed('; no longer said: ', gone)}",
        f"{len(parts_after)} sentences, rewritten as a whole{_listed('; newly said: ', new)}",
    )


def _listed(lead: str, figures: Sequence[Quantity]) -> str:
    if not figures:
        return ""
    return lead + some([q.text.strip() for q in figures], _MOST_NAMED)


class Order:
    """Equal sentences in another order; numbered steps may not be shuffled."""

    kinds: tuple[DriftKind, ...] = ("order",)

    def detect(self, pair: Pair, context: Context) -> Iterable[Drift]:
        """At most one finding a text, at the first sentence that moved."""
        for text in pair.texts:
            if not text.is_prose:
                continue
            equal = text.aligned.equal
            places = [j for _, j in equal]
            moved = next((i for i, (a, b) in enumerate(pairwise(places), 1) if a >= b), None)
            if moved is not None:
                steps = layout(text.before).steps >= 2
                place = text.within(f"sentence {equal[moved][0] + 1}")
                yield drift_of("order", place, None, None, "review" if steps else None)
