"""How often a night asks each case."""

import json

import pytest

from modelpin_runtime.registry.models import Settings
from pytest_modelpin.gate.evidence import EarlierNights
from pytest_modelpin.upgrade.nightly.sampling import (
    AT_LEAST,
    FIRST,
    asking,
    price_of_a_sample,
    write_samples,
)


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
