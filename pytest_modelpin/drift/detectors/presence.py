"""Whether a text answers at all: `whitespace`, `empty`, `content` and `refusal`."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_modelpin.drift.context import Context
from pytest_modelpin.drift.drift import Drift, DriftKind
from pytest_modelpin.drift.pair import Pair
from pytest_modelpin.drift.severity import drift_of


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
