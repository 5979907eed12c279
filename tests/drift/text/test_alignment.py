"""Pairing the sentences of two texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.drift.text import alignment
from pytest_modelpin.drift.text.alignment import align
from pytest_modelpin.drift.text.sentences import Sentence, sentences, topic

WORDS = st.sampled_from(
    "parcel courier refund invoice bank order is the of warranty 12".split()  # noqa: SIM905
)
TEXTS = st.lists(st.lists(WORDS, min_size=1, max_size=6).map(" ".join), max_size=7)


def alike(before: list[Sentence], after: list[Sentence], i: int, j: int) -> float:
    """The score of a pair as the documentation has it, for sentences that are all unequal."""
    one, other = topic(before[i].text), topic(after[j].text)
    dice = 2 * len(one & other) / (len(one) + len(other)) if one or other else 0.5
    near = 1 - abs(i / len(before) - j / len(after))
    return dice + 0.1 * near if dice > 0.18 else 0.0


def tried_one_by_one(before: list[Sentence], after: list[Sentence]) -> list[tuple[int, int]]:
    pairs = {
        (i, j): score
        for i in range(len(before))
        for j in range(len(after))
        if (score := alike(before, after, i, j))
    }
    chosen: list[tuple[int, int]] = []
    for pair in sorted(pairs, key=lambda pair: (-pairs[pair], pair)):
        if all(pair[0] != i and pair[1] != j for i, j in chosen):
            chosen.append(pair)
    if len(before) == len(after) == len(chosen) + 1:
        (left,) = set(range(len(before))) - {i for i, _ in chosen}
        (right,) = set(range(len(after))) - {j for _, j in chosen}
        chosen.append((left, right))
    return sorted(chosen)


def unlike(texts: list[str], mark: str) -> list[Sentence]:
    """A sentence of each text, none equal to another side's."""
    return [sentences(f"{mark} {text}")[0] for text in texts]


@given(TEXTS, TEXTS)
def test_the_most_alike_are_paired_first(one: list[str], other: list[str]) -> None:
    before, after = unlike(one, "so"), unlike(other, "the so")
    aligned = align(before, after)
    assert not aligned.equal
    assert list(aligned.changed) == tried_one_by_one(before, after)


@given(TEXTS, TEXTS)
def test_in_long_texts_only_neighbours_are_paired(one: list[str], other: list[str]) -> None:
    before, after = unlike(one, "so"), unlike(other, "the so")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(alignment, "MOST_PAIRS", 4)
        aligned = align(before, after)
    if len(before) * len(after) > 4:
        window = max(1, 4 // (2 * len(before)))
        far = [1 for i, j in aligned.changed if abs(j - i * len(after) // len(before)) > window]
        # Where one sentence is left over on either side, these two are paired wherever they are.
        assert len(far) <= (len(before) == len(after))
