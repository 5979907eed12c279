"""What stands alone is read without the whole grammar, and as the grammar reads it."""

from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.drift.figures.quantity_amounts import amount, bare_number
from pytest_modelpin.drift.lexicon.figure_patterns import PLAIN, TOKEN
from pytest_modelpin.drift.lexicon.numerals import (
    DAY_HALVES,
    MONTHS,
    PARTS,
    SOFT,
    UNITS,
)

_BEHIND = (
    *MONTHS, *DAY_HALVES, *UNITS, *PARTS, "am", "pm", "p.m.", "a.m.", "uhr", "Uhr 15", "h", "h 30",
    "h / 24", "hours a day", "stunden am tag", "ore su 24", "de la tarde", "del mattino",
    "in the evening", "at night", "y media de la tarde", "of May", "de mayo de 2026", "000",
    "000 000", "and a half", "refunds", "to", "A", "",
)  # fmt: skip
_BETWEEN = (" ", ", ", "; ", ". ", ".", ",", "", "-", "/", ":", "! ", "\n", "  ")


@given(
    (st.integers(0, 2_000_000) | st.integers(0, 40)).map(str)
    | st.sampled_from([*SOFT]).flatmap(lambda word: st.sampled_from([word, word.title()])),
    st.sampled_from(_BETWEEN),
    st.sampled_from(_BEHIND),
    st.sampled_from(_BETWEEN),
)
def test_what_stands_alone_is_what_the_grammar_reads(
    figure: str, between: str, behind: str, end: str
) -> None:
    text = f"{figure}{between}{behind}{end}"
    plain = PLAIN.match(text)
    if plain is not None:
        token = TOKEN.match(text)
        assert token is not None
        if plain.lastgroup == "word":
            assert (token.lastgroup, token.group()) == ("word", plain.group())
        else:
            assert token.lastgroup == "amount"
            assert bare_number(text, plain) == amount(text, token)
