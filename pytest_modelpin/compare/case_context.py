"""How a case is compared, as its marker, models.yml and the suite's categorical answers say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from typing import cast

from modelpin_runtime.registry.models import Settings
from pytest_modelpin.drift.context import Context, Detector
from pytest_modelpin.drift.drift import Severity
from pytest_modelpin.providers.reply import JSON
from pytest_modelpin.results.case import Case

LONGEST_WORD = 40  # characters
FEWEST_SIGHTINGS = 4  # less often seen, and any two equal names would look like a category
_DEEPEST = 50


class Categories:
    """The categorical values that the accepted answers show.

    A place is categorical where all its values are short strings and, on average, each is seen
    twice or more. Places in JSON are shared by the whole suite; a text as a whole is compared
    with those of the same test function, whose parameters are usually its inputs.
    """

    def __init__(self, cases: Iterable[Case]) -> None:
        self._places: dict[str, list[str]] = defaultdict(list)
        self._texts: dict[str, list[str]] = defaultdict(list)
        for case in cases:
            for sample in case.samples[:1]:
                for answer in sample.answers:
                    if isinstance(answer.accepted, str):
                        self._texts[_function(case.id)].append(answer.accepted)
                    elif answer.accepted is not None:
                        for place, text in _strings(answer.accepted, "$"):
                            self._places[place].append(text)

    def of(self, case: Case) -> Mapping[str, frozenset[str]]:
        """The values known for this case, by JSON path; `$` is the answer as a whole."""
        texts = self._texts.get(_function(case.id), [])
        return {**self._known, "$": frozenset(texts)} if _is_category(texts) else self._known

    @cached_property
    def _known(self) -> Mapping[str, frozenset[str]]:
        return {
            place: frozenset(values)
            for place, values in self._places.items()
            if _is_category(values)
        }


def _is_category(values: list[str]) -> bool:
    return (
        len(values) >= FEWEST_SIGHTINGS
        and 2 * len(set(values)) <= len(values)
        and all(len(value) <= LONGEST_WORD and "\n" not in value for value in values)
    )


def _strings(value: JSON, place: str, depth: int = 0) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield place, value
    elif depth < _DEEPEST and isinstance(value, dict):
        for key, inner in value.items():
            yield from _strings(inner, f"{place}.{key}", depth + 1)
    elif depth < _DEEPEST and isinstance(value, list):
        for inner in value:
            yield from _strings(inner, f"{place}[*]", depth + 1)


def _function(case_id: str) -> str:
    return case_id.partition("[")[0]


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
        from pytest_modelpin.drift.semantic import entailment

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
