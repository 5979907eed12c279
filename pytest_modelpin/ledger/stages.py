"""What the stages behind the nights said of a version: shadowed traffic and the canary."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pytest_modelpin.errors import LedgerError
from pytest_modelpin.gate.verdict import Colour
from pytest_modelpin.ledger.lines import SCHEMA, records

Stage = Literal["shadow", "canary"]

_HOW = {
    "shadow": "run `pytest-modelpin shadow TRAFFIC --name {name} --ledger …`",
    "canary": "let it serve its share, and run `pytest-modelpin canary {name} --ledger …`",
}


@dataclass(frozen=True, slots=True)
class StageEvidence:
    """One line of `stages/<name>.jsonl`: of a version and stage, the last one that tells counts."""

    name: str
    version: str
    stage: Stage
    colour: Colour
    because: str
    """A sentence: what was seen."""
    at: str = ""
    """ISO 8601, UTC."""
    schema: int = SCHEMA


def wanting(
    required: Sequence[str], evidence: Iterable[StageEvidence], name: str, version: str
) -> tuple[str, ...]:
    """Why a bump to `version` has to wait, a sentence for each required stage that is not green."""
    last = last_of_each(evidence, version)
    found = []
    for stage in required:
        if stage not in _HOW:
            continue
        known = last.get(stage)
        if known is None:
            found.append(
                f"models.yml requires a green {stage} of {version}, and there is none; "
                f"{_HOW[stage].format(name=name)}"
            )
        elif known.colour != "green":
            found.append(f"its {stage} of {known.at[:10]} is {known.colour}: {known.because}")
    return tuple(found)


def last_of_each(
    evidence: Iterable[StageEvidence], version: str | None
) -> dict[str, StageEvidence]:
    """By stage: the last evidence on a version that says something."""
    return {
        each.stage: each
        for each in evidence
        if each.version == version and each.colour != "inconclusive"
    }


def read_stages(content: bytes, where: str) -> tuple[StageEvidence, ...]:
    """The evidence of a file, oldest first; a torn last line is passed over.

    Raises LedgerError where another line is torn or of a later schema.
    """
    return tuple(_evidence(record, place) for record, place in records(content, where))


def _evidence(content: dict[str, Any], place: str) -> StageEvidence:
    known = {field.name for field in dataclasses.fields(StageEvidence)}
    try:
        return StageEvidence(**{key: value for key, value in content.items() if key in known})
    except TypeError as error:
        raise LedgerError(f"{place} is no evidence of a stage: {error}.") from None
