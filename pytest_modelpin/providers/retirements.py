"""When a model is switched off, as its provider announced it: the bundled table.

The table lies beside this module, `retirements.json`, one row a line, and is loaded at the first
question. As JSON that takes a millisecond, which the header of each pytest run can afford.

In a row, `retires` is the last day that its sources name; `announced` the day of the provider's
notice, null where it was not seen; `replacement` the provider's own words, which may be prose.
`alias` marks a floating alias, whose date is that of the version behind it; `uncertain` a row whose
sources disagree, or whose id is as printed on a page and not as the API has it. A floor is a day
before which a model will not retire: no retirement date. Anthropic's dates hold where Anthropic
runs the model; Bedrock and Vertex have their own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from pytest_modelpin.providers.catalogue import provider_named
from pytest_modelpin.providers.google import bare
from pytest_modelpin.providers.identity import identify
from pytest_modelpin.providers.openai_compatible import OPENAI_COMPATIBLE


@dataclass(frozen=True, slots=True)
class Source:
    """Where a date was read."""

    name: str
    url: str
    as_of: str
    """The day the source was read or last changed; some copies bear only a month."""
    kind: str
    """`primary` is the provider's own word; the rest says who passed it on."""
    note: str | None


@dataclass(frozen=True, slots=True)
class Retirement:
    """The end of one model id. Providers move these dates, in both directions."""

    model: str
    provider: str
    retires: date
    """The day it is switched off, or routed to another model, as last announced."""
    announced: date | None
    """The day of the notice; None where it was not seen."""
    replacement: str | None
    """The provider's own words, most often an id; None where it names nothing."""
    alias: bool
    """A floating alias, whose end is that of the version behind it."""
    uncertain: bool
    """The sources disagree."""
    note: str | None
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Floor:
    """A promise that a model will not retire before a day. Not a retirement date."""

    model: str
    provider: str
    not_sooner_than: date
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The bundled table; keys are provider and model id."""

    as_of: date
    retirements: Mapping[tuple[str, str], Retirement]
    floors: Mapping[tuple[str, str], Floor]


def retirement(model: str, provider: str | None = None) -> Retirement | None:
    """When `model` retires or has retired; None where the table has no date for it.

    Without `provider`, and behind a gateway, the provider is inferred from the id. Azure, Bedrock
    and Vertex keep dates of their own: what OpenAI or Anthropic announce is not theirs.
    """
    return table().retirements.get(_key(model, provider))


def floor(model: str, provider: str | None = None) -> Floor | None:
    """Until when `model` is promised; None where no such promise is known."""
    return table().floors.get(_key(model, provider))


def when(day: date, today: date) -> str:
    """`retires in 12 days, on 2026-12-02`, or that it has."""
    days = (day - today).days
    if days < 0:
        return f"retired {_days(-days)} ago, on {day}"
    return f"retires today, {day}" if days == 0 else f"retires in {_days(days)}, on {day}"


@cache
def table() -> Table:
    """The bundled table, loaded once."""
    content = files("pytest_modelpin.providers").joinpath("retirements.json").read_text("utf-8")
    document = json.loads(content)
    sources = {name: _source(name, fields) for name, fields in document["sources"].items()}
    retirements = [_retirement(row, sources) for row in document["retirements"]]
    floors = [_floor(row, sources) for row in document["floors"]]
    return Table(
        as_of=date.fromisoformat(document["as_of"]),
        retirements={(row.provider, row.model): row for row in retirements},
        floors={(row.provider, row.model): row for row in floors},
    )


def _days(number: int) -> str:
    return f"{number} day{'' if number == 1 else 's'}"


def _key(model: str, provider: str | None) -> tuple[str, str]:
    named = provider_named(provider) if provider else None
    if provider is None or named is OPENAI_COMPATIBLE:
        return identify(model).provider or "", bare(model)
    return named.name if named else provider, bare(model)


def _source(name: str, fields: dict[str, str]) -> Source:
    return Source(name, fields["url"], fields["as_of"], fields["kind"], fields.get("note"))


def _retirement(row: dict[str, Any], sources: Mapping[str, Source]) -> Retirement:
    return Retirement(
        model=row["model"],
        provider=row["provider"],
        retires=date.fromisoformat(row["retires"]),
        announced=date.fromisoformat(row["announced"]) if row["announced"] else None,
        replacement=row["replacement"],
        alias=row.get("alias", False),
        uncertain=row.get("uncertain", False),
        note=row.get("note"),
        sources=tuple(sources[name] for name in row["sources"]),
    )


def _floor(row: dict[str, Any], sources: Mapping[str, Source]) -> Floor:
    return Floor(
        model=row["model"],
        provider=row["provider"],
        not_sooner_than=date.fromisoformat(row["not_sooner_than"]),
        sources=tuple(sources[name] for name in row["sources"]),
    )
