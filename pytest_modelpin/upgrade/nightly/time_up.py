"""A night whose time was up: what was not asked by then is lost, and named."""

from __future__ import annotations

from dataclasses import replace

from modelpin_runtime.registry.models import Model, Settings
from pytest_modelpin.results.case import Case, Sample
from pytest_modelpin.results.run import Run


def with_the_rest_lost(candidate: Run, production: Run, model: Model) -> Run:
    """The run with the cases that it never came to: lost, not left out."""
    ran = {case.id for case in candidate.cases}
    rest = tuple(
        replace(case, samples=(Sample("lost", message="the night's time was up"),))
        for case in production.cases
        if model.name in case.models and case.id not in ran
    )
    return replace(candidate, cases=tuple(sorted((*candidate.cases, *rest), key=_by_id)))


def _by_id(case: Case) -> str:
    return case.id


def too_late(settings: Settings) -> str:
    """Why nothing follows from such a night."""
    return (
        f"the night's time was up after {settings.night_minutes} minutes (`night_minutes` in "
        "models.yml); what was not asked by then is lost"
    )
