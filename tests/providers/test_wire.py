from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.providers import wire


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 100_000, b"1" * 5000])
def test_what_does_not_parse_is_none(content):
    assert wire.parse(content) is None


@pytest.mark.parametrize(
    ("value", "count"),
    [(0, 0), (7, 7), (7.0, 7), (7.5, None), (-1, None), (True, None), ("7", None), (None, None)],
)
def test_only_whole_numbers_from_zero_up_are_counts(value, count):
    assert wire.count(value) == count


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**400, 1e300, 10**15 + 1])
def test_what_is_no_number_is_no_count(value):
    assert wire.count(value) is None


def test_the_halves_of_a_character_are_put_together():
    assert wire.joined(["a\ud83d", "\ude00b"]) == "a😀b"


@given(st.lists(st.text(st.characters(categories=["Cs", "L"]))))
def test_a_joined_text_can_always_be_written(parts):
    assert wire.joined(parts).encode().decode() == wire.joined(parts)


@given(st.lists(st.text()))
def test_sound_text_is_joined_as_it_is(parts):
    assert wire.joined(parts) == "".join(parts)


@pytest.mark.parametrize(
    ("written", "arguments"),
    [
        ('{"a": 1}', {"a": 1}),
        ("", {}),
        ('{"a": ', '{"a": '),
        ("NaN", "NaN"),
        ({"a": 1}, {"a": 1}),
        ("[1]", [1]),
    ],
)
def test_arguments_are_parsed_where_they_parse(written, arguments):
    assert wire.arguments(written) == arguments


def test_a_path_through_what_is_no_object_breaks_off():
    assert wire.at({"a": [1]}, "a", "b") is None


@pytest.mark.parametrize("named", ["gpt-4o\nsupport: GREEN", "gpt\x1b[31m", "x" * 257])
def test_what_can_be_no_id_is_none(named):
    """It is printed and written as an id: one of several lines forged lines of a night's output."""
    assert wire.Reply(served_model=named).served_model is None


@pytest.mark.parametrize("named", ["models/gemini-2.5-pro", "Llama 3 (8B)", "x" * 256])
def test_any_other_name_is_kept_to_the_letter(named):
    assert wire.Reply(served_model=named).served_model == named
