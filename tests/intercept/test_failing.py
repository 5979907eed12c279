"""What the first line of a miss names, whatever API was asked."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.intercept.failing import question

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["messages", "content", "text", "x"]), inner)
    ),
    max_leaves=10,
)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"messages": [{"content": "a"}, {"content": "b\n c"}]}, '"b c"'),
        ({"messages": [{"content": [{"type": "text", "text": "a"}, {"image": "x"}]}]}, '"a"'),
        ({"contents": [{"parts": [{"text": "a"}, {"text": "b"}]}]}, '"b"'),
        ({"input": "a"}, '"a"'),
        ({"input": [{"role": "user", "content": "a"}]}, '"a"'),
        ({"messages": [{"content": "x" * 200}]}, '"' + "x" * 79 + '…"'),
        ({"model": "m"}, "something"),
        (None, "something"),
    ],
)
def test_the_last_thing_said_is_quoted(body: Any, said: str) -> None:
    assert question(body) == said


@given(json_values)
def test_any_body_can_be_named_in_one_short_line(body: Any) -> None:
    line = question(body)
    assert len(line) <= 82
    assert len(line.splitlines()) == 1
