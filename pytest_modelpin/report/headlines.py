"""What each pytest run says before it starts: only what can't wait for somebody to look."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from pytest_modelpin.providers import identify
from pytest_modelpin.providers.retirements import retirement_of_pin, when
from pytest_modelpin.registry import Model, Pins, environment_variable

_MOST = 3
"""Sentences; a header is no list."""


def headlines(pins: Pins, today: date) -> tuple[str, ...]:
    """A sentence each: overrides in force, pins about to retire, floating ids in production.

    A small part of what `pytest-modelpin check` says, from models.yml and the bundled table alone:
    a few milliseconds at the start of a run.
    """
    found = [
        f"{model.name}: {sentence}"
        for model in pins.models.values()
        for sentence in _of_model(model, today, pins.settings.urgent_days)
    ]
    if len(found) <= _MOST:
        return tuple(found)
    return (*found[:_MOST], f"and {len(found) - _MOST} more: run `pytest-modelpin check`")


def _of_model(model: Model, today: date, urgent_days: int) -> Iterator[str]:
    if model.overridden:
        variable = environment_variable(model.name)
        yield f"{variable} overrides the pin {model.overridden} with {model.production}"
    listed = retirement_of_pin(model.production, model.provider)
    day = model.retires or (listed.retires if listed else None)
    if day and (day - today).days <= urgent_days:
        yield f"the pin {model.production} {when(day, today)}"
    kind = identify(model.production, model.provider).kind
    if kind == "floating" and model.policy == "pin":
        yield f"{model.production} is floating, what it answers can change any day"
