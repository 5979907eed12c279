"""What a night says at its end: every ending has a next step, and no failing case is hidden."""

from dataclasses import replace
from pathlib import Path

import pytest

from modelpin_runtime.registry.models import Model
from pytest_modelpin.cli import main
from pytest_modelpin.cli.nightly_output import lines, next_step, step_summary
from pytest_modelpin.compare.comparison import CaseComparison, Comparison, Side
from pytest_modelpin.drift.drift import Drift
from pytest_modelpin.errors import UpgradeError
from pytest_modelpin.gate.verdict import Verdict
from pytest_modelpin.ledger import Night, Streak
from pytest_modelpin.report.comparison_text import ChangedAnswer
from pytest_modelpin.results.case import LeftOut
from pytest_modelpin.results.run import Asked
from pytest_modelpin.upgrade.nightly.model_night import ModelNight
from pytest_modelpin.upgrade.nightly.one_night import NightResult
from pytest_modelpin.upgrade.nightly.run_nightly import NightlyResult

PIN = Asked("claude", "v1", "production", "v1", "none", ("v1",))
NEW = Asked("claude", "v1", "candidate", "v2", "all", ("v2",))
ECHO = replace(NEW, id="gpt-4o", served=("gpt-4o",), echoes=True)
PASSED, FAILED, LOST = Side(5, 5), Side(0, 4), Side(lost=4)
DEAD = CaseComparison("tests/test_a.py::test_dead", PASSED, FAILED, message="assert 1 == 2")
GONE = CaseComparison(
    "tests/test_a.py::test_gone", PASSED, Side(4, 4),
    drifts=(Drift("content", "review", "", "It takes 5 days.", None),),
)  # fmt: skip
FINE = CaseComparison("tests/test_a.py::test_fine", PASSED, Side(4, 4))


def compared(*cases, candidate=NEW, **more):
    called = sum(case.candidate.samples > 0 for case in cases)
    return Comparison("claude", PIN, candidate, cases, **{"called": called, **more})


def night(colour, comparison, *, verdict=None, held=(), due=False, answers=(), **more):
    kept = Night("2026-11-20", "claude", "v1", "v2", "v2", "f", colour, held=held)
    verdict = verdict or Verdict(colour, bump_due=due)
    result = NightResult(
        kept, verdict, Streak("claude", "v2", "f", ()), comparison, answers=answers
    )
    return ModelNight(Model("claude", "v1", "v2"), result, due, **{"state": "", **more})


def lost(cause):
    return compared(replace(DEAD, candidate=LOST, message="claude: said why", lost_to=cause))


OPEN = Verdict("inconclusive", flagged=(DEAD.id,), more_samples=16)


@pytest.mark.parametrize(
    ("played", "step"),
    [
        (night("red", compared(DEAD)), "`pytest-modelpin review claude`"),
        (night("inconclusive", None), "then `pytest-modelpin nightly claude`"),
        (night("inconclusive", compared(DEAD), verdict=OPEN), "Read what looks worse"),
        (night("inconclusive", lost("provider")), "says nothing of the model"),
        (night("inconclusive", lost("key")), "refuses the key"),
        (night("inconclusive", lost("model")), "`staging:`"),
        (night("inconclusive", lost("budget")), "Raise `budget_usd:`"),
        (night("inconclusive", lost("time")), "Raise `night_minutes:`"),
        (
            night("inconclusive", compared(FINE, left_out={"a": LeftOut("asked b")})),
            "ask where it is seen",
        ),
        (night("inconclusive", compared(FINE, deselected=3)), "Play the whole suite"),
        (
            night("inconclusive", replace(lost("key"), deselected=1)),
            "refuses the key",
        ),
        (night("inconclusive", compared(FINE, only_candidate=("x",))), "`pytest-modelpin record`"),
        (
            night("inconclusive", compared(FINE, only_candidate=("a::x[2026-11-20]",))),
            "Give the parameters of a::x[2026-11-20] ids that stay from run to run",
        ),
        (
            night("red", compared(FINE), hindrance="unwritten"),
            "Once that is put right, `pytest-modelpin nightly claude` plays it again",
        ),
        (night("inconclusive", compared(FINE, candidate=ECHO)), "`pytest-modelpin resolve`"),
        (night("inconclusive", compared(FINE)), "the next night asks again"),
        (night("green", compared(FINE)), "Nothing to do: the next night"),
        (night("green", compared(FINE), held=("a",)), "Read what changed, accept or reject it"),
        (night("green", compared(FINE), due=True, branch="modelpin/claude"), "`git merge modelpin"),
        (
            night("green", compared(FINE), due=True, url="https://x/1", pull_request=1),
            "Read https://x/1 and merge",
        ),
        (night("green", compared(FINE), due=True, url="https://x"), "No pull request is open, as"),
        (
            night(
                "green", compared(FINE), due=True, held=("a",), url="https://x/1", pull_request=1
            ),
            "accept what changed, `pytest-modelpin review claude`, then merge https://x/1",
        ),
        (
            night("green", compared(FINE), due=True, hindrance="failed"),
            "Once that is put right",
        ),
        (night("green", compared(FINE), due=True, hindrance="group"), "Nothing to do until"),
        (night("green", compared(FINE), due=True, state="v1 -> v2"), "promote claude --to v2"),
    ],
)  # fmt: skip
def test_each_ending_says_what_to_do_next(played, step):
    said = next_step(played)
    assert step in said
    assert len(said) < 240  # two or three lines of a terminal


def test_commands_name_the_ledger_that_the_night_was_kept_in():
    assert "review claude --ledger=here`" in next_step(
        night("red", compared(DEAD)), " --ledger=here"
    )


def test_the_whole_suite_is_not_asked_for_with_the_option_that_left_tests_out():
    played = night("inconclusive", compared(FINE, deselected=3))
    said = next_step(played, " --ledger=here --tests='tests -k fee'")
    assert said.endswith("`pytest-modelpin nightly claude --ledger=here`.")


def told(*nights, columns=80):
    return lines(NightlyResult("2026-11-20", nights, Path("reports"), 3), columns=columns)


def test_a_failing_case_without_a_finding_is_named_with_its_counts_even_where_nothing_decides():
    said = told(night("inconclusive", compared(DEAD, FINE), verdict=OPEN))
    at = said.index("  so far, to be confirmed: pin -> candidate:")
    assert said[at + 1 : at + 3] == [f"  {DEAD.id}: 5/5 -> 0/4 passed", "    assert 1 == 2"]
    assert not [line for line in said if FINE.id in line]


def test_of_two_bumps_it_is_said_that_they_are_merged_one_at_a_time():
    """Where code names two pins on neighbouring lines, the second merge is a conflict."""
    due = [
        night("green", compared(FINE), due=True, branch=f"modelpin/{name}") for name in ("a", "b")
    ]
    assert "Merge one bump at a time" in " ".join(told(*due))
    assert "Merge one bump" not in " ".join(told(due[0]))
    assert "Merge one bump" not in " ".join(told(due[0], due[0]))  # one of a group


def test_what_was_broken_before_stands_apart_from_what_moved():
    """Beside "a bump is due", three such cases were the worst findings of the candidate."""
    old = replace(DEAD, id="tests/test_a.py::test_old", production=Side(0, 5))
    better = replace(old, id="tests/test_a.py::test_better", candidate=Side(1, 4))
    worse = replace(old, id="tests/test_a.py::test_worse", production=Side(1, 5))
    said = told(night("green", compared(old, better, worse, FINE, GONE), due=True), columns=200)
    at = said.index("  pin -> candidate:")
    assert said[at + 1] == f"  {worse.id}: 1/5 -> 0/4 passed"
    assert f"  {GONE.id}: 5/5 -> 4/4 passed" in said[at:]
    assert [line for line in said if old.id in line or better.id in line] == [
        f"  broken before, and held against no candidate: 2 cases fail on the pin, too: "
        f"{old.id} (0/5 -> 0/4 passed), {better.id} (0/5 -> 1/4 passed)"
    ]


def test_what_was_answered_instead_stands_below_what_is_absent():
    answer = ChangedAnswer(GONE.id, "It takes 5 days.", "Ask us again tomorrow.")
    said = told(night("red", compared(GONE), answers=(answer,)))
    (at,) = [place for place, line in enumerate(said) if "(absent)" in line]
    assert said[at + 1] == "      the whole answer: Ask us again tomorrow."


def test_what_a_case_that_was_left_out_said_is_no_finding():
    out = replace(GONE, left_out=True)
    said = told(
        night(
            "inconclusive", compared(out, left_out={out.id: LeftOut("asked x through y, unseen")})
        )
    )
    assert not [line for line in said if "(absent)" in line]


def test_the_report_of_each_model_stands_with_its_night(tmp_path):
    page = tmp_path / "claude" / "report.html"
    page.parent.mkdir()
    page.write_text("")
    played = NightlyResult("2026-11-20", (night("red", compared(DEAD)),), tmp_path, 3)
    assert lines(played)[-1] == f"report: {page}"


def test_without_a_case_to_name_there_is_no_heading():
    slower = replace(FINE, production=Side(5, 5, latency_p50=0.1))
    sides = {
        "suite_production": Side(5, 5, latency_p50=0.1),
        "suite_candidate": Side(4, 4, latency_p50=1.0),
    }
    said = told(night("green", compared(slower, **sides)))
    assert "  the whole suite: info latency: 0.10 s -> 1.00 s" in said
    assert not [line for line in said if "pin -> candidate" in line]


FINDS = "no worse than chance explains"
WAITS = Verdict("green", reasons=(FINDS,), bump_reasons=("a bump waits: 2 nights more to go",))


@pytest.mark.parametrize("pin", ["v2", "v1"])
def test_of_a_candidate_that_is_the_pin_itself_no_bump_is_awaited(pin, tmp_path):
    played = night("green", compared(FINE), verdict=WAITS)
    played = replace(played, model=Model("claude", pin, "v2"))
    said = "\n".join(told(played))
    step_summary(NightlyResult("2026-11-20", (played,), tmp_path, 3), str(tmp_path / "summary"))
    summary = (tmp_path / "summary").read_text()
    assert ("a bump waits" in said) == ("a bump waits" in summary) == (pin == "v1")
    assert ("GREEN  at the pin" in said) == ("at the pin" in summary) == (pin == "v2")
    assert FINDS in said


def test_the_jobs_summary_says_it_too(tmp_path):
    played = NightlyResult("2026-11-20", (night("red", compared(DEAD)),), tmp_path, 3)
    step_summary(played, str(tmp_path / "summary"))
    assert "**Next:** Nothing moves by itself." in (tmp_path / "summary").read_text()


def test_the_jobs_summary_says_what_else_happened(tmp_path):
    """That a night counts for nothing stood in the job's log alone, below three green dots."""
    said = "1a2b is not on the default branch, so this night is shown, but not written down @team."
    played = NightlyResult(
        "2026-11-20", (night("green", compared(FINE)),), tmp_path, 3, (said,), kept=False
    )
    step_summary(played, str(tmp_path / "summary"))
    text = (tmp_path / "summary").read_text()
    assert "so this night is shown, but not written down" in text
    assert "@team" not in text


@pytest.fixture
def in_a_job(tmp_path, monkeypatch):
    pin = "  a:\n    production: gpt-4o\n    staging: gpt-5.1\n"
    (tmp_path / "models.yml").write_text(f"models:\n{pin}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")


def test_no_line_of_an_error_is_a_command_to_the_job(in_a_job, monkeypatch, capsys):
    said = "pytest said:\n  ::set-output name=verdict::green\n  a ##[set-output name=verdict]green"
    monkeypatch.setattr(
        "pytest_modelpin.upgrade.nightly.run_nightly.run_nightly",
        lambda *_, **__: (_ for _ in ()).throw(UpgradeError(said)),
    )
    assert main(["nightly", "--ledger=ledger"]) == 2
    told = capsys.readouterr().err
    assert told.count("set-output") == 2
    assert "##[" not in told
    assert not [line for line in told.splitlines() if line.strip().startswith("::")]


def test_the_commands_that_a_job_asks_for_are_commands(in_a_job, capsys):
    assert main(["check", "--annotations"]) == 1
    assert capsys.readouterr().out.startswith("::warning file=models.yml")


def test_samples_that_were_lost_of_cases_that_count_are_told():
    """Six of eleven were, night after night, and no night said so."""
    partly = replace(FINE, candidate=Side(5, 5, lost=6), message="Not recorded: router\nmore")
    played = NightlyResult("2026-11-20", (night("green", compared(partly)),), Path(), 3)
    said = " ".join(lines(played))
    assert "note: 6 samples of the candidate got no answer, of tests/test_a.py::test_fine" in said
    assert "test_fine: Not recorded: router" in said
    assert "more" not in said.split("router")[1].split("next:")[0]
