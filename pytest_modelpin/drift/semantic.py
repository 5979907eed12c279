"""Meaning by a model that the user names, the extra `[semantic]`: embeddings and entailment."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_modelpin.drift.drift import Context, Drift, DriftKind, Embed, drift_of
from pytest_modelpin.drift.pair import Pair
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
            unsure = text.is_prose and not pair.cut_off
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


if TYPE_CHECKING:
    from model2vec import StaticModel

_COMMIT = re.compile(r"[0-9a-f]{40}")
_LONGEST = 20_000  # characters of a text that are embedded


@lru_cache(maxsize=4)
def embedder(model: str) -> Embed:
    """A function from texts to vectors by the static model that `model` names.

    `model` is a folder with a saved model, or `owner/name@revision` on the Hugging Face Hub, where
    the revision is a full commit: a branch or a tag may move, and the figures with it.

    Raises ModelpinError where the extra is not installed, the revision is no commit, or the weights
    can't be had.
    """
    folder = Path(model)
    loaded = _load(folder if folder.is_dir() else fetched(model, "settings.embedding"), model)

    def embed(texts: Sequence[str]) -> Sequence[Sequence[float]]:
        clipped = [text[:_LONGEST] for text in texts]
        vectors: list[list[float]] = loaded.encode(clipped, use_multiprocessing=False).tolist()
        return vectors

    return embed


def _load(folder: Path, model: str) -> StaticModel:
    try:
        from model2vec import StaticModel
    except ImportError:
        raise _without_extra(model) from None
    try:
        return StaticModel.from_pretrained(folder, force_download=False)
    except Exception as error:  # the file formats below it raise whatever they please
        raise ModelpinError(
            f"settings.embedding: no model2vec model can be loaded from {str(folder)!r} "
            f"({type(error).__name__}: {error}); save one there with StaticModel.save_pretrained, "
            "or name another folder or `owner/name@commit`."
        ) from None


def fetched(model: str, setting: str, files: Sequence[str] | None = None) -> Path:
    """The folder of what `model`, `owner/name@commit`, names on the Hugging Face Hub.

    `files` narrows what is fetched. Raises ModelpinError, which names the `setting`.
    """
    name, _, revision = model.partition("@")
    if name.count("/") != 1 or not _COMMIT.fullmatch(revision):
        raise ModelpinError(
            f"{setting}: found {model!r}, which is no folder here; allowed: a folder with "
            "a saved model, or `owner/name@revision` with the 40 hex digits of a commit."
        )
    try:
        from huggingface_hub import snapshot_download
    except ImportError:
        raise ModelpinError(
            f"{setting}: found {model!r}, but huggingface_hub is not installed; "
            'run: pip install "pytest-modelpin[semantic]", or name a folder.'
        ) from None
    try:
        wanted = None if files is None else list(files)
        return Path(snapshot_download(name, revision=revision, allow_patterns=wanted))
    except Exception as error:  # network, permissions, a missing commit: all keep the weights away
        raise ModelpinError(
            f"{setting}: the weights of {model!r} can't be fetched "
            f"({type(error).__name__}); check the name and the network, or download them once and "
            "name their folder."
        ) from None


def _without_extra(model: str) -> ModelpinError:
    return ModelpinError(
        f"settings.embedding: found {model!r}, but model2vec is not installed; "
        'run: pip install "pytest-modelpin[semantic]", or take the setting out to compare by '
        "rapidfuzz."
    )
