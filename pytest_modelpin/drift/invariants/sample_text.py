"""One sample's text, read into what can be shared by several: words, figures, names, layout."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import chain
from math import log
from typing import TypeVar

from pytest_modelpin.drift.figures.numbers import Quantity, Value, zones
from pytest_modelpin.drift.figures.quantities import quantities
from pytest_modelpin.drift.lexicon.numerals import MONTHS, UNITS, WEEKDAYS, ZONES
from pytest_modelpin.drift.lexicon.opposites import NO, YES
from pytest_modelpin.drift.once import once
from pytest_modelpin.drift.programs.program_code import INLINE, looks_like_code
from pytest_modelpin.drift.text.clauses import denied_clauses
from pytest_modelpin.drift.text.intact import special
from pytest_modelpin.drift.text.language import language
from pytest_modelpin.drift.text.markdown import Layout, Markdown, layout, read_markdown
from pytest_modelpin.drift.text.non_answers import courteous, refuses
from pytest_modelpin.drift.text.sentences import Sentence, Whole, key_of, sentences
from pytest_modelpin.drift.text.tokens import empty, letters

T = TypeVar("T")
Unit = tuple[str, Decimal]
"""What a unit measures, and how much of the dimension's base it is."""
_MOST_SENTENCES = 300  # of a text that are read for their words
_MOST_FIGURES = 200
_MOST_SNIPPETS = 20
_SHORT = 40  # characters of a label or number that is the whole answer


class SampleText(Whole):
    """One sample's text: also what its words, names and layout are."""

    most_read = _MOST_SENTENCES

    def __init__(self, text: str) -> None:
        self.text = text

    @once
    def key(self) -> str:
        """Equal where only white space, typography and case differ."""
        return key_of(self.text)

    @once
    def length(self) -> int:
        """Its characters, without white space around it."""
        return len(self.text.strip())

    @once
    def size(self) -> float:
        """The logarithm of the characters of its sentences, of which it has at least one."""
        return log(sum([len(part.text) for part in self.parts]))

    @once
    def refuses(self) -> bool:
        """Whether it declines to answer."""
        return refuses(self.text)

    @once
    def markdown(self) -> Markdown:
        """As Markdown."""
        return read_markdown(self.text)

    @once
    def layout(self) -> Layout:
        """Headings, lists, tables, opening."""
        return layout(self.text)

    @once
    def language(self) -> str | None:
        """ISO 639-1 code."""
        return language(self.markdown.prose)

    @once
    def is_code(self) -> bool:
        """Whether it is a program, fenced or bare."""
        read = self.markdown
        if len(read.blocks) == 1 and not read.prose.strip():
            return True
        return not read.blocks and looks_like_code(self.text)

    @once
    def snippets(self) -> Sequence[str]:
        """What it gives as code, fenced or within a sentence."""
        return [*self.markdown.blocks, *INLINE.findall(self.markdown.prose)][:_MOST_SNIPPETS]

    @once
    def is_label(self) -> bool:
        """Whether it is short enough to be a label, a number, a name."""
        text = self.text.strip()
        return 0 < len(text) <= _SHORT and "\n" not in text and len(text.split()) <= 4

    @once
    def parts(self) -> Sequence[Sentence]:
        """Its sentences outside of code, without courtesies."""
        found = sentences(self.markdown.prose)[:_MOST_SENTENCES]
        return [part for part in found if not courteous(part.levelled)]

    @once
    def only(self) -> Mapping[str, Sentence]:
        """By word, the one sentence that has it; words of several sentences are left out."""
        known: set[str] = set()
        several: set[str] = set()
        for each in self.parts:
            several |= known & each.words
            known |= each.words
        found: dict[str, Sentence] = {}
        for each in self.parts:
            found |= dict.fromkeys(each.words - several, each)
        return found

    @once
    def words(self) -> frozenset[str]:
        """The meanings of all its content words."""
        return frozenset().union(*[each.words for each in self.parts])

    @once
    def keys(self) -> frozenset[str]:
        """What tells each of its sentences, however it is spelled."""
        return frozenset([each.key for each in self.parts])

    @once
    def denied(self) -> frozenset[str]:
        """The words that are denied wherever it has them."""
        denied, affirmed = self._by_denial
        return denied.difference(*affirmed) if denied else denied

    @once
    def affirmed(self) -> frozenset[str]:
        """The words that are denied nowhere."""
        denied, affirmed = self._by_denial
        return frozenset().union(*affirmed) - denied

    def denies_word(self, word: str) -> bool | None:
        """Whether it denies a word; None where it does both, or has none."""
        if word in self.denied:
            return True
        return False if word in self.affirmed else None

    @once
    def _by_denial(self) -> tuple[frozenset[str], Sequence[frozenset[str]]]:
        """The words of all clauses that deny; and of each sentence and clause that doesn't."""
        affirmed = [each.words for each in self.parts if not each.denies]
        denied: list[frozenset[str]] = []
        for each in self.parts if self.denies else ():
            if each.denies:
                for denies, words in denied_clauses(each.levelled):
                    (denied if denies else affirmed).append(words)
        return frozenset().union(*denied), affirmed

    @once
    def denies(self) -> bool:
        """Whether it denies anything."""
        return any(each.denies for each in self.parts)

    @once
    def by_value(self) -> Mapping[Value, Quantity]:
        """The first figures by their values."""
        given = [part.by_value for part in self.parts]
        found: dict[Value, Quantity] = {}
        if sum(map(len, given)) <= _MOST_FIGURES:
            for of_sentence in given:
                found.update(of_sentence)
            return found
        for q in chain.from_iterable(quantities(part.text) for part in self.parts):
            if len(found) < _MOST_FIGURES:
                found[q.value] = q
        return found

    @once
    def values(self) -> frozenset[Value]:
        """What its figures mean."""
        return frozenset(self.by_value)

    @once
    def bases(self) -> Mapping[Unit, str]:
        """The units that an amount is given for, "per kilogram", each as it is spelled.

        Not those of time: a day stands for every day, too.
        """
        found: dict[Unit, str] = {}
        if self.lowered.isascii() and _MEASURES.isdisjoint(letters(self.lowered)):
            return found
        for word in _PER.findall(self.lowered):
            unit = UNITS.get(word)
            if unit is not None and unit[0] not in _TIMES:
                found[unit] = word
        return found

    @once
    def special(self) -> frozenset[str]:
        """Flags, paths and variables."""
        return frozenset(special(self.text))

    @once
    def zones(self) -> frozenset[str]:
        """The zones of its times."""
        return zones(self.text) if any(q.sort == "time" for q in self.figures) else frozenset()

    @once
    def said(self) -> frozenset[str]:
        """Its different words, in lower case and as blanks part them."""
        parts = sentences(self.text)
        if " ".join([part.text for part in parts]) == self.text:  # of which several have the same
            return frozenset().union(*[part.said for part in parts])
        return frozenset(self.lowered.split())

    @once
    def names(self) -> frozenset[str]:
        """Words with a capital inside of sentences; none in German, where that says nothing."""
        return frozenset() if self.capitals and self.language == "de" else self.capitals

    @once
    def capitals(self) -> frozenset[str]:
        """Words with a capital inside of sentences, in German, too."""
        found = (name for part in self.parts for name in _names(part.text))
        return frozenset(re.sub("['’]s?$", "", name) for name in found)

    @once
    def answer(self) -> int:
        """1 where it opens with a yes, -1 with a no, else 0."""
        first = _FIRST_WORD.match(self.text)
        if first is None:
            return 0
        word = first[1].lower()
        sign = (word in YES) - (word in NO)
        # "No" and "right" also begin sentences that answer nothing.
        return sign if sign and (first[2] or len(self.text.split(maxsplit=1)) == 1) else 0


_TIMES = ("second", "month", "workday")
_MEASURES = frozenset(word for word, (unit, _) in UNITS.items() if unit not in _TIMES)
# One class of characters at the start lets the search skip all else at once.
_PER = re.compile(
    r"[aejp/](?:(?<=\ba)n?\s|(?<=\be)(?:ach|very)\s|(?<=\bj)e\s|(?<=\bp)(?:er|ro|ar|or)\s|(?<=/)\s?)"
    r"([^\W\d_]+)"
)
_FIRST_WORD = re.compile(r"[\W_]*([^\W\d_]+)[*_]*(\s*[,.!;:—–\n]|\s*$)?")

# A capital that begins a word, or stands within one: Windows, macOS.
_CAPITAL = re.compile(r"(?<=\s)(?:[A-ZÀ-ÖØ-ÞА-Я][\w'’-]*|[a-z]{1,5}[A-Z][\w-]*)[\w]")


@lru_cache(maxsize=16384)
def _names(sentence: str) -> Sequence[str]:
    """Its words with a capital but the first; none where it is a title in capitals throughout."""
    if sentence[1:] == sentence[1:].lower():
        return ()  # as of most sentences, which name nobody
    found = [
        word
        for word in _CAPITAL.findall(sentence)
        if (low := word.lower()) not in MONTHS
        and low not in WEEKDAYS
        and word not in ZONES
        and not empty(low)
    ]
    if len(found) > 3 and len(found) > 0.6 * len(sentence.split()):
        return ()
    return found


def figures_held(sentence: str, other: SampleText) -> bool:
    """Whether a sentence gives figures, and the other text has them all."""
    figures = [q for q in quantities(sentence) if not q.soft or q.plain != _ONE]
    return bool(figures) and all(other.gives(q) for q in figures)


_ONE = (Decimal(1),)


def common(samples: Iterable[frozenset[T]]) -> frozenset[T]:
    """What several samples all have; once they share nothing, the rest is not read."""
    found: frozenset[T] | None = None
    for each in samples:
        found = each if found is None else found & each
        if not found:
            break
    return found or frozenset()


@lru_cache(maxsize=4096)
def read_text(text: str) -> SampleText:
    """The text read; the same object for the same text, so that nothing is read twice."""
    return SampleText(text)


@lru_cache(maxsize=64)  # of both sides of a case, which all that is compared asks for
def words_of_any(texts: tuple[SampleText, ...]) -> frozenset[str]:
    """The words that any of several texts has."""
    return frozenset().union(*[each.words for each in texts])


@lru_cache(maxsize=64)
def words_of_all(texts: tuple[SampleText, ...]) -> frozenset[str]:
    """The words that all of them have."""
    return frozenset.intersection(*[each.words for each in texts])
