"""How the answers of a suite changed as a whole, beside the pin's own spread."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.compare.comparison import compare
from pytest_modelpin.compare.figures import CaseProfile, ProfileRow, Trait, suite_profile
from pytest_modelpin.providers.wire import Reply, Usage
from pytest_modelpin.results.case import Answer, Call, Case, Sample
from pytest_modelpin.results.run import Asked, Run

WORDS = "refund order parcel receipt courier invoice account delivery".split()  # noqa: SIM905


def sample(text: str) -> Sample:
    reply = Reply(text=text, usage=Usage(10, len(text.split())))
    return Sample(
        "passed", calls=(Call("gpt", reply, True, 1.0),), answers=(Answer("s", None, text),)
    )


def run_of(which: str, seed: int, longer: float = 1.0, lead: str = "", samples: int = 4) -> Run:
    draw = random.Random(seed)
    cases = []
    for number in range(40):
        told = [
            lead + " ".join(draw.choices(WORDS, k=int(draw.randint(36, 44) * longer))) + "."
            for _ in range(samples)
        ]
        cases.append(Case(f"t.py::test_{number:02}", tuple(map(sample, told)), models=("gpt",)))
    return Run({"gpt": Asked("gpt", "p", which, "p", "all", ("p",))}, tuple(cases))


def rows(candidate: Run) -> dict[str, ProfileRow]:
    return {row.name: row for row in compare(run_of("production", 1), candidate, "gpt").profile}


def test_an_equal_model_is_within_the_pins_own_spread() -> None:
    found = rows(run_of("candidate", 2))
    assert abs(found["length"].change) < 2 * found["length"].spread
    assert not found["length"].beyond_chance


def test_longer_answers_show_with_the_spread_beside_them() -> None:
    row = rows(run_of("candidate", 2, longer=1.2))["length"]
    assert row.change == pytest.approx(0.2, abs=0.05)
    assert row.beyond_chance
    assert 0 < row.spread < 0.05
    assert str(row).startswith("length +")
    assert row.candidate / row.pin == pytest.approx(1 + row.change)  # in characters, no logarithms
    assert row.pin > 10
    assert "pin's own spread ± " in str(row)


def test_a_change_of_style_shows_where_no_answer_has_a_finding() -> None:
    row = rows(run_of("candidate", 2, lead="Wow! "))["exclamation"]
    assert (row.pin, row.candidate) == (0.0, 1.0)
    assert row.beyond_chance


def test_kinds_of_drift_are_put_beside_what_the_pins_own_samples_show() -> None:
    found = rows(run_of("candidate", 2))
    assert found["wording"].cases == 40
    assert found["wording"].candidate == pytest.approx(found["wording"].pin, abs=0.1)


def test_with_one_sample_of_the_pin_nothing_is_said_of_its_spread() -> None:
    old, new = run_of("production", 1, samples=1), run_of("candidate", 2, samples=1)
    assert compare(old, new, "gpt").profile == ()


def test_a_trait_that_never_varied_is_told_by_the_cases_alone() -> None:
    one = CaseProfile({"lists": Trait(0.0, 1.0, 0.0, 3, 3)})
    (row,) = suite_profile([one] * 3)
    assert (row.p, row.beyond_chance) == (0.25, False)
    (row,) = suite_profile([one] * 20)
    assert row.beyond_chance


def test_the_spread_is_that_of_both_sides_means() -> None:
    one = CaseProfile({"lists": Trait(0.0, 0.5, 0.25, 4, 2)})
    (row,) = suite_profile([one] * 9)
    # A mean of four samples and one of two, of variance ¼ each, over nine cases.
    assert row.spread == pytest.approx(1.96 * (0.25 * (1 / 4 + 1 / 2) / 9) ** 0.5, rel=1e-3)
    assert row.change == 0.5


SHARES = st.floats(0, 1)
TRAIT_VALUES = st.builds(Trait, SHARES, SHARES, SHARES, st.integers(1, 5), st.integers(1, 5))


@given(st.lists(st.builds(CaseProfile, st.fixed_dictionaries({"lists": TRAIT_VALUES})), max_size=8))
def test_every_figure_is_a_share(cases: list[CaseProfile]) -> None:
    for row in suite_profile(cases):
        assert 0 <= row.p <= 1
        assert -1 <= row.change <= 1
        assert row.spread >= 0
