"""When a pin was last shown to be fine."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pytest_modelpin.ledger.night import Night
from pytest_modelpin.ledger.streak import last_of_each_day
from pytest_modelpin.registry import Model


def last_validated(model: Model, nights: Sequence[Night]) -> date | None:
    """The later of `last_validated` in models.yml and the last green night that the pin served.

    Where the candidate's alias still resolves to the pin, each green night validates the pin.
    """
    known = model.last_validated
    for night in last_of_each_day(nights):
        if known is not None and night.day <= known.isoformat():
            break  # of years of nights, only the newest few need be read
        if night.colour == "green" and night.served == model.production:
            return date.fromisoformat(night.day)
    return known
