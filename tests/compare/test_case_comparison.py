"""What lost cases were lost to, and what decides how a case is compared."""

from dataclasses import replace
from typing import get_args

import pytest

from modelpin_runtime.registry.models import Model, Settings
from modelpin_runtime.registry.schema import DRIFT_KINDS
from pytest_modelpin.compare.case_comparison import configured, failed_over_others, lost_to
from pytest_modelpin.compare.comparison import CaseComparison, Side
from pytest_modelpin.drift.drift import DriftKind, drifts
from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.recordings.capture import Cause
from pytest_modelpin.registry import load
from pytest_modelpin.results.case import Case
from pytest_modelpin.results.run import Run
from pytest_modelpin.upgrade.nightly.live_runs import too_late, with_the_rest_lost


def lost(cause: Cause) -> CaseComparison:
    return CaseComparison("a", Side(), Side(lost=3), lost_to=cause)


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        ("provider", "provider errors"),
        ("key", "provider errors"),
        ("budget", "a budget that ran out"),
        ("time", "the night's limit of time"),
    ],
)
def test_the_cause_is_named(cause, said):
    assert lost_to([lost(cause), lost(cause)]) == said


def test_two_causes_are_both_named_the_providers_first():
    both = [lost("budget"), lost("provider")]
    assert lost_to(both) == "provider errors and a budget that ran out"


def test_what_ran_before_the_time_was_up_is_kept_and_other_models_are_not_lost():
    ran = Case("b", models=("claude",))
    cases = (Case("a", models=("claude",)), ran, Case("c", models=("gpt",)))
    run = with_the_rest_lost(Run({}, (ran,)), Run({}, cases), Model("claude", "v1"))
    assert [case.id for case in run.cases] == ["a", "b"]
    assert run.cases[0].samples[0].lost_to == "time"
    assert run.cases[1] is ran


def test_the_reason_names_the_setting():
    assert "45 minutes (`night_minutes`" in too_late(Settings())


def severities(settings, case=None):
    context = configured(case or Case("t"), settings)
    return {
        drift.kind: drift.severity for drift in drifts("It is $42.", "It is $43.", context=context)
    }


def test_models_yml_sets_the_severity_of_a_kind(tmp_path):
    path = tmp_path / "models.yml"
    path.write_text("models: {a: {production: p}}\nsettings: {severities: {number: review}}\n")
    assert severities(load(path).settings) == {"number": "review"}


def test_a_case_lowers_a_kind_for_itself():
    assert severities(Settings(), Case("t", ignore=("number",))) == {"number": "info"}


def test_a_critical_case_raises_what_models_yml_lowered():
    settings = Settings(severities={"number": "review"})
    assert severities(settings, Case("t", critical=True)) == {"number": "regression"}


def test_the_marker_wins_over_models_yml():
    context = configured(Case("t", similarity=0.9), Settings(similarity=0.5, length_ratio=2.0))
    assert (context.similarity, context.length_ratio) == (0.9, 2.0)


def test_an_embedding_that_cannot_be_had_is_said_and_not_passed_over():
    with pytest.raises(ModelpinError, match="nowhere"):
        configured(Case("t"), Settings(embedding="nowhere"))


def test_the_registry_knows_the_very_kinds():
    assert get_args(DriftKind) == DRIFT_KINDS


def test_a_kind_that_is_none_is_a_mistake_with_its_line(tmp_path):
    path = tmp_path / "models.yml"
    path.write_text("models: {a: {production: p}}\nsettings:\n  severities: {numbers: info}\n")
    with pytest.raises(ModelpinError, match=r"models\.yml:3"):
        load(path)


PIN = Run({}, (Case("test_fee", ()),))


@pytest.mark.parametrize(
    ("beside_pin", "beside_candidate", "named"),
    [
        ((), ("test_accuracy",), "test_accuracy, which asks no model itself, "),
        ((), ("test_a", "test_b"), "test_a, test_b, which ask no model themselves, "),
        (("test_accuracy",), ("test_accuracy",), ""),  # whatever that is, it is no candidate's
        (("test_accuracy",), (), ""),
        ((), ("test_fee",), ""),  # it asks, beside the pin: that is compared as its case
    ],
)
def test_who_fails_beside_the_candidate_alone_is_named(beside_pin, beside_candidate, named):
    before = replace(PIN, failed_unasked=beside_pin)
    after = replace(PIN, cases=(), failed_unasked=beside_candidate)
    said = " ".join(failed_over_others(before, after))
    assert said.startswith(named)
    assert bool(said) == bool(named)
