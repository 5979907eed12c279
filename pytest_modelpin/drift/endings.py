"""How a reply ended, in one vocabulary for all providers."""

from __future__ import annotations

from pytest_modelpin.drift.text.refusal import REFUSING_FINISHES
from pytest_modelpin.drift.text.truncation import CUT_FINISHES
from pytest_modelpin.providers.reply import Reply

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
