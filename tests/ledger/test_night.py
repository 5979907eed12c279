import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.errors import LedgerError
from pytest_modelpin.ledger.night import Night, from_line, to_line

texts = st.text(max_size=30)
figures = st.none() | st.floats(allow_nan=False, allow_infinity=False)
counts = st.integers(0, 99)
nights = st.builds(
    Night,
    day=texts,
    name=texts,
    pin=texts,
    asked=texts,
    served=st.none() | texts,
    fingerprint=texts,
    colour=st.sampled_from(["green", "red", "inconclusive"]),
    reasons=st.lists(texts, max_size=3).map(tuple),
    cases=st.dictionaries(texts, st.tuples(counts, counts, counts, counts), max_size=4),
    lost=counts,
    drifted=st.dictionaries(texts, counts, max_size=3),
    estimate=figures,
    lower_bound=figures,
    cost_usd=figures,
    seconds=st.floats(0, 1e6),
    run_url=st.none() | texts,
    at=texts,
)


@given(nights)
def test_a_night_survives_the_way_through_its_line(night):
    assert from_line(to_line(night), "here") == night


@given(nights)
def test_a_night_is_one_line(night):
    assert "\n" not in to_line(night)


@pytest.mark.parametrize("figure", [math.nan, math.inf, -math.inf])
def test_nan_and_infinity_are_written_as_null(night, figure):
    line = to_line(night(estimate=figure))
    assert json.loads(line)["estimate"] is None


def test_nan_in_a_line_is_refused():
    with pytest.raises(LedgerError, match="NaN"):
        from_line('{"day":"2026-11-20","estimate":NaN}', "claude.jsonl, line 3,")


def test_a_later_schema_names_the_place_and_the_way_out(night):
    line = to_line(night(schema=2))
    with pytest.raises(LedgerError, match=r"claude.jsonl, line 3, has schema 2.*--upgrade"):
        from_line(line, "claude.jsonl, line 3,")


def test_a_field_of_a_later_version_is_passed_over(night):
    content = json.loads(to_line(night())) | {"mood": "fine"}
    assert from_line(json.dumps(content), "here") == night()


@pytest.mark.parametrize("line", ["[]", '{"day":"2026-11-20"}', '{"cases":[]}', "{", ""])
def test_what_is_not_a_night_is_an_error_that_names_the_place(line):
    with pytest.raises(LedgerError, match="line 7"):
        from_line(line, "claude.jsonl, line 7,")
