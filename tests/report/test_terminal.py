"""What pytest prints at the end of a run."""

from pytest_modelpin.drift.drift import Drift
from pytest_modelpin.report.terminal import summary
from pytest_modelpin.results.case import Answer, Case, Sample
from pytest_modelpin.results.run import Asked, Run


def test_what_was_said_instead_is_shown_of_a_test_that_asked_nobody():
    answer = Answer("a", "It takes 5 days.", "x")
    case = Case(
        "tests/a.py::a", samples=(Sample("passed", answers=(answer,)),), left_out="did nothing"
    )
    run = Run(selection={}, cases=(case,))
    lines = summary(run, {case.id: [Drift("content", "review", "", "It takes 5 days.", None)]})
    assert "    the whole answer: x" in lines
    assert lines[-1] == "left out: tests/a.py::a did nothing"


def test_one_more_lost_case_is_told_in_the_singular():
    lost = Sample("lost", message="503")
    cases = tuple(Case(f"tests/a.py::test_{n}", samples=(lost,)) for n in range(4))
    assert "… and 1 more case lost" in summary(Run(selection={}, cases=cases), {})


def test_many_models_that_no_test_called_are_one_line():
    """Where one file of tests ran, ten of eleven models had three lines each to say so."""

    def asked(*names):
        ids = {name: Asked(name, "gpt-4o", "candidate", "gpt-5", "all") for name in names}
        return summary(Run(selection=ids, cases=(Case("tests/a.py::a", models=("a",)),)), {})

    assert asked("a", "b", "c", "d")[-1] == "no test called b, c, d"
    assert asked("a", "b", "c").count("  no test called it") == 2
