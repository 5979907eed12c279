"""Fresh samples of both sides, and of the pin alone: what is asked of whom, at what cost."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from modelpin_runtime.registry.models import Model, Settings
from pytest_modelpin.errors import UpgradeError
from pytest_modelpin.gate.evidence import EarlierNights
from pytest_modelpin.providers.wire import Reply, Usage
from pytest_modelpin.results.case import Call, Case, Sample
from pytest_modelpin.results.run import Asked, Run
from pytest_modelpin.upgrade.nightly import live_runs
from pytest_modelpin.upgrade.nightly.live_runs import (
    AT_LEAST,
    FIRST,
    Asking,
    LivePin,
    LiveRuns,
    asking,
    price_of_a_sample,
    spent,
    write_samples,
)
from pytest_modelpin.upgrade.suite import Suite

CASE = "tests/test_a.py::test_a"
MODEL = Model("claude", "v1", "alias")
RUN = Run(
    {"claude": Asked("claude", "v1", "production", "v1", "none", ("v1",))},
    (Case(CASE, (Sample("passed"),) * 5, models=("claude",)),),
)

DEFAULT = Settings()
SETTINGS = Settings(prices={"house-1": {"input": 1.0, "output": 2.0}})


def call(served="house-1", fresh=True, tokens=1_000_000):
    """At $1 a million tokens read and as much for half as many written."""
    return Call("claude", Reply(usage=Usage(tokens, tokens // 2), served_model=served), fresh, 0.1)


class FakeSuite:
    """A suite whose every run has so many passing and failing samples of each test."""

    def __init__(
        self,
        *outcomes: tuple[int, int] | str,
        call: Call | None = None,
        served: tuple[str, ...] = ("v1",),
        **case: object,
    ) -> None:
        """All runs are `served` by these versions, and have a case with what `case` says."""
        self.outcomes = list(outcomes)
        self.served = served
        self.case = case
        self.calls = (call,) if call else ()
        self.asked: list[tuple[str, ...]] = []
        self.tests: list[tuple[str, ...]] = []

    asked_anew = Suite.asked_anew

    def run(self, *options: str, report: Path, tests=(), deadline=None) -> Run:
        self.asked.append(options)
        self.tests.append(tuple(tests))
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, str):
            raise UpgradeError(outcome)
        passed, failed = outcome
        samples = (Sample("passed", calls=self.calls),) * passed
        samples += (Sample("failed", calls=self.calls),) * failed
        samples += self.case.get("more", ())
        case = Case(CASE, samples, models=("claude",), left_out=self.case.get("left_out", ""))
        id = options[0].rpartition("=")[2]
        selection = {"claude": replace(RUN.selection["claude"], id=id, served=self.served)}
        return replace(RUN, cases=(case,), selection=selection)


TONIGHT = replace(
    RUN, selection={"claude": replace(RUN.selection["claude"], id="alias", served=("v2",))}
)


def runs(suite: FakeSuite, folder: Path, settings: Settings = DEFAULT) -> LiveRuns:
    return LiveRuns(suite, settings, MODEL, RUN, folder)


def asked(suite: FakeSuite, turn: int, option: str) -> str:
    (found,) = [each for each in suite.asked[turn] if each.startswith(f"{option}=")]
    return found.partition("=")[2]


class TestConfirming:
    def confirm(self, suite: FakeSuite, folder: Path, budget: float = 1.0):
        return runs(suite, folder).confirm([CASE], budget)

    def test_both_sides_are_asked_eight_times_about_the_flagged_cases_alone(self, tmp_path):
        suite = FakeSuite((8, 0), (1, 7))
        fresh = self.confirm(suite, tmp_path)
        assert fresh.counts == {CASE: (8, 8, 1, 8)}
        assert [asked(suite, turn, "--model") for turn in (0, 1)] == ["claude=v1", "claude=alias"]
        assert {asked(suite, turn, "--model-samples") for turn in (0, 1)} == {"8"}
        assert suite.tests == [(CASE,), (CASE,)]

    def test_a_side_that_cannot_be_asked_confirms_nothing_and_says_why(self, tmp_path):
        fresh = self.confirm(FakeSuite((8, 0), "pytest stopped\nand more"), tmp_path)
        assert (fresh.counts, fresh.kept, fresh.problem) == ({}, {}, "pytest stopped")

    def test_a_budget_that_is_spent_is_not_passed_on_as_a_debt(self, tmp_path):
        suite = FakeSuite((8, 0), (8, 0))
        self.confirm(suite, tmp_path, budget=-0.5)
        assert asked(suite, 0, "--model-budget") == "0.000000"

    def test_what_one_side_cost_the_other_can_t_spend(self, tmp_path):
        suite = FakeSuite((8, 0), (8, 0), call=call(tokens=25_000))
        runs(suite, tmp_path, SETTINGS).confirm([CASE], 1.0)
        left = [asked(suite, turn, "--model-budget") for turn in (0, 1)]
        assert left == ["1.000000", "0.600000"]  # 8 × 25,000 tokens at $2 a million

    def test_a_version_that_came_since_clears_nobody(self, tmp_path):
        """The alias moved between the run and its confirmation, and back for the next night's."""
        live = replace(runs(FakeSuite((8, 0), (8, 0)), tmp_path), tonight=TONIGHT)
        fresh = live.confirm([CASE], 1.0)
        assert (fresh.counts, fresh.kept) == ({}, {})
        assert fresh.problem == "alias was answered by v1 when asked anew, and by v2 before"

    def test_a_pin_that_another_version_stands_in_for_confirms_nothing(self, tmp_path):
        fresh = self.confirm(FakeSuite((0, 8), (0, 8), served=("v1", "v9")), tmp_path)
        assert fresh.counts == {}
        assert fresh.problem == "v1 was answered by v9 when asked anew, and by v1 before"

    @pytest.mark.parametrize(
        "case", [{"left_out": "asked unseen"}, {"more": (Sample("skipped"),) * 5}]
    )
    def test_a_case_that_was_not_checked_is_not_confirmed(self, tmp_path, case):
        assert self.confirm(FakeSuite((3, 0), (3, 0), **case), tmp_path).counts == {}

    @pytest.mark.parametrize(("passed", "kept"), [(8, {}), (0, {CASE: (8, 8, 0, 8)})])
    def test_what_a_judge_could_not_read_clears_nobody(self, tmp_path, monkeypatch, passed, kept):
        def down(comparison, *_, **__):
            unread = (replace(case, unread=True) for case in comparison.cases)
            return replace(comparison, cases=tuple(unread))

        monkeypatch.setattr(live_runs, "judged", down)
        fresh = self.confirm(FakeSuite((8, 0), (passed, 8 - passed)), tmp_path)
        assert fresh.counts == kept

    def test_what_a_cache_answers_confirms_nothing(self, tmp_path):
        suite = FakeSuite((8, 0), (8, 0), call=call(served="v1", fresh=False))
        assert self.confirm(suite, tmp_path).counts == {}

    def test_counts_of_cases_nobody_asked_for_are_none(self, tmp_path):
        fresh = self.confirm(FakeSuite((8, 0), (8, 0)), tmp_path)
        assert fresh.of([CASE, "another"]) == {CASE: (8, 8, 8, 8)}


class TestLivePin:
    def ask(self, suite: FakeSuite, plan: Asking, folder: Path, every: int | None = None):
        return runs(suite, folder).pin(plan, 1.0, every=every)

    def test_where_nothing_wavers_nobody_is_asked(self, tmp_path):
        assert self.ask(FakeSuite(), Asking(3), tmp_path) == LivePin()

    def test_a_case_that_wavers_is_asked_as_often_as_the_candidate(self, tmp_path):
        suite = FakeSuite((4, 2))
        found = self.ask(suite, Asking(3, {CASE: 6}, (CASE,)), tmp_path)
        assert (found.counts, found.problem) == ({CASE: (4, 6)}, "")
        assert (tmp_path / "pin" / "samples.json").read_text().count("6") == 1
        assert suite.tests == [(CASE,)]

    def test_a_live_baseline_asks_every_case(self, tmp_path):
        suite = FakeSuite((5, 0))
        self.ask(suite, Asking(3), tmp_path, every=5)
        assert asked(suite, 0, "--model-samples") == "5"
        assert suite.tests == [()]

    def test_what_the_pin_cost_is_left_to_nobody_else(self, tmp_path):
        suite = FakeSuite((5, 0), call=call(tokens=25_000))
        plan = Asking(3, {}, (CASE,))
        assert runs(suite, tmp_path, SETTINGS).pin(plan, 1.0).usd == pytest.approx(0.25)

    def test_a_budget_that_is_spent_asks_the_pin_nothing(self, tmp_path):
        suite = FakeSuite((0, 0))
        plan = Asking(3, {}, (CASE,))
        runs(suite, tmp_path, SETTINGS).pin(plan, -0.5)
        assert asked(suite, 0, "--model-budget") == "0.000000"

    def test_a_pin_that_another_version_stands_in_for_leaves_its_recording(self, tmp_path):
        """A gateway that falls back to a worse model made any candidate good enough."""
        found = self.ask(FakeSuite((0, 6), served=("v9",)), Asking(3, {}, (CASE,)), tmp_path)
        assert found.counts == {}
        assert found.problem == "v1 was answered by v9 when asked anew, and by v1 before"

    def test_what_a_stand_in_cost_is_spent_all_the_same(self, tmp_path):
        suite = FakeSuite((5, 0), call=call(tokens=25_000), served=("v9",))
        plan = Asking(3, {}, (CASE,))
        assert runs(suite, tmp_path, SETTINGS).pin(plan, 1.0).usd == pytest.approx(0.25)

    def test_a_pin_that_cannot_be_asked_leaves_its_recording(self, tmp_path):
        found = self.ask(FakeSuite("no network\n…"), Asking(3, {}, (CASE,)), tmp_path)
        assert found == LivePin(problem="no network")


def run_of(calls=(), judging=()):
    return Run({}, (Case("t", (Sample("passed", calls=calls, judging=judging),)),))


@pytest.mark.parametrize(
    ("run", "dollars"),
    [
        (run_of(), 0),
        (run_of(calls=(call(), call())), 4),
        (run_of(calls=(call(),), judging=(call(),)), 4),
        (run_of(calls=(call(fresh=False),)), 0),
        (run_of(calls=(call(served="nobody-knows"),)), 0),
    ],
)
def test_live_replies_count_and_unknown_prices_do_not(run, dollars):
    assert spent(run, SETTINGS) == dollars


def pin(cases: int, passes: int = 5) -> dict[str, tuple[int, int]]:
    return {f"case {number}": (passes, 5) for number in range(cases)}


@pytest.mark.parametrize("cases", [1, 2, 3, 8, 12, 50, 1000])
def test_auto_never_asks_less_often_than_three_fixed_samples_do(cases):
    plan = asking(pin(cases), EarlierNights(), Settings())
    assert plan.base >= AT_LEAST
    assert plan.samples(pin(cases)) * 3 >= 32  # what a margin of 10 pp needs of a flawless suite


def test_three_fixed_nights_are_not_asked_again_for_what_they_have_shown():
    night = dict.fromkeys(pin(1), (5, 5, 11, 11))
    assert asking(pin(1), EarlierNights(), Settings()).base == 11
    after = EarlierNights((night, night), greens=2)
    assert asking(pin(1), after, Settings()).base < 11


def test_what_wavers_is_open_or_critical_is_asked_oftener_and_what_wavers_on_both_sides():
    night = dict.fromkeys(pin(20), (5, 5, 3, 3)) | {"case 1": (5, 5, 2, 3)}
    past = EarlierNights((night,), greens=1, open=("case 2",))
    plan = asking(pin(20), past, Settings(), critical=["case 3", "gone"])
    assert plan.more == {"case 1": FIRST, "case 2": FIRST, "case 3": FIRST}
    assert plan.live == ("case 1",)


def test_a_pin_that_wavers_in_its_recording_does_not_choose_what_is_asked():
    assert asking(pin(20, passes=3), EarlierNights(), Settings()).live == ()


def test_a_number_in_models_yml_is_taken_as_it_is():
    plan = asking(pin(20), EarlierNights(), Settings(samples=2), critical=["case 1"])
    assert (plan.base, plan.more) == (2, {})


def test_a_budget_leaves_room_for_confirmations_and_asks_once_at_least():
    settings = Settings(budget_usd=1.0)
    assert asking(pin(50), EarlierNights(), settings, price=0.006).base == 2
    assert asking(pin(50), EarlierNights(), settings, price=1.0).base == 1


def test_a_sample_costs_what_the_last_night_with_a_known_price_paid(night):
    paid = night("2026-11-18", cost_usd=0.3)
    unknown = night("2026-11-19", cost_usd=None)
    assert price_of_a_sample([paid, unknown]) == pytest.approx(0.1)
    assert price_of_a_sample([unknown]) is None


def test_single_cases_go_by_a_file(tmp_path):
    path = write_samples({"tests/a.py::b": 6}, tmp_path)
    assert json.loads(path.read_text()) == {"tests/a.py::b": 6}
