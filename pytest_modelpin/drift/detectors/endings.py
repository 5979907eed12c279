"""How a reply ended: `truncated`, `refusal` and `finish_reason`, by the provider's own word."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_modelpin.drift.context import Context
from pytest_modelpin.drift.drift import Drift, DriftKind
from pytest_modelpin.drift.endings import cut_off, finish, refused
from pytest_modelpin.drift.pair import Pair
from pytest_modelpin.drift.severity import drift_of


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
