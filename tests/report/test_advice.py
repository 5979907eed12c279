"""Cases that were left out: by reason, each with what helps."""

import dataclasses
from types import SimpleNamespace

import pytest

from pytest_modelpin.compare.case_comparison import CaseComparison
from pytest_modelpin.compare.decide import inconclusive_reasons, left_out_reason
from pytest_modelpin.gate.verdict import Verdict
from pytest_modelpin.intercept.unseen.alarm import Alarm
from pytest_modelpin.registry.selection import Selected, Selection
from pytest_modelpin.report.advice import (
    MOST,
    after_inconclusive,
    after_red,
    by_reason,
    left_out_lines,
    told_reasons,
)
from pytest_modelpin.report.comparison_text import reason_lines
from pytest_modelpin.report.markdown import comparison_markdown
from pytest_modelpin.results.case import Case, LeftOut
from pytest_modelpin.results.report_file import case_as_json, case_from_json
from pytest_modelpin.session.unheard import Unheard
from pytest_modelpin.session.unseen import left_out_by


def heard_nothing() -> LeftOut:
    """As a run says it."""
    selection = Selection({"claude": Selected("claude", "a", "candidate", "b", "all")})
    recordings = SimpleNamespace(own_file=lambda *_: True, exchanges=lambda *_: {})
    capture = SimpleNamespace(calls=(), owner=None)
    found = Unheard(selection, recordings, lambda _: None).why(capture)  # type: ignore[arg-type]
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("why", "helps"),
    [
        (heard_nothing(), "have the test ask live"),
        (left_out_by([Alarm("api.openai.com", "urllib", "POST /v1")]), "ask through httpx"),
        (left_out_by([Alarm("api.openai.com", "a child process (curl)")]), "OPENAI_BASE_URL"),
        (left_out_by([Alarm("gate.acme", "httpx", model="gpt-9")] * 2), "`production:` of a name"),
    ],
)
def test_each_reason_that_a_run_gives_has_a_cure(why, helps):
    case = "tests/test_a.py::test_a[two words]"
    (reason,) = by_reason({case: why})
    assert reason.cases == [case]
    assert reason.why == why.why
    assert helps in reason.cure


def test_a_reason_is_said_once_with_a_case_a_line_and_a_cap():
    many = {f"tests/test_a.py::test_{n}": heard_nothing() for n in range(MOST + 2)}
    one = left_out_by([Alarm("api.openai.com", "urllib")])
    lines = left_out_lines({"tests/test_b.py::test_b": one, **many})
    assert lines[0] == f"{MOST + 2} cases {heard_nothing().why}:"
    assert lines[1 : MOST + 1] == [f"  tests/test_a.py::test_{n}" for n in range(MOST)]
    assert lines[MOST + 1] == "  and 2 more; the run report names them all"
    assert lines[MOST + 2].startswith("  what helps: ")
    assert lines[MOST + 3] == f"tests/test_b.py::test_b {one.why}"
    assert 'unseen="allow"' in lines[MOST + 4]


def test_what_nobody_knows_the_cure_of_is_said_as_it_is():
    new = {"test_a": LeftOut("did something new")}
    assert left_out_lines(new) == ["test_a did something new"]


def test_a_verdict_names_them_below_each_other(compared):
    found = compared(left_out={f"test_{n}": heard_nothing() for n in range(2)})
    reason = next(each for each in inconclusive_reasons(found) if "left out" in each)
    lines = reason_lines(Verdict("inconclusive", reasons=(reason, "another")), found, 60)
    assert lines[0] == "  2 cases were left out:"
    assert "      test_0" in lines
    assert "      test_1" in lines
    assert lines[-1] == "  another"
    assert max(map(len, lines)) <= 60


def test_where_each_reason_is_a_line_there_is_one_for_each_cause(compared):
    asked = left_out_by([Alarm("api.openai.com", "urllib")])
    found = compared(left_out={"a": heard_nothing(), "b": heard_nothing(), "c": asked})
    verdict = Verdict("inconclusive", reasons=(left_out_reason(found), "another"))
    first, second, last = told_reasons(verdict, found)
    assert first.startswith(f"2 cases were left out: a, b {heard_nothing().why}; what helps: ")
    assert second.startswith(f"1 case was left out: c {asked.why}; what helps: ")
    assert last == "another"
    text = comparison_markdown(found, verdict)
    assert text.count("what helps") == 2


def test_a_report_of_a_release_before_is_read_and_only_lacks_the_cure():
    told = case_as_json(Case("a", left_out="asked x", left_out_cure="ask y"))
    assert case_from_json(told).left_out_cure == "ask y"
    del told["left_out_cure"]
    assert case_from_json(told) == Case("a", left_out="asked x")


def test_what_did_not_run_and_what_was_skipped_are_what_to_do_next(compared):
    verdict = Verdict("inconclusive", reasons=("why",))
    said = after_inconclusive(verdict, compared(faults=("why",), called=1))
    assert said.startswith("Put right what the reasons name, then ")
    side = compared().suite_production
    skipped = CaseComparison("test_a", side, side, skipped_samples=1)
    said = after_inconclusive(verdict, compared(skipped, called=1))
    assert "assert what they skip for" in said
    refused = CaseComparison("test_a", side, side, refused_samples=1)
    said = after_inconclusive(verdict, compared(refused, called=1))
    assert said.startswith("Have test_a ask the candidate for what it takes, or accept")


def test_what_a_person_has_accepted_and_a_test_has_not_is_no_more_to_be_accepted(compared):
    """Its night was red as before, and said once more to accept it."""
    passing = dataclasses.replace(compared().suite_production, passes=4, samples=4)
    failing = dataclasses.replace(passing, passes=0, samples=4)
    case = CaseComparison("test_ticket", passing, failing)
    assert "accept or reject it" in after_red(compared(case))
    said = after_red(compared(dataclasses.replace(case, accepted=True)))
    assert said.startswith("test_ticket fails by its own asserts, which nothing that is accepted")
    assert "accept or reject" not in said
    held = CaseComparison("test_fee", passing, passing, accepted=True)
    assert "accept or reject it" in after_red(compared(held))
