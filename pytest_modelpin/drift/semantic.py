"""Similarity by meaning: model2vec's static embeddings, the extra `[semantic]`.

Nothing is loaded before it is asked for, and nothing else takes its place: where the extra or the
weights are missing, that is an error, since a figure from another measure would look the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_modelpin.drift.context import Embed
from pytest_modelpin.errors import ModelpinError

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
