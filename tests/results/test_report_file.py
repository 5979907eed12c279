"""The run report: what is written is read back, and what can't be read is said."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.errors import RunReportError
from pytest_modelpin.providers.reply import Reply, ToolCall, Usage
from pytest_modelpin.results import report_file
from pytest_modelpin.results.case import Answer, Call, Case, Judged, Sample
from pytest_modelpin.results.run import Asked, NightOutcome, Run

texts = st.text(max_size=20)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
replies = st.builds(
    Reply,
    text=texts,
    tools=st.lists(st.builds(ToolCall, texts, values), max_size=2).map(tuple),
    usage=st.builds(Usage, st.none() | st.integers(0), st.none() | st.integers(0)),
    served_model=st.none() | texts,
    finish_reason=st.none() | texts,
)
judged = st.builds(Judged, st.sampled_from(["production", "candidate", "neither", None]), texts)
calls = st.lists(
    st.builds(Call, texts, replies, st.booleans(), st.just(0.5), texts), max_size=2
).map(tuple)
samples = st.builds(
    Sample,
    outcome=st.sampled_from(["passed", "failed", "lost", "skipped"]),
    calls=calls,
    answers=st.lists(
        st.builds(Answer, texts, values, values, st.none() | texts, st.none() | judged), max_size=2
    ).map(tuple),
    message=texts,
    judging=calls,
)
cases = st.builds(
    Case,
    id=texts,
    samples=st.lists(samples, max_size=2).map(tuple),
    critical=st.booleans(),
    category=st.none() | texts,
    ignore=st.lists(texts, max_size=2).map(tuple),
)
outcomes = st.builds(
    NightOutcome,
    beside=texts,
    day=texts,
    colour=texts,
    reasons=st.lists(texts, max_size=2).map(tuple),
    fresh=st.dictionaries(texts, st.tuples(*[st.integers(0, 9)] * 4), max_size=2),
    live=st.dictionaries(texts, st.tuples(*[st.integers(0, 9)] * 2), max_size=2),
    accepted=st.lists(texts, max_size=2).map(tuple),
)
runs = st.builds(
    Run,
    selection=st.dictionaries(
        texts, st.builds(Asked, texts, texts, texts, texts, texts, st.just(("v",))), max_size=2
    ),
    cases=st.lists(cases, max_size=2).map(tuple),
    notes=st.lists(texts, max_size=2).map(tuple),
    night=st.none() | outcomes,
)


@given(run=runs)
def test_every_run_survives_the_way_through_json(run):
    assert report_file.from_json(json.loads(json.dumps(report_file.as_json(run)))) == run


def test_a_written_report_is_read_back(tmp_path):
    run = Run({}, (Case("tests/test_a.py::test_a", (Sample("passed"),)),), fingerprint="f")
    report_file.write(run, tmp_path / "deep" / "run.json")
    assert report_file.read(tmp_path / "deep" / "run.json") == run


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "is not whole JSON"),
        ("[]", "has schema None"),
        ('{"schema": 99}', "has schema 99"),
        ('{"schema": 1}', "is not of the documented form"),
    ],
)
def test_what_is_no_report_is_named_with_what_to_run(tmp_path, content, said):
    path = tmp_path / "run.json"
    path.write_text(content)
    with pytest.raises(RunReportError, match=said) as caught:
        report_file.read(path)
    assert "run.json" in str(caught.value)


@pytest.mark.parametrize("vector", ["AAAA", "/3//f/9//3//f/9//38="])
def test_a_vector_of_another_making_is_named_before_anything_is_compared(tmp_path, vector):
    path = tmp_path / "run.json"
    told = {**report_file.as_json(Run({}, ())), "vectors": [vector]}
    path.write_text(json.dumps(told))
    with pytest.raises(RunReportError, match="is not of the documented form"):
        report_file.read(path)


def test_a_missing_report_is_named(tmp_path):
    with pytest.raises(RunReportError, match="There is no run report"):
        report_file.read(tmp_path / "none.json")


def test_an_unwritable_place_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RunReportError, match="can't be written"):
        report_file.write(Run({}, ()), tmp_path / "file" / "run.json")
