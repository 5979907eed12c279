"""Programs: a text that is one, or the code blocks within a text, and the fences around them."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_modelpin.drift.context import Context
from pytest_modelpin.drift.drift import Drift, DriftKind
from pytest_modelpin.drift.pair import Pair
from pytest_modelpin.drift.severity import drift_of
from pytest_modelpin.drift.text.program_code import compare_code
from pytest_modelpin.drift.text_pair import TextPair


class Code:
    """Compared by tokens, never as prose."""

    kinds: tuple[DriftKind, ...] = (
        "fence", "content", "number", "negation", "wording", "whitespace",
    )  # fmt: skip

    def detect(self, pair: Pair, context: Context) -> Iterable[Drift]:
        """At most one finding of each kind a program."""
        for text in pair.texts:
            if text.form in ("code", "prose", "respaced") and text.fence_changed:
                fenced = "```" in text.before
                yield drift_of("fence", text.where, _fencing(fenced), _fencing(not fenced))
            if text.form == "code":
                yield from compare_code(*text.inner, text.where)
            elif text.form == "prose":
                yield from _blocks(text)


def _blocks(text: TextPair) -> Iterable[Drift]:
    blocks, blocks_after = (read.blocks for read in text.markdown)
    if len(blocks) == len(blocks_after):
        for place, (one, other) in enumerate(zip(blocks, blocks_after, strict=True), start=1):
            if one != other:
                yield from compare_code(one, other, text.within(f"code block {place}"))
    elif text.bare_blocks:
        yield drift_of("fence", text.where, _fencing(bool(blocks)), _fencing(bool(blocks_after)))
    else:
        told, told_after = (f"{len(found)} code blocks" for found in (blocks, blocks_after))
        yield drift_of("content", text.where, told, told_after)


def _fencing(fenced: bool) -> str:
    return "fenced" if fenced else "bare"
