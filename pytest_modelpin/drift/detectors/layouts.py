"""How a text is laid out, and how long it is: `format` and `length`."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_modelpin.drift.context import Context
from pytest_modelpin.drift.drift import Drift, DriftKind
from pytest_modelpin.drift.pair import Pair
from pytest_modelpin.drift.severity import drift_of
from pytest_modelpin.drift.text.layout import Layout, layout, says_opening
from pytest_modelpin.drift.text_pair import TextPair

_LEAST_LENGTH_CHANGE = 40  # characters: "Paris" and "It is Paris." differ by more than half
_SAID = 0.5  # share of the words that a list and the sentence it became both have
_LONG_ENOUGH = 300  # characters from which a change of length is worth a look by itself


class Layouts:
    """Headings, lists, tables, an opening courtesy; at `info` where only emphasis or bullets."""

    kinds: tuple[DriftKind, ...] = ("format",)

    def detect(self, pair: Pair, context: Context) -> Iterable[Drift]:
        """At most one finding a text."""
        for text in pair.texts:
            if text.form == "prose" and not text.translated:
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
        yield drift_of("format", text.where, str(one), str(other))
    elif opened or shaped:
        # A courtesy before a text that is all reworded is a part of its wording, and a list that
        # became a sentence says the same where nothing is lacking.
        told = (opened and not text.reworded) or (shaped and not text.says_as_much(_SAID))
        yield drift_of("format", text.where, str(one), str(other), None if told else "info")
    elif bool(one.items) != bool(other.items) or one.emphasis != other.emphasis:
        yield drift_of("format", text.where, str(one), str(other), "info")


class Length:
    """Beyond the context's ratio; at `info` for a short text."""

    kinds: tuple[DriftKind, ...] = ("length",)

    def detect(self, pair: Pair, context: Context) -> Iterable[Drift]:
        """None where the text breaks off, which says more."""
        for text in pair.texts:
            if text.form != "prose" or text.translated or text.truncated or pair.cut_off:
                continue
            one, other = len(text.before.strip()), len(text.after.strip())
            if abs(one - other) < _LEAST_LENGTH_CHANGE:
                continue
            if not one * (1 - context.length_ratio) <= other <= one * (1 + context.length_ratio):
                told = max(one, other) >= _LONG_ENOUGH and not text.rewritten
                yield drift_of("length", text.where, one, other, None if told else "info")
