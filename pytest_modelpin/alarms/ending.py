"""When an id retires and what its provider names in its place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from pytest_modelpin.providers import Retirement, identify, provider_named

Retirements = Callable[[str, str | None], Retirement | None]
"""(model, provider) -> its retirement, None where no date is known."""


def known_as(model: str, provider: str | None, served: str | None = None) -> str | None:
    """The id under which a retirement is looked up: the model's own, most often.

    Where it is the name of a deployment (Azure), only the version that served it last has a date;
    None where that is not known.
    """
    named = provider_named(provider) if provider else None
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
