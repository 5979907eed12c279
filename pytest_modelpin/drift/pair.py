"""Two answers as the detectors see them: read once, as far as any of them asks."""

from __future__ import annotations

from pytest_modelpin.drift.context import Context
from pytest_modelpin.drift.once import once
from pytest_modelpin.drift.structure import walk_answers
from pytest_modelpin.drift.text.non_answers import CUT_FINISHES, REFUSING_FINISHES
from pytest_modelpin.drift.text_pair import TextPair
from pytest_modelpin.drift.values import Walk
from pytest_modelpin.providers.reply import JSON, Reply

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


class Pair:
    """An answer of production's and one of the candidate's."""

    def __init__(
        self, production: Reply | JSON, candidate: Reply | JSON, context: Context, where: str = "$"
    ) -> None:
        self.production = production
        self.candidate = candidate
        self._context = context
        self._where = where

    @once
    def replies(self) -> tuple[Reply, Reply] | None:
        """Both as replies; None where either is a bare text or value."""
        if isinstance(self.production, Reply) and isinstance(self.candidate, Reply):
            return self.production, self.candidate
        return None

    @once
    def said(self) -> tuple[JSON, JSON]:
        """The texts or values themselves."""
        return _said(self.production), _said(self.candidate)

    @once
    def comparable(self) -> bool:
        """Whether what both say can be compared at all.

        A word said beside a tool call is no answer, and neither is what stands in a refusal.
        """
        one, other = self.said
        if self.replies is not None:
            before, after = self.replies
            if (before.tools or after.tools) and not (one and other):
                return False
            if refused(after) and not refused(before):
                return False
        return not (isinstance(self.candidate, Reply) and self.candidate.tools and not other)

    @once
    def cut_off(self) -> bool:
        """Whether the candidate's reply ended early, by its own word; then what lacks is known."""
        return self.replies is not None and (
            cut_off(self.replies[1]) and not cut_off(self.replies[0])
        )

    @once
    def walk(self) -> Walk:
        """What of the structure changed, and the texts that are left to compare."""
        if not self.comparable:
            return Walk([], [])
        one, other = self.said
        return walk_answers(one, other, self._context, self._where)

    @property
    def texts(self) -> list[TextPair]:
        """Where a text stands against another: the whole answers, or strings within values."""
        return self.walk.texts


def _said(value: Reply | JSON) -> JSON:
    if isinstance(value, Reply):
        return value.text
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).decode("utf-8", "replace")
    return value
