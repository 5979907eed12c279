"""Looking for secrets in a text: what stands in it, and which texts are known to hold none.

A reply is looked into when it is recorded, when its test is reported, when the run is written. Most
hold no secret, so that looking is nearly all that redaction costs; the second look at a long text
asks only for what was no secret yet at the first.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from pytest_modelpin.redaction.shapes import SHAPES, Shape, shapes_in
from pytest_modelpin.redaction.spellings import (
    may_hold_key,
    read_otherwise,
)

LONG = 2048
"""Characters. What is as long is remembered where it holds no secret."""

_RUN = re.compile(r"[A-Za-z0-9_\-./+=:%~]{8,}")
_MOST_REMEMBERED = 512  # texts


@dataclass(frozen=True, slots=True)
class Found:
    """What stands in a text; false where nothing does."""

    secrets: tuple[str, ...] = ()
    shapes: tuple[Shape, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.secrets or self.shapes)

    @classmethod
    def together(cls, founds: Sequence[Found]) -> Found:
        """What stands in any of several texts, the longest secret first."""
        secrets = dict.fromkeys(secret for found in founds for secret in found.secrets)
        names = {shape.name for found in founds for shape in found.shapes}
        return cls(
            tuple(sorted(secrets, key=len, reverse=True)),
            tuple(shape for shape in SHAPES if shape.name in names),
        )


def look(text: str, known: tuple[str, ...], *, framed: bool = False) -> Found:
    """Which of the secrets `known`, and which shapes of one, stand in a text or in its JSON.

    In a stream's events as they came (`framed`), none is sought across blanks and line breaks.
    """
    if not text:
        return Found()
    if framed or len(text) < LONG:
        return _look(text, known, shapes=True, parted=not framed)
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
    free_of = _Remembered.shared.free_of(digest)
    if free_of is None:
        found = _look(text, known, shapes=True)
    else:
        new = tuple(secret for secret in known if secret not in free_of)
        found = _look(text, new, shapes=False) if new else Found()
    if not found:
        _Remembered.shared.add(digest, known)
    return found


class _Remembered:
    """Long texts, by digest, and the secrets that each was found free of, beside all shapes."""

    shared: _Remembered

    def __init__(self) -> None:
        self._texts: OrderedDict[bytes, frozenset[str]] = OrderedDict()
        self._lock = threading.Lock()

    def free_of(self, digest: bytes) -> frozenset[str] | None:
        with self._lock:
            return self._texts.get(digest)

    def add(self, digest: bytes, known: tuple[str, ...]) -> None:
        with self._lock:
            before = self._texts.pop(digest, frozenset())
            self._texts[digest] = before.union(known) if not before.issuperset(known) else before
            if len(self._texts) > _MOST_REMEMBERED:
                self._texts.popitem(last=False)


_Remembered.shared = _Remembered()


def _look(text: str, known: tuple[str, ...], *, shapes: bool, parted: bool = True) -> Found:
    runs = _runs_of(text)
    read, across = read_otherwise(text, known, parted=parted)
    keys = list(filter(may_hold_key, runs)) if shapes else []
    plain, in_runs = _plain(known), "\n".join((*runs, *read))
    present = tuple(
        secret
        for secret in known
        if secret in across
        or (secret in in_runs if secret in plain else _stands_in(secret, (text, *read)))
    )
    return Found(present, shapes_in(text, "\n".join(runs), keys) if shapes else ())


def _stands_in(secret: str, texts: Sequence[str]) -> bool:
    escaped = json.dumps(secret)[1:-1]
    return any(secret in text or escaped in text for text in texts)


@lru_cache(maxsize=8)
def _plain(known: tuple[str, ...]) -> frozenset[str]:
    """Those that stand in a run of a text, or nowhere in it."""
    return frozenset(filter(_is_run, known))


def _runs_of(text: str) -> frozenset[str]:
    """The longest pieces of `text` that a key can be made of; texts repeat most of theirs.

    Whoever seeks something that consists of such characters alone finds it in one of them.
    """
    return frozenset(_RUN.findall(text))


def _is_run(text: str) -> bool:
    """Whether a text that holds this one has a run that does."""
    return _RUN.fullmatch(text) is not None
