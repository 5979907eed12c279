import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.errors import LedgerError
from pytest_modelpin.ledger import (
    Night,
    StageEvidence,
    night_line,
    night_of_line,
    read_stages,
    to_line,
    wanting,
)
from pytest_modelpin.ledger.store import FolderLedger

texts = st.text(max_size=30)
figures = st.none() | st.floats(allow_nan=False, allow_infinity=False)
counts = st.integers(0, 99)
of_both = st.tuples(counts, counts, counts, counts).map(
    lambda n: (min(n[:2]), max(n[:2]), min(n[2:]), max(n[2:]))
)
nights = st.builds(
    Night,
    day=st.dates().map(str),
    name=texts,
    pin=texts,
    asked=texts,
    served=st.none() | texts,
    fingerprint=texts,
    colour=st.sampled_from(["green", "red", "inconclusive"]),
    reasons=st.lists(texts, max_size=3).map(tuple),
    cases=st.dictionaries(texts, of_both, max_size=4),
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
    assert night_of_line(night_line(night), "here") == night


@given(nights)
def test_a_night_is_one_line(night):
    assert "\n" not in night_line(night)


@pytest.mark.parametrize("figure", [math.nan, math.inf, -math.inf])
def test_nan_and_infinity_are_written_as_null(night, figure):
    line = night_line(night(estimate=figure))
    assert json.loads(line)["estimate"] is None


def test_nan_in_a_line_is_refused():
    with pytest.raises(LedgerError, match="NaN"):
        night_of_line('{"day":"2026-11-20","estimate":NaN}', "claude.jsonl, line 3,")


def test_a_later_schema_names_the_place_and_the_way_out(night):
    line = night_line(night(schema=2))
    with pytest.raises(LedgerError, match=r"claude.jsonl, line 3, has schema 2.*--upgrade"):
        night_of_line(line, "claude.jsonl, line 3,")


def test_a_field_of_a_later_version_is_passed_over(night):
    content = json.loads(night_line(night())) | {"mood": "fine"}
    assert night_of_line(json.dumps(content), "here") == night()


@pytest.mark.parametrize(
    "changed",
    [
        {"day": None}, {"day": "yesterday"}, {"at": None}, {"name": []}, {"served": True},
        {"colour": "Green"}, {"colour": []}, {"reasons": "red"}, {"reasons": [1]},
        {"cases": {"a": [1]}}, {"cases": {"a": "1144"}}, {"cases": {"a": [1, 1, 9, 4]}},
        {"fresh": {"a": [1, 1, -1, 4]}}, {"cases": [1]}, {"cost_usd": "0.1"}, {"lost": 1.5},
        {"run_url": 7}, {"live": [[1]]}, {"open": [1]}, {"held": "a"}, {"usable": 1},
    ],
    ids=str,
)  # fmt: skip
def test_a_night_that_somebody_edited_into_something_else_is_said(night, changed):
    line = json.dumps(json.loads(night_line(night())) | changed)
    with pytest.raises(LedgerError, match=r"a\.jsonl, line 3, is not a night of the ledger"):
        night_of_line(line, "a.jsonl, line 3,")


@pytest.mark.parametrize(
    "line", ["[" * 200_000, "[]", '{"day":"2026-11-20"}', '{"cases":[]}', "{", ""]
)
def test_what_is_not_a_night_is_an_error_that_names_the_place(line):
    with pytest.raises(LedgerError, match="line 7"):
        night_of_line(line, "claude.jsonl, line 7,")


def said(stage, colour, version="v2", at="2026-11-20T03:00:00Z"):
    return StageEvidence("claude", version, stage, colour, "50 captured requests", at)


ALL = ("nightly", "shadow", "canary")


@pytest.mark.parametrize(
    ("required", "evidence", "lacks"),
    [
        (("nightly",), [], []),
        (ALL, [], ["a green shadow of v2", "a green canary of v2"]),
        (ALL, [said("shadow", "green"), said("canary", "green")], []),
        (("shadow",), [said("shadow", "green", "v1")], ["a green shadow of v2"]),
        (("shadow",), [said("shadow", "green"), said("shadow", "red")], ["2026-11-20 is red: 50"]),
        (("shadow",), [said("shadow", "red"), said("shadow", "green")], []),
        (("shadow",), [said("shadow", "green"), said("shadow", "inconclusive")], []),
    ],
)
def test_a_bump_waits_for_each_required_stage_of_its_own_version(required, evidence, lacks):
    found = wanting(required, evidence, "claude", "v2")
    assert len(found) == len(lacks)
    assert all(lack in sentence for lack, sentence in zip(lacks, found, strict=True))


def test_what_a_stage_said_is_kept_once_and_is_no_night(tmp_path):
    ledger = FolderLedger(tmp_path)
    for _ in range(2):
        ledger.add_stage(said("shadow", "green"))
    ledger.add_stage(said("canary", "red"))
    assert ledger.stages("claude") == (said("shadow", "green"), said("canary", "red"))
    assert ledger.names() == ()
    assert ledger.stages("other") == ()


def test_fields_of_a_later_version_are_passed_over_and_another_form_is_said():
    line = to_line(said("shadow", "green"))
    later = line.replace("{", '{"more":1,', 1)
    assert read_stages(f"{later}\n".encode(), "x") == (said("shadow", "green"),)
    with pytest.raises(LedgerError, match="x, line 1, is no evidence of a stage"):
        read_stages(b'{"schema":1}\n', "x")
