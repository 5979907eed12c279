"""A night whose time was up is inconclusive, says so, and keeps what was seen."""

import dataclasses
import itertools
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from modelpin_runtime.registry.models import Model, Pins, Settings
from pytest_modelpin.compare.comparable import prompts_mark
from pytest_modelpin.compare.comparison import RunPair, compare
from pytest_modelpin.gate.verdict import Verdict
from pytest_modelpin.ledger import Night, Streak
from pytest_modelpin.ledger.decision import Decision
from pytest_modelpin.providers.wire import Reply, Usage
from pytest_modelpin.results import report_file
from pytest_modelpin.results.case import Answer, Call, Case, Sample
from pytest_modelpin.results.run import Asked, Run
from pytest_modelpin.upgrade.nightly import NightlyContext
from pytest_modelpin.upgrade.nightly import one_night as module
from pytest_modelpin.upgrade.nightly.one_night import (
    NightResult,
    one_night,
    promotable,
)
from pytest_modelpin.upgrade.nightly.outcome import decided_again
from pytest_modelpin.upgrade.suite import Suite

MODEL = Model("claude", "v1", "alias")


def run(*ids: str) -> Run:
    asked = Asked("claude", "v1", "candidate", "alias", "all", ("v2",))
    cases = tuple(Case(each, (Sample("passed"),), models=("claude",)) for each in ids)
    return Run({"claude": asked}, cases)


class SlowSuite:
    """A suite that is stopped at its deadline with one case of three done."""

    def __init__(self) -> None:
        self.deadlines: list[float] = []

    root = Path("not-there")
    asked_anew = Suite.asked_anew

    def run(self, *options: str, report, tests=(), deadline=None) -> Run:
        self.deadlines.append(deadline)
        return run("a")


def test_a_night_that_is_stopped_is_inconclusive_and_what_it_missed_is_lost(tmp_path, monkeypatch):
    pins = Pins({"claude": MODEL}, Settings(night_minutes=2), tmp_path / "models.yml")
    suite = SlowSuite()
    nightly = NightlyContext(suite, pins, tmp_path, "2026-11-17", say=lambda _: None)
    hours = itertools.count(0, 3600)
    monkeypatch.setattr(module.time, "monotonic", lambda: float(next(hours)))
    production = run("a", "b", "c")
    found = one_night(nightly, MODEL, production, [])
    assert suite.deadlines[0] == 120.0
    assert found.night.colour == "inconclusive"
    assert "time was up after 2 minutes" in found.night.reasons[0]
    assert found.night.lost == 2
    assert found.streak.length == 0


class EditedRegistry:
    """A suite that finds another models.yml than the night began with."""

    def __init__(self, **found: str) -> None:
        self.found = found

    asked_anew = Suite.asked_anew

    def run(self, *options: str, report, tests=(), deadline=None) -> Run:
        ran = run("a")
        asked = dataclasses.replace(ran.selection["claude"], **self.found)
        return dataclasses.replace(ran, selection={"claude": asked})


@pytest.mark.parametrize("found", [{"production": "v0"}, {"id": "v3"}])
def test_a_night_whose_models_yml_is_changed_meanwhile_says_nothing_of_either(tmp_path, found):
    pins = Pins({"claude": MODEL}, Settings(), tmp_path / "models.yml")
    suite = EditedRegistry(**found)
    nightly = NightlyContext(suite, pins, tmp_path, "2026-11-17", say=lambda _: None)
    result = one_night(nightly, MODEL, run("a"), [])
    assert result.night.colour == "inconclusive"
    assert "models.yml was changed while the night ran" in result.night.reasons[0]
    assert next(iter(found.values())) in result.night.reasons[0]


def test_a_night_whose_tests_are_changed_meanwhile_says_nothing_of_either(tmp_path):
    """A test that was loosened in the midst of a night let a worse candidate pass."""

    class Edited(SlowSuite):
        def run(self, *options: str, report, tests=(), deadline=None) -> Run:
            ran = run("a", "b")
            cases = tuple(dataclasses.replace(case, source="2") for case in ran.cases)
            return dataclasses.replace(ran, cases=cases)

    pins = Pins({"claude": MODEL}, Settings(), tmp_path / "models.yml")
    nightly = NightlyContext(Edited(), pins, tmp_path, "2026-11-17", say=lambda _: None)
    production = run("a")
    begun = tuple(dataclasses.replace(case, source="1") for case in production.cases)
    result = one_night(nightly, MODEL, dataclasses.replace(production, cases=begun), [])
    assert result.night.colour == "inconclusive"
    said = "the file of a, or a conftest or module of tests that it uses, was changed while"
    assert said in result.night.reasons[0]


def test_what_a_suite_lacks_is_said_on_a_versions_first_night_alone(tmp_path):
    pins = Pins({"claude": MODEL}, Settings(), tmp_path / "models.yml")
    nightly = NightlyContext(SlowSuite(), pins, tmp_path, "2026-11-17", say=lambda _: None)
    first = one_night(nightly, MODEL, run("a"), [])
    assert "one sample of the pin" in first.comparison.standing[0]
    assert "one sample of the pin" in (tmp_path / "claude" / "report.html").read_text()
    again = one_night(nightly, MODEL, run("a"), [first.night])
    assert again.comparison.standing == first.comparison.standing  # the same day, played again
    next_day = dataclasses.replace(nightly, day="2026-11-18")
    assert one_night(next_day, MODEL, run("a"), [first.night]).comparison.standing == ()


GREEN = Night(
    day="2026-11-17", name="claude", pin="claude-sonnet-4-5-20250929", asked="claude-sonnet-4-6",
    served="claude-sonnet-4-6", fingerprint="f", colour="green",
)  # fmt: skip
WATCHED = Model("claude", "claude-sonnet-4-5-20250929", "claude-sonnet-4-6")


@pytest.mark.parametrize(
    ("night", "model", "due", "moves", "why"),
    [
        ({}, {}, True, True, "claude-sonnet-4-5-20250929 -> claude-sonnet-4-6"),
        ({}, {}, False, False, ""),
        ({"served": None}, {}, True, False, "which version served is unknown"),
        ({"served": WATCHED.production}, {}, True, False, "served by the pin itself"),
        ({}, {"overridden": "claude-sonnet-4-6"}, True, False, "served by the pin itself"),
        ({}, {"overridden": "claude-opus-4-5"}, True, True, "claude-opus-4-5 -> claude-sonnet-4-6"),
        ({}, {"ignore": ("claude-sonnet-4-6",)}, True, False, "is on `ignore`"),
        ({}, {"ignore": ("claude-sonnet-4-7",)}, True, True, "->"),
        ({"served": "gpt-4o"}, {}, True, False, "is itself a floating alias"),
        ({"served": "claude-sonnet-latest"}, {}, True, False, "is itself a floating alias"),
        ({}, {"policy": "float"}, True, False, "watched only"),
    ],
)
def test_a_pin_moves_only_to_a_known_fixed_and_wanted_version(night, model, due, moves, why):
    verdict = Verdict("green", bump_due=due)
    found = NightResult(
        dataclasses.replace(GREEN, **night),
        verdict,
        Streak("claude", GREEN.served, "f"),
        dataclasses.replace(compare(run("a"), run("a"), "claude"), called=1),
    )
    moved, said = promotable(found, dataclasses.replace(WATCHED, **model))
    assert moved is moves
    assert why in said
    assert bool(said) is bool(why)


class DyingSuite:
    """A suite whose case dies on the candidate; each of its samples costs ten cents."""

    def __init__(self, served: str | None = "v2") -> None:
        self.budgets: list[float] = []
        self.served = served

    asked_anew = Suite.asked_anew

    def run(self, *options: str, report, tests=(), deadline=None) -> Run:
        given = dict(option.removeprefix("--model").partition("=")[::2] for option in options)
        self.budgets.append(float(given["-budget"]))
        pin = given[""] == "claude=v1"
        reply = Reply(usage=Usage(100_000, 0), served_model="v1" if pin else self.served)
        call = Call("claude", reply, True, 0.1)
        sample = Sample("passed" if pin else "failed", calls=(call,))
        served = ("v1",) if pin else (self.served,) if self.served else ()
        asked = Asked("claude", "v1", "candidate", "alias", "all", served)
        case = Case("a", (sample,) * int(given["-samples"]), models=("claude",))
        return Run({"claude": asked}, (case,))


def test_what_the_night_spent_is_not_there_to_confirm_with(tmp_path):
    prices = {"v1": {"input": 1.0, "output": 1.0}, "v2": {"input": 1.0, "output": 1.0}}
    settings = Settings(budget_usd=5.0, samples=3, prices=prices)
    pins = Pins({"claude": MODEL}, settings, tmp_path / "models.yml")
    suite = DyingSuite()
    nightly = NightlyContext(suite, pins, tmp_path, "2026-11-17", say=lambda _: None)
    production = Run(
        {"claude": Asked("claude", "v1", "production", "v1", "none", ("v1",))},
        (Case("a", (Sample("passed"),) * 5, models=("claude",)),),
    )
    found = one_night(nightly, MODEL, production, [])
    assert suite.budgets == pytest.approx([5.0, 4.7, 3.9])  # 3 samples, then 8 of the pin
    assert found.night.colour == "red"
    kept = report_file.read(tmp_path / "claude" / "candidate.json")
    asked = compare(production, kept, "claude", settings)
    _, again = decided_again(asked, RunPair(production, kept, settings))
    assert again.reasons == found.verdict.reasons


def test_a_night_whose_replies_name_no_version_is_neither_green_nor_red(tmp_path):
    pins = Pins({"claude": MODEL}, Settings(samples=3), tmp_path / "models.yml")
    nightly = NightlyContext(DyingSuite(None), pins, tmp_path, "2026-11-17", say=lambda _: None)
    night = one_night(nightly, MODEL, run("a"), []).night
    assert (night.served, night.colour) == (None, "inconclusive")


class ChangedSuite:
    """A suite whose case gives another label on the candidate, to `model_snapshot`."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    asked_anew = Suite.asked_anew

    def run(self, *options: str, report, tests=(), deadline=None) -> Run:
        given = dict(option.removeprefix("--model").partition("=")[::2] for option in options)
        pin = given[""] == "claude=v1"
        self.asked.append(report.stem)
        return labelled("approved" if pin else "denied", int(given["-samples"]), pin=pin)


def labelled(said: str, samples: int, *, pin: bool) -> Run:
    version = "v1" if pin else "v2"
    answer = Answer("decision", "approved", said)
    call = Call("claude", Reply(text=said, served_model=version), fresh=True, seconds=0.1)
    sample = Sample("passed", calls=(call,), answers=(answer,))
    case = Case("a", (sample,) * samples, models=("claude",))
    asked = Asked("claude", "v1", "candidate", "alias", "all", (version,))
    return Run({"claude": asked}, (case,))


def test_what_a_person_accepted_is_not_confirmed_again(tmp_path):
    pins = Pins({"claude": MODEL}, Settings(samples=3), tmp_path / "models.yml")
    nightly = NightlyContext(ChangedSuite(), pins, tmp_path, "2026-11-17", say=lambda _: None)
    production = labelled("approved", 5, pin=True)
    first = one_night(nightly, MODEL, production, []).night
    assert (first.colour, first.open) == ("red", ("a",))
    suite = ChangedSuite()
    next_day = dataclasses.replace(nightly, suite=suite, day="2026-11-18")
    at = (datetime.fromisoformat(first.at) + timedelta(hours=1)).isoformat()
    wanted = Decision("claude", "v2", "accepted", "wanted", at, cases=("a",))
    second = one_night(next_day, MODEL, production, [first], [wanted]).night
    assert (second.colour, second.open) == ("green", ())
    assert suite.asked == ["candidate"], "neither side is asked to confirm what is accepted"


def prompted(id, request, **prompts):
    return Case(id, (Sample("passed", calls=(Call("claude", Reply(), True, 1.0, request),)),),
                models=("claude",), prompts=prompts)  # fmt: skip


def test_only_what_moved_marks_the_evidence():
    both = [prompted("a", "r1", fee="h1"), prompted("b", "r1")]
    assert prompts_mark(both, (), "claude") == ""
    of_a = prompts_mark(both, ("a",), "claude")
    assert of_a == prompts_mark([both[0], prompted("b", "r2")], ("a",), "claude")
    assert of_a != prompts_mark([prompted("a", "r2", fee="h1"), both[1]], ("a",), "claude")
    assert of_a != prompts_mark([prompted("a", "r1", fee="h2"), both[1]], ("a",), "claude")


@pytest.mark.parametrize("at", ["2099-01-01T00:00:00.000+00:00", "2099-01-01T00:00:00", "odd"])
def test_a_clock_that_was_put_back_hides_no_later_run_of_the_day(tmp_path, at):
    earlier = Night("2026-11-17", "claude", "v1", "alias", "v2", "f", "green", at=at)
    pins = Pins({"claude": MODEL}, Settings(), tmp_path / "models.yml")
    nightly = NightlyContext(SlowSuite(), pins, tmp_path, "2026-11-17", say=lambda _: None)
    found = one_night(nightly, MODEL, run(), [earlier])
    assert found.night.colour == "inconclusive"
    if at.endswith("+00:00"):
        assert found.night.at > at
        assert found.streak.length == 0
