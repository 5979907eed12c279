"""A night whose time was up is inconclusive, says so, and keeps what was seen."""

import dataclasses
import itertools

from modelpin_runtime.registry.models import Model, Pins, Settings
from pytest_modelpin.results.case import Case, Sample
from pytest_modelpin.results.run import Asked, Run
from pytest_modelpin.upgrade.nightly import one_night as module
from pytest_modelpin.upgrade.nightly.one_night import Watch, one_night

MODEL = Model("claude", "v1", "alias")


def run(*ids: str) -> Run:
    asked = Asked("claude", "v1", "candidate", "alias", "all", ("v2",))
    cases = tuple(Case(each, (Sample("passed"),), models=("claude",)) for each in ids)
    return Run({"claude": asked}, cases)


class SlowSuite:
    """A suite that is stopped at its deadline with one case of three done."""

    def __init__(self) -> None:
        self.deadlines: list[float] = []

    def run(self, *options: str, report, tests=(), deadline=None) -> Run:
        self.deadlines.append(deadline)
        return run("a")


def test_a_night_that_is_stopped_is_inconclusive_and_what_it_missed_is_lost(tmp_path, monkeypatch):
    pins = Pins({"claude": MODEL}, Settings(night_minutes=2), tmp_path / "models.yml")
    suite = SlowSuite()
    watch = Watch(suite, pins, tmp_path, "2026-11-17", say=lambda _: None)
    hours = itertools.count(0, 3600)
    monkeypatch.setattr(module.time, "monotonic", lambda: float(next(hours)))
    production = run("a", "b", "c")
    found = one_night(watch, MODEL, production, [])
    assert suite.deadlines[0] == 120.0
    assert found.night.colour == "inconclusive"
    assert "time was up after 2 minutes" in found.night.reasons[0]
    assert found.night.lost == 2
    assert found.streak.length == 0


def test_what_a_suite_lacks_is_said_on_a_versions_first_night_alone(tmp_path):
    pins = Pins({"claude": MODEL}, Settings(), tmp_path / "models.yml")
    watch = Watch(SlowSuite(), pins, tmp_path, "2026-11-17", say=lambda _: None)
    first = one_night(watch, MODEL, run("a"), [])
    assert "one sample of the pin" in first.comparison.standing[0]
    assert "one sample of the pin" in (tmp_path / "claude" / "report.html").read_text()
    again = one_night(watch, MODEL, run("a"), [first.night])
    assert again.comparison.standing == first.comparison.standing  # the same day, played again
    next_day = dataclasses.replace(watch, day="2026-11-18")
    assert one_night(next_day, MODEL, run("a"), [first.night]).comparison.standing == ()
