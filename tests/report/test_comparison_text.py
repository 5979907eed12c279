"""A comparison as plain text: what a person must see, and nothing that a terminal would obey."""

import io
import re
from dataclasses import replace

import pytest

from pytest_modelpin.compare.comparison import CaseComparison, Comparison, Side
from pytest_modelpin.drift.drift import Drift
from pytest_modelpin.gate.verdict import Verdict
from pytest_modelpin.providers.wire import Reply
from pytest_modelpin.report.ansi import Palette, palette, width
from pytest_modelpin.report.comparison_text import (
    answer_text,
    changed_answers,
    comparison_text,
    drift_lines,
    figures,
    findings,
)
from pytest_modelpin.results.case import Answer, Call, Case, Sample
from pytest_modelpin.results.run import Asked, Run

OLD = Asked("gpt", "gpt-4o-1", "production", "gpt-4o-1", "none", ("gpt-4o-1",))
NEW = Asked("gpt", "gpt-4o-1", "candidate", "gpt-4o", "all", ("gpt-4o-2",))
PASSED, FAILED = Side(passes=3, samples=3), Side(passes=1, samples=3)


def comparison(*cases: CaseComparison, **sides: Side) -> Comparison:
    return Comparison("gpt", OLD, NEW, cases, **sides)  # type: ignore[arg-type]


def test_the_verdict_and_its_reasons_come_first() -> None:
    text = comparison_text(comparison(), Verdict("red", reasons=("case a is worse",)))
    assert text.splitlines()[:2] == [
        "RED: gpt, gpt-4o-1 -> gpt-4o (served by gpt-4o-2)",
        "  case a is worse",
    ]


def test_failing_cases_come_before_those_that_only_drifted() -> None:
    drifted = CaseComparison(
        "a", PASSED, PASSED, drifts=(Drift("number", "regression", "$.price", 42, 420),)
    )
    failing = CaseComparison("b", PASSED, FAILED, broken=True, message="assert 1 == 2")
    quiet = CaseComparison("c", PASSED, PASSED)
    assert findings(comparison(drifted, failing, quiet)) == [
        "b: 3/3 -> 1/3 passed",
        "  assert 1 == 2",
        "a: 3/3 -> 3/3 passed",
        "  regression  number at $.price: 42 -> 420",
        "nothing changed in 1 of 3 cases",
    ]


def test_where_all_cases_changed_none_is_said_to_have_stayed() -> None:
    drifted = CaseComparison(
        "a", PASSED, PASSED, drifts=(Drift("number", "regression", "", 42, 420),)
    )
    assert "nothing changed" not in "\n".join(findings(comparison(drifted)))


def test_cases_that_only_took_longer_are_counted_and_not_listed() -> None:
    slower = Drift("latency", "info", "", 0.1, 0.9)
    longer = Drift("tokens", "info", "", 100, 160)
    said = Drift("wording", "info", "", "one", "other")
    cases = [
        CaseComparison("a", PASSED, PASSED, drifts=(slower,)),
        CaseComparison("b", PASSED, PASSED, drifts=(slower, longer)),
        CaseComparison("c", PASSED, PASSED, drifts=(slower, said)),
        CaseComparison("d", PASSED, FAILED, drifts=(slower,)),
        CaseComparison("e", PASSED, PASSED),
    ]
    lines = findings(comparison(*cases))
    assert [line for line in lines if line[1:2] == ":" and line[0].isalpha()] == [
        "d: 3/3 -> 1/3 passed",
        "c: 3/3 -> 3/3 passed",
    ]
    assert lines[-2:] == [
        "nothing changed but latency, tokens or cost in 2 cases; `--html FILE` shows them",
        "nothing changed in 1 of 5 cases",
    ]


def test_a_terminal_shows_the_worst_two_hundred_and_counts_the_others() -> None:
    drift = Drift("wording", "info", "", "one", "other")
    worse = Drift("number", "regression", "", 1, 2)
    cases = [CaseComparison(f"case{n:03}", PASSED, PASSED, drifts=(drift,)) for n in range(250)]
    cases.append(CaseComparison("worst", PASSED, PASSED, drifts=(worse,)))
    lines = comparison_text(comparison(*cases), Verdict("green")).splitlines()
    assert "worst: 3/3 -> 3/3 passed" in lines
    assert "case198: 3/3 -> 3/3 passed" in lines
    assert "case199: 3/3 -> 3/3 passed" not in lines
    assert "and 51 cases more; `--html FILE` shows all of them" in lines
    assert len(findings(comparison(*cases))) == 2 * 251


def test_long_values_are_cut_and_control_characters_shown() -> None:
    hostile = Drift("content", "review", "", "x" * 500, "\x1b[2J\n::set-output")
    lines = findings(comparison(CaseComparison("a", PASSED, PASSED, drifts=(hostile,))))
    assert lines[1:] == [
        "  review      content",
        f"    - {'x' * 69}…",
        "    + ⟦U+001B⟧[2J ::set-output",
    ]


def test_a_cut_value_still_shows_where_it_changed() -> None:
    said = "All orders are sent within two days, and tracked from door to door, without fail: "
    late = Drift("number", "review", "", f"{said}$42.00", f"{said}$420.00")
    lines = findings(comparison(CaseComparison("a", PASSED, PASSED, drifts=(late,))))
    assert "$42.00 -> …" in lines[1]
    assert lines[1].endswith(" $420.00")


def test_absence_emptiness_and_types_are_told_apart() -> None:
    drifts = (
        Drift("type", "regression", "$.a", 42, "42"),
        Drift("keys", "regression", "$.b", True, None),
        Drift("empty", "regression", "$.c", "text", ""),
        Drift("type", "regression", "$.d", True, 1),
        Drift("tokens", "info", "", 19.0, 15.0),
        Drift("latency", "info", "", 1.5, 0.25),
    )
    lines = findings(comparison(CaseComparison("a", PASSED, PASSED, drifts=drifts)))
    assert [line.partition(": ")[2] for line in lines[1:7]] == [
        '42 (number) -> "42" (string)',
        "true -> (absent)",
        "text -> (empty)",
        "true (boolean) -> 1 (number)",
        "19 -> 15",
        "1.50 s -> 0.25 s",
    ]


def test_no_line_is_broken_within_an_id() -> None:
    id = "tests/support/refunds/test_refunds_abroad.py::test_a_refund_from_abroad[english-express]"
    worse = Verdict("red", reasons=(f"worse than the pin, confirmed on fresh samples: {id}",))
    drift = Drift("number", "regression", "sentence 1", "It takes 5 days." * 4, "It takes 15 days.")
    compared = comparison(CaseComparison(id, PASSED, FAILED, drifts=(drift,)))
    lines = comparison_text(compared, worse, columns=80).splitlines()
    assert sum(id in line for line in lines) == 2
    assert [line for line in lines if len(line) > 80 and line.strip() != id] == []


def test_colours_mark_the_verdict_the_severity_and_the_words_that_changed() -> None:
    drift = Drift("number", "regression", "", "It costs $42.00.", "It costs $420.")
    compared = comparison(CaseComparison("a", PASSED, PASSED, drifts=(drift,)))
    text = comparison_text(compared, Verdict("red"), Palette(on=True))
    assert text.startswith("\x1b[31;1mRED\x1b[0m: gpt")
    assert "\x1b[31;1mregression" in text
    assert "It costs \x1b[31m$42.00\x1b[0m. -> It costs \x1b[32m$420\x1b[0m." in text


def test_colours_are_for_terminals_alone() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    assert palette(Terminal(), {"TERM": "xterm"}).on
    assert not palette(Terminal(), {"TERM": "xterm", "NO_COLOR": "1"}).on
    assert not palette(Terminal(), {"TERM": "dumb"}).on
    assert not palette(io.StringIO(), {"TERM": "xterm"}).on
    assert palette(io.StringIO(), {"FORCE_COLOR": "1"}).on
    assert width(io.StringIO(), {}) is None
    assert width(io.StringIO(), {"COLUMNS": "72"}) == 72


def test_a_line_can_be_no_command_of_the_runner() -> None:
    failed = CaseComparison("a", PASSED, FAILED, message="::set-output name=x::y")
    text = comparison_text(
        comparison(failed, notes=("a ::b",)), Verdict("red", reasons=("::stop-commands::x",))
    )
    assert not re.search(r"^\s*::", text, re.MULTILINE)


def test_figures_stand_side_by_side_and_unknown_says_unknown() -> None:
    before = Side(passes=3, samples=3, input_tokens=20, output_tokens=10, latency_p50=1.0)
    after = Side(passes=2, samples=3, input_tokens=40, output_tokens=20, latency_p50=0.5)
    rows = {
        name: [cell.strip() for cell in cells]
        for name, *cells in (
            line.split("  ", 1)[:1] + [part for part in line.split("  ")[1:] if part.strip()]
            for line in figures(comparison(suite_production=before, suite_candidate=after))
        )
    }
    assert rows["Tests passed"] == ["3 of 3 (100.0%)", "2 of 3 (66.7%)", "-33.3 pp"]
    assert rows["Output tokens a sample"] == ["3", "7", "+100%"]
    assert rows["Cost of 1,000 samples"] == ["unknown", "unknown"]
    assert rows["Latency, median"] == ["1.00 s", "0.50 s", "-50%"]


def test_a_difference_of_a_few_milliseconds_has_no_percentage(compared):
    from pytest_modelpin.compare.comparison import Side
    from pytest_modelpin.report.findings import figure_rows

    quick = compared(
        suite_production=Side(1, 1, latency_p50=0.001),
        suite_candidate=Side(1, 1, latency_p50=0.034),
    )
    slow = compared(
        suite_production=Side(1, 1, latency_p50=1.0), suite_candidate=Side(1, 1, latency_p50=2.0)
    )
    median = [row for run in (quick, slow) for row in figure_rows(run) if "median" in row.figure]
    assert [row.change for row in median] == ["", "+100%"]


def test_a_value_that_is_empty_where_there_was_none_is_shown() -> None:
    (line,) = drift_lines(Drift("keys", "review", "$.note", None, ""))
    assert line.endswith("keys at $.note: (absent) -> (empty)")
    (bare,) = drift_lines(Drift("truncated", "regression", ""))
    assert bare.endswith("truncated")


def test_a_sample_that_passes_with_a_broken_answer_is_not_said_to_be_fine() -> None:
    case = CaseComparison("a", Side(5, 5), Side(4, 4), drifted_samples=4)
    drift = Drift("number", "regression", "", "$42", "$420")
    found = comparison(
        replace(case, drifts=(drift,)), suite_production=Side(5, 5), suite_candidate=Side(4, 4)
    )
    assert "a: 5/5 -> 4/4 passed, the answer broken in 4" in findings(found)
    held = next(line for line in figures(found) if "the answer held" in line)
    assert held.split("  ")[-1].strip() == "-100.0 pp"


def test_two_amounts_beside_each_other_have_as_many_digits() -> None:
    before, after = Side(3, 3, cost_usd=0.000585), Side(3, 3, cost_usd=0.00057)
    found = comparison(suite_production=before, suite_candidate=after)
    (cost,) = [line for line in figures(found) if line.startswith("Cost")]
    assert "$0.195" in cost
    assert "$0.190" in cost


def test_a_side_that_has_no_sample_says_what_became_of_it() -> None:
    lost = CaseComparison("a", PASSED, Side(lost=3), message="claude: 503 down")
    alone = CaseComparison("b", PASSED, Side(), broken=True)
    assert findings(comparison(lost, alone))[:3] == [
        "b: 3/3 passed -> no answer",
        "a: 3/3 passed -> lost to provider errors",
        "  claude: 503 down",
    ]


def sample(text, outcome="passed", *, tools=(), given=None):
    reply = Reply(text=text, tools=tools)
    answers = () if given is None else (Answer("s", None, given),)
    return Sample(outcome, calls=(Call("claude", reply, True, 0.1),), answers=answers)


@pytest.fixture
def changed(case, compared):
    def make(before, after, *drifts):
        sides = [Run({}, (Case("t", tuple(samples)),)) for samples in (before, after)]
        return changed_answers(compared(case("t", *drifts)), *sides)

    return make


def test_without_a_snapshot_the_replies_stand_for_the_answer(changed):
    (answer,) = changed([sample("Yes.")], [sample("No.")])
    assert (answer.before, answer.after) == ("Yes.", "No.")


def test_an_answer_given_to_a_snapshot_goes_before_the_wires(changed):
    (answer,) = changed([sample("x", given={"total": 42})], [sample("x", given={"total": 420})])
    assert "42\n" in answer.before
    assert '"total": 420' in answer.after


def test_what_the_pin_said_in_any_sample_is_no_change(changed):
    assert changed([sample("Yes."), sample("Yes!")], [sample("Yes!"), sample("Yes.")]) == ()


def test_the_answer_of_a_sample_that_failed_is_shown_before_another_new_one(changed):
    (answer,) = changed([sample("Yes.")], [sample("Yep."), sample("No.", "failed")])
    assert answer.after == "No."


def test_a_lost_sample_changed_nothing(changed):
    assert changed([sample("Yes.")], [sample("", "lost")]) == ()


def test_the_worst_case_comes_first(case, compared):
    cases = [case("a", Drift("wording", "info", "")), case("b", Drift("number", "regression", ""))]
    runs = [
        Run({}, tuple(Case(id, (sample(text),)) for id in "ab")) for text in ("before", "after")
    ]
    found = changed_answers(compared(*cases), *runs)
    assert [answer.case for answer in found] == ["b", "a"]


def test_a_tools_call_is_part_of_what_was_said():
    called = sample("I look.", tools=(("weather", {"city": "Oslo"}),))
    assert answer_text(called, "claude") == 'I look.\nweather({"city": "Oslo"})'
