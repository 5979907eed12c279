from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from pytest_modelpin.compare import drifts
from pytest_modelpin.drift.semantic import embedder
from pytest_modelpin.drift.text.similarity import cosine, similarity
from pytest_modelpin.errors import ModelpinError

WORDS = ["[UNK]", "cat", "kitten", "stock", "market", "sat", "fell"]
VECTORS = [[0, 0], [1, 0], [0.9, 0.1], [0, 1], [0.1, 0.9], [1, 0.1], [0, 1]]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from model2vec import StaticModel
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace

    vocabulary = {word: place for place, word in enumerate(WORDS)}
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    model = StaticModel(np.array(VECTORS, dtype=np.float32), tokenizer, config={"normalize": True})
    folder = tmp_path_factory.mktemp("model")
    model.save_pretrained(str(folder))
    return folder


def test_a_saved_model_measures_by_meaning(saved: Path) -> None:
    embed = embedder(str(saved))
    assert similarity("cat sat", "kitten sat", embed) > 0.95
    assert similarity("cat sat", "stock fell", embed) < 0.3


def test_meaning_replaces_spelling_as_the_hint(saved: Path) -> None:
    embed = embedder(str(saved))
    by_meaning = drifts("cat sat", "market fell", context={"embed": embed, "similarity": 0.7})
    assert [d.kind for d in by_meaning] == ["content"]


def test_a_likeness_of_meaning_excuses_nothing() -> None:
    before, after = "Harbour closes tonight early.", "Museum sells printed maps."
    alike = {"embed": lambda texts: [[1.0, 0.0] for _ in texts]}
    plain = [(d.kind, d.severity) for d in drifts(before, after)]
    assert ("content", "review") in plain
    assert [(d.kind, d.severity) for d in drifts(before, after, context=alike)] == plain


def test_a_missing_folder_names_what_is_allowed() -> None:
    with pytest.raises(ModelpinError, match="owner/name@revision"):
        embedder("no/such/folder")


def test_a_branch_is_no_revision() -> None:
    with pytest.raises(ModelpinError, match="40 hex digits"):
        embedder("owner/name@main")


def test_an_empty_folder_says_how_to_fill_it(tmp_path: Path) -> None:
    with pytest.raises(ModelpinError, match="save_pretrained"):
        embedder(str(tmp_path))


def test_without_the_extra_the_message_says_what_to_install(
    saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "model2vec", None)
    embedder.cache_clear()
    with pytest.raises(ModelpinError, match=r"pytest-modelpin\[semantic\]"):
        embedder(str(saved))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [([1, 0], [1, 0], 1.0), ([1, 0], [0, 1], 0.0), ([0, 0], [1, 1], 0.0), ([1, 0], [-1, 0], 0.0)],
)
def test_cosine(one: list[float], other: list[float], expected: float) -> None:
    assert cosine(one, other) == pytest.approx(expected)


def test_cosine_of_a_nan_is_nothing() -> None:
    assert cosine([float("nan"), 1.0], [1.0, 1.0]) == 0.0
