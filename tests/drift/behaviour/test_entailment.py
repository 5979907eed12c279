"""The entailment detector, on a cross-encoder that the tests make."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from modelpin_runtime.registry.models import Settings
from pytest_modelpin.compare import case_drifts
from pytest_modelpin.compare.case_comparison import configured
from pytest_modelpin.drift.detection import compare_answers
from pytest_modelpin.drift.semantic import entailment
from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.results.case import Case

WORDS = ["[UNK]", "the", "shop", "opens", "early", "never", "daily", "soon", "."]
NEVER = WORDS.index("never")


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """It entails unless the pair holds the word "never"."""
    from onnx import TensorProto, helper, numpy_helper, save
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace

    folder = tmp_path_factory.mktemp("cross-encoder")
    vocabulary = {word: place for place, word in enumerate(WORDS)}
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    scores = np.array([[0.0, 3.0] if n != NEVER else [90.0, 0.0] for n in range(len(WORDS))])
    graph = helper.make_graph(
        [
            helper.make_node("Gather", ["scores", "input_ids"], ["each"]),
            helper.make_node("ReduceMax", ["each", "axes"], ["logits"], keepdims=0),
        ],
        "tiny",
        [helper.make_tensor_value_info("input_ids", TensorProto.INT64, [1, None])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, 2])],
        [
            numpy_helper.from_array(scores.astype(np.float32), "scores"),
            numpy_helper.from_array(np.array([1], dtype=np.int64), "axes"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    save(model, str(folder / "model.onnx"))
    labels = {"id2label": {"0": "not_entailment", "1": "entailment"}}
    (folder / "config.json").write_text(json.dumps(labels))
    return folder


def severities(saved: Path, before: str, after: str) -> set[tuple[str, str]]:
    context = configured(Case("t"), Settings(entailment=str(saved)))
    return {(d.kind, d.severity) for d in compare_answers(before, after, context)}


BEFORE = "the shop opens early. the shop opens daily."


def test_what_follows_both_ways_is_no_finding(saved: Path) -> None:
    encoder = entailment(str(saved))._encoder
    assert encoder.same("the shop opens early", "the shop opens soon")
    assert not encoder.same("the shop opens early", "the shop never opens")
    assert encoder.follows("the shop", "opens") == pytest.approx(1 / (1 + np.exp(-3.0)), abs=1e-6)


def test_what_does_not_say_the_same_is_for_review_and_no_more(saved: Path) -> None:
    detector = entailment(str(saved))
    from pytest_modelpin.drift.drift import Context
    from pytest_modelpin.drift.pair import Pair

    context = Context()
    pair = Pair(BEFORE, "the shop never opens early. the shop opens daily.", context)
    assert [(d.kind, d.severity) for d in detector.detect(pair, context)] == [("content", "review")]
    same = Pair(BEFORE, "the shop opens soon. the shop opens daily.", context)
    assert list(detector.detect(same, context)) == []


def test_a_case_is_asked_beside_all_samples_of_the_pin(saved: Path) -> None:
    context = configured(Case("t"), Settings(entailment=str(saved)))
    pins = ["the shop opens early.", "early the shop opens.", "the shop soon opens early."]
    found = case_drifts(pins, ["the shop opens never early."] * 3, context=context)
    own = [d for d in found if d.kind == "content" and d.severity == "review"]
    assert own
    assert own[0].samples == (3, 3)
    same = case_drifts(pins, ["soon the shop opens early."] * 3, context=context)
    assert {d.severity for d in same} == {"info"}


def test_models_yml_has_it_asked(saved: Path) -> None:
    assert ("content", "review") in severities(saved, BEFORE, f"{BEFORE} never soon.")


def test_a_branch_is_no_revision() -> None:
    with pytest.raises(ModelpinError, match=r"settings\.entailment.*40 hex digits"):
        entailment("owner/name@main")


def test_a_folder_without_a_model_says_what_it_lacks(tmp_path: Path) -> None:
    with pytest.raises(ModelpinError, match=r"no model\.onnx"):
        entailment(str(tmp_path))


def test_a_damaged_model_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"nothing")
    with pytest.raises(ModelpinError, match="no cross-encoder can be loaded"):
        entailment(str(tmp_path))


def test_labels_without_entailment_are_named(saved: Path, tmp_path: Path) -> None:
    for path in saved.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "config.json").write_text('{"id2label": {"0": "good", "1": "bad"}}')
    with pytest.raises(ModelpinError, match="one of them has to be `entailment`"):
        entailment(str(tmp_path))


def test_without_the_extra_the_message_says_what_to_install(
    saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    entailment.cache_clear()
    with pytest.raises(ModelpinError, match=r"pytest-modelpin\[semantic\]"):
        entailment(str(saved))
