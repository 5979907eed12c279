"""Values and documents: keys, types, shapes, figures and labels of JSON, XML and YAML."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_modelpin.drift.context import Context
from pytest_modelpin.drift.drift import Drift, DriftKind
from pytest_modelpin.drift.pair import Pair


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
