"""When an id retires and what its provider names in its place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from pytest_modelpin.providers import Retirement, identify

Retirements = Callable[[str, str | None], Retirement | None]
"""(model, provider) -> its retirement, None where no date is known."""


def ends(model: str, provider: str | None, retirements: Retirements) -> date | None:
    """The day on which a model retires; None where that is not known."""
    found = retirements(model, provider)
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
    doubt = ", sources disagree" if found.uncertain else ""
    return f"{source.name}, as of {source.as_of}{doubt}"
