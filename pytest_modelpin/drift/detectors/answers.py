"""Two answers as wholes. What replies show beside their texts: tool calls, endings, empty answers,
tokens and cost. What a text is as a whole: layout, length, language, refusal, fences, white space,
a program.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from pytest_modelpin.drift.drift import RANK, Context, Drift, DriftKind, Severity, drift_of
from pytest_modelpin.drift.figures.numbers import unmatched
from pytest_modelpin.drift.figures.quantities import quantities
from pytest_modelpin.drift.pair import Pair, cut_off, finish, refused
from pytest_modelpin.drift.programs.program_code import compare_code
from pytest_modelpin.drift.text.language import language
from pytest_modelpin.drift.text.markdown import Layout, layout, says_opening
from pytest_modelpin.drift.text_pair import TextPair
from pytest_modelpin.drift.values import excerpt
from pytest_modelpin.providers.wire import ToolCall


class ToolCalls:
    """Arguments are compared as any answer is, by the detectors in force."""

    kinds: tuple[DriftKind, ...] = ("tools",)

    def detect(self, pair: Pair, context: Context) -> Iterable[Drift]:
        """Needs two replies."""
        if pair.replies is None or pair.replies[0].tools == pair.replies[1].tools:
            return
        before, after = pair.replies[0].tools, pair.replies[1].tools
        names, names_after = [call.name for call in before], [call.name for call in after]
        if names != names_after:
            if sorted(names) != sorted(names_after):
                yield drift_of("tools", "tools", names, names_after)
                return
            yield drift_of("tools", "tools", names, names_after, "review")
            before = tuple(sorted(before, key=lambda call: call.name))
            after = tuple(sorted(after, key=lambda call: call.name))
        yield from _arguments(before, after, context)


def _arguments(
    before: Sequence[ToolCall], after: Sequence[ToolCall], context: Context
) -> Iterable[Drift]:
    from pytest_modelpin.drift.detection import detected

    for place, (one, other) in enumerate(zip(before, after, strict=True)):
        where = f"tools[{place}].arguments"
        for drift in detected(Pair(one.arguments, other.arguments, context, where), context):
            severity: Severity = drift.severity
            if RANK[severity] >= RANK["review"] and drift.kind != "order":
                severity = "regression"  # whatever the tool is, it now does something else
            yield drift_of(
                "tools", drift.where, excerpt(drift.before), excerpt(drift.after), severity
            )


class Endings:
    """Needs two replies: a bare text does not say how it ended."""

    kinds: tuple[DriftKind, ...] = ("truncated", "refusal", "finish_reason")

    def detect(self, pair: Pair, context: Context) -> Iterable[Drift]:
        """A spelling of the same end is no change."""
        if pair.replies is None:
            return
        before, after = pair.replies
        if cut_off(after) and not cut_off(before):
            yield drift_of("truncated", "", before.text[-200:], after.text[-200:])
        if refused(after) and not refused(before):
            yield drift_of("refusal", "", before.text, after.refusal or after.text)
        one, other = finish(before.finish_reason), finish(after.finish_reason)
        if one is not None and other is not None and one != other:
            yield drift_of("finish_reason", "", before.finish_reason, after.finish_reason)


class Presence:
    """One finding says it; what is not there is not also compared sentence by sentence."""

    kinds: tuple[DriftKind, ...] = ("whitespace", "empty", "content", "refusal")

    def detect(self, pair: Pair, context: Context) -> Iterable[Drift]:
        """At most one finding a text."""
        for text in pair.texts:
            where, before, after = text.where, text.before, text.after
            if text.form == "respaced" and not text.fence_changed:
                yield drift_of("whitespace", where, before, after)
            elif text.form == "emptied" and not pair.cut_off:
                yield drift_of("empty", where, before, after)
            elif text.form == "filled":
                yield drift_of("content", where, before, after)
            elif text.form == "refused":
                yield drift_of("refusal", where, before, after)
            elif text.form == "no longer refused":
                yield drift_of("refusal", where, before, after, "review")


LEAST_LATENCY = 0.05
"""Seconds; what is less is the network's doing, whatever share it is."""

_DOUBLE = 2.0  # from here on a rise is worth a look; below, two calls of one model differ as much


class Consumption:
    """Its figures are those of two single replies, or the averages that the context gives."""

    kinds: tuple[DriftKind, ...] = ("tokens", "cost", "latency")

    def detect(self, pair: Pair, context: Context) -> Iterable[Drift]:
        """An unknown figure is no finding."""
        if pair.replies is not None:
            before, after = (reply.usage.output_tokens for reply in pair.replies)
            yield from changed("tokens", before, after, context.token_ratio)
        yield from of_context(context)


def of_context(context: Context) -> Iterable[Drift]:
    """`cost` and `latency`, which no answer shows: the context says what they were."""
    yield from changed("cost", context.cost_before, context.cost_after, context.token_ratio)
    yield from changed(
        "latency",
        context.latency_before,
        context.latency_after,
        context.latency_ratio,
        least=LEAST_LATENCY,
    )


def changed(
    kind: DriftKind, before: float | None, after: float | None, ratio: float, *, least: float = 0.0
) -> Iterable[Drift]:
    """A drift where a figure moved by more than `ratio` and by `least`; `review` where it doubled.

    A latency is never more than `info`: one call says little.
    """
    if before is None or after is None or not before >= 0 or not after >= 0 or before == after:
        return
    if before > 0 and before * (1 - ratio) <= after <= before * (1 + ratio):
        return
    if abs(after - before) < least:
        return
    doubled = after >= _DOUBLE * before and kind != "latency"
    yield drift_of(kind, "", before, after, "review" if doubled else None)


_LEAST_LENGTH_CHANGE = 40  # characters: "Paris" and "It is Paris." differ by more than half
_SAID = 0.5  # share of the words that a list and the sentence it became both have
_SAID_REWORDED = 0.3  # the same where the sentences are worded differently as well
_TERSE = 0.5  # length of a list over that of the sentences that say the same
_LONG_ENOUGH = 300  # characters from which a change of length is worth a look by itself


class Layouts:
    """Headings, lists, tables, an opening courtesy; at `info` where only emphasis or bullets."""

    kinds: tuple[DriftKind, ...] = ("format",)

    def detect(self, pair: Pair, context: Context) -> Iterable[Drift]:
        """At most one finding a text."""
        for text in pair.texts:
            if text.is_prose:
                one, other = map(layout, text.prose)
                if one != other:
                    yield from _changed(text, one, other)


def _changed(text: TextPair, one: Layout, other: Layout) -> Iterable[Drift]:
    before, after = text.prose
    listed, listed_after = one.items + one.steps, other.items + other.steps
    opened = (one.opening and not says_opening(before, after)) or (
        other.opening and not says_opening(after, before)
    )
    shaped = (
        (listed >= 2 and not listed_after)
        or (listed_after >= 2 and not listed)
        or (one.rows >= 2) != (other.rows >= 2)
    )
    if bool(one.headings) != bool(other.headings):
        headed, plain = (before, after) if one.headings else (after, before)
        kept = not text.stands and all(
            heading.strip(" *_:#").lower() in plain.lower() for heading in _HEADING.findall(headed)
        )
        yield drift_of("format", text.where, str(one), str(other), "info" if kept else None)
    elif opened or shaped:
        # A courtesy before a text that is all reworded is a part of its wording, and a list that
        # became a sentence says the same where nothing is lacking.
        greeted = opened and text.stands and not (text.explained or shaped)
        share = _SAID if text.stands else _SAID_REWORDED
        lacks = shaped and not (text.reworded or text.says_as_much(share, as_long=_TERSE))
        told = greeted or lacks
        yield drift_of("format", text.where, str(one), str(other), None if told else "info")
    elif bool(one.items) != bool(other.items) or one.emphasis != other.emphasis:
        yield drift_of("format", text.where, str(one), str(other), "info")


_HEADING = re.compile(r"^#{1,6}[ \t]+(.+)$", re.MULTILINE)


class Length:
    """Beyond the context's ratio; at `info` for a short text."""

    kinds: tuple[DriftKind, ...] = ("length",)

    def detect(self, pair: Pair, context: Context) -> Iterable[Drift]:
        """None where the text breaks off, which says more."""
        for text in pair.texts:
            if not text.is_prose or text.truncated or pair.cut_off:
                continue
            one, other = len(text.before.strip()), len(text.after.strip())
            if abs(one - other) < _LEAST_LENGTH_CHANGE:
                continue
            if not one * (1 - context.length_ratio) <= other <= one * (1 + context.length_ratio):
                told = max(one, other) >= _LONG_ENOUGH and not (text.rewritten or text.explained)
                yield drift_of("length", text.where, one, other, None if told else "info")


class Languages:
    """With a `number` beside it where a figure did not survive the translation."""

    kinds: tuple[DriftKind, ...] = ("language", "number")

    def detect(self, pair: Pair, context: Context) -> Iterable[Drift]:
        """Both languages have to be known."""
        for text in pair.texts:
            if text.form == "prose" and text.translated:
                before, after = map(language, text.prose)
                yield drift_of("language", text.where, before, after)
                yield from _figures(text)


def _figures(text: TextPair) -> Iterable[Drift]:
    """Figures that a translation should have kept."""
    figures, figures_after = (
        [q for part in parts for q in quantities(part.text) if not q.soft] for parts in text.parts
    )
    left = unmatched(figures, figures_after)
    if left.before and left.after:
        yield drift_of("number", text.where, left.before[0].text, left.after[0].text)


class Truncation:
    """Told by the text alone; a reply's finish reason is the endings' business."""

    kinds: tuple[DriftKind, ...] = ("truncated",)

    def detect(self, pair: Pair, context: Context) -> Iterable[Drift]:
        """None where the reply itself says that it was cut off."""
        for text in pair.texts:
            if text.truncated and not pair.cut_off:
                yield drift_of("truncated", text.where, text.before[-200:], text.after[-200:])


class Documents:
    """Also says where an answer that was a document is none any more, or lost its fence."""

    kinds: tuple[DriftKind, ...] = (
        "unparseable", "keys", "type", "enum", "shape", "number", "negation", "content", "order",
        "empty", "fence", "format", "refusal", "truncated", "whitespace", "wording",
    )  # fmt: skip

    def detect(self, pair: Pair, context: Context) -> Iterable[Drift]:
        """All that the walk along both values met."""
        for drift in pair.walk.drifts:
            if not (pair.cut_off and drift.kind in ("truncated", "content", "empty")):
                yield drift


class Code:
    """Compared by tokens, never as prose."""

    kinds: tuple[DriftKind, ...] = (
        "fence", "content", "number", "negation", "wording", "whitespace",
    )  # fmt: skip

    def detect(self, pair: Pair, context: Context) -> Iterable[Drift]:
        """At most one finding of each kind a program."""
        for text in pair.texts:
            if text.form in ("code", "prose", "respaced") and text.fence_changed:
                fenced = "```" in text.before
                yield drift_of("fence", text.where, _fencing(fenced), _fencing(not fenced))
            if text.form == "code":
                yield from compare_code(*text.inner, text.where)
            elif text.form == "prose":
                yield from _blocks(text)


def _blocks(text: TextPair) -> Iterable[Drift]:
    blocks, blocks_after = (read.blocks for read in text.markdown)
    if len(blocks) == len(blocks_after):
        for place, (one, other) in enumerate(zip(blocks, blocks_after, strict=True), start=1):
            if one != other:
                yield from compare_code(one, other, text.within(f"code block {place}"))
    elif _joined(blocks) == _joined(blocks_after):
        yield drift_of("format", text.where, f"{len(blocks)} code blocks",
                       f"{len(blocks_after)} code blocks", "info")  # fmt: skip
    elif text.bare_blocks:
        # Who reads it out of a sentence still finds it as code.
        mild: Severity | None = "info" if text.inline_blocks else None
        fences = _fencing(bool(blocks)), _fencing(bool(blocks_after))
        yield drift_of("fence", text.where, *fences, mild)
    else:
        told, told_after = (f"{len(found)} code blocks" for found in (blocks, blocks_after))
        yield drift_of("content", text.where, told, told_after)


def _joined(blocks: Sequence[str]) -> list[str]:
    """The code of several blocks as one program, line by line."""
    return [line.strip() for block in blocks for line in block.splitlines() if line.strip()]


def _fencing(fenced: bool) -> str:
    return "fenced" if fenced else "bare"
