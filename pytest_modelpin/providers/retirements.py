"""When a model is switched off, as its provider announced it: the bundled table.

The table lies beside this module, `retirements.json`, one row a line, and is loaded at the first
question. As JSON that takes a few milliseconds, which the header of each pytest run can afford;
a row becomes an object only when it is asked for.

In a row, `retires` is the last day that its sources name; `announced` the day of the provider's
notice, null where it was not seen; `replacement` the provider's own words, which may be prose.
`alias` marks a floating alias, whose date is that of the version behind it; `uncertain` a row whose
sources disagree, or whose id is as printed on a page and not as the API has it. A floor is a day
before which a model will not retire: no retirement date.

Each distributor has a clock of its own, and is a `provider` here: `vertex` is not `google`, and
`azure` and `bedrock` are neither `openai` nor `anthropic`. Bedrock's ids stand without their
geographic prefix, Azure's are the versions that its replies name, never a deployment's name.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from pytest_modelpin.providers.catalogue import identify, provider_named
from pytest_modelpin.providers.endpoint import bare
from pytest_modelpin.providers.openai_compatible import OPENAI_COMPATIBLE
from pytest_modelpin.wording import counted


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

    @property
    def is_page(self) -> bool:
        """Whether it is the provider's own word on a page, which says more than its code."""
        return self.kind.startswith("primary") and "sdk" not in self.name


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
    """The sources disagree, or the id is as printed on a page; `note` says which."""
    note: str | None
    sources: tuple[Source, ...]

    @property
    def notice(self) -> str | None:
        """The address of the provider's own page of such dates; None where none is known.

        The page that the row was read on, else the one that most of the provider's rows name: what
        only code or somebody else says of a date is announced there, too.
        """
        page = _page_of(self.provider)
        own = [source.url for source in self.sources if source.is_page]
        site = [url for url in own if page and urlsplit(url).hostname == urlsplit(page).hostname]
        others = [source.url for source in self.sources]
        return next((url for url in (*site, page, *own, *others) if url), None)


@dataclass(frozen=True, slots=True)
class Floor:
    """A promise that a model will not retire before a day. Not a retirement date."""

    model: str
    provider: str
    not_sooner_than: date
    sources: tuple[Source, ...]

    def holds(self, today: date) -> bool:
        """Whether it still says anything: its day is to come."""
        return self.not_sooner_than > today


@dataclass(frozen=True, slots=True)
class Table:
    """The bundled table; keys are provider and model id."""

    as_of: date
    retirements: Mapping[tuple[str, str], Retirement]
    floors: Mapping[tuple[str, str], Floor]


def retirement(model: str, provider: str | None = None) -> Retirement | None:
    """When `model` retires or has retired; None where the table has no date for it.

    Without `provider`, and behind a gateway, the provider is inferred from the id. An alias that
    has no row inherits the date of its only snapshot. On Azure `model` is the id that its replies
    name: see `retirement_of_pin`.
    """
    clock, id = _key(model, provider)
    row = _row("retirements", clock, id)
    return _retirement(row) if row else _inherited(clock, id, model, provider)


def retirement_of_pin(
    pin: str, provider: str | None, served: str | None = None
) -> Retirement | None:
    """When the model behind a pin retires; None where no date is known.

    `served` is the version that answered for it last. Where the id is the name of a deployment of
    one's own, that version alone has a date, whatever the name looks like.
    """
    named = provider_named(provider)
    if named is None or not named.names_deployments:
        return retirement(pin, provider)
    return retirement(served, provider) if served else None


def floor(model: str, provider: str | None = None) -> Floor | None:
    """Until when `model` is promised; None where no such promise is known."""
    clock, id = _key(model, provider)
    row = _row("floors", clock, id)
    return _floor(row) if row else None


_NOT_PRINTED = {"vertex": r"(?:@\d{8}|-\d{3})$", "google": r"-\d{3}$"}
"""What Google's pages leave out of most ids: a partner's date, the version of a Gemini."""


def _row(kind: str, clock: str, id: str) -> Mapping[str, Any] | None:
    rows, name = _rows(kind), id.lower()
    as_printed = re.sub(_NOT_PRINTED.get(clock, "$"), "", name)
    return rows.get((clock, name)) or rows.get((clock, as_printed))


def snapshots(alias: str, provider: str | None = None) -> tuple[str, ...]:
    """The pins of an alias that the table knows and that had not retired when it was made.

    The newest first, as far as their spelling tells.
    """
    clock, id = _key(alias, provider)
    alive = [
        row["model"]
        for kind in ("retirements", "floors")
        for (seller, model), row in _rows(kind).items()
        if seller == clock
        and _snapshot_of(id).fullmatch(model)
        and row.get("retires", "9999") > str(as_of())
    ]
    return tuple(sorted(alive, reverse=True))


def _snapshot_of(id: str) -> re.Pattern[str]:
    return re.compile(re.escape(id.lower().removesuffix("-latest")) + r"[-@]\d[\d\-]*")


def when(day: date, today: date) -> str:
    """`retires in 12 days, on 2026-12-02`, or that it has."""
    days = (day - today).days
    if days < 0:
        return f"retired {counted(-days, 'day')} ago, on {day}"
    return f"retires today, {day}" if days == 0 else f"retires in {counted(days, 'day')}, on {day}"


@cache
def table() -> Table:
    """The whole bundled table."""
    retirements = {key: _retirement(row) for key, row in _rows("retirements").items()}
    floors = {key: _floor(row) for key, row in _rows("floors").items()}
    return Table(as_of(), retirements, floors)


def as_of() -> date:
    """The day on which the table was last brought up to date."""
    return date.fromisoformat(_document()["as_of"])


@cache
def _document() -> dict[str, Any]:
    content = files("pytest_modelpin.providers").joinpath("retirements.json").read_text("utf-8")
    document: dict[str, Any] = json.loads(content)
    return document


@cache
def _rows(kind: str) -> Mapping[tuple[str, str], dict[str, Any]]:
    """The rows by clock and id in small letters: Azure writes names in more than one way."""
    return {(row["provider"], row["model"].lower()): row for row in _document()[kind]}


def _inherited(clock: str, id: str, model: str, provider: str | None) -> Retirement | None:
    """Of an alias without a row: what the table says of the one snapshot that it can mean.

    Not of one that has retired before the table was made: an alias outlives its snapshots.
    """
    if identify(model, provider).kind != "floating":
        return None
    snapshot = _snapshot_of(id)
    found = {
        model
        for kind in ("retirements", "floors")
        for seller, model in _rows(kind)
        if seller == clock and snapshot.fullmatch(model)
    }
    row = _rows("retirements").get((clock, found.pop())) if len(found) == 1 else None
    if row is None:
        return None
    only = _retirement(row)
    if only.retires <= as_of():
        return None
    note = f"the date of its only known snapshot, {only.model}"
    return replace(only, model=id, alias=True, note=note)


def _key(model: str, provider: str | None) -> tuple[str, str]:
    named = provider_named(provider)
    if provider is None or named is OPENAI_COMPATIBLE:
        owner = identify(model).provider
        named, provider = (provider_named(owner), owner) if owner else (None, "")
    if named is None:
        return provider, bare(model)
    return named.retirement_key(model, provider.strip().lower())


@cache
def _page_of(provider: str) -> str:
    """The page of its own that most of a provider's rows name; empty without one."""
    pages = Counter(
        source.url
        for (seller, _), row in _rows("retirements").items()
        if seller == provider
        for source in map(_source, row["sources"])
        if source.is_page
    )
    return max(pages, key=pages.__getitem__, default="")


@cache
def _source(name: str) -> Source:
    fields = _document()["sources"][name]
    return Source(name, fields["url"], fields["as_of"], fields["kind"], fields.get("note"))


def _retirement(row: Mapping[str, Any]) -> Retirement:
    return Retirement(
        model=row["model"],
        provider=row["provider"],
        retires=date.fromisoformat(row["retires"]),
        announced=date.fromisoformat(row["announced"]) if row["announced"] else None,
        replacement=row["replacement"],
        alias=row.get("alias", False),
        uncertain=row.get("uncertain", False),
        note=row.get("note"),
        sources=tuple(map(_source, row["sources"])),
    )


def _floor(row: Mapping[str, Any]) -> Floor:
    return Floor(
        model=row["model"],
        provider=row["provider"],
        not_sooner_than=date.fromisoformat(row["not_sooner_than"]),
        sources=tuple(map(_source, row["sources"])),
    )
