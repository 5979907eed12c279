"""Retirement dates as a feed, to publish and to read: the format `model-eol/0.1`.

A feed is of one publisher, the provider whose models they are; each distributor's date stands
beside its own under `distributions`. https://github.com/thossullivan/model-eol, SPEC.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from pytest_modelpin.providers import identify
from pytest_modelpin.providers.retirements import Retirement, Table

SPEC = "model-eol/0.1"

_VIA = {
    "amazon-bedrock": "bedrock",
    "aws-bedrock": "bedrock",
    "bedrock": "bedrock",
    "azure": "azure",
    "azure-ai-foundry": "azure",
    "google-vertex": "vertex",
    "vertex": "vertex",
    "vertex-ai": "vertex",
}
"""What a feed calls a distributor, and what it is called here."""
_PUBLISHERS = {"amazon": "bedrock"}


class Dated(NamedTuple):
    """One date that a source gives."""

    provider: str
    model: str
    retires: date
    announced: date | None = None
    replacement: str | None = None


def publish(table: Table, publisher: str) -> dict[str, Any]:
    """The feed of one provider's models, by its own clock, with floors as tentative dates."""
    entries = [_entry(row) for row in table.retirements.values() if row.provider == publisher]
    entries += [
        {
            "id": floor.model,
            "shutdown": str(floor.not_sooner_than),
            "date_precision": "tentative",
        }
        for floor in table.floors.values()
        if floor.provider == publisher
    ]
    return {
        "spec": SPEC,
        "publisher": publisher,
        "generated": f"{table.as_of}T00:00:00Z",
        "models": sorted(entries, key=lambda entry: str(entry["id"])),
    }


def read_feed(feed: Mapping[str, Any]) -> Iterator[Dated]:
    """The dates of a feed, each by the clock of its distributor; tentative ones are no dates.

    Fields and values that are not known are passed over, as the format asks of its readers.
    Raises ValueError where it is no such feed.
    """
    if not str(feed.get("spec", "")).startswith("model-eol/0.") or not feed.get("publisher"):
        raise ValueError("no feed of the format model-eol/0.1")
    publisher = str(feed["publisher"])
    provider = _PUBLISHERS.get(publisher, publisher)
    for entry in feed.get("models") or ():
        id = entry.get("id")
        if not isinstance(id, str):
            continue
        replacement = entry.get("replacement") or entry.get("replacement_note")
        for name in (id, *(entry.get("aliases") or ())):
            if found := _dated(entry, provider, name, replacement):
                yield found
        for other in entry.get("distributions") or ():
            via = _VIA.get(str(other.get("via")))
            if via and (found := _dated(other, via, str(other.get("id") or id), None)):
                yield found


def _entry(row: Retirement) -> dict[str, Any]:
    entry: dict[str, Any] = {"id": row.model}
    if row.announced:
        entry["announced"] = str(row.announced)
    entry["shutdown"] = str(row.retires)
    if row.replacement:
        exact = identify(row.replacement, row.provider).kind != "unknown"
        entry["replacement" if exact else "replacement_note"] = row.replacement
    if row.uncertain or row.note:
        entry["notes"] = row.note or "the sources disagree"
    entry["source"] = row.sources[0].url
    return entry


def _dated(
    entry: Mapping[str, Any], provider: str, model: str, replacement: object
) -> Dated | None:
    if entry.get("date_precision") == "tentative":
        return None
    retires = _day(entry.get("shutdown"))
    if retires is None:
        return None
    instead = replacement if isinstance(replacement, str) else None
    return Dated(provider, model, retires, _day(entry.get("announced")), instead)


def _day(written: object) -> date | None:
    try:
        return date.fromisoformat(written[:10]) if isinstance(written, str) else None
    except ValueError:
        return None
