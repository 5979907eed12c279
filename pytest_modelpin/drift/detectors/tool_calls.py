"""Which tools are called, how often, in which order, with which arguments: `tools`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pytest_modelpin.drift.context import Context
from pytest_modelpin.drift.drift import Drift, DriftKind, Severity
from pytest_modelpin.drift.pair import Pair
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
