"""Digits that stand alone are read without the whole grammar, and as the grammar reads them."""

from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.drift.lexicon.numerals import BARE, DAY_HALVES, MONTHS, TOKEN, UNITS
from pytest_modelpin.drift.text.quantity_amounts import amount, bare_number

_BEHIND = (
    *MONTHS, *DAY_HALVES, *UNITS, "am", "pm", "p.m.", "a.m.", "uhr", "Uhr 15", "h", "h 30",
    "h / 24", "hours a day", "stunden am tag", "ore su 24", "de la tarde", "del mattino",
    "in the evening", "at night", "y media de la tarde", "of May", "de mayo de 2026", "000",
    "000 000", "and a half", "refunds", "to", "A", "",
)  # fmt: skip
_BETWEEN = (" ", ", ", "; ", ". ", ".", ",", "", "-", "/", ":", "! ", "\n", "  ")


@given(
    st.integers(0, 2_000_000) | st.integers(0, 40),
    st.sampled_from(_BETWEEN),
    st.sampled_from(_BEHIND),
    st.sampled_from(_BETWEEN),
)
def test_digits_alone_are_what_the_grammar_reads(
    digits: int, between: str, behind: str, end: str
) -> None:
    text = f"{digits}{between}{behind}{end}"
    bare = BARE.match(text)
    if bare is not None:
        token = TOKEN.match(text)
        assert token is not None
        assert token.lastgroup == "amount"
        assert bare_number(text, bare) == amount(text, token)
