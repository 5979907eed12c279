"""The state of each logical model, as data for a table, a dashboard or a script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date

from pytest_modelpin.alarms.alarm import Retirements, ends, known_as, last_validated
from pytest_modelpin.gate.verdict import Colour
from pytest_modelpin.ledger.night import Night
from pytest_modelpin.ledger.streak import last_of_each_day, streak
from pytest_modelpin.providers import Kind, floor, identify
from pytest_modelpin.registry import Model, Pins


@dataclass(frozen=True, slots=True)
class Status:
    """One row of the status table."""

    name: str
    pin: str
    """The production id in force."""
    kind: Kind
    """Of the pin."""
    overridden: str | None
    """The file's production id, where the environment overrides it."""
    candidate: str | None
    served: str | None
    """The version that answered on the last night."""
    last_validated: date | None
    streak: int
    """Straight green nights of `served` against this pin."""
    needed: int
    """Green nights that a bump takes."""
    verdict: Colour | None
    """Of the last night; None where there was none."""
    last_night: date | None
    retires: date | None
    retires_in_days: int | None
    """Negative once the pin has retired."""
    run_url: str | None
    """Of the last night."""
    served_retires: date | None = None
    """When `served` itself retires: a bump would move to it."""
    not_before: date | None = None
    """A promise that the pin will not retire sooner, where it has no date."""

    def dots(self) -> str:
        """The streak as `●●○`."""
        full = min(self.streak, self.needed)
        return "●" * full + "○" * (self.needed - full)


def status(
    pins: Pins,
    nights: Mapping[str, Sequence[Night]],
    today: date,
    retirements: Retirements,
    answered: Mapping[str, str] | None = None,
) -> tuple[Status, ...]:
    """A row for each logical model, in the order of models.yml; arguments as for `alarms`."""
    rows = []
    for model in pins.models.values():
        own = nights.get(model.name, ())
        last = next(last_of_each_day(own), None)
        retires = model.retires or ends(
            model.production, model.provider, retirements, (answered or {}).get(model.name)
        )
        rows.append(
            Status(
                name=model.name,
                pin=model.production,
                kind=identify(model.production, model.provider).kind,
                overridden=model.overridden,
                candidate=model.staging,
                served=last.served if last else None,
                last_validated=last_validated(model, own),
                streak=streak(own, model.production).length,
                needed=pins.settings.green_runs,
                verdict=last.colour if last else None,
                last_night=date.fromisoformat(last.day) if last else None,
                retires=retires,
                retires_in_days=(retires - today).days if retires else None,
                run_url=last.run_url if last else None,
                served_retires=(
                    ends(last.served, model.provider, retirements) if last and last.served else None
                ),
                not_before=None if retires else _promised(model),
            )
        )
    return tuple(rows)


def _promised(model: Model) -> date | None:
    id = known_as(model.production, model.provider)
    promise = floor(id, model.provider) if id else None
    return promise.not_sooner_than if promise else None


def as_json(rows: Sequence[Status]) -> list[dict[str, object]]:
    """The rows as JSON objects; days as YYYY-MM-DD."""
    return [
        {
            key: value.isoformat() if isinstance(value, date) else value
            for key, value in asdict(row).items()
        }
        for row in rows
    ]
