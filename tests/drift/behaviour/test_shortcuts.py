"""What is left out for speed finds nothing: the short way is held to the long one."""

# ruff: noqa: E501 - tables stay in one piece

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.drift.figures import quantity_words as spoken
from pytest_modelpin.drift.figures.quantities import quantities
from pytest_modelpin.drift.invariants.sample_text import SampleText, read_text
from pytest_modelpin.drift.lexicon.opposites import DENYING
from pytest_modelpin.drift.text import clauses
from pytest_modelpin.drift.text.markdown import _is_marked
from pytest_modelpin.drift.text.sentences import sentences
from pytest_modelpin.drift.text.tokens import worded

PIECES = (
    "an hour", "half an hour", "halbe Stunde", "une demi-heure", "two hours and a half", "a halftime",
    "dos horas y media", "mezz'ora", "meia hora", "three quarters of an hour", "drei viertel Stunden",
    "un cuarto de hora", "each week", "on weekdays", "at the week-end", "am Wochenende", "werktags",
    "en semaine", "fin de semana", "fine settimana", "giorni feriali", "平日", "周末", "per kilogram",
    "eine zweieinhalbstündige Tour", "am Montagvormittag", "from 14:02–14:47", "90 minutes",
    "45 minutes", "1 hour", "the receipt", "is not kept", "nobody calls", "and", ",", ".", "\n", " - ",
    "| a |", "> said", "`code`", "# head", "1) first", "*", "•", "no refund", "a refund", "\t", "not",
)  # fmt: skip
texts = st.lists(st.sampled_from(PIECES), max_size=9).map(" ".join)
_LONG_MARKS = re.compile(r"^[ \t]*(?:[#>|`~*+•‣◦-]|\d{1,3}[.)][ \t])|\|[ \t]*$", re.MULTILINE)


def unguarded(text: str) -> set[tuple[Decimal, str]]:
    """What every pattern finds where each is tried on any text."""
    units = spoken.UNITS
    of_one = [(Decimal(1), match["unit"]) for match in spoken._ONE.finditer(text)]
    halves = [(Decimal("0.5"), match["unit"]) for match in spoken._HALF.finditer(text)]
    more = [(Decimal("1.5"), match["unit"]) for match in spoken._AND_HALF.finditer(text)]
    quarters = [
        (Decimal("0.75" if match["three"] else "0.25"), match["unit"])
        for match in spoken._QUARTER.finditer(text)
    ]
    counted = [
        (spoken.HOURS[match["count"]] + Decimal("0.5"), match["unit"])
        for match in spoken._HOURS_AND_HALF.finditer(text)
    ]
    found = {
        (value * units[unit][1], units[unit][0])
        for value, unit in (*of_one, *halves, *more, *quarters, *counted)
        if unit in units
    }
    found |= {(Decimal("0.5"), "None") for _ in spoken._HALF_A.finditer(text)}
    for name, pattern in (("workweek", spoken._WORKWEEK), ("weekend", spoken._WEEKEND)):
        if pattern.search(text):
            found.add((Decimal(0), name))
    return found


def guarded(text: str) -> set[tuple[Decimal, str]]:
    found = set()
    for each in spoken._read(text):
        if each.sort == "weekday":
            if not spoken._PART_OF_DAY.fullmatch(each.text):
                found.add((Decimal(0), "workweek" if each.readings[0] in range(5) else "weekend"))
        elif not spoken._LASTING.fullmatch(each.text):
            (value,) = each.readings
            assert isinstance(value, Decimal)
            found.add((value, str(each.unit)))
    return found


@given(texts)
def test_amounts_without_a_number_are_read_wherever_a_pattern_has_one(text: str) -> None:
    assert guarded(text.lower()) == unguarded(text.lower())


@pytest.mark.parametrize("piece", PIECES)
def test_each_way_to_say_an_amount_is_read(piece: str) -> None:
    assert guarded(piece.lower()) == unguarded(piece.lower())


@given(st.lists(texts, max_size=4), texts)
def test_sentences_read_once_say_what_each_says(sentences: list[str], asked: str) -> None:
    known = spoken.Spoken(sentences)
    for figure in (*quantities(asked), *spoken._amounts(asked)):
        assert known.have(figure) == any(spoken.says(each, figure) for each in sentences)


@given(texts)
def test_a_text_is_read_as_markdown_where_a_line_is_marked(text: str) -> None:
    assert _is_marked(text) == bool(_LONG_MARKS.search(text))


def by_the_clause(text: SampleText) -> dict[str, bool]:
    """Each word beside every other: whether it is denied; without words that are both."""
    signs: dict[str, set[bool]] = {}
    for statement in text.parts:
        whole = [(False, statement.words)]
        read = clauses.denied_clauses(statement.levelled) if statement.denies else whole
        for denies, words in read:
            for word in words:
                signs.setdefault(word, set()).add(denies)
    return {word: sign.pop() for word, sign in signs.items() if len(sign) == 1}


@given(texts)
def test_denied_and_affirmed_are_what_the_clauses_say(text: str) -> None:
    read = read_text(text)
    expected = by_the_clause(read)
    words = {*expected, *read.words, "elsewhere"}
    assert {word: read.denies_word(word) for word in words} == {
        word: expected.get(word) for word in words
    }
    assert read.denied == {word for word, denies in expected.items() if denies}


@given(texts)
def test_a_word_of_one_sentence_alone_is_told_from_others(text: str) -> None:
    read = read_text(text)
    holders = {word: [s for s in read.parts if word in s.words] for word in read.words}
    assert dict(read.only) == {word: of[0] for word, of in holders.items() if len(of) == 1}


CONDITIONED = """Only after the check. It is only if you ask. Only when open. Only with a card. Only for members.
Or if you are late. Unless you are late. Provided that you pay. Provided you pay. Except for beds.
Except on Monday. Nur wenn es regnet. Nur nach Zahlung. Sofern möglich. Vorausgesetzt es passt. Außer
am Montag. Es sei denn es regnet. Sauf si elle vient. Sauf le lundi. À condition que tout aille. Seulement
si elle vient. Seulement après lundi. Pourvu que tout aille. Salvo que llueva. Salvo el lunes. Excepto el
lunes. Siempre que llueva. Solo si llueve. Solo dopo lunedì. Purché paghi. A patto che paghi. Eccetto
lunedì. Tranne lunedì. Exceto segunda. Desde que pague. Só se pagar. Apenas após segunda. We pay.
Come early.""".replace("\n", " ").split(". ")


@pytest.mark.parametrize("text", CONDITIONED)
def test_a_condition_is_found_by_its_words(text: str) -> None:
    words = worded(text)
    assert bool(clauses.CONDITION.search(text)) == (not clauses.CONDITIONAL.isdisjoint(words))


CONDITIONS = (
    "Bring the card.", "Refunds only after the check.", "It is free unless you are late.",
    "You may stay, provided that the fee is paid.", "All but sofas, except for beds, are in.",
    "Nur mit Termin.", "The fee is paid.", "We check the beds and sofas, and bring the card.",
    "Come early, or call the desk and ask.", "Late guests call the desk.",
)  # fmt: skip
conditions = st.lists(st.sampled_from(CONDITIONS), max_size=5).map(" ".join)


@given(conditions, conditions)
def test_of_a_sentence_that_stands_as_it_was_nothing_is_dropped(before: str, after: str) -> None:
    one, other = sentences(before), sentences(after)
    kept = {part.text for part in one} & {part.text for part in other}
    for dropped in (clauses.condition_dropped, clauses.conjunct_dropped):
        found = dropped(one, other)
        assert found is None or found.text not in kept
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(clauses, "_changed", lambda parts, others: parts)
            assert dropped(one, other) == found


_CLAUSE = re.compile(
    r"[,;:.!?()]|\b(?:and|but|or|und|aber|oder|sondern|et|mais|ou|y|pero|o|e|mas|ma)\b"
)


@given(texts)
def test_clauses_are_cut_as_by_one_pattern(text: str) -> None:
    expected = [worded(clause) for clause in _CLAUSE.split(text.lower())]
    cut = clauses.denied_clauses(text)
    assert [denies for denies, _ in cut] == [
        sum(map(DENYING.__contains__, told)) % 2 == 1 for told in expected
    ]
