"""What became of one sentence: a figure, a denial, a name or a word of it, or only its wording."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from pytest_modelpin.compare.drift import DriftKind
from pytest_modelpin.compare.language import language
from pytest_modelpin.compare.negation import contradicts
from pytest_modelpin.compare.numbers import same, unmatched
from pytest_modelpin.compare.quantities import Quantity, masked, quantities
from pytest_modelpin.compare.sentences import Sentence, topic
from pytest_modelpin.compare.tokens import CJK, empty, joined, meaning, plain, stem, words
from pytest_modelpin.compare.words.numerals import MONTHS, WEEKDAYS
from pytest_modelpin.compare.words.opposites import CONTRARY, NEGATORS, POLAR, SCALE
from pytest_modelpin.compare.words.synonyms import CJK_GROUPS, GROUPS
from pytest_modelpin.compare.words.verbs import is_verb

if TYPE_CHECKING:
    from rapidfuzz.distance import Opcodes

_MOST_FIGURES = 200  # of a text that are tried one by one; beyond, only the same value counts
_MOST_WORDS = 400  # longer sentences are compared as bags of words only
_NAME = re.compile(r"(?<=[^\W_][,;:)]\s|[^\W_)\"'”]{2}\s)(?:[A-ZÀ-ÖØ-ÞА-Я][\w'’&-]+|[A-Z])\b")
_ARTICLES = frozenset("a an the der die das ein eine le la les un une el los las".split())  # noqa: SIM905
_INTACT = 0.65  # share of words that stay where one only gave way to another
_HALF = re.compile(r"^(?:un|in|im|ir|il|dis|non-?)(?=\w{3})")
_JOINING = frozenset(
    (
        "and",
        "or",
        "is",
        "are",
        "equals",
        "with",
        "met",
        "und",
        "oder",
        "ist",
        "et",
        "ou",
        "est",
        "y",
        "es",
    )
)
"""Words on both sides of which two names may change places."""
_PRONOUNS = frozenset(("it", "they", "he", "she", "this", "these", "those", "them"))
_ROMAN = re.compile(r"[IVXLC]+")
_GRAMMAR = re.compile(
    r"[\u3040-\u309f在于将已经会是的了把被为与和及并也都就还请您你们我不没无勿别要这那此该本其]*"
)
"""Hiragana, with which Japanese writes endings, and the commonest particles of Chinese."""
_SAME_START = 5  # letters that make two words one family


class Whole:
    """A text as a background: what it says anywhere. Each part is read only when asked for."""

    def __init__(self, text: str, parts: Sequence[Sentence]) -> None:
        self._text = text
        self._parts = parts

    @cached_property
    def text(self) -> str:
        """In lower case."""
        return self._text.lower()

    @cached_property
    def figures(self) -> tuple[Quantity, ...]:
        """Every distinct figure."""
        found = {q.readings: q for part in self._parts for q in quantities(part.text)}
        return tuple(found.values())

    @cached_property
    def _readings(self) -> frozenset[tuple[object, ...]]:
        return frozenset((q.sort, q.readings, q.unit) for q in self.figures)

    def holds(self, figure: Quantity) -> bool:
        """Whether the text has the figure, in whatever spelling."""
        if (figure.sort, figure.readings, figure.unit) in self._readings:
            return True
        return any(same(figure, other) for other in self.figures[:_MOST_FIGURES])

    @cached_property
    def topics(self) -> frozenset[str]:
        """The meanings of all its words."""
        return frozenset().union(*(topic(part.text) for part in self._parts))

    def repeats(self, told: frozenset[str], share: float) -> bool:
        """Whether one of the first sentences tells this share of what is told."""
        parts = self._parts[:_MOST_FIGURES]
        return any(len(told & topic(part.text)) >= share * len(told) for part in parts)

    @cached_property
    def nouns_capitalised(self) -> bool:
        """True for German, where a capital says nothing."""
        return language(self._text) == "de"


def changes(
    before: Sentence, after: Sentence, all_before: Whole, all_after: Whole
) -> list[DriftKind]:
    """The kinds of drift between a sentence and its counterpart, gravest first; never empty."""
    if before.key.lower() == after.key.lower():
        return ["wording"]
    found: list[DriftKind] = []
    figures = _figures(before.text, after.text, all_before, all_after)
    if figures == "number":
        found.append("number")
    if contradicts(before.text, after.text):
        found.append("negation")
    if not found and (
        figures == "content"
        or _substituted(before.text, after.text)
        or _renamed(before.text, after.text, all_before, all_after)
        or _swapped(before.text, after.text)
    ):
        found.append("content")
    return found or ["wording"]


def _figures(before: str, after: str, all_before: Whole, all_after: Whole) -> DriftKind | None:
    one, other = quantities(before), quantities(after)
    if not one and not other:
        return None
    left = unmatched(one, other)
    gone = [q for q in left.before if not q.soft]
    new = [q for q in left.after if not q.soft]
    template, template_after = _template(before), _template(after)
    near = (
        _dice(frozenset(template.split()), frozenset(template_after.split())) >= 0.6
        or _dice(topic(before), topic(after)) >= 0.6
    )
    if template == template_after or near:
        if gone and new:
            return (
                "content" if all(q.sort in ("link", "letter") for q in (*gone, *new)) else "number"
            )
        vague = [q for q in left.before if q.soft], [q for q in left.after if q.soft]
        if (gone and vague[1]) or (vague[0] and new) or (vague[0] and vague[1]):
            return "number"
        if (
            template == template_after
            and len(one) == len(other)
            and not left.before
            and not left.after
        ):
            swapped = any(not same(a, b) for a, b in zip(one, other, strict=True))
            return "number" if swapped else None
    # In a reworded sentence a figure may have come from, or gone to, a neighbour.
    gone = [q for q in gone if not all_after.holds(q)]
    new = [q for q in new if not all_before.holds(q)]
    if gone and new:
        return _kind_of(*gone, *new)
    if _replaced(gone, all_before, all_after) or _replaced(new, all_after, all_before):
        return "number"
    return "content" if [q for q in (*gone, *new) if q.sort not in ("weekday", "letter")] else None


def _kind_of(*figures: Quantity) -> DriftKind:
    """A link or a letter that changed is content; every other figure is a number."""
    return "content" if all(q.sort in ("link", "letter") for q in figures) else "number"


def _replaced(lost: Sequence[Quantity], mine: Whole, theirs: Whole) -> bool:
    """Whether the other text has a figure of the same unit, in whichever sentence, that is new."""
    return any(
        figure.sort == other.sort and figure.unit == other.unit is not None
        for figure in lost
        for other in theirs.figures[:_MOST_FIGURES]
        if not mine.holds(other)
    )


@lru_cache(maxsize=8192)
def _template(text: str) -> str:
    return " ".join(words(plain(masked(text))))


def _dice(one: frozenset[str], other: frozenset[str]) -> float:
    if not one and not other:
        return 1.0
    return 2 * len(one & other) / (len(one) + len(other))


def _substituted(before: str, after: str) -> bool:
    """Whether one word gave way to one of a different meaning in an otherwise like sentence."""
    if CJK.search(before) and CJK.search(after):
        return _substituted_cjk(before, after)
    one, other = _worded(before), _worded(after)
    if not one or not other or len(one) > _MOST_WORDS or len(other) > _MOST_WORDS:
        return False
    told, told_after = [_key(word) for word in one], [_key(word) for word in other]
    longest = max(len(one), len(other))
    from rapidfuzz.distance import Levenshtein

    edits = Levenshtein.opcodes(told, told_after)
    equal = sum(edit.src_end - edit.src_start for edit in edits if edit.tag == "equal")
    if longest > 3 and equal < _INTACT * longest:
        return False
    if longest <= 3 and longest > 1 and equal == 0 and len(one) != len(other):
        return False
    present, present_after = set(told), set(told_after)
    denying = not NEGATORS.isdisjoint(words(plain(f"{before} {after}")))
    replaced = elsewhere = 0
    for gone, new in _blocks(edits, one, other):
        if _opposed(gone, new):
            return True
        kept = [word for word in gone if not empty(word) and _key(word) not in present_after]
        come = [word for word in new if not empty(word) and _key(word) not in present]
        if _polar(kept, come):
            return not denying
        if kept and come and not _english(before, after):
            # Only English has synonyms enough here to tell a new meaning from a new word.
            kept, come = _nouns(kept, before), _nouns(come, after)
        if _reworded(gone, new, kept, come):
            elsewhere += 1
            continue
        if kept and come and len(kept) <= 3 and len(come) <= 3 and not _related(kept, come):
            replaced += 1
            elsewhere += any(
                word not in _ARTICLES and word not in (*kept, *come) for word in (*gone, *new)
            )
        else:
            elsewhere += any(word not in _ARTICLES for word in (*gone, *new))
    # Whoever states another fact keeps the sentence; whoever rewords it also moves things about.
    return replaced >= 1 and not elsewhere and (replaced == 1 or equal >= 0.75 * longest)


def _english(before: str, after: str) -> bool:
    return (before + after).isascii() and language(f"{before} {after}") in ("en", None)


def _nouns(found: Sequence[str], text: str) -> list[str]:
    """The words that the spelling shows to be names or nouns: a capital, or the Arabic article."""
    return [
        word
        for word in found
        if word.startswith("ال")
        or (word != word.capitalize() and re.search(rf"\b{re.escape(word.capitalize())}", text))
    ]


def _worded(text: str) -> list[str]:
    found = joined(words(plain(masked(text))))
    return [word for word in found if not word[0].isdigit() and word not in NEGATORS]


def _key(word: str) -> str:
    return word if empty(word) else meaning(word)


def _blocks(edits: Opcodes, one: list[str], other: list[str]) -> list[tuple[list[str], list[str]]]:
    """Runs of edits without an equal word between them, as (words gone, words new)."""
    blocks: list[tuple[list[str], list[str]]] = []
    gone: list[str] = []
    new: list[str] = []
    for edit in edits:
        if edit.tag == "equal":
            if gone or new:
                blocks.append((gone, new))
            gone, new = [], []
            continue
        gone = gone + one[edit.src_start : edit.src_end]
        new = new + other[edit.dest_start : edit.dest_end]
    if gone or new:
        blocks.append((gone, new))
    return blocks


def _reworded(
    gone: Sequence[str], new: Sequence[str], kept: Sequence[str], come: Sequence[str]
) -> bool:
    """Whether a noun gave way to a pronoun, a verb to a verb, or an adverb to an adverb."""
    if _PRONOUNS.isdisjoint(gone) != _PRONOUNS.isdisjoint(new):
        return True
    told = (*kept, *come)
    return bool(kept and come) and (
        all(is_verb(word) for word in told) or all(word.endswith("ly") for word in told)
    )


def _polar(gone: Sequence[str], new: Sequence[str]) -> bool:
    """Whether a word gave way to the one that denies the same."""
    known = {POLAR[word] for word in gone if word in POLAR}
    return any((POLAR[word][0], -POLAR[word][1]) in known for word in new if word in POLAR)


def _opposed(gone: Sequence[str], new: Sequence[str]) -> bool:
    """Whether a word was replaced by its opposite, or by another step of the same scale."""
    for table in (CONTRARY, SCALE):
        lost = {table[word][0]: table[word][1] for word in gone if word in table}
        for word in new:
            if word in table and lost.get(table[word][0], table[word][1]) != table[word][1]:
                return True
    return False


def _related(gone: Sequence[str], new: Sequence[str]) -> bool:
    """Whether the words are of one family or of one meaning: recommend and recommendation."""
    return any(
        not _groups(a).isdisjoint(_groups(b))
        or _HALF.sub("", a) == b or _HALF.sub("", b) == a  # turned round, and denied: no negation
        or         (a[:_SAME_START] == b[:_SAME_START] and min(len(a), len(b)) >= _SAME_START)
        or stem(a) == stem(b)
        or (len(a) > 4 and len(b) > len(a) + 2 and a in b)  # a compound's part
        or (len(b) > 4 and len(a) > len(b) + 2 and b in a)
        for a in gone
        for b in new
    )  # fmt: skip


def _groups(word: str) -> frozenset[int]:
    return GROUPS.get(word) or GROUPS.get(stem(word), frozenset())


def _substituted_cjk(before: str, after: str) -> bool:
    one = [c for c in plain(masked(before)) if c.isalnum()]
    other = [c for c in plain(masked(after)) if c.isalnum()]
    if len(one) > _MOST_WORDS or len(other) > _MOST_WORDS or not one or not other:
        return False
    from rapidfuzz.distance import Levenshtein

    edits = Levenshtein.opcodes(one, other)
    equal = sum(edit.src_end - edit.src_start for edit in edits if edit.tag == "equal")
    if equal < 0.65 * max(len(one), len(other)):
        return False
    blocks = [
        (_GRAMMAR.sub("", "".join(gone)), _GRAMMAR.sub("", "".join(new)))
        for gone, new in _blocks(edits, one, other)
    ]
    runs = [(gone, new) for gone, new in blocks if gone and new]
    elsewhere = sum(len(gone) + len(new) for gone, new in blocks if not (gone and new))
    if not 1 <= len(runs) <= 2 or elsewhere > 1 or _synonymous_cjk(before, after):
        return False
    return all(len(gone) <= 5 and len(new) <= 5 for gone, new in runs)


def _synonymous_cjk(before: str, after: str) -> bool:
    """Whether a word of one stands for a synonym in the other."""
    for group in CJK_GROUPS:
        mine = {word for word in group if word in before and word not in after}
        theirs = {word for word in group if word in after and word not in before}
        if mine and theirs:
            return True
    return False


def _renamed(before: str, after: str, all_before: Whole, all_after: Whole) -> bool:
    """Whether a name of one sentence has given way to another name."""
    if all_before.nouns_capitalised or all_after.nouns_capitalised:
        return False
    said, said_after = topic(before), topic(after)
    gone = [
        name
        for name in _names(before)
        if name.lower() not in all_after.text and name.lower() not in said_after
    ]
    new = [
        name
        for name in _names(after)
        if name.lower() not in all_before.text and name.lower() not in said
    ]
    if not gone or not new or _related([n.lower() for n in gone], [n.lower() for n in new]):
        return False
    return not _initials(gone, new) and not _initials(new, gone)


def _swapped(before: str, after: str) -> bool:
    """Whether two names changed places in a sentence that is otherwise the same, word for word."""
    one, other = words(plain(before)), words(plain(after))
    if len(one) != len(other) or one == other:
        return False
    places = [i for i, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    if len(places) != 2 or one[places[0]] != other[places[1]] or one[places[1]] != other[places[0]]:
        return False
    between = one[places[0] + 1 : places[1]]
    capitals = {word.lower() for word in re.findall(r"\b[^\W\d_a-z]\w*", before)}
    return {one[i] for i in places} <= capitals and not set(between) <= _JOINING


def _initials(short: Sequence[str], long: Sequence[str]) -> bool:
    """Whether an acronym stands for the names: USA for United States …"""
    return any(
        name.isupper() and len(name) > 1 and name[0] == long[0][0] and len(long) > 1
        for name in short
    )


def _names(text: str) -> list[str]:
    names = [
        name
        for name in _NAME.findall(text)
        if not _ROMAN.fullmatch(name)
        and name.lower() not in MONTHS
        and name.lower() not in WEEKDAYS
        and not empty(name.lower())
    ]
    # A title in capitals throughout names nothing in particular.
    return [] if len(names) > 0.6 * max(len(text.split()), 1) and len(names) > 3 else names
