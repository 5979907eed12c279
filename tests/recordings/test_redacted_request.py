from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.recordings.redacted_request import has_placeholder, stands_for


@pytest.mark.parametrize(
    ("recorded", "sent"),
    [
        ("what is the REDACTED?", "what is the priority?"),
        ("REDACTED", "anything"),
        ("REDACTED", ""),
        ("REDACTED", 12345678),
        ("a REDACTED b REDACTED c", "a x b y c"),
        ("REDACTEDREDACTED", "xy"),
        ({"a": ["REDACTED", 1], "REDACTED": 2}, {"a": ["x", 1], "secret": 2}),
        ("plain", "plain"),
    ],
)
def test_a_placeholder_stands_for_whatever_was_there(recorded: object, sent: object) -> None:
    assert stands_for(recorded, sent)


@pytest.mark.parametrize(
    ("recorded", "sent"),
    [
        ("what is the REDACTED?", "what is the priority"),
        ("what is the REDACTED?", "which is the priority?"),
        ("a REDACTED b REDACTED c", "a x c"),
        ("xREDACTEDx", "x"),
        ("REDACTED", ["a"]),
        ("REDACTED", None),
        ("REDACTED", True),
        ("the REDACTED", 1),
        (["REDACTED"], ["a", "b"]),
        ({"a": "REDACTED"}, {"b": "x"}),
        ({"a": "REDACTED"}, {"a": "x", "b": 1}),
        (1, True),
        (1, 1.0),
        ("plain", "other"),
        ({"a": 1}, [1]),
        ([1], {"a": 1}),
    ],
)
def test_and_for_nothing_else(recorded: object, sent: object) -> None:
    assert not stands_for(recorded, sent)


@given(st.text(), st.text(), st.text())
def test_whatever_is_taken_out_of_a_text_is_found_again(before: str, gone: str, after: str) -> None:
    assert stands_for(f"{before}REDACTED{after}", f"{before}{gone}{after}")


def test_only_what_had_a_secret_is_looked_at() -> None:
    assert has_placeholder({"a": ["x REDACTED"]})
    assert not has_placeholder({"a": ["x"]})
