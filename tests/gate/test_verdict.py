from __future__ import annotations

from collections.abc import Mapping
from math import comb
from typing import Any, ClassVar

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from modelpin_runtime.registry.models import Settings
from pytest_modelpin.gate.evaluation import evaluate, verdict
from pytest_modelpin.gate.evidence import EarlierNights, gather
from pytest_modelpin.gate.verdict import confirming_samples, flag, worse_together

NightCounts = dict[str, tuple[int, int, int, int]]


def night(cases: int, samples: int = 3, **changed: tuple[int, int, int, int]) -> NightCounts:
    whole = (samples, samples, samples, samples)
    return {f"case{number}": whole for number in range(cases)} | changed


def test_three_nights_without_a_difference_are_due_for_a_bump() -> None:
    found = verdict([night(50)] * 3)
    assert found.colour == "green"
    assert found.bump_due
    assert found.estimate == 0
    assert found.lower_bound is not None
    assert -0.10 < found.lower_bound < 0
    assert found.more_samples is None


def test_two_green_nights_wait_for_the_third_and_say_so() -> None:
    found = verdict([night(50)] * 2)
    assert (found.colour, found.bump_due, found.more_samples) == ("green", False, 150)
    assert "1 night more must be green" in " ".join(found.bump_reasons)
    assert not any("bump" in why for why in found.reasons)


@pytest.mark.parametrize(("cases", "samples"), [(1, 11), (2, 6), (5, 3), (11, 1), (11, 3), (12, 1)])
def test_a_flawless_suite_of_any_size_is_due_on_its_third_green(cases: int, samples: int) -> None:
    assert not verdict([night(cases, samples)] * 2).bump_due
    assert verdict([night(cases, samples)] * 3).bump_due


def test_samples_too_few_to_prove_anything_are_told_how_many_would() -> None:
    found = verdict([night(2)] * 3)
    assert (found.colour, found.bump_due) == ("green", False)
    told = " ".join(found.told)
    assert "18 samples of the candidate are too few" in told
    more = int(told.split("`samples: ")[1].split("`")[0])
    assert verdict([*[night(2)] * 3, night(2, more)]).bump_due


def test_no_message_asks_for_hundreds_of_nights() -> None:
    wavering = night(7) | {"flaky": (6, 9, 1, 3)}
    told = " ".join(verdict([wavering] * 3).told)
    assert "nights more" not in told
    assert "flaky wavers on the pin too (6 of 9)" in told


def test_the_case_that_costs_the_bound_is_named_with_what_helps() -> None:
    wavering = night(7) | {"flaky": (6, 9, 1, 3)}
    told = " ".join(verdict([wavering] * 3).told)
    assert "flaky wavers on the pin too (6 of 9)" in told
    assert "mend it" in told


def test_a_case_that_only_the_candidate_fails_is_told_with_both_sides_counts() -> None:
    told = " ".join(verdict([night(6) | {"b": (3, 3, 2, 3), "a": (3, 3, 2, 3)}] * 3).told)
    assert "passes 6 of 9 on the candidate, 3 of 3 on the pin" in told


def test_more_green_nights_may_be_asked_for() -> None:
    settings = Settings(green_runs=5)
    assert not verdict([night(50)] * 4, settings).bump_due
    assert verdict([night(50)] * 5, settings).bump_due


def test_a_wider_margin_is_proven_sooner() -> None:
    assert not verdict([night(20)] * 3, {"margin": 0.01}).bump_due
    assert verdict([night(20)] * 3, {"margin": 0.05}).bump_due


def test_a_dead_case_is_flagged_and_stays_open_without_fresh_samples() -> None:
    found = verdict([night(50, case7=(3, 3, 0, 3))])
    assert (found.colour, found.flagged, found.more_samples) == ("inconclusive", ("case7",), 16)


def test_a_dead_case_is_red_once_fresh_samples_confirm_it() -> None:
    found = verdict([night(50, case7=(3, 3, 0, 3))], None, {"case7": (8, 8, 0, 8)})
    assert (found.colour, found.confirmed) == ("red", True)
    assert not found.bump_due
    assert "case7" in found.reasons[0]


def test_a_flagged_case_that_passes_afresh_counts_for_green() -> None:
    found = verdict([night(50, case7=(3, 3, 0, 3))], None, {"case7": (8, 8, 7, 8)})
    assert (found.colour, found.confirmed) == ("green", False)
    assert "cleared" in " ".join(found.reasons)


def test_too_few_fresh_samples_neither_confirm_nor_clear() -> None:
    fresh = {"case7": (3, 3, 3, 3)}
    assert verdict([night(50, case7=(3, 3, 0, 3))], None, fresh).colour == "inconclusive"


def test_fresh_samples_count_though_the_case_looks_worse_no_more() -> None:
    found = verdict([night(50)] * 3, confirmations={"case0": (8, 8, 0, 8)})
    assert found.colour == "red"
    assert "case0" in found.reasons[0]


def test_those_that_nobody_asked_anew_are_corrected_for_too() -> None:
    dead = {f"dead{number}": (3, 3, 0, 3) for number in range(3)}
    one = {"dead0": (8, 8, 2, 8)}  # p = .0035: enough for one of two, and not for one of three
    assert flag(night(9, dead0=(3, 3, 0, 3)), {}, one).confirmed == ("dead0",)
    assert flag(night(9, **dead), {}, one).confirmed == ()


def test_one_unconfirmed_case_keeps_the_night_open() -> None:
    dead = (3, 3, 0, 3)
    found = verdict([night(50, case1=dead, case2=dead)], None, {"case1": (8, 8, 8, 8)})
    assert found.colour == "inconclusive"
    assert "case2" in found.reasons[0]
    assert "case1" not in found.reasons[0]


def test_a_case_that_fails_whole_where_the_pin_passes_whole_is_flagged_tonight() -> None:
    dead = night(50, samples=1, case0=(1, 1, 0, 1))
    assert verdict([dead]).flagged == ("case0",)
    # Whatever earlier nights pool to: three of three good nights, and then it broke.
    assert verdict([*[night(50)] * 20, night(50, case0=(3, 3, 0, 3))]).flagged == ("case0",)
    assert verdict([night(1, samples=3) | {"case0": (1, 1, 0, 3)}]).flagged == ("case0",)


def test_a_case_that_breaks_a_little_every_night_is_flagged_by_all_of_them() -> None:
    waning = night(50, case0=(3, 3, 2, 3))
    assert verdict([waning]).flagged == ()
    assert verdict([waning] * 6).flagged == ("case0",)


def test_a_case_that_the_candidate_never_passed_holds_back_the_bump() -> None:
    found = verdict([night(200, samples=1, case0=(1, 2, 0, 1))] * 3)
    assert (found.colour, found.bump_due, found.flagged) == ("green", False, ())
    assert "never passed case0" in " ".join(found.told)


class TestSuiteAsAWhole:
    """Worse all over, by a little in each case, so that no case is flagged by itself."""

    WORSE: ClassVar[NightCounts] = {f"case{number:02}": (3, 3, 2, 3) for number in range(50)}

    def test_decides_nothing_before_fresh_samples_do(self) -> None:
        found = verdict([self.WORSE])
        assert (found.colour, found.bump_due) == ("inconclusive", False)
        assert "suite as a whole looks worse" in found.reasons[0]
        assert found.flagged == tuple(f"case{number:02}" for number in range(20))
        assert found.more_samples == 2 * 8 * 20

    def test_is_red_once_fresh_samples_confirm_it(self) -> None:
        fresh = dict.fromkeys(verdict([self.WORSE]).flagged, (8, 8, 6, 8))
        found = verdict([self.WORSE], None, fresh)
        assert found.colour == "red"
        assert "suite as a whole is worse" in found.reasons[0]
        assert "on fresh samples of both sides of 20 cases" in found.reasons[0]

    def test_is_not_red_on_a_pin_that_does_as_badly_tonight(self) -> None:
        fresh = dict.fromkeys(verdict([self.WORSE]).flagged, (6, 8, 6, 8))
        found = verdict([self.WORSE], None, fresh)
        assert (found.colour, found.bump_due) == ("inconclusive", False)
        assert "20 cases do not confirm it" in found.reasons[0]

    def test_is_judged_on_as_many_as_the_budget_allowed(self) -> None:
        flagged = verdict([self.WORSE]).flagged
        few = dict.fromkeys(flagged[:2], (8, 8, 6, 8))
        assert verdict([self.WORSE], None, few).colour == "inconclusive"
        assert verdict([self.WORSE], None, dict.fromkeys(flagged[:6], (8, 8, 5, 8))).colour == "red"


def test_a_lucky_recording_does_not_turn_night_after_night_red() -> None:
    # One recorded sample a case, all of them passes; the candidate fails as the pin would.
    def one(failing: range) -> NightCounts:
        return {f"case{n}": (1, 1, 0 if n in failing else 1, 1) for n in range(100)}

    nights = [one(range(5 * number, 5 * number + 4)) for number in range(8)]
    assert all(verdict(nights[:length]).colour != "red" for length in range(1, 9))


def test_a_night_at_the_margin_is_not_green() -> None:
    at_margin = night(10, samples=5, case0=(5, 5, 3, 5), case1=(5, 5, 3, 5), case2=(5, 5, 4, 5))
    assert verdict([at_margin], {"margin": 0.10}).colour == "inconclusive"
    assert verdict([at_margin], {"margin": 0.11}).colour == "green"


def test_production_that_passes_nothing_proves_nothing() -> None:
    nothing = {f"case{number}": (0, 3, 0, 3) for number in range(20)}
    assert verdict([nothing] * 5).colour == "inconclusive"


def test_a_better_candidate_is_green() -> None:
    better = {f"case{number}": (2, 3, 3, 3) for number in range(50)}
    assert verdict([better] * 3).bump_due


class TestStrict:
    STRICT: ClassVar = {"gate": "strict"}

    def test_is_a_choice_whatever_the_size(self) -> None:
        nights = [night(9, case1=(3, 3, 2, 3))]
        assert verdict(nights).colour == "green"
        assert verdict(nights, {"gate": "statistical"}).colour == "green"
        assert verdict(nights, self.STRICT).colour == "inconclusive"

    def test_a_failing_sample_is_confirmed(self) -> None:
        nights = [night(9, case1=(3, 3, 2, 3))]
        assert verdict(nights, self.STRICT).flagged == ("case1",)
        assert verdict(nights, self.STRICT, {"case1": (8, 8, 1, 8)}).colour == "red"
        assert verdict(nights, self.STRICT, {"case1": (8, 8, 8, 8)}).colour == "inconclusive"

    def test_does_not_wait_for_luck(self) -> None:
        failing = night(5, case1=(3, 3, 2, 3))
        flawless = night(5)
        # Three flawless nights among those that were not: all of them are the evidence.
        nights = [failing, flawless, failing, failing, flawless, failing, flawless]
        assert not verdict(nights, self.STRICT).bump_due
        assert verdict([flawless] * 3, self.STRICT).bump_due

    def test_a_case_that_fails_on_both_sides_is_neither_red_nor_green(self) -> None:
        found = verdict([night(3, samples=1, case1=(0, 1, 0, 1))], self.STRICT)
        assert found.colour == "inconclusive"


class TestTail:
    def test_a_fifth_that_is_worse_holds_the_bump_that_the_mean_would_allow(self) -> None:
        hidden = {f"hidden{number}": (3, 3, 2, 3) for number in range(8)}
        found = verdict([night(32) | hidden] * 3)
        assert (found.colour, found.bump_due) == ("green", False)
        assert found.lower_bound is not None
        assert found.lower_bound > -0.10
        assert "may hide behind the mean: hidden" in " ".join(found.told)

    def test_a_pin_that_wavers_as_much_holds_nothing(self) -> None:
        both = {f"both{number}": (3, 5, 2, 3) for number in range(10)}
        assert verdict([night(40) | both] * 3).bump_due


class TestManyFlags:
    """Of so many cases at once, eight samples a side could not confirm one by Holm."""

    CASES = 200

    def flagged(self) -> NightCounts:
        return {f"case{number}": (5, 5, 0, 3) for number in range(self.CASES)}

    def test_more_fresh_samples_are_asked_for(self) -> None:
        asked = [confirming_samples(number) for number in (0, 1, 128, 129, 486, 487, 10_000)]
        assert asked == [8, 8, 8, 9, 9, 10, 12]
        found = verdict([self.flagged()])
        assert (found.colour, len(found.flagged)) == ("inconclusive", self.CASES)
        assert found.more_samples == 2 * 9 * self.CASES

    def test_one_dead_case_among_them_is_confirmed_on_those(self) -> None:
        suspects = [f"case{number}" for number in range(self.CASES)]
        enough = confirming_samples(self.CASES)
        fresh = dict.fromkeys(suspects, (enough, enough, enough, enough))
        fresh["case7"] = (enough, enough, 0, enough)
        found = evaluate(night(self.CASES), None, EarlierNights(), fresh, suspects)
        assert found.colour == "red"
        assert found.reasons[0].endswith(": case7")

    def test_a_dead_one_among_them_is_red_on_eight_each_too(self) -> None:
        suspects = [f"case{number}" for number in range(self.CASES)]
        fresh = dict.fromkeys(suspects, (8, 8, 8, 8)) | {"case7": (8, 8, 0, 8)}
        found = evaluate(night(self.CASES), None, EarlierNights(), fresh, suspects)
        assert found.colour == "red"
        assert "taken together" in found.reasons[0]

    def test_a_worse_one_among_them_stays_open_on_eight_each(self) -> None:
        suspects = [f"case{number}" for number in range(self.CASES)]
        fresh = dict.fromkeys(suspects, (8, 8, 8, 8)) | {
            "case7": (8, 8, 2, 8),
            "case8": (2, 8, 8, 8),
        }
        found = evaluate(night(self.CASES), None, EarlierNights(), fresh, suspects)
        assert found.colour == "inconclusive"
        assert found.reasons[0].endswith(": case7")

    def test_many_dead_ones_are_red_together_on_eight_each(self) -> None:
        suspects = [f"case{number}" for number in range(self.CASES)]
        dead = dict.fromkeys(suspects[:40], (8, 8, 0, 8))
        fresh = dict.fromkeys(suspects, (8, 8, 8, 8)) | dead
        found = evaluate(night(self.CASES), None, EarlierNights(), fresh, suspects)
        assert found.colour == "red"
        assert "taken together" in found.reasons[0]


class TestEvidence:
    def test_inconclusive_nights_are_evidence_too(self) -> None:
        bad = night(20, **{f"case{number}": (3, 3, 1, 3) for number in range(6)})
        assert verdict([night(20)] * 3).bump_due
        assert not verdict([bad, *[night(20)] * 3]).bump_due

    def test_the_ledgers_greens_decide_where_they_are_known(self) -> None:
        before = (night(50),) * 2
        assert not evaluate(night(50), None, EarlierNights(before, greens=1)).bump_due
        assert evaluate(night(50), None, EarlierNights(before, greens=2)).bump_due

    def test_fresh_samples_of_a_cleared_case_count_from_the_next_night_on(self) -> None:
        unlucky = night(12, case7=(3, 3, 0, 3))
        nights = [unlucky, night(12), night(12)]
        alone = verdict(nights)
        before = EarlierNights((unlucky, night(12)), ({"case7": (8, 8, 8, 8)},), greens=1)
        joined = evaluate(night(12), None, before)
        assert alone.lower_bound is not None
        assert joined.lower_bound is not None
        assert joined.lower_bound > alone.lower_bound
        # And at once for what flags: eleven of eleven are no three of three.
        assert alone.flagged == joined.flagged == ()

    def test_a_replayed_recording_counts_once_and_a_live_pin_every_night(self) -> None:
        replayed = gather([{"a": (2, 3, 3, 3)}] * 3).cases["a"]
        assert (replayed.pin_passes, replayed.pin_samples, replayed.samples) == (2, 3, 9)
        live = gather([{"a": (2, 3, 3, 3)}, {"a": (3, 3, 3, 3)}, {"a": (3, 3, 3, 3)}]).cases["a"]
        assert (live.pin_passes, live.pin_samples) == (8, 9)
        told = gather([{"a": (2, 3, 3, 3)}] * 3, live={"a"}).cases["a"]
        assert (told.pin_passes, told.pin_samples) == (6, 9)

    def test_more_samples_after_a_failure_leave_no_bias(self) -> None:
        # A half that passes: one sample, and five more the next night only where it failed.
        steady: NightCounts = dict.fromkeys("bcd", (1, 1, 1, 1))
        outcomes = [(1, passes, 1, 0.5 * 0.5) for passes in (0, 1)]
        outcomes += [(0, passes, 5, 0.5 * comb(5, passes) / 2**5) for passes in range(6)]
        mean = sum(
            chance
            * gather([steady | {"a": (1, 1, first, 1)}, steady | {"a": (1, 1, passes, samples)}])
            .cases["a"]
            .difference
            for first, passes, samples, chance in outcomes
        )
        assert mean == pytest.approx(-0.5)


def test_case_ids_may_be_any_keys() -> None:
    dead = {number: (3, 3, 0 if number in (2, 10) else 3, 3) for number in range(50)}
    assert verdict([dead]).flagged == (10, 2)  # type: ignore[list-item, comparison-overlap]


@pytest.mark.parametrize(
    ("nights", "named"),
    [
        ([], "no night"),
        (None, "sequence"),
        ("abc", "sequence"),
        ({"a": (1, 1, 1, 1)}, "sequence"),
        ([None], "nothing"),
        ([{}], "no case"),
        ([{"a": None}], "case a"),
        ([{"a": (1, 1, 1)}], "case a"),
        ([{"a": ("x", 1, 1, 1)}], "case a"),
        ([{"a": (1, 1, None, 1)}], "case a"),
        ([{"a": (1, 1, float("nan"), 1)}], "nan"),
        ([{"a": (1, 1, float("inf"), 1)}], "inf"),
        ([{"a": (1, 1, 0.5, 1)}], "0.5"),
        ([{"a": (-1, 1, 1, 1)}], "negative"),
        ([{"a": (1, 1, 2, 1)}], "more passes than samples"),
        ([{"a": (1, 1, 0, 0)}], "no samples for the candidate"),
        ([{"a": (0, 0, 1, 1)}], "no samples for production"),
        ([{"a": (0, 0, 0, 0)}], "no samples"),
        ([night(50), {"case0": (1, 1, 1, 1)}], "missing"),
        ([{"a": (1, 1, 1, 2, 5)}, night(50)], "night 1 of 2"),
    ],
)
def test_counts_that_cannot_be_judged_are_named_and_never_green(nights: Any, named: str) -> None:
    found = verdict(nights)
    assert found.colour == "inconclusive"
    assert not found.bump_due
    assert named in found.reasons[0]


@pytest.mark.parametrize(
    "settings",
    [{"margin": float("nan")}, {"margin": 0}, {"margin": "a"}, {"green_runs": 0}, {"gate": "x"}],
)
def test_settings_that_mean_nothing_are_named(settings: Mapping[str, Any]) -> None:
    found = verdict([night(50)] * 3, settings)
    assert found.colour == "inconclusive"
    assert next(iter(settings)) in found.reasons[0]


def test_fresh_samples_that_cannot_be_judged_are_named() -> None:
    found = verdict([night(50)] * 3, None, {"case0": (8, 8, 9, 8)})
    assert found.colour == "inconclusive"
    assert "confirmations" in found.reasons[0]


any_count = st.one_of(st.integers(-2, 5), st.floats(), st.none(), st.text(max_size=2))
any_night = st.dictionaries(
    st.text(max_size=3), st.one_of(st.tuples(*[any_count] * 4), any_count), max_size=12
)


@given(st.lists(any_night, max_size=4), st.one_of(st.none(), any_night))
def test_nothing_raises(nights: list[Any], confirmations: Any) -> None:
    assert verdict(nights, None, confirmations).reasons


@st.composite
def sound_nights(draw: st.DrawFn) -> list[NightCounts]:
    cases = draw(st.integers(1, 25))
    count = st.integers(0, 3)

    def one() -> NightCounts:
        return {f"case{number}": (draw(count), 3, draw(count), 3) for number in range(cases)}

    return [one() for _ in range(draw(st.integers(1, 4)))]


@given(sound_nights())
@example(
    [
        {f"case{number}": (0, 3, 0, 3) for number in range(11)}
        | {"case4": (0, 3, 1, 3), "case5": (3, 3, 1, 3), "case6": (3, 3, 1, 3)}
    ]
)
def test_the_order_of_the_cases_changes_nothing(nights: list[NightCounts]) -> None:
    turned = [dict(reversed(each.items())) for each in nights]
    assert verdict(turned) == verdict(nights)


@given(sound_nights())
def test_a_bump_is_due_only_on_green_and_only_above_the_margin(nights: list[NightCounts]) -> None:
    found = verdict(nights)
    assert found.estimate is not None
    assert found.lower_bound is not None
    assert found.lower_bound <= found.estimate
    if found.bump_due:
        assert found.colour == "green"
        assert found.lower_bound > -0.10
        assert len(nights) >= 3


def test_a_case_that_its_own_samples_show_worse_is_not_cleared_by_others_beside_it() -> None:
    suspects = [f"case {number}" for number in range(20)]
    night = {f"case {number}": (3, 3, 3, 3) for number in range(50)} | {"broken": (3, 3, 1, 3)}
    fresh = dict.fromkeys(suspects, (8, 8, 8, 8)) | {"broken": (8, 8, 1, 8)}
    found = evaluate(night, None, EarlierNights((night,) * 2, greens=2), fresh, suspects)
    assert found.colour != "green"
    assert not found.bump_due


Counts = tuple[int, int, int, int]


def cases(counts: Counts, how_many: int, name: str = "case") -> dict[str, Counts]:
    return {f"{name}{number}": counts for number in range(how_many)}


@pytest.mark.parametrize(("once", "worse"), [(3, False), (4, True)])
def test_the_stratified_sum_has_the_hypergeometric_variance(once: int, worse: bool) -> None:
    # A case of 8 and 7 passes is ½ below what is expected, with variance ¼; one of 8 and 6 is 1
    # below, with 7/15: 2.5 / √1.217 = 2.27 and 3 / √1.467 = 2.48, where z is 2.33.
    fresh = cases((8, 8, 6, 8), 1) | cases((8, 8, 7, 8), once, "once")
    assert worse_together(fresh) is worse


@pytest.mark.parametrize(("fresh", "together"), [(9, False), (10, True)])
def test_many_flagged_cases_are_worse_together_at_one_in_a_thousand(
    fresh: int, together: bool
) -> None:
    # √9 = 3 and √10 = 3.16 errors, where z is 3.09; none of 200 can be confirmed by itself.
    suspects = cases((8, 8, 7, 8), 200)
    found = flag({}, {}, cases((8, 8, 7, 8), fresh), suspects)
    assert not found.confirmed
    assert found.together is together


def test_a_case_whose_few_fresh_samples_say_nothing_stays_open_in_a_suite_that_looks_worse() -> (
    None
):
    night = cases((10, 10, 7, 10), 20)
    asked = {"case0": (1, 1, 1, 1)}
    found = evaluate(night, confirmations=asked)
    assert found.colour == "inconclusive"
    told = [reason for reason in found.reasons if reason.startswith("looks worse")]
    assert len(told) == 1
    assert "case0" in told[0]
    assert not [reason for reason in evaluate(night).reasons if reason.startswith("looks worse")]
