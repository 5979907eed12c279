"""Answers with one fact changed on purpose: what a judge that reads has to find.

Pure and deterministic: the same text and seed always give the same change.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from pytest_modelpin.drift.text.sentences import sentences

_NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)*(?![\w])")
_AUXILIARY = re.compile(
    r"\b(?:is|are|was|were|will|can|must|should|may|does|do|has|have)\b(?! not\b)(?!n['’]t)", re.I
)
_DENIAL = re.compile(
    r"\b(is|are|was|were|will|can|must|should|may|does|do|has|have)(?: not|n['’]t)\b"
)
_NAME = re.compile(r"(?<=[a-z,;] )[A-Z][a-z]{2,}\b")
_OTHERS = ("Anderson", "Brussels", "Caroline", "Denver", "Everett", "Finland", "Gibson", "Harlow")


class Change(NamedTuple):
    """One changed answer."""

    kind: str
    """`number`, `negation`, `sentence` or `name`."""
    text: str


def changes(text: str, seed: int = 0) -> Iterable[Change]:
    """One change of each kind that the text allows."""
    for kind, change in _KINDS.items():
        draw = random.Random(f"{seed} {kind} {text}")  # noqa: S311 - which place, not a secret
        changed = change(text, draw)
        if changed is not None and changed.strip() and changed != text:
            yield Change(kind, changed)


def _number(text: str, draw: random.Random) -> str | None:
    """A figure three times as big, one more, or with a digit more."""
    found = list(_NUMBER.finditer(text))
    if not found:
        return None
    one = draw.choice(found)
    figure = re.match(r"\d+", one[0])
    assert figure is not None, "it begins with a digit"
    whole = int(figure[0])
    other = draw.choice([whole * 3 + 1, whole + 1, whole * 10 + 5])
    return text[: one.start()] + str(other) + one[0][figure.end() :] + text[one.end() :]


def _negation(text: str, draw: random.Random) -> str | None:
    if denials := list(_DENIAL.finditer(text)):
        one = draw.choice(denials)
        return text[: one.start()] + one[1] + text[one.end() :]
    if found := list(_AUXILIARY.finditer(text)):
        one = draw.choice(found)
        return f"{text[: one.end()]} not{text[one.end() :]}"
    return None


def _sentence(text: str, draw: random.Random) -> str | None:
    """Without one of at least two sentences that say something."""
    told = [each.text for each in sentences(text) if len(each.text.split()) >= 4]
    if len(told) < 2:
        return None
    place = text.find(gone := draw.choice(told))
    return None if place < 0 else (text[:place] + text[place + len(gone) :]).strip()


def _name(text: str, draw: random.Random) -> str | None:
    found = list(_NAME.finditer(text))
    if not found:
        return None
    one = draw.choice(found)[0]
    other = draw.choice([each for each in _OTHERS if each != one])
    return re.sub(rf"\b{one}\b", other, text)


_KINDS: Mapping[str, Callable[[str, random.Random], str | None]] = {
    "number": _number,
    "negation": _negation,
    "sentence": _sentence,
    "name": _name,
}
