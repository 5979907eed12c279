"""How a case is compared, as its marker and models.yml say."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import cast

from modelpin_runtime.registry.models import Settings
from pytest_modelpin.drift.context import Context
from pytest_modelpin.drift.detector import Detector
from pytest_modelpin.drift.drift import Severity
from pytest_modelpin.results.case import Case


def configured(
    case: Case, settings: Settings, accepted: Mapping[str, Collection[object]] | None = None
) -> Context:
    """The context of one case: the marker's words win over models.yml's.

    `accepted` are the categorical values that the suite's accepted answers show. Raises
    ModelpinError where `embedding` or `entailment` is set and its model can't be loaded.
    """
    embed = None
    if settings.embedding:
        from pytest_modelpin.drift.semantic import embedder

        embed = embedder(settings.embedding)
    own: tuple[Detector, ...] = ()
    if settings.entailment:
        from pytest_modelpin.drift.entailment import entailment

        own = (entailment(settings.entailment),)
    return Context(
        own_detectors=own,
        critical=case.critical,
        ignore=(*settings.ignore, *case.ignore),
        severities=cast("Mapping[str, Severity]", settings.severities),
        similarity=settings.similarity if case.similarity is None else case.similarity,
        accepted=accepted or {},
        length_ratio=settings.length_ratio,
        token_ratio=settings.token_ratio,
        latency_ratio=settings.latency_ratio,
        embed=embed,
    )
