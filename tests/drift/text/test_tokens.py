"""Words of a text: what is read by the quick way is what the pattern would find."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pytest_modelpin.drift.text.tokens import joined, letters, plain, words

ASCII = st.text(st.characters(max_codepoint=127), max_size=40)


@given(ASCII)
@example("3.5 mm, 1,000 and 10:30; _x_ v1.2\x1fend")
def test_ascii_is_read_as_any_text_is(text: str) -> None:
    # A letter that is no ASCII sends the text the long way.
    assert words(text) == words(f"{text} ß")[:-1]
    assert letters(text) == re.findall(r"[^\W\d_]+", text)


@pytest.mark.parametrize(
    ("text", "opened"),
    [
        ("We can't say.", "we can not say."),
        ("He won't, she shan't, it ain't.", "he will not, she shall not, it is not."),
        ("You’re right, it's Ann's.", "you right, it ann."),
        ("They don't; it cannot.", "they do not; it can not."),
        ("L'eau qu'il boit", "l eau qu il boit"),
    ],
)
def test_contractions_are_opened(text: str, opened: str) -> None:
    assert plain(text) == opened


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("please let us know", "please tell"),
        ("it is in stock", "it is available"),
        ("it is in the stock", "it is in the stock"),
        ("out of the reach of children", "not reach children"),
        ("once a", "once a"),
    ],
)
def test_a_phrase_that_means_one_word_is_that_word(said: str, meant: str) -> None:
    assert " ".join(joined(tuple(said.split()))) == meant
