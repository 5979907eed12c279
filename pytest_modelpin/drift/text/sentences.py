"""A text cut into sentences, two texts' sentences paired, and a text as one's background."""

# ruff: noqa: E501 - tables and patterns stay in one piece

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from pytest_modelpin.drift.lexicon.numerals import MONTHS
from pytest_modelpin.drift.once import once
from pytest_modelpin.drift.text.language import language
from pytest_modelpin.drift.text.numbers import Figures, Quantity, Value
from pytest_modelpin.drift.text.quantities import masked, quantities
from pytest_modelpin.drift.text.quantity_words import Spoken
from pytest_modelpin.drift.text.tokens import joined, meanings, worded

MOST_FIGURES = 200
"""Figures of a text that are tried one by one; beyond, only the same value counts."""


class Whole:
    """A text as a background: what it says anywhere. Each part is read only when asked for."""

    def __init__(self, text: str, parts: Sequence[Sentence]) -> None:
        self._text = text
        self._parts = parts

    @once
    def text(self) -> str:
        """In lower case."""
        return self._text.lower()

    @once
    def figures(self) -> tuple[Quantity, ...]:
        """Every distinct figure."""
        return tuple(self._by_value.values())

    @once
    def _by_value(self) -> dict[Value, Quantity]:
        return {q.value: q for part in self._parts for q in quantities(part.text)}

    def holds(self, figure: Quantity) -> bool:
        """Whether the text has the figure, in whatever spelling."""
        if figure.value in self._by_value or self._first_figures.have(figure):
            return True
        return self._spoken.have(figure)

    @once
    def _spoken(self) -> Spoken:
        return Spoken([part.text for part in self._parts[:MOST_FIGURES]])

    @once
    def _first_figures(self) -> Figures:
        return Figures(self.figures[:MOST_FIGURES])

    @once
    def topics(self) -> frozenset[str]:
        """The meanings of all its words."""
        return frozenset().union(*(topic(part.text) for part in self._parts))

    def repeats(self, told: frozenset[str], share: float) -> bool:
        """Whether one of the first sentences tells this share of what is told."""
        enough = share * len(told)
        if len(told & self.topics) < enough:
            return False  # not even all sentences together do
        parts = self._parts[:MOST_FIGURES]
        return any(len(told & topic(part.text)) >= enough for part in parts)

    @once
    def english(self) -> bool:
        """Whether it is English, or too short to tell."""
        return self._text.isascii() and language(self._text) in ("en", None)

    @once
    def nouns_capitalised(self) -> bool:
        """True for German, where a capital says nothing."""
        return language(self._text) == "de"


MOST_PAIRS = 40_000
"""Pairs that are scored at most: beyond 200 × 200 only neighbours by position are."""

_ABBREVIATIONS = frozenset(
    """mr mrs ms dr prof sr jr st vs etc e.g i.e eg ie approx dept est fig inc ltd co corp no
    vol pp a.m p.m u.s u.k e.u ph.d z.b d.h u.a bzw ca nr str ggf inkl exkl usw evtl abs
    art tel max min m mme mlle av p.ej""".split()  # noqa: SIM905
)
_BEFORE_FIGURES = frozenset(
    ("no", "nr", "art", "abs", "fig", "vol", "pp", "max", "min", "tel", "est")
)
_SHORTENED = _ABBREVIATIONS | _BEFORE_FIGURES
# One class of characters at the start lets the search skip all else at once.
_END = re.compile(
    r"[.!?؟۔…。！？](?:(?<=[.!?؟۔…])[.!?؟۔…]*[\"'”’»)\]*_]{0,3}(?=\s)|(?<=[。！？])[。！？]*[”’」』）]{0,2}"
    r"|(?<=[.!?؟])[.!?؟]*[\"'”’»)\]*_]{0,3}$)"
)
_MARKER = re.compile(
    r"^[ \t]*(?:(?:[-*+•‣◦▪–—]|\d{1,3}[.)]|[a-zA-Z][.)])[ \t]+|#{1,6}[ \t]+|>[ \t]?|\|)+"
)
_EMPHASIS = re.compile(r"\*\*|__|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)|`+")
_RULE = re.compile(r"^[\s|:*_=-]*$")


class Sentence(NamedTuple):
    """One sentence, or one item, heading or row."""

    text: str
    """Without list marker and emphasis."""
    key: str
    """Equal where only white space, typography, case and emphasis differ."""
    closed: bool
    """Whether it ends with a full stop or its like."""


@lru_cache(maxsize=4096)
def sentences(text: str) -> tuple[Sentence, ...]:
    """The sentences of a text in reading order; a soft-wrapped line continues the one before."""
    found: list[Sentence | None] = []
    for line in _paragraphs(text):
        start = 0
        for match in _END.finditer(line):
            stop, end = match.span()
            if _is_boundary(line, start, stop, end):
                found.append(_sentence(line[start:end]))
                start = end
        found.append(_sentence(line[start:]))
    return tuple(filter(None, found))


def _paragraphs(text: str) -> list[str]:
    lines: list[str] = []
    previous = ""
    for line in text.splitlines():
        stripped = line.strip()
        if _RULE.match(stripped):
            previous = ""
            continue
        marked = _MARKER.match(line)
        continues = (
            len(previous) > 50
            and not marked
            and stripped[:1].islower()
            and previous[-1] not in ".!?:。！？؟|"
        )
        if continues:
            lines[-1] = f"{lines[-1]} {stripped}"
        else:
            lines.append(line[marked.end() :] if marked else stripped)
        previous = stripped
    return lines


def _is_boundary(line: str, start: int, stop: int, end: int) -> bool:
    """Whether the marks from `stop` to `end` close the sentence that begins at `start`."""
    if line[stop] != "." or end >= len(line):
        return True
    before = line[max(start, stop - 8) : stop]
    word = before[before.rfind(" ") + 1 :]
    if len(word) > 2 and word.isalpha() and word.islower() and word not in _SHORTENED:
        return True  # nearly every sentence ends in such a word
    word = word.lower().lstrip("(\"'")
    if word in _BEFORE_FIGURES:
        return not line[end:].lstrip()[:1].isdigit()
    if word in _ABBREVIATIONS or (len(word) == 1 and word.isalpha()):
        return False
    if word.isdigit() and len(word) <= 2:
        following = line[end:].split(maxsplit=1)
        if following and following[0].strip(".,").lower() in MONTHS:
            return False
    return True


@lru_cache(maxsize=16384)
def _sentence(text: str) -> Sentence | None:
    """What a part of a line says; None where it says nothing. Most stand in several samples."""
    text = text.strip(" \t|")
    marked = "*" in text or "_" in text or "`" in text
    shown = _EMPHASIS.sub("", text).strip() if marked else text
    if not shown:
        return None
    return Sentence(shown, key_of(shown), shown[-1] in '.!?。！？؟…"”')


_TYPOGRAPHY = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "–": "-", "—": "-", "‑": "-",
     "…": "...", "\u00a0": " ", "\u202f": " ", "\u200b": "", "\u200e": "", "\u200f": "", "\ufeff": "",
     "，": ",", "：": ":", "；": ";", "（": "(", "）": ")", "×": "x"}
)  # fmt: skip
_TRAILING = " \t.,;:!?。！？；،"


def key_of(text: str) -> str:
    """`text` in lower case, typography levelled, spaces joined, the final stop dropped."""
    if not text.isascii():
        text = text.translate(_TYPOGRAPHY)
    return " ".join(text.rstrip(_TRAILING).lower().split())


class Alignment(NamedTuple):
    """Which sentence became which; indexes into the two texts' sentences."""

    equal: tuple[tuple[int, int], ...]
    changed: tuple[tuple[int, int], ...]
    gone: tuple[int, ...]
    new: tuple[int, ...]


def align(before: Sequence[Sentence], after: Sequence[Sentence]) -> Alignment:
    """Pair equal sentences first, then the most alike, then what is left between equal neighbours.

    Two sentences are alike where they speak of the same things: Dice's coefficient of their
    content words and masked figures, with a small bonus for a like position.
    """
    places: dict[str, list[int]] = {}
    for j in range(len(after) - 1, -1, -1):
        places.setdefault(after[j].key, []).append(j)
    equal: list[tuple[int, int]] = []
    gone: list[int] = []
    for i, sentence in enumerate(before):
        same = places.get(sentence.key)
        if same:
            equal.append((i, same.pop()))
        else:
            gone.append(i)
    taken = {j for _, j in equal}
    new = [j for j in range(len(after)) if j not in taken]
    changed = _pair_alike(before, after, gone, new)
    paired_before, paired_after = {i for i, _ in changed}, {j for _, j in changed}
    gone = [i for i in gone if i not in paired_before]
    new = [j for j in new if j not in paired_after]
    if len(gone) == len(new) == 1 and len(before) == len(after):
        changed.append((gone.pop(), new.pop()))
    return Alignment(tuple(equal), tuple(sorted(changed)), tuple(gone), tuple(new))


_NOTHING = frozenset([""])
"""What sentences without any telling word have in common."""


def _pair_alike(
    before: Sequence[Sentence], after: Sequence[Sentence], gone: Sequence[int], new: Sequence[int]
) -> list[tuple[int, int]]:
    told_before = [topic(before[i].text) for i in gone]
    told_after = [topic(after[j].text) for j in new]
    window = len(new)
    if len(gone) * len(new) > MOST_PAIRS:
        window = max(1, MOST_PAIRS // (2 * max(len(gone), 1)))
    tellers: dict[str, list[int]] = {}
    for b, theirs in enumerate(told_after):
        for word in theirs or _NOTHING:
            tellers.setdefault(word, []).append(b)
    sizes = [len(theirs) for theirs in told_after]
    scored: list[tuple[float, int, int]] = []
    for a, mine in enumerate(told_before):
        centre = a * len(new) // max(len(gone), 1)
        told: list[Sequence[int]] = [tellers[word] for word in mine or _NOTHING if word in tellers]
        if window < len(new):
            told = [_near(places, centre, window) for places in told]
        for b, shared in Counter(chain.from_iterable(told)).items():
            dice = 2 * shared / (len(mine) + sizes[b]) if mine else 0.5
            if dice > 0.18 and -window <= b - centre <= window:
                near = 1 - abs(a / len(gone) - b / len(new))
                scored.append((-dice - 0.1 * near, gone[a], new[b]))
    scored.sort()
    pairs: list[tuple[int, int]] = []
    left, right = set(gone), set(new)
    for _, i, j in scored:
        if i in left and j in right:
            pairs.append((i, j))
            left.discard(i)
            right.discard(j)
    return pairs


def _near(places: Sequence[int], centre: int, window: int) -> Sequence[int]:
    """Those of ascending places that are no farther from a centre than the window is wide."""
    if len(places) <= window:
        return places
    return places[bisect_left(places, centre - window) : bisect_right(places, centre + window)]


def holding(parts: Sequence[Sentence], said: str) -> str:
    """The first sentence that holds it; that alone where none does."""
    return next((part.text for part in parts if said in part.text), said)


@lru_cache(maxsize=16384)
def sentence_words(text: str) -> tuple[str, ...]:
    """The words of a sentence in their order, each phrase that means one word as that word.

    Figures are all alike.
    """
    return _words_of(masked(text))


@lru_cache(maxsize=16384)
def topic(text: str) -> frozenset[str]:
    """What a sentence is about, whatever figures it gives."""
    return _topic_of(masked(text))


# By the template, so that answers that differ in their figures alone are read once.
@lru_cache(maxsize=8192)
def _words_of(template: str) -> tuple[str, ...]:
    return joined(worded(template))


@lru_cache(maxsize=8192)
def _topic_of(template: str) -> frozenset[str]:
    return meanings(_words_of(template), ascii=template.isascii())
