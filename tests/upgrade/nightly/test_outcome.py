"""Whoever compares a night's two reports again hears what the night said."""

from dataclasses import replace

import pytest

from modelpin_runtime.registry.models import Settings
from pytest_modelpin.compare.comparison import RunPair, compare
from pytest_modelpin.gate.verdict import Verdict
from pytest_modelpin.providers.reply import Reply
from pytest_modelpin.results import report_file
from pytest_modelpin.results.case import Call, Case, Sample
from pytest_modelpin.results.run import Asked, NightOutcome, Run
from pytest_modelpin.upgrade.nightly.outcome import decided_again, keep_outcome

SETTINGS = Settings()


def run(which: str, passes: int, samples: int) -> Run:
    version = {"production": "v1", "candidate": "v2"}[which]
    call = Call("claude", Reply(text="x", served_model=version), which == "candidate", 0.1)
    made = tuple(
        Sample("passed" if at < passes else "failed", calls=(call,)) for at in range(samples)
    )
    asked = Asked("claude", "v1", which, version, "all", (version,))
    cases = (Case("t.py::test_a", made, models=("claude",)),)
    return Run({"claude": asked}, cases, started=f"2026-11-17T03:00:0{samples}+00:00")


PRODUCTION = run("production", 5, 5)
DEAD = run("candidate", 0, 3)


def outcome(day, verdict, **kept):
    return NightOutcome(PRODUCTION.started, day, verdict.colour, verdict.reasons, **kept)


def again(path, production=PRODUCTION):
    candidate = report_file.read(path)
    comparison = compare(production, candidate, "claude", SETTINGS)
    return decided_again(comparison, RunPair(production, candidate, SETTINGS))


def test_what_fresh_samples_confirmed_stays_confirmed(tmp_path):
    path = tmp_path / "candidate.json"
    report_file.write(DEAD, path)
    assert again(path)[1].colour == "inconclusive"
    reason = "worse than production, confirmed on fresh samples of both sides: t.py::test_a"
    red = Verdict("red", reasons=(reason,))
    counts = {"t.py::test_a": (8, 8, 0, 8)}
    keep_outcome(path, DEAD, outcome("2026-11-17", red, fresh=counts))
    comparison, verdict = again(path)
    assert (verdict.colour, verdict.reasons[0]) == ("red", reason)
    assert report_file.read(path).night.fresh == counts
    assert [note for note in comparison.notes if "judged on" in note] == []


def test_what_a_person_had_accepted_stays_accepted(tmp_path):
    path = tmp_path / "candidate.json"
    keep_outcome(path, DEAD, outcome("2026-11-17", Verdict("green"), accepted=("t.py::test_a",)))
    assert again(path)[0].cases[0].accepted


def test_where_earlier_nights_decided_a_note_says_so(tmp_path):
    path = tmp_path / "candidate.json"
    verdict = Verdict("green", bump_due=True, reasons=("a bump is due",))
    keep_outcome(path, run("candidate", 3, 3), outcome("2026-11-19", verdict))
    comparison, _ = again(path)
    assert (
        "judged on 2026-11-19, with the nights before it, it came out green: a bump is due"
        in comparison.notes
    )


def test_beside_another_run_of_the_pin_nothing_of_it_counts(tmp_path):
    path = tmp_path / "candidate.json"
    counts = {"t.py::test_a": (8, 8, 0, 8)}
    keep_outcome(path, DEAD, outcome("2026-11-17", Verdict("red"), fresh=counts))
    other = replace(PRODUCTION, started="2026-11-18T03:00:00+00:00")
    assert again(path, other)[1].colour == "inconclusive"


@pytest.mark.parametrize("broken", [{"beside": ""}, {**dict.fromkeys(("beside", "day"), "")}, "x"])
def test_a_report_whose_night_is_torn_is_a_sentence(tmp_path, broken):
    import json

    path = tmp_path / "candidate.json"
    report_file.write(DEAD, path)
    path.write_text(json.dumps({**json.loads(path.read_text()), "night": broken}))
    with pytest.raises(report_file.RunReportError, match="documented form"):
        report_file.read(path)
