"""A logical model's night within a run of `nightly`: written down, and whether a bump is due."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from modelpin_runtime.registry.models import Model, Pins
from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.ledger import last_of_each, wanting
from pytest_modelpin.ledger.store import Ledger
from pytest_modelpin.upgrade.bump.promote import others_pinned_to
from pytest_modelpin.upgrade.nightly import NightlyContext
from pytest_modelpin.upgrade.nightly.one_night import NightResult, promotable
from pytest_modelpin.wording import some

Hindrance = Literal["group", "failed", "unwritten"]
"""What keeps a bump that is due from people: others of its `group` that wait, or that making it
`failed`; and what keeps a night from the ledger, so that it was in vain."""


@dataclass(frozen=True, slots=True)
class ModelNight:
    """What a run of `nightly` did for one logical model."""

    model: Model
    result: NightResult
    due: bool
    """Whether its pin should move."""
    state: str
    """Where the upgrade stands, as a sentence."""
    hindrance: Hindrance | None = None
    """As that sentence says; None where there is none."""
    branch: str | None = None
    """The local branch that holds the bump, outside of GitHub."""
    pull_request: int | None = None
    url: str | None = None
    opened: bool = False
    """Whether it was tonight that the pull request was opened."""


def kept(
    nightly: NightlyContext, model: Model, result: NightResult, ledger: Ledger, *, elsewhere: bool
) -> ModelNight:
    """The night, written down unless it was played `elsewhere`, and whether its bump is due.

    What can't be written down is told all the same, as its samples are paid for; so are the nights
    of the other models.
    """
    if not elsewhere:
        try:
            ledger.append(result.night)
        except ModelpinError as error:
            state = f"this night is not in the ledger, and counts for nothing: {error}"
            return ModelNight(model, result, due=False, state=state, hindrance="unwritten")
    due, why = promotable(result, model)
    if due:
        result = with_shared_pin(result, model, nightly.pins)
        try:
            result, due, why = with_stages(result, model, ledger, why)
        except ModelpinError as error:
            state = f"the bump is due, but what other stages say of it could not be read: {error}"
            return ModelNight(model, result, due=False, state=state, hindrance="failed")
    return ModelNight(model, result, due, why)


def with_shared_pin(result: NightResult, model: Model, pins: Pins) -> NightResult:
    """The result with what it takes to tell two logical models apart that will share a pin."""
    version = str(result.night.served)
    others = others_pinned_to(pins, model.name, version)
    if not others or version == model.pin:
        return result
    told = (
        f"{version} is the pin of {some(others)}, too: once {model.name} is on it as well, a test "
        "has to say which of them it means before one is tried on another version, or rolled back "
        f'alone: `@pytest.mark.modelpin(models=["{model.name}"])`'
    )
    verdict = replace(result.verdict, reasons=(*result.verdict.reasons, told))
    return replace(result, verdict=verdict)


def with_stages(
    result: NightResult, model: Model, ledger: Ledger, why: str
) -> tuple[NightResult, bool, str]:
    """The result with what `require:` asks for beside nights: held without, or as evidence."""
    version = str(result.night.served)
    stages = ledger.stages(model.name)
    if missing := wanting(model.require, stages, model.name, version):
        return result, False, f"its nights would do, but {'; '.join(missing)}"
    told = tuple(
        f"{each.stage} of {each.at[:10]}: {each.because}"
        for stage, each in last_of_each(stages, version).items()
        if stage in model.require
    )
    verdict = replace(result.verdict, reasons=(*told, *result.verdict.reasons))
    return replace(result, verdict=verdict), True, why
