"""What lost cases were lost to: as those who lose them word it."""

import pytest

from modelpin_runtime.registry.models import Model, Settings
from pytest_modelpin.compare.comparison import CaseComparison, Side
from pytest_modelpin.compare.lost import lost_to
from pytest_modelpin.live.budget import Budget
from pytest_modelpin.results.case import Case
from pytest_modelpin.results.run import Run
from pytest_modelpin.upgrade.nightly.sampling import too_late, with_the_rest_lost


def lost(message: str) -> CaseComparison:
    return CaseComparison("a", Side(), Side(lost=3), message=message)


def late() -> str:
    """What is said of a case that a night never came to."""
    production = Run({}, (Case("a", models=("claude",)),))
    run = with_the_rest_lost(Run({}, ()), production, Model("claude", "v1"))
    return run.cases[0].samples[0].message


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        ("gpt: 503 Service Unavailable", "provider errors"),
        (f"gpt: {Budget(1.0).refusal()}", "a budget that ran out"),
        (late(), "the night's limit of time"),
    ],
)
def test_the_cause_is_named(message, cause):
    assert lost_to([lost(message), lost(message)]) == cause


def test_two_causes_are_both_named_the_providers_first():
    both = [lost(Budget(1.0).refusal()), lost("503")]
    assert lost_to(both) == "provider errors and a budget that ran out"


def test_what_ran_before_the_time_was_up_is_kept_and_other_models_are_not_lost():
    ran = Case("b", models=("claude",))
    cases = (Case("a", models=("claude",)), ran, Case("c", models=("gpt",)))
    run = with_the_rest_lost(Run({}, (ran,)), Run({}, cases), Model("claude", "v1"))
    assert [case.id for case in run.cases] == ["a", "b"]
    assert run.cases[1] is ran


def test_the_reason_names_the_setting():
    assert "45 minutes (`night_minutes`" in too_late(Settings())
