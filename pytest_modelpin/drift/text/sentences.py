"""A text cut into sentences, each of which is read once, and a text as one's background."""

# ruff: noqa: E501 - tables and patterns stay in one piece

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from pytest_modelpin.drift.figures.numbers import Figures, Quantity, Value
from pytest_modelpin.drift.figures.quantities import masked, quantities
from pytest_modelpin.drift.figures.quantity_words import Spoken
from pytest_modelpin.drift.lexicon.numerals import MONTHS
from pytest_modelpin.drift.lexicon.opposites import DENYING
from pytest_modelpin.drift.once import once
from pytest_modelpin.drift.text.language import language
from pytest_modelpin.drift.text.tokens import joined, levelled, meanings, worded


class Whole:
    """A text by its sentences: what it says anywhere, each aspect read when first asked for."""

    parts: Sequence[Sentence]
    most_read = 200
    """Sentences, and figures of them, that are tried one by one; beyond, only the same value
    counts."""

    def __init__(self, text: str, parts: Sequence[Sentence]) -> None:
        self.text = text
        self.parts = parts

    @once
    def lowered(self) -> str:
        """In lower case."""
        return self.text.lower()

    @once
    def figures(self) -> Sequence[Quantity]:
        """Every distinct figure, words such as "one" included."""
        return tuple(self.by_value.values())

    @once
    def by_value(self) -> Mapping[Value, Quantity]:
        """The same by their values."""
        found: dict[Value, Quantity] = {}
        for part in self.parts:
            found.update(part.by_value)  # which keeps its values hashed, which is dear
        return found

    def gives(self, figure: Quantity, value: Value | None = None) -> bool:
        """Whether it has a figure, in whatever spelling; `value` is the figure's, where known."""
        if value is None:
            value = figure.value
        if value in self.by_value:
            return True
        # Every text of the other side asks for the same ones, which mostly it doesn't have.
        key = (value, figure.plain, figure.text)
        known = self._asked.get(key)
        if known is None:
            known = self._first_figures.have(figure) or self._spoken.have(figure)
            self._asked[key] = known
        return known

    @once
    def _asked(self) -> dict[object, bool]:
        return {}

    @once
    def _spoken(self) -> Spoken:
        return Spoken([part.text for part in self.parts[: self.most_read]])

    @once
    def _first_figures(self) -> Figures:
        return Figures(self.figures[: self.most_read])

    @once
    def topics(self) -> frozenset[str]:
        """The meanings of all its words."""
        return frozenset().union(*(part.topic for part in self.parts))

    def repeats(self, told: frozenset[str], share: float) -> bool:
        """Whether one of the first sentences tells this share of what is told."""
        enough = share * len(told)
        if len(told & self.topics) < enough:
            return False  # not even all sentences together do
        return any(len(told & part.topic) >= enough for part in self.parts[: self.most_read])

    @once
    def english(self) -> bool:
        """Whether it is English, or too short to tell."""
        return self.text.isascii() and language(self.text) in ("en", None)

    @once
    def nouns_capitalised(self) -> bool:
        """True for German, where a capital says nothing."""
        return language(self.text) == "de"


@lru_cache(maxsize=256)  # of the texts of a case, each is held against several
def read_whole(text: str) -> Whole:
    """The text as a background; the same object for the same text, so that nothing is read twice."""
    return Whole(text, sentences(text))


_ABBREVIATIONS = frozenset(
    """mr mrs ms dr prof sr jr st vs etc e.g i.e eg ie approx dept est fig inc ltd co corp no
    vol pp a.m p.m u.s u.k e.u ph.d z.b d.h u.a bzw ca nr str ggf inkl exkl usw evtl abs
    art tel max min m mme mlle av p.ej""".split()  # noqa: SIM905
)
_BEFORE_FIGURES = frozenset(
    ("no", "nr", "art", "abs", "fig", "vol", "pp", "max", "min", "tel", "est")
)
_SHORTENED = _ABBREVIATIONS | _BEFORE_FIGURES
# One class of characters at the start lets the search skip all else at once. Of a row of marks only
# the first begins an end: each of a thousand would look at all that follow.
_END = re.compile(
    r"[.!?؟۔…。！？](?:(?<=[.!?؟۔…])(?<![.!?؟۔…]{2})[.!?؟۔…]*[\"'”’»)\]*_]{0,3}(?=\s)|(?<=[。！？])[。！？]*[”’」』）]{0,2}"
    r"|(?<=[.!?؟])(?<![.!?؟]{2})[.!?؟]*[\"'”’»)\]*_]{0,3}$)"
)
_MARKER = re.compile(
    r"^[ \t]*(?:(?:[-*+•‣◦▪–—]|\d{1,3}[.)]|[a-zA-Z][.)])[ \t]+|#{1,6}[ \t]+|>[ \t]?|\|)+"
)
_EMPHASIS = re.compile(r"\*\*|__|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)|`+")
_RULE = re.compile(r"^[\s|:*_=-]*$")


class Sentence:
    """One sentence, or one item, heading or row, each aspect of which is read when first asked for.

    The same text is the same object for as long as it is remembered.
    """

    def __init__(self, text: str) -> None:
        """`text` is without list marker and emphasis."""
        self.text = text

    @once
    def key(self) -> str:
        """Equal where only white space, typography, case and emphasis differ."""
        return key_of(self.text)

    @property
    def closed(self) -> bool:
        """Whether it ends with a full stop or its like."""
        return self.text[-1] in '.!?。！？؟…"”'

    @once
    def levelled(self) -> str:
        """The text `levelled`."""
        return levelled(self.text)

    @once
    def words(self) -> frozenset[str]:
        """The meanings of its content words; figures are looked at apart."""
        return _stated(self.levelled)[0]

    @once
    def denies(self) -> bool:
        """Whether a word of it denies anything."""
        return _stated(self.levelled)[1]

    @once
    def said(self) -> frozenset[str]:
        """Its different words, in lower case and as blanks part them."""
        return frozenset(self.text.lower().split())

    @once
    def topic(self) -> frozenset[str]:
        """What it is about, by all its words but the figures."""
        return _topic_of(self.template)

    @once
    def template(self) -> str:
        """The text with every hard figure replaced by one placeholder."""
        return masked(self.text)

    @once
    def by_value(self) -> Mapping[Value, Quantity]:
        """Its figures by what they mean."""
        return {q.value: q for q in quantities(self.text)}


@lru_cache(maxsize=8192)
def _stated(levelled: str) -> tuple[frozenset[str], bool]:
    """What the words of a sentence mean, and whether one denies."""
    told = words_of(levelled)
    if "1" in levelled or not levelled.isascii():
        told = tuple([word for word in told if not word[0].isdigit()])
        return meanings(told, ascii=levelled.isascii()), not DENYING.isdisjoint(told)
    return _topic_of(levelled), not DENYING.isdisjoint(told)


@lru_cache(maxsize=4096)
def sentences(text: str) -> tuple[Sentence, ...]:
    """The sentences of a text in reading order; a soft-wrapped line continues the one before."""
    found: list[Sentence | None] = []
    for line in _paragraphs(text):
        start = 0
        for match in _END.finditer(line):
            stop, end = match.span()
            word = line[line.rfind(" ", start, stop) + 1 : stop]
            if (len(word) > 2 and word.islower() and word.isalpha() and word not in _SHORTENED) or (
                _is_boundary(line, start, stop, end)
            ):  # nearly every sentence ends in a word of lower-case letters
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
    word = before[before.rfind(" ") + 1 :].lower().lstrip("(\"'")
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
    return Sentence(shown)


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


def holding(parts: Sequence[Sentence], said: str) -> str:
    """The first sentence that holds it; that alone where none does."""
    return next((part.text for part in parts if said in part.text), said)


def sentence_words(text: str) -> tuple[str, ...]:
    """The words of a sentence in their order, each phrase that means one word as that word.

    Figures are all alike.
    """
    return words_of(masked(text))


def topic(text: str) -> frozenset[str]:
    """What a sentence is about, whatever figures it gives."""
    return _topic_of(masked(text))


# By the template, so that answers that differ in their figures alone are read once.
@lru_cache(maxsize=8192)
def words_of(template: str) -> tuple[str, ...]:
    """The words of a template in their order."""
    return joined(worded(template))


@lru_cache(maxsize=8192)
def _topic_of(template: str) -> frozenset[str]:
    return meanings(words_of(template), ascii=template.isascii())
