"""What the critical cases say of a model, and what the status file makes of it."""

from __future__ import annotations

import json
import time

import pytest

from modelpin_runtime.health import HealthFile
from modelpin_runtime.registry.models import Model, Pins, Settings
from pytest_modelpin.compare.comparison import CaseComparison, Comparison
from pytest_modelpin.compare.figures import Side
from pytest_modelpin.production.health import (
    Health,
    judge,
    status,
    targets,
    without_stand_ins,
)
from pytest_modelpin.providers import Reply
from pytest_modelpin.results.case import Call, Case, Sample
from pytest_modelpin.results.run import Asked, Run

SPENT = "a: not sent: the budget is spent"


def asked(*cases, seconds=1.0, message="503 overloaded\nmore"):
    """Each case: passes and lost samples of two asked; the pin's recording passed 5 of 5."""
    return Comparison(
        "gpt", Asked("gpt", "a", "production", "a", "none"), Asked("gpt", "a", "id", "b", "all"),
        tuple(
            CaseComparison(
                f"case {place}", Side(passes=5, samples=5),
                Side(passes=passes, samples=2 - lost, lost=lost), message=message,
                lost_to=("budget" if message is SPENT else "provider") if lost else None,
            )
            for place, (passes, lost) in enumerate(cases)
        ),
        suite_production=Side(latency_p50=1.0), suite_candidate=Side(latency_p50=seconds),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("comparison", "state", "why"),
    [
        (asked((2, 0), (2, 0)), "ok", ""),
        (asked((2, 0), (1, 0)), "ok", ""),  # one failure in two is no more than chance
        (asked((2, 0), (0, 0)), "degraded", "worse than its recordings: case 1"),
        (asked((1, 1), (2, 0)), "degraded", "1 of 4 samples were lost: 503 overloaded"),
        (asked((0, 2), (1, 1)), "down", "3 of 4 samples were lost"),
        (asked((0, 2)), "down", "2 of 2 samples were lost"),
        (asked(), "unknown", "no critical case asked it"),
        # What one's own limit kept from being sent says nothing of the model.
        (asked((0, 2), message=SPENT), "unknown", "2 of 2 samples were not sent: a: not sent"),
        (asked((2, 0), (1, 1), message=SPENT), "unknown", "1 of 4 samples were not sent"),
        (asked((0, 0), (0, 2), message=SPENT), "degraded", "worse than its recordings: case 0"),
        (asked((2, 0), seconds=3.5), "degraded", "takes 3.5 s, 1.0 s when it was recorded"),
        (asked((2, 0), seconds=2.9), "ok", ""),
    ],
)  # fmt: skip
def test_what_critical_cases_say_of_a_model(comparison, state, why):
    found = judge("b", comparison, "fail")
    assert found.state == state
    assert why in " ".join(found.why)
    assert bool(found.why) is (state != "ok")


def test_what_another_model_answered_in_its_place_says_that_it_did_not():
    """A case that asks along a chain passes by the fallback: the dead pin was called well."""

    def sample(*names, outcome="passed"):
        heard = tuple(Call(name, Reply(text="x"), True, 1.0) for name in names)
        return Sample(outcome, calls=heard, message="" if outcome == "passed" else "it failed")

    samples = (sample("gpt"), sample("claude-c"), sample("gpt", "claude-c"),
               sample("claude-c", outcome="failed"), sample())  # fmt: skip
    run = Run({"gpt": Asked("gpt", "a", "id", "b", "all")}, (Case("test", samples),))
    found = without_stand_ins(run, "gpt").cases[0].samples
    assert [each.outcome for each in found] == ["passed", "lost", "passed", "lost", "lost"]
    assert found[1].message == "claude-c answered in its place, or none"


def test_of_a_shared_id_the_worse_word_counts_and_the_runtime_reads_it(tmp_path):
    found = [Health("a", "ok"), Health("a", "down", ("gone",)), Health("b", "ok")]
    found += [Health("b", "unknown", ("not sent",)), Health("c", "unknown", ("not sent",))]
    made = time.time()
    (tmp_path / "health.json").write_text(json.dumps(status(found, made, 600)))
    file = HealthFile(tmp_path / "health.json")
    assert (file.state("a"), file.state("b"), file.state("c")) == ("down", "ok", "ok")
    assert "c" not in json.loads((tmp_path / "health.json").read_text())["models"]
    (tmp_path / "old.json").write_text(json.dumps(status(found, 1.0, 60)))
    assert HealthFile(tmp_path / "old.json").state("a") == "ok"


def test_a_fallback_of_another_provider_is_not_asked_with_these_cases(tmp_path):
    model = Model("gpt", "gpt-4o-2024-08-06", fallback=("gpt-4o-2024-11-20", "claude-opus-4-6"))
    pins = Pins({"gpt": model}, Settings(), tmp_path / "models.yml")
    assert targets(pins, model) == ("gpt-4o-2024-08-06", "gpt-4o-2024-11-20")
