"""What a reply says besides its text: tools, finish reason, tokens, cost and latency."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_modelpin.drift.context import Context
from pytest_modelpin.drift.drift import Drift, DriftKind, Severity
from pytest_modelpin.drift.json_values import compare_values, excerpt
from pytest_modelpin.drift.refusal import REFUSING_FINISHES
from pytest_modelpin.drift.severity import RANK, found
from pytest_modelpin.drift.truncation import CUT_FINISHES
from pytest_modelpin.providers.reply import Reply, ToolCall

_DOUBLE = 2.0  # from here on a rise is worth a look; below, two calls of one model differ as much

# Providers name the same ends differently; a change of spelling is no change.
_FINISHES = {
    "stop": "stop", "end_turn": "stop", "stop_sequence": "stop", "complete": "stop",
    "completed": "stop", "eos": "stop", "eos_token": "stop", "pause_turn": "pause",
    "tool_calls": "tools", "tool_use": "tools", "function_call": "tools", "tool_call": "tools",
    **dict.fromkeys(CUT_FINISHES, "length"),
    **dict.fromkeys(REFUSING_FINISHES, "refusal"),
}  # fmt: skip


def finish(reason: str | None) -> str | None:
    """A provider's finish reason as stop, length, tools, refusal or pause; else as it is."""
    return None if reason is None else _FINISHES.get(reason.lower(), reason.lower())


def refused(reply: Reply) -> bool:
    """Whether the provider says by a field of its own that the answer was withheld."""
    return bool(reply.refusal) or finish(reply.finish_reason) == "refusal"


def cut_off(reply: Reply) -> bool:
    """Whether the provider says, or the stream shows, that the answer ended early."""
    return not reply.complete or finish(reply.finish_reason) == "length"


def compare_endings(before: Reply, after: Reply) -> list[Drift]:
    """`finish_reason`, and what it stands for: `truncated` and `refusal`."""
    drifts = []
    if cut_off(after) and not cut_off(before):
        drifts.append(found("truncated", "", before.text[-200:], after.text[-200:]))
    if refused(after) and not refused(before):
        drifts.append(found("refusal", "", before.text, after.refusal or after.text))
    one, other = finish(before.finish_reason), finish(after.finish_reason)
    if one is not None and other is not None and one != other:
        drifts.append(found("finish_reason", "", before.finish_reason, after.finish_reason))
    return drifts


def compare_tools(
    before: Sequence[ToolCall], after: Sequence[ToolCall], context: Context
) -> list[Drift]:
    """`tools`: which are called, how often, in which order, with which arguments."""
    names, names_after = [call.name for call in before], [call.name for call in after]
    if names != names_after:
        if sorted(names) != sorted(names_after):
            return [found("tools", "tools", names, names_after)]
        reordered = [found("tools", "tools", names, names_after, "review")]
        ordered = sorted(before, key=lambda call: call.name)
        return reordered + _arguments(ordered, sorted(after, key=lambda call: call.name), context)
    return _arguments(before, after, context)


def _arguments(
    before: Sequence[ToolCall], after: Sequence[ToolCall], context: Context
) -> list[Drift]:
    drifts = []
    for place, (one, other) in enumerate(zip(before, after, strict=True)):
        for drift in compare_values(
            one.arguments, other.arguments, context, f"tools[{place}].arguments"
        ):
            severity: Severity = drift.severity
            if RANK[severity] >= RANK["review"] and drift.kind != "order":
                severity = "regression"  # whatever the tool is, it now does something else
            drifts.append(
                found("tools", drift.where, excerpt(drift.before), excerpt(drift.after), severity)
            )
    return drifts


def compare_figures(before: Reply | None, after: Reply | None, context: Context) -> list[Drift]:
    """`tokens`, `cost` and `latency`: beyond their ratios, `review` where doubled, else `info`."""
    drifts = []
    if before is not None and after is not None:
        drifts += _ratio(
            "tokens", before.usage.output_tokens, after.usage.output_tokens, context.token_ratio
        )
    drifts += _ratio("cost", context.cost_before, context.cost_after, context.token_ratio)
    drifts += _ratio(
        "latency", context.latency_before, context.latency_after, context.latency_ratio
    )
    return drifts


def _ratio(
    kind: DriftKind, before: float | None, after: float | None, allowed: float
) -> list[Drift]:
    if before is None or after is None or not before >= 0 or not after >= 0 or before == after:
        return []
    if before > 0 and before * (1 - allowed) <= after <= before * (1 + allowed):
        return []
    doubled = after >= _DOUBLE * before and kind != "latency"
    return [found(kind, "", before, after, "review" if doubled else None)]
