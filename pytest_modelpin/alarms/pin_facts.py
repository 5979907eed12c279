"""What is known of the pins on one day: models.yml, the ledger's nights, the retirement dates and
what answered the recordings; and what follows of them for one id.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from pytest_modelpin.alarms.candidate_requests import RefusedRequest
from pytest_modelpin.ledger import Night
from pytest_modelpin.ledger.nights import last_of_each_day, until
from pytest_modelpin.providers import Retirement, identify, provider_named
from pytest_modelpin.registry import Model, Pins

Retirements = Callable[[str, str | None], Retirement | None]
"""(model, provider) -> its retirement, None where no date is known."""


@dataclass(frozen=True, slots=True)
class PinFacts:
    """What alarms and the rows of `status` are made of."""

    pins: Pins
    nights: Mapping[str, Sequence[Night]]
    """The ledger's by logical name, oldest first."""
    today: date
    retirements: Retirements
    answered: Mapping[str, str] = field(default_factory=dict)
    """By logical name: the version that answered when the pin's recordings were made, where that
    was another than the pin, or where the pin is the name of a deployment."""
    refused: Sequence[RefusedRequest] = ()
    """What the pins' recordings ask for that their candidates refuse."""

    def nights_of(self, model: Model) -> Sequence[Night]:
        """The nights of one logical model up to this day."""
        return until(self.nights.get(model.name, ()), str(self.today))

    def last_night(self, model: Model) -> Night | None:
        """The one that counts of the newest day with a night."""
        return next(last_of_each_day(self.nights_of(model)), None)

    def served_under_pin(self, model: Model) -> str | None:
        """The version that answers under the pin's id: when it was recorded, or else on the last
        night that asked for it. None where nothing tells.
        """
        if recorded := self.answered.get(model.name):
            return recorded
        for night in last_of_each_day(self.nights_of(model)):
            if night.asked == model.production and night.served:
                return night.served
        return None

    def end_of_pin(self, model: Model) -> date | None:
        """The day on which the pin retires, by models.yml or else by the retirement dates."""
        return model.retires or ends(
            model.production, model.provider, self.retirements, self.served_under_pin(model)
        )

    def last_validated(self, model: Model) -> date | None:
        """The later of `last_validated` in models.yml and the last green night that the pin served.

        Where the candidate's alias still resolves to the pin, each green night validates the pin.
        """
        known = model.last_validated
        for night in last_of_each_day(self.nights_of(model)):
            if known is not None and night.day <= known.isoformat():
                break  # of years of nights, only the newest few need be read
            if night.colour == "green" and night.served == model.production:
                return date.fromisoformat(night.day)
        return known


def known_as(model: str, provider: str | None, served: str | None = None) -> str | None:
    """The id under which a retirement is looked up: the model's own, most often.

    Where it is the name of a deployment (Azure), only the version that served it last has a date;
    None where that is not known.
    """
    named = provider_named(provider)
    return served if named is not None and named.names_deployments else model


def ends(
    model: str, provider: str | None, retirements: Retirements, served: str | None = None
) -> date | None:
    """The day on which a model retires; None where that is not known."""
    id = known_as(model, provider, served)
    found = retirements(id, provider) if id else None
    return found.retires if found else None


def replacement(model: str, provider: str | None, retirements: Retirements) -> str | None:
    """The id that the provider names in a model's place; None where its words are no id."""
    found = retirements(model, provider)
    named = found.replacement if found else None
    if not named or identify(named, provider).kind == "unknown":
        return None
    return named


def origin(model: str, provider: str | None, retirements: Retirements) -> str:
    """Where a model's date was read, and when; the newest source stands for the others."""
    found = retirements(model, provider)
    source = max(found.sources, key=lambda each: each.as_of, default=None) if found else None
    if found is None or source is None:
        return "source unknown"
    said = [f"{source.name}, as of {source.as_of}"]
    if found.uncertain:
        said.append(f"uncertain: {found.note or 'the sources disagree'}")
    elif found.alias and found.note:
        said.append(found.note)
    return "; ".join(said)
