"""One round: the night of every watched model, written down, and the bumps that are due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_modelpin.compare.verdict import Colour, Verdict
from pytest_modelpin.errors import ModelpinError, UpgradeError
from pytest_modelpin.ledger.store import Ledger
from pytest_modelpin.registry.models import Model, Pins
from pytest_modelpin.upgrade.build import build_bump
from pytest_modelpin.upgrade.bump import Bump
from pytest_modelpin.upgrade.local_branch import write_branch
from pytest_modelpin.upgrade.nightly import (
    Finding,
    Say,
    Watch,
    one_night,
    production_run,
    promotable,
    watched,
)
from pytest_modelpin.upgrade.suite import Suite

if TYPE_CHECKING:
    from pytest_modelpin.forge import Forge


@dataclass(frozen=True, slots=True)
class ModelNight:
    """What the round did for one logical model."""

    model: Model
    finding: Finding
    state: str
    """Where the upgrade stands, as a sentence."""
    bump: Bump | None = None
    branch: str | None = None
    pull_request: int | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """What one nightly did."""

    day: str
    nights: tuple[ModelNight, ...]
    folder: Path
    """Where the run reports lie."""
    green_runs: int

    @property
    def colour(self) -> Colour:
        """The worst of all models' colours: red before inconclusive before green."""
        colours = {night.finding.night.colour for night in self.nights}
        order: tuple[Colour, ...] = ("red", "inconclusive", "green")
        return next(colour for colour in order if colour in colours)


def play(
    pins: Pins,
    names: Sequence[str],
    *,
    root: Path,
    tests: Sequence[str],
    today: date,
    folder: Path,
    ledger: Ledger,
    forge: Forge | None,
    pull_requests: bool,
    say: Say,
    run_url: str | None = None,
) -> Round:
    """Play the night of each watched model (`names` narrows them) and append it to the ledger.

    A bump that is due becomes a pull request where there is a `forge`, else a local branch;
    neither where `pull_requests` is False. Raises ModelpinError where nothing could be run at all.
    """
    models = watched(pins, names)
    watch = Watch(Suite(root, tuple(tests)), pins, folder, str(today), run_url, say)
    production = production_run(watch)
    played = []
    for model in models:
        past = ledger.read(model.name)
        finding = one_night(watch, model, production, past)
        ledger.append(finding.night)
        played.append(_upgrade(watch, model, finding, ledger, forge, pull_requests))
    return Round(str(today), tuple(played), folder, pins.settings.green_runs)


def _upgrade(
    watch: Watch,
    model: Model,
    finding: Finding,
    ledger: Ledger,
    forge: Forge | None,
    pull_requests: bool,
) -> ModelNight:
    due, why = promotable(finding, model)
    night = ModelNight(model, finding, why)
    if not (due and pull_requests):
        return night
    watch.say(f"{model.name}: {watch.pins.settings.green_runs} green nights; building the bump …")
    try:
        bump = build_bump(watch, model, finding)
        if forge is None:
            return _as_branch(watch, night, bump)
        return _as_pull_request(watch, night, bump, ledger, forge)
    except ModelpinError as error:
        return replace(night, state=f"the bump is due but could not be made: {error}")


def _as_branch(watch: Watch, night: ModelNight, bump: Bump) -> ModelNight:
    from pytest_modelpin.upgrade.body import body, title

    branch = write_branch(watch.suite.root, bump, f"{title(bump)}\n\n{body(bump)}")
    state = f"the bump is on the local branch {branch}: `git diff HEAD...{branch}`"
    return replace(night, bump=bump, branch=branch, state=state)


def _as_pull_request(
    watch: Watch, night: ModelNight, bump: Bump, ledger: Ledger, forge: Forge
) -> ModelNight:
    raise NotImplementedError


__all__ = ["ModelNight", "Round", "UpgradeError", "Verdict", "play"]
