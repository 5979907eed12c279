"""What two replies show beside their texts: tool calls, endings, empty answers, tokens and cost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pytest_modelpin.drift.context import Context
from pytest_modelpin.drift.drift import Drift, DriftKind, Severity
from pytest_modelpin.drift.pair import Pair, cut_off, finish, refused
from pytest_modelpin.drift.severity import RANK, drift_of
from pytest_modelpin.drift.values import excerpt
from pytest_modelpin.providers.reply import ToolCall


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
