"""Ties that a text made and the other makes otherwise, whatever it words them in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from pytest_modelpin.drift.context import Context
from pytest_modelpin.drift.drift import Drift, DriftKind
from pytest_modelpin.drift.pair import Pair
from pytest_modelpin.drift.severity import drift_of
from pytest_modelpin.drift.text.clauses import (
    condition_dropped,
    conjunct_dropped,
    crossed,
    denied_instead,
    moment_turned,
    names_exchanged,
)
from pytest_modelpin.drift.text.relations import (
    bound_turned,
    dealt_otherwise,
    move_turned,
    operation_changed,
)
from pytest_modelpin.drift.text.sentences import Sentence

Between = Callable[[Sequence[Sentence], Sequence[Sentence]], tuple[Sentence, Sentence] | None]

_TIES: Mapping[Between, DriftKind] = {
    bound_turned: "content",
    move_turned: "number",
    operation_changed: "number",
    denied_instead: "negation",
    moment_turned: "content",
}


class Relations:
    """Bounds, moves from figure to figure, signs of a formula, what is denied of what, conditions.

    For review: the words around them may mean something else than is read here.
    """

    kinds: tuple[DriftKind, ...] = ("number", "negation", "content")

    def detect(self, pair: Pair, context: Context) -> Iterable[Drift]:
        """At most one finding of each."""
        for text in pair.texts:
            if text.form != "prose" or text.translated:
                continue
            parts, parts_after = text.parts
            loose = [parts[i] for i in (*(i for i, _ in text.aligned.changed), *text.aligned.gone)]
            for between, kind in _TIES.items():
                if (found := between(loose, parts_after)) is not None:
                    one, other = found
                    place = text.place(parts.index(one))
                    yield drift_of(kind, place, one.text, other.text, "review")
            for i, j in text.edited:
                before, after = parts[i].text, parts_after[j].text
                if dealt_otherwise(before, after):
                    yield drift_of("number", text.place(i), before, after, "review")
                elif names_exchanged(before, after) or crossed(before, after):
                    yield drift_of("content", text.place(i), before, after)
            if pair.cut_off or text.truncated:
                continue
            dropped = condition_dropped(parts, parts_after) or conjunct_dropped(parts, parts_after)
            if dropped is not None and dropped in loose:
                place = text.place(parts.index(dropped))
                yield drift_of("content", place, dropped.text, None)
            added = condition_dropped(parts_after, parts)
            if added is not None and added.key not in {part.key for part in parts}:
                yield drift_of("content", text.where, None, added.text)
