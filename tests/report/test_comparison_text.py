"""A comparison as plain text: what a person must see, and nothing that a terminal would obey."""

from pytest_modelpin.compare.comparison import CaseComparison, Comparison, Side
from pytest_modelpin.drift.drift import Drift
from pytest_modelpin.gate.verdict import Verdict
from pytest_modelpin.report.comparison_text import comparison_text, figures, findings
from pytest_modelpin.results.run import Asked

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
        "1 of 3 cases: nothing changed",
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
    assert "and 51 cases more; add --json for all of them" in lines
    assert len(findings(comparison(*cases))) == 2 * 251 + 1


def test_long_values_are_cut_and_control_characters_shown() -> None:
    hostile = Drift("content", "review", "", "x" * 500, "\x1b[2J\n::set-output")
    (_, line, _) = findings(comparison(CaseComparison("a", PASSED, PASSED, drifts=(hostile,))))
    assert len(line) < 200
    assert "\x1b" not in line
    assert line.endswith("[2J ::set-output")


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
    assert rows["Passed"] == ["3 of 3 (100.0%)", "2 of 3 (66.7%)", "-33.3 pp"]
    assert rows["Output tokens a sample"] == ["3", "7", "+100%"]
    assert rows["Cost a sample"] == ["unknown", "unknown"]
    assert rows["Latency, median"] == ["1.00 s", "0.50 s", "-50%"]


def test_a_difference_of_a_few_milliseconds_has_no_percentage(compared):
    from pytest_modelpin.compare.comparison import Side
    from pytest_modelpin.report.figures import figure_rows

    quick = compared(
        suite_production=Side(1, 1, latency_p50=0.001),
        suite_candidate=Side(1, 1, latency_p50=0.034),
    )
    slow = compared(
        suite_production=Side(1, 1, latency_p50=1.0), suite_candidate=Side(1, 1, latency_p50=2.0)
    )
    median = [row for run in (quick, slow) for row in figure_rows(run) if "median" in row.figure]
    assert [row.change for row in median] == ["", "+100%"]
