"""Changes that no test fails over: when they hold a bump, and when a person has accepted them."""

import dataclasses
from dataclasses import replace
from math import cos, sin

import pytest

from modelpin_runtime.registry.models import Model, Settings
from pytest_modelpin.compare.comparison import RunPair, compare
from pytest_modelpin.drift.drift import Drift
from pytest_modelpin.gate.verdict import Verdict
from pytest_modelpin.providers.embeddings import Embedded
from pytest_modelpin.providers.wire import Reply
from pytest_modelpin.results import report_file
from pytest_modelpin.results.case import Call, Case, Sample, vector_of
from pytest_modelpin.results.run import Asked, NightOutcome, Run
from pytest_modelpin.upgrade.nightly.outcome import (
    confirmed,
    decided_again,
    keep_outcome,
    page_context,
    reason_to_hold,
    to_hold,
    unsettled,
    waiting_for,
    why_not,
    with_accepted_answers,
    with_live_pin,
    without_accepted,
)

CASE = "tests/test_a.py::test_a"


@pytest.fixture
def changed(comparison):
    """A comparison whose one case breaks a watched invariant in so many of three samples."""

    def build(watched: int = 3, drifted: int = 0):
        made = comparison(Drift("number", "regression", "", "$42", "$420"))
        case = dataclasses.replace(made.cases[0], watched_samples=watched, drifted_samples=drifted)
        return dataclasses.replace(made, cases=(case,))

    return build


def test_what_all_samples_break_is_to_be_held_and_what_one_breaks_is_not(changed):
    assert to_hold(changed(3), Settings()) == (CASE,)
    assert to_hold(changed(1), Settings()) == ()
    assert to_hold(changed(3), Settings(), known=[CASE]) == ()


def test_the_reason_names_the_cases_and_the_command_and_does_not_say_who_asked_for_them():
    reason = reason_to_hold([CASE], "support")
    assert CASE in reason
    assert reason.endswith("`pytest-modelpin accept support`")
    assert "no test asks" not in reason, "with `on_drift: hold` a test does"


@pytest.mark.parametrize(("on_drift", "held"), [("fail", ()), ("hold", (CASE,)), ("report", ())])
def test_on_drift_says_whether_a_broken_contract_holds(changed, on_drift, held):
    assert to_hold(changed(0, drifted=3), Settings(on_drift=on_drift)) == held


def test_fresh_samples_confirm_a_change_or_clear_it():
    assert confirmed({CASE: (8, 8, 0, 8)}, [CASE]) == {CASE}
    assert confirmed({CASE: (8, 8, 7, 8)}, [CASE]) == frozenset()
    assert confirmed({CASE: (0, 8, 0, 8)}, [CASE]) == frozenset()  # the pin breaks it too
    assert confirmed({}, [CASE]) == frozenset()
    # One of three: those that nobody could ask anew are counted with it.
    assert confirmed({CASE: (8, 8, 2, 8)}, [CASE]) == {CASE}
    assert confirmed({CASE: (8, 8, 2, 8)}, [CASE, "b", "c"]) == frozenset()


def test_a_change_that_nobody_could_ask_about_lets_no_bump_through():
    """The budget was up, and the pull request was opened ready to be merged."""
    assert unsettled({CASE: (8, 8, 0, 8)}, [CASE]) == ()
    assert unsettled({CASE: (8, 8, 8, 8)}, [CASE]) == ()
    assert unsettled({CASE: (2, 2, 2, 2)}, [CASE]) == (CASE,)
    assert unsettled({}, [CASE]) == (CASE,)
    due = Verdict("green", bump_due=True, bump_reasons=("a bump is due",))
    waits = waiting_for([CASE], due)
    assert not waits.bump_due
    (told,) = waits.bump_reasons
    assert told.startswith(f"a bump waits: what changed in {CASE} could be neither confirmed")
    assert waiting_for([], due) == due
    red = Verdict("red")
    assert waiting_for([CASE], red) == red
    early = Verdict("green", bump_reasons=("a bump waits: 2 nights more must be green",))
    assert waiting_for([CASE], early).bump_reasons == (*early.bump_reasons, told)


@pytest.mark.parametrize("accepted", ["*", CASE])
def test_an_accepted_change_is_a_finding_and_no_more(changed, accepted):
    (case,) = without_accepted(changed(3, drifted=3), [accepted]).cases
    assert (case.drifted_samples, case.watched_samples) == (0, 0)
    assert [drift.severity for drift in case.drifts] == ["info"]


def test_another_case_is_not_accepted_with_it(changed):
    assert without_accepted(changed(3), ["tests/test_b.py::test_b"]) == changed(3)


def test_live_counts_replace_the_recordings(changed):
    (case,) = with_live_pin(changed(), {CASE: (2, 6)}).cases
    assert (case.production.passes, case.production.samples) == (2, 6)
    assert with_live_pin(changed(), {"gone": (2, 6)}) == changed()


class TestYardstick:
    old = Case("a", samples=(Sample("passed"),))
    new = Case("a", samples=(Sample("passed"), Sample("passed")))

    def run(self, *cases: Case) -> Run:
        return Run({}, cases)

    def test_accepted_cases_are_held_to_the_candidates_own_samples(self):
        other = dataclasses.replace(self.old, id="b")
        held_to = with_accepted_answers(self.run(self.old, other), self.run(self.new), ["a"])
        assert held_to.cases == (self.new, other)
        assert with_accepted_answers(self.run(self.old), self.run(self.new), ["*"]).cases == (
            self.new,
        )

    def test_what_nobody_accepted_or_the_candidate_lost_is_held_to_the_pin(self):
        lost = dataclasses.replace(self.new, samples=(Sample("lost"),))
        assert with_accepted_answers(self.run(self.old), self.run(self.new), []).cases == (
            self.old,
        )
        assert with_accepted_answers(self.run(self.old), self.run(lost), ["a"]).cases == (self.old,)


def test_what_the_pins_own_samples_keep_mixes_no_vectors_of_two_models():
    """Of equal length they would pass for neighbours, and put everything else out of place."""

    def case(id, embed):
        texts = [f"{id} {n}" for n in range(12)]
        vectors = tuple(vector_of(Embedded(each, "", embed(each))) for each in texts)
        call = Call("embedder", Reply(), True, 0.1, vectors=vectors)
        return Case(id, (Sample("passed", calls=(call,)),), models=("embedder",))

    def run(version):
        asked = Asked("embedder", "old", "candidate", version, "all", (version,))
        # One model's vectors lie where the other's texts of case b do.
        place = {"old": (0, 100), "new": (100, 0)}[version]
        at = {"a": place[0], "b": place[1]}
        cases = (case(id, lambda text: on_line(text, at[text[0]])) for id in ("a", "b"))
        return Run({"embedder": asked}, tuple(cases))

    def on_line(text, start):
        turn = (start + int(text[2:])) / 100
        return [cos(turn), sin(turn)]

    old, new = run("old"), run("new")
    assert not any(each.drifts for each in compare(old, new, "embedder").cases)
    held_to = with_accepted_answers(old, new, ["a"])
    found = compare(held_to, new, "embedder")
    assert "12 texts)" in found.neighbours.said
    assert not any(each.drifts for each in found.cases)


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


MODEL = Model("claude", "claude-3-haiku-20240307", staging="claude-opus-4-1", provider="anthropic")
SERVED = "claude-opus-4-1-20250805"


@pytest.fixture
def context(night):
    def make(past=(), model=MODEL, accepted=(), **fields):
        tonight = night("2026-11-20", **{"pin": model.production, "served": SERVED, **fields})
        return page_context(
            model, tonight, past, margin=0.1, fresh={}, accepted=accepted, commit="4f2c9d1"
        )

    return make


def test_the_page_is_told_of_both_ends_and_of_every_versions_nights(context, night):
    past = [night("2026-11-18", served="claude-sonnet-4-5-20251001"), night("2026-11-19")]
    told = context(past, accepted={"b", "a"})
    assert [point.day for point in told.nights] == ["2026-11-18", "2026-11-19", "2026-11-20"]
    assert [line.split(" retire")[0] for line in told.retirements] == [
        "The pin claude-3-haiku-20240307",
        "The candidate's version claude-opus-4-1-20250805",
    ]
    assert told.accepted == ("a", "b")
    assert told.run_url == "https://github.com/acme/app/actions/runs/7"
    assert told.made == "2026-11-20 UTC, commit 4f2c9d1"


def test_a_version_without_a_known_end_is_said_to_have_none(context):
    told = context(served="claude-opus-9-20991231")
    assert told.retirements[1] == (
        "The candidate's version claude-opus-9-20991231 has no retirement date that is known."
    )


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("claude-opus-4-6", "will not retire before 2027-02-05"),
        ("claude-haiku-4-5-20251001", "has no retirement date that is known"),
    ],
)
def test_a_promise_is_told_until_its_day_has_come(context, version, said):
    assert context(served=version).retirements[1] == f"The candidate's version {version} {said}."


def test_the_pull_request_is_a_press_away(context):
    told = context()
    assert told.branch == "modelpin/claude"
    assert told.pulls_url == (
        "https://github.com/acme/app/pulls?q=is%3Apr+head%3Amodelpin%2Fclaude"
    )
    assert context(run_url="https://gitlab.com/acme/app/-/jobs/7").pulls_url == ""


def test_what_can_never_be_proposed_is_said(context):
    assert context().not_proposed == ""
    assert "served by the pin itself" in context(served=MODEL.production).not_proposed


@pytest.mark.parametrize(
    ("pin", "served", "is_older"),
    [
        ("gpt-4o-2024-11-20", "gpt-4o-2024-08-06", True),
        ("gpt-4o-2024-08-06", "gpt-4o-2024-11-20", False),
        ("claude-sonnet-4-5-20250929", "claude-sonnet-4-20250514", False),
        ("anthropic.claude-3-5-sonnet-20241022-v2:0", "anthropic.claude-3-5-sonnet-20240620-v2:0",
         True),
        ("mistral-large-2411", "mistral-large-2407", True),
        ("mistral-large-2407", "mistral-large-2411", False),
        ("gpt-4-1106-preview", "gpt-4-0125-preview", False),
        ("gpt-4o-2024-11-20", "gpt-4o-mini-2024-07-18", False),
        ("gpt-4o-2024-11-20", "gpt-5.1-2025-11-13", False),
    ],
)  # fmt: skip
def test_an_alias_that_lags_behind_the_pin_moves_no_pin_back(night, pin, served, is_older):
    """`init` proposes the alias `gpt-4o` for such a pin, and three nights proposed to go back."""
    alias = Model("support", pin, "alias")
    said = why_not(night(pin=pin, served=served, asked="alias"), alias)
    assert ("older than the pin" in said) is is_older
    asked_for = why_not(night(pin=pin, served=served, asked=served), replace(alias, staging=served))
    assert asked_for == ""
