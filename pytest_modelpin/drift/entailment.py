"""Whether two texts say the same, by a cross-encoder for entailment: the extra `[semantic]`.

A text says the same as another where each follows from the other. The model is one that the user
names, as ONNX; nothing is loaded before it is asked for, and nothing else takes its place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_modelpin.drift.context import Context
from pytest_modelpin.drift.drift import Drift, DriftKind
from pytest_modelpin.drift.pair import Pair
from pytest_modelpin.drift.semantic import fetched
from pytest_modelpin.drift.severity import drift_of
from pytest_modelpin.errors import ModelpinError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

SETTING = "settings.entailment"
_MOST_TOKENS = 512
_ENTAILS = re.compile(r"entail", re.IGNORECASE)
_DENIES = re.compile(r"(?:not|non|un)[_ -]?entail", re.IGNORECASE)
_FILES = ["config.json", "tokenizer.json", "model.onnx", "onnx/model.onnx"]


class CrossEncoder:
    """A model that says how surely one text follows from another."""

    def __init__(self, session: Any, tokenizer: Tokenizer, entails: int) -> None:
        """`session` is onnxruntime's; `entails` is the place of the label that says so."""
        self._session = session
        self._tokenizer = tokenizer
        self._entails = entails
        self._inputs = {each.name for each in session.get_inputs()}
        tokenizer.enable_truncation(_MOST_TOKENS)

    def follows(self, premise: str, hypothesis: str) -> float:
        """The probability that the hypothesis follows, 0 to 1."""
        import numpy as np

        read = self._tokenizer.encode(premise, hypothesis)
        given = {
            "input_ids": read.ids,
            "attention_mask": read.attention_mask,
            "token_type_ids": read.type_ids,
        }
        feed = {
            name: np.array([values], dtype=np.int64)
            for name, values in given.items()
            if name in self._inputs
        }
        (logits,) = self._session.run(None, feed)[:1]
        scores = np.asarray(logits, dtype=np.float64)[0]
        shares = np.exp(scores - scores.max())
        return float(shares[self._entails] / shares.sum())

    def same(self, one: str, other: str) -> bool:
        """Whether each follows from the other, more surely than not."""
        return self.follows(one, other) >= 0.5 and self.follows(other, one) >= 0.5


class Entailment:
    """Prose of which the other detectors see only other words, and which does not say the same.

    For review and no more: it is right in four cases of five.
    """

    kinds: tuple[DriftKind, ...] = ("content",)

    def __init__(self, encoder: CrossEncoder) -> None:
        self._encoder = encoder

    def detect(self, pair: Pair, context: Context) -> Iterable[Drift]:
        """At most one finding a text."""
        for text in pair.texts:
            unsure = text.form == "prose" and not text.translated and not pair.cut_off
            if unsure and not self._encoder.same(text.before, text.after):
                yield drift_of("content", text.where, text.before, text.after, "review")


@lru_cache(maxsize=2)
def entailment(model: str) -> Entailment:
    """The detector on the cross-encoder that `model` names.

    `model` is a folder with `config.json`, `tokenizer.json` and `model.onnx`, or
    `owner/name@revision` on the Hugging Face Hub, where the revision is a full commit. Raises
    ModelpinError where the extra is not installed or the model can't be had or read.
    """
    try:
        import onnxruntime  # type: ignore[import-untyped,import-not-found,unused-ignore]
        from tokenizers import Tokenizer
    except ImportError:
        raise ModelpinError(
            f"{SETTING}: found {model!r}, but onnxruntime and tokenizers are not installed; run: "
            'pip install "pytest-modelpin[semantic]", or take the setting out.'
        ) from None
    folder = Path(model)
    folder = folder if folder.is_dir() else fetched(model, SETTING, _FILES)
    graph = next((folder / each for each in _FILES[2:] if (folder / each).is_file()), None)
    if graph is None:
        raise _unfit(model, "it holds no model.onnx")
    try:
        session = onnxruntime.InferenceSession(str(graph), providers=["CPUExecutionProvider"])
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        config = json.loads((folder / "config.json").read_bytes())
    except Exception as error:  # the file formats below it raise whatever they please
        raise _unfit(model, f"{type(error).__name__}: {error}") from None
    return Entailment(CrossEncoder(session, tokenizer, _label(config, model)))


def _label(config: Any, model: str) -> int:
    labels = config.get("id2label") if isinstance(config, dict) else None
    found = [
        int(place)
        for place, label in (labels or {}).items()
        if _ENTAILS.search(str(label)) and not _DENIES.search(str(label))
    ]
    if len(found) != 1:
        raise _unfit(model, f"its labels are {labels!r}, and one of them has to be `entailment`")
    return found[0]


def _unfit(model: str, why: str) -> ModelpinError:
    return ModelpinError(
        f"{SETTING}: no cross-encoder can be loaded from {model!r} ({why}); name a folder with "
        "config.json, tokenizer.json and model.onnx, or `owner/name@commit`."
    )
