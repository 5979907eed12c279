"""Retirement dates from the providers' own model lists, fresher than the bundled table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from pytest_modelpin.alarms.ending import Retirements
from pytest_modelpin.providers import Retirement, bare, identify, provider_named, retirement
from pytest_modelpin.providers.retirements import Source

if TYPE_CHECKING:
    import httpx

_TIMEOUT = 20.0  # seconds
_MOST_PAGES = 20


class _End(NamedTuple):
    """What a list says about one id."""

    model: str
    day: object
    """As the list writes it; anything but a date is passed over."""
    replacement: str | None = None


@dataclass(frozen=True, slots=True)
class ModelList:
    """A provider's list of models: where it is, and where it says when they end."""

    provider: str
    base: str
    path: str
    key_variable: str | None
    """None where the list is public."""
    headers: Callable[[str], Mapping[str, str]]
    """From the key."""
    ends: Callable[[Mapping[str, Any]], Iterator[_End]]
    """From one entry of `data`."""


def _bearer(key: str) -> Mapping[str, str]:
    return {"authorization": f"Bearer {key}"} if key else {}


def _openai(entry: Mapping[str, Any]) -> Iterator[_End]:
    yield _End(entry["id"], entry.get("shutdown_date"))


def _anthropic(entry: Mapping[str, Any]) -> Iterator[_End]:
    yield _End(entry["id"], entry.get("retires_at"))


def _mistral(entry: Mapping[str, Any]) -> Iterator[_End]:
    for id in (entry["id"], *(entry.get("aliases") or ())):
        yield _End(id, entry.get("deprecation"), entry.get("deprecation_replacement_model"))


def _openrouter(entry: Mapping[str, Any]) -> Iterator[_End]:
    for id in {entry["id"], entry.get("canonical_slug") or entry["id"]}:
        yield _End(id, entry.get("expiration_date"))


LISTS = (
    # https://developers.openai.com/api/reference: Model.shutdown_date, openai 3.52 types/model.py
    ModelList(
        "openai", "https://api.openai.com", "/v1/models", "OPENAI_API_KEY", _bearer, _openai
    ),
    # ModelInfo.lifecycle and .retires_at, anthropic 2.11; retired models are left out of the list
    ModelList(
        "anthropic", "https://api.anthropic.com", "/v1/models?limit=1000", "ANTHROPIC_API_KEY",
        lambda key: {"x-api-key": key, "anthropic-version": "2023-06-01"}, _anthropic,
    ),
    # ModelCard.deprecation and .deprecation_replacement_model, mistralai 3.7
    ModelList(
        "mistral", "https://api.mistral.ai", "/v1/models", "MISTRAL_API_KEY", _bearer, _mistral
    ),
    # Model.expiration_date, openrouter 1.3
    ModelList("openrouter", "https://openrouter.ai", "/api/v1/models", None, _bearer, _openrouter),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What the lists said."""

    retirements: Mapping[tuple[str, str], Retirement]
    """By provider and id."""
    asked: tuple[str, ...]
    """Providers whose lists were read."""
    problems: tuple[str, ...]
    """A sentence for each list that was not read; never with a key in it."""

    def over(self, table: Retirements = retirement) -> Retirements:
        """The same question as to `table`, answered from the lists where they have a date."""

        def look_up(model: str, provider: str | None = None) -> Retirement | None:
            named = provider_named(provider) if provider else None
            owner = named.name if named else provider or identify(model).provider or ""
            return self.retirements.get((owner, bare(model))) or table(model, provider)

        return look_up


def refresh(
    providers: frozenset[str],
    environment: Mapping[str, str],
    today: date,
    bases: Mapping[str, str] | None = None,
) -> Refreshed:
    """Ask the lists of those of `providers` that have one, with the keys of `environment`.

    `bases` gives other addresses by provider. A list that can't be read is a problem in the
    result, not an error: the bundled table still holds.
    """
    import httpx

    found: dict[tuple[str, str], Retirement] = {}
    asked, problems = [], []
    with httpx.Client(timeout=_TIMEOUT, follow_redirects=False) as client:
        for each in (each for each in LISTS if each.provider in providers):
            key = environment.get(each.key_variable, "") if each.key_variable else ""
            if each.key_variable and not key:
                problems.append(f"{each.provider}: not asked, {each.key_variable} is not set.")
                continue
            base = (bases or {}).get(each.provider, each.base).rstrip("/")
            try:
                dated = dict(_retirements(each, _entries(client, base, each, key), today))
            except httpx.HTTPError as error:
                problems.append(f"{each.provider}: {_why(error)}; its list was not read.")
            except (ValueError, LookupError, TypeError, AttributeError):
                problems.append(f"{each.provider}: its answer is no list of models.")
            else:
                asked.append(each.provider)
                found.update(dated)
    return Refreshed(found, tuple(asked), tuple(problems))


def _entries(
    client: httpx.Client, base: str, each: ModelList, key: str
) -> Iterator[Mapping[str, Any]]:
    """The entries of all pages."""
    after = ""
    for _ in range(_MOST_PAGES):
        answer = client.get(f"{base}{each.path}{after}", headers=each.headers(key))
        answer.raise_for_status()
        page = answer.json()
        yield from page["data"]
        if not page.get("has_more") or not page.get("last_id"):
            return
        after = f"&after_id={page['last_id']}"


def _retirements(
    each: ModelList, entries: Iterator[Mapping[str, Any]], today: date
) -> Iterator[tuple[tuple[str, str], Retirement]]:
    for entry in entries:
        for end in each.ends(entry):
            day = _day(end.day)
            if day is None:
                continue
            source = Source(
                f"{each.provider} model list",
                f"{each.base}{each.path}",
                str(today),
                "primary",
                None,
            )
            yield (
                (each.provider, bare(end.model)),
                Retirement(
                    model=end.model,
                    provider=each.provider,
                    retires=day,
                    announced=None,
                    replacement=end.replacement or _bundled_replacement(end.model, each.provider),
                    alias=False,
                    uncertain=False,
                    note=None,
                    sources=(source,),
                ),
            )


def _bundled_replacement(model: str, provider: str) -> str | None:
    known = retirement(model, provider)
    return known.replacement if known else None


def _day(written: object) -> date | None:
    """The day of a date or of an RFC 3339 instant; None where it is neither."""
    try:
        return date.fromisoformat(written[:10]) if isinstance(written, str) else None
    except ValueError:
        return None


def _why(error: httpx.HTTPError) -> str:
    """Never the error's own text: it can hold what was sent."""
    import httpx

    if isinstance(error, httpx.HTTPStatusError):
        status = error.response.status_code
        return f"answered {status}" + (", check the key" if status in (401, 403) else "")
    return f"could not be reached ({type(error).__name__})"
