"""Bring `pytest_modelpin/providers/retirements.json` up to date from what can be read by a program.

Sources: the providers' own lists of models (those whose key is in the environment, and
OpenRouter's), the table that Anthropic's SDK warns by, feeds of the format model-eol, and the ids
that genai-prices calls deprecated. A date that differs, or is new, is taken from the first source
that has it; what only a secondary source says of a row that a provider's own word dates is
reported and left. Prints what changed, a line each, as the text of a pull request.

A feed is of one publisher, the provider whose models they are; each distributor's date stands
beside its own under `distributions`. https://github.com/thossullivan/model-eol, SPEC.md.

    python scripts/renew_retirements.py [--write] [--today DATE] [--feed PLACE]... [--publish DIR]
"""

from __future__ import annotations

import argparse
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from pytest_modelpin.alarms.retirement_dates import day, refresh
from pytest_modelpin.providers import identify, known_providers
from pytest_modelpin.providers.retirements import Retirement, Table, table

TABLE = Path(__file__).parents[1] / "pytest_modelpin" / "providers" / "retirements.json"
FEEDS = "https://raw.githubusercontent.com/thossullivan/model-eol/main/feeds/"
PUBLISHERS = ("anthropic", "openai", "google", "amazon", "mistral", "cohere")


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


class Source(NamedTuple):
    """Where dates were read, as the table has it."""

    name: str
    url: str
    kind: str
    dates: tuple[Dated, ...]


def main() -> int:
    """Print what changed; 0 also where nothing did."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="change the table")
    parser.add_argument("--today", default=str(datetime.now(UTC).date()))
    parser.add_argument("--feed", action="append", default=[], help="instead of the usual feeds")
    parser.add_argument("--publish", metavar="DIR", help="write the table as feeds")
    arguments = parser.parse_args()
    today = date.fromisoformat(arguments.today)
    document = json.loads(TABLE.read_text("utf-8"))
    sources = [*own_lists(today), *sdk_tables(), *feeds(arguments.feed)]
    changed, said = merge(document, sources, today)
    print("\n".join([*said, *doubts(document)]) or "Nothing is new.")
    if arguments.write and changed:
        TABLE.write_text(as_text(changed), "utf-8")
    if arguments.publish:
        write_feeds(Path(arguments.publish))
    return 0


def own_lists(today: date) -> Iterator[Source]:
    """What the providers' lists say, as far as they can be asked."""
    for provider in known_providers():
        if provider.model_list is None or not provider.model_list.lists_retirements:
            continue
        found = refresh(frozenset({provider.name}), os.environ, today)
        for problem in found.problems:
            print(f"- not read: {problem}")
        rows = found.retirements.values()
        dates = tuple(Dated(r.provider, r.model, r.retires, None, r.replacement) for r in rows)
        if dates and provider.name != "openrouter":  # it sells others' ids, on no clock of its own
            url = f"{provider.base_url}{provider.model_list.path}"
            yield Source(f"{provider.name}-list", url, "primary", dates)


def sdk_tables() -> Iterator[Source]:
    """The dates by which Anthropic's SDK warns: `claude-…` to `January 22nd, 2027`."""
    try:
        from anthropic.resources.messages.messages import DEPRECATED_MODELS
    except ImportError:
        return
    dates = tuple(
        Dated("anthropic", model, day)
        for model, words in DEPRECATED_MODELS.items()
        if (day := day_in_words(words))
    )
    url = "https://github.com/anthropics/anthropic-sdk-python"
    yield Source("anthropic-sdk", url, "primary", dates)


def day_in_words(words: str) -> date | None:
    """The day of `January 22nd, 2027`."""
    plain = re.sub(r"(\d)(?:st|nd|rd|th)", r"\1", words)
    try:
        return datetime.strptime(plain, "%B %d, %Y").replace(tzinfo=UTC).date()
    except ValueError:
        return None


def feeds(places: Iterable[str]) -> Iterator[Source]:
    """What feeds say; one that can't be read costs a line."""
    for place in places or [f"{FEEDS}{publisher}.json" for publisher in PUBLISHERS]:
        try:
            text = _fetched(place) if "://" in place else Path(place).read_text("utf-8")
            yield Source("model-eol", place, "secondary", tuple(read_feed(json.loads(text))))
        except (OSError, ValueError) as error:
            print(f"- not read: {place} ({type(error).__name__})")


def _fetched(url: str) -> str:
    import httpx

    try:
        return httpx.get(url, timeout=30, follow_redirects=True).raise_for_status().text
    except httpx.HTTPError as error:
        raise OSError(type(error).__name__) from None


def merge(
    document: dict[str, Any], sources: Iterable[Source], today: date
) -> tuple[dict[str, Any] | None, list[str]]:
    """The table with what is new in the sources, None where nothing is; and a line for each."""
    rows = {(row["provider"], row["model"].lower()): row for row in document["retirements"]}
    floors = {(row["provider"], row["model"].lower()): row for row in document["floors"]}
    kinds = {name: fields["kind"] for name, fields in document["sources"].items()}
    used: dict[str, Source] = {}
    said: list[str] = []
    settled: set[tuple[str, str]] = set()
    for source in sources:
        for found in source.dates:
            key = (found.provider, found.model.lower())
            row = rows.get(key)
            if key in settled or (row and row["retires"] == str(found.retires)):
                settled |= {key} if source.kind == "primary" else set()
                continue
            if row and source.kind != "primary" and _is_primary(row, kinds):
                said.append(f"- {found.provider} {found.model}: {source.name} says {found.retires},"
                            f" the table {row['retires']}; left")  # fmt: skip
                continue
            before = f" (was {row['retires']})" if row else ""
            said.append(f"- {found.provider} {found.model}: {found.retires}{before}, {source.name}")
            rows[key] = _row(found, row, source)
            floors.pop(key, None)
            used[source.name] = source
            settled.add(key)
    if not used:
        return None, said
    for name, source in used.items():
        fields = {"url": source.url, "as_of": str(today), "kind": source.kind}
        document["sources"][name] = document["sources"].get(name, {}) | fields
    return {
        **document,
        "as_of": str(today),
        "retirements": list(rows.values()),
        "floors": list(floors.values()),
    }, said


def _is_primary(row: dict[str, Any], kinds: dict[str, str]) -> bool:
    return any(kinds.get(name, "").startswith("primary") for name in row["sources"])


def _row(found: Dated, before: dict[str, Any] | None, source: Source) -> dict[str, Any]:
    old = before or {}
    row: dict[str, Any] = {
        "model": old.get("model", found.model),
        "provider": found.provider,
        "announced": str(found.announced) if found.announced else old.get("announced"),
        "retires": str(found.retires),
        "replacement": found.replacement or old.get("replacement"),
    }
    if old.get("alias"):
        row["alias"] = True
    return row | {"sources": [source.name]}


def doubts(document: dict[str, Any]) -> list[str]:
    """Ids that genai-prices calls deprecated, and that the table has no date for."""
    try:
        from genai_prices.data_snapshot import get_snapshot
    except ImportError:
        return []
    known = {row["model"].lower() for row in document["retirements"]}
    ours = {each.price_name: each.name for each in known_providers() if each.price_name}
    return [
        f"- {ours[provider.id]} {model.id}: deprecated by genai-prices, no date here"
        for provider in get_snapshot().providers
        if ours.get(provider.id) in {"anthropic", "openai", "google", "mistral", "cohere"}
        for model in provider.models
        if getattr(model, "deprecated", False) and model.id.lower() not in known
    ]


def as_text(document: dict[str, Any]) -> str:
    """The table's text, one row a line."""

    def rows(items: Iterable[str]) -> str:
        return ",\n".join(f"    {item}" for item in items)

    def line(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False)

    sources = rows(f"{line(name)}: {line(each)}" for name, each in document["sources"].items())
    return (
        f'{{\n  "as_of": {line(document["as_of"])},\n'
        f'  "sources": {{\n{sources}\n  }},\n'
        f'  "retirements": [\n{rows(map(line, document["retirements"]))}\n  ],\n'
        f'  "floors": [\n{rows(map(line, document["floors"]))}\n  ]\n}}\n'
    )


def write_feeds(folder: Path) -> None:
    """One feed for each provider of the table."""
    folder.mkdir(parents=True, exist_ok=True)
    for publisher in sorted({row.provider for row in table().retirements.values()}):
        text = json.dumps(as_feed(table(), publisher), ensure_ascii=False, indent=1)
        (folder / f"{publisher}.json").write_text(f"{text}\n", "utf-8")


def as_feed(table: Table, publisher: str) -> dict[str, Any]:
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
    retires = day(entry.get("shutdown"))
    if retires is None:
        return None
    instead = replacement if isinstance(replacement, str) else None
    return Dated(provider, model, retires, day(entry.get("announced")), instead)


if __name__ == "__main__":
    raise SystemExit(main())
