"""Another language than production's, and a text that ends in the middle of something."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_modelpin.drift.context import Context
from pytest_modelpin.drift.drift import Drift, DriftKind
from pytest_modelpin.drift.pair import Pair
from pytest_modelpin.drift.severity import drift_of
from pytest_modelpin.drift.text.language import language
from pytest_modelpin.drift.text.numbers import unmatched
from pytest_modelpin.drift.text.quantities import quantities
from pytest_modelpin.drift.text_pair import TextPair


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
