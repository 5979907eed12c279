"""Changes that no test fails over: when they hold a bump, and when a person has accepted them."""

import dataclasses
from math import cos, sin

import pytest

from modelpin_runtime.registry.models import Settings
from pytest_modelpin.compare.comparison import compare
from pytest_modelpin.drift.drift import Drift
from pytest_modelpin.providers.embeddings import Embedded
from pytest_modelpin.providers.reply import Reply
from pytest_modelpin.results.case import Call, Case, Sample, vector_of
from pytest_modelpin.results.run import Asked, Run
from pytest_modelpin.upgrade.nightly.holding import (
    confirmed,
    reason_to_hold,
    to_hold,
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
