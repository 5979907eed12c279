from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelpin_runtime.registry.models import Settings
from pytest_modelpin.gate.evaluation import evaluate, verdict

NightCounts = dict[str, tuple[int, int, int, int]]
STATISTICAL = {"gate": "statistical"}


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
    assert "1 night more must be green" in " ".join(found.reasons)


def test_green_nights_without_proof_wait_and_say_for_how_long() -> None:
    found = verdict([night(12)] * 3)
    assert (found.colour, found.bump_due) == ("green", False)
    assert found.more_samples is not None
    further = found.more_samples // 36
    assert not verdict([night(12)] * (3 + further - 1)).bump_due
    assert verdict([night(12)] * (3 + further)).bump_due


def test_a_suite_too_small_for_its_samples_is_told_to_take_more() -> None:
    found = verdict([night(10, samples=1)] * 30)
    assert (found.colour, found.bump_due, found.more_samples) == ("green", False, None)
    assert "samples:" in " ".join(found.reasons)


def test_more_green_nights_may_be_asked_for() -> None:
    settings = Settings(green_runs=5)
    assert not verdict([night(50)] * 4, settings).bump_due
    assert verdict([night(50)] * 5, settings).bump_due


def test_a_wider_margin_is_proven_sooner() -> None:
    assert not verdict([night(20)] * 3, {"margin": 0.05}).bump_due
    assert verdict([night(20)] * 3, {"margin": 0.20}).bump_due


def test_a_dead_case_is_flagged_and_stays_open_without_fresh_samples() -> None:
    found = verdict([night(50, case7=(3, 3, 0, 3))])
    assert (found.colour, found.flagged, found.more_samples) == ("inconclusive", ("case7",), 16)


def test_a_dead_case_is_red_once_fresh_samples_confirm_it() -> None:
    found = verdict([night(50, case7=(3, 3, 0, 3))], None, {"case7": (8, 8, 0, 8)})
    assert found.colour == "red"
    assert not found.bump_due
    assert "case7" in found.reasons[0]


def test_a_flagged_case_that_passes_afresh_counts_for_green() -> None:
    found = verdict([night(50, case7=(3, 3, 0, 3))], None, {"case7": (8, 8, 7, 8)})
    assert found.colour == "green"
    assert "cleared" in " ".join(found.reasons)


def test_too_few_fresh_samples_neither_confirm_nor_clear() -> None:
    fresh = {"case7": (3, 3, 3, 3)}
    assert verdict([night(50, case7=(3, 3, 0, 3))], None, fresh).colour == "inconclusive"


def test_one_unconfirmed_case_keeps_the_night_open() -> None:
    dead = (3, 3, 0, 3)
    found = verdict([night(50, case1=dead, case2=dead)], None, {"case1": (8, 8, 8, 8)})
    assert found.colour == "inconclusive"
    assert "case2" in found.reasons[0]
    assert "case1" not in found.reasons[0]


def test_single_samples_flag_a_dead_case_on_the_third_night() -> None:
    dead = night(50, samples=1, case0=(1, 1, 0, 1))
    assert verdict([dead]).flagged == ()
    assert verdict([dead] * 3).flagged == ("case0",)


def test_a_case_that_the_candidate_never_passed_holds_back_the_bump() -> None:
    wavering = night(200, samples=1, case0=(0, 1, 0, 1))
    nights = [wavering, wavering, night(200, samples=1, case0=(1, 1, 0, 1))]
    found = verdict(nights)
    assert (found.colour, found.bump_due, found.flagged) == ("green", False, ())
    assert "never passed case0" in " ".join(found.reasons)


def test_a_suite_that_is_worse_all_over_is_red_without_any_flag() -> None:
    worse = {f"case{number}": (3, 3, 2, 3) for number in range(50)}
    found = verdict([worse])
    assert (found.colour, found.flagged) == ("red", ())
    assert "suite as a whole" in found.reasons[0]


def test_a_lucky_recording_does_not_turn_night_after_night_red() -> None:
    # One recorded sample a case, all of them passes; the candidate fails as the pin would.
    def one(failing: range) -> NightCounts:
        return {f"case{n}": (1, 1, 0 if n in failing else 1, 1) for n in range(100)}

    nights = [one(range(5 * number, 5 * number + 4)) for number in range(8)]
    assert all(verdict(nights[:length]).colour != "red" for length in range(1, 9))


def test_a_night_at_the_margin_is_not_green() -> None:
    at_margin = night(10, samples=5, case0=(5, 5, 3, 5), case1=(5, 5, 3, 5), case2=(5, 5, 4, 5))
    assert verdict([at_margin], STATISTICAL | {"margin": 0.10}).colour == "inconclusive"
    assert verdict([at_margin], STATISTICAL | {"margin": 0.11}).colour == "green"


def test_production_that_passes_nothing_proves_nothing() -> None:
    nothing = {f"case{number}": (0, 3, 0, 3) for number in range(20)}
    assert verdict([nothing] * 5).colour == "inconclusive"


def test_a_better_candidate_is_green() -> None:
    better = {f"case{number}": (2, 3, 3, 3) for number in range(50)}
    assert verdict([better] * 3).bump_due


class TestStrict:
    def test_is_the_default_below_ten_cases(self) -> None:
        one_miss = {"case0": (3, 3, 2, 3)}
        assert verdict([night(9) | one_miss]).colour == "inconclusive"
        assert verdict([night(10) | one_miss]).colour == "green"

    def test_three_perfect_nights_are_due_for_a_bump(self) -> None:
        assert verdict([night(2, samples=1)] * 3).bump_due
        assert not verdict([night(2, samples=1)] * 2).bump_due

    def test_a_case_that_passes_on_production_and_fails_on_the_candidate_is_red(self) -> None:
        found = verdict([night(3, samples=1, case1=(1, 1, 0, 1))])
        assert (found.colour, found.flagged) == ("red", ("case1",))

    def test_unless_fresh_samples_clear_it(self) -> None:
        found = verdict([night(3, samples=1, case1=(1, 1, 0, 1))], None, {"case1": (8, 8, 8, 8)})
        assert found.colour == "inconclusive"

    def test_a_wavering_case_is_red_only_once_confirmed(self) -> None:
        wavering = [night(3, case1=(3, 3, 1, 3))]
        assert verdict(wavering).colour == "inconclusive"
        assert verdict(wavering).flagged == ("case1",)
        assert verdict(wavering, None, {"case1": (8, 8, 1, 8)}).colour == "red"

    def test_a_case_that_fails_on_both_sides_is_neither_red_nor_green(self) -> None:
        found = verdict([night(3, samples=1, case1=(0, 1, 0, 1))])
        assert (found.colour, found.flagged) == ("inconclusive", ())
        assert "production as well" in found.reasons[0]

    def test_may_be_asked_for_whatever_the_size(self) -> None:
        nights = [night(50, case1=(3, 3, 2, 3))]
        assert verdict(nights, {"gate": "strict"}).colour == "inconclusive"
        assert verdict(nights, {"gate": "statistical"}).colour == "green"


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
def test_the_order_of_the_cases_changes_nothing(nights: list[NightCounts]) -> None:
    turned = [dict(reversed(each.items())) for each in nights]
    assert verdict(turned) == verdict(nights)


@given(sound_nights())
def test_a_bump_is_due_only_on_green_and_only_above_the_margin(nights: list[NightCounts]) -> None:
    found = verdict(nights, STATISTICAL)
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
    found = evaluate([night] * 3, None, fresh, suspects)
    assert found.colour != "green"
    assert not found.bump_due
