"""The run report: what is written is read back, and what can't be read is said."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.errors import RunReportError
from pytest_modelpin.providers.wire import Reply, ToolCall, Usage
from pytest_modelpin.results import report_file
from pytest_modelpin.results.case import Answer, Call, Case, Judged, Sample, Vector, packed
from pytest_modelpin.results.run import Asked, NightOutcome, Run
from pytest_modelpin.typed_json import Misfit
from tests.plugins.mutations import mutations

texts = st.text(max_size=20)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
tokens = st.none() | st.integers(0, 10**15)
replies = st.builds(
    Reply,
    text=texts,
    tools=st.lists(st.builds(ToolCall, texts, values), max_size=2).map(tuple),
    usage=st.builds(Usage, tokens, tokens),
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
counts = st.tuples(st.integers(0, 9), st.integers(0, 9)).map(lambda two: (min(two), max(two)))
outcomes = st.builds(
    NightOutcome,
    beside=texts,
    day=texts,
    colour=st.sampled_from(["green", "red", "inconclusive"]),
    reasons=st.lists(texts, max_size=2).map(tuple),
    fresh=st.dictionaries(texts, st.builds(lambda a, b: (*a, *b), counts, counts), max_size=2),
    live=st.dictionaries(texts, counts, max_size=2),
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


@pytest.mark.parametrize("field", ["left_out", "unseen", "faults", "unrecorded", "commit"])
def test_a_report_of_the_version_before_a_field_came_in_is_read(field):
    run = Run({}, ())
    written = report_file.as_json(run)
    del written[field]
    assert report_file.from_json(written) == run


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


WHOLE = Run(
    {"m": Asked("m", "v1", "candidate", "v2", "all", ("v2",))},
    (
        Case(
            "tests/test_a.py::test_a",
            (
                Sample(
                    "passed",
                    calls=(
                        Call("m", Reply("Hi", (ToolCall("f", {"a": 1}),), Usage(1, 2)), True, 0.5),
                        Call("m", Reply(), True, 0.5, "r", (Vector("k", "Hi", packed([1, 2])),)),
                    ),
                    answers=(Answer("a", "Hi", {"b": [1]}, "polite", Judged("neither", "r")),),
                ),
            ),
            similarity=0.5,
            models=("m",),
            questions={"r": {"messages": []}},
            prompts={"p": "h"},
        ),
    ),
    notes=("odd",),
    night=NightOutcome("t", "2026-01-01", "green", ("r",), {"c": (1, 2, 0, 2)}, {"c": (1, 1)}),
)


@pytest.fixture(scope="module")
def mutated():
    return list(mutations(report_file.as_json(WHOLE)))


def test_a_report_in_which_anything_is_changed_is_a_report_or_is_named(mutated):
    refused = 0
    for _, document in mutated:
        try:
            run = report_file.from_json(document)
        except Misfit:
            refused += 1
        else:
            told = report_file.as_json(run)
            assert repr(report_file.from_json(told)) == repr(run)  # NaN is not itself
    assert refused > len(mutated) / 2


@pytest.mark.parametrize(
    ("place", "wrong", "said"),
    [
        (
            ("cases", 0, "samples", 0, "calls", 0, "reply", "usage", "input_tokens"),
            "12",
            'cases[0].samples[0].calls[0].reply.usage.input_tokens is "12", and has to be a whole '
            "number, or null",
        ),
        (("cases", 0, "samples", 0, "outcome"), "xfailed", 'outcome is "xfailed", and has to be'),
        (("night", "fresh", "c"), [3, 2, 0, 2], "night.fresh.c is 3 of 2 samples"),
        (
            ("cases", 0, "samples", 0, "calls", 1, "vectors", 0, 2),
            7,
            "vectors[0][2] is 7, and has to be the number of one of 1 vector",
        ),
    ],
)
def test_the_place_in_the_report_is_named_and_what_is_expected_there(tmp_path, place, wrong, said):
    told = report_file.as_json(WHOLE)
    here = told
    for step in place[:-1]:
        here = here[step]
    here[place[-1]] = wrong
    path = tmp_path / "run.json"
    path.write_text(json.dumps(told))
    with pytest.raises(RunReportError) as caught:
        report_file.read(path)
    assert said in str(caught.value)
