"""What each pytest run says before it starts: which versions, and what can't wait."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from pytest_modelpin.providers import identify
from pytest_modelpin.providers.retirements import retirement_of_pin, when
from pytest_modelpin.registry import Model, Pins, environment_variable
from pytest_modelpin.registry.selection import Selection
from pytest_modelpin.report.escape import terminal

_MODES = {"none": "replay", "new": "replay, record what is new", "all": "live"}
_MOST = 3
"""Sentences; a header is no list."""


def header(selection: Selection, headlines: Sequence[str] = ()) -> list[str]:
    """One line a logical model that is not simply replayed on its pin, else one line in all.

    Below it a line for each of the `headlines`, which are what is urgent about the pins.
    """
    return [*_selected(selection), *(f"alarm: {terminal(line)}" for line in headlines)]


def _selected(selection: Selection) -> list[str]:
    chosen = selection.models.values()
    if all(model.which == "production" and model.record == "none" for model in chosen):
        pins = ", ".join(f"{model.name} = {model.id}" for model in chosen)
        return [f"models: {pins} (pinned, replayed)"]
    width = max(len(model.name) for model in chosen)
    return [
        f"models: {model.name:<{width}}  {model.id} ({model.which}, {_MODES[model.record]})"
        for model in chosen
    ]


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
