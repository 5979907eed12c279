"""Retirement dates fresher than the bundled table, from the providers' own lists of models."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from pytest_modelpin.alarms.pin_facts import Retirements
from pytest_modelpin.clock import in_time
from pytest_modelpin.providers import (
    Provider,
    bare,
    identify,
    known_providers,
    provider_named,
    retirement,
)
from pytest_modelpin.providers.asking import base_url_of
from pytest_modelpin.providers.own_requests import ListedModel, ModelList
from pytest_modelpin.providers.retirements import Retirement, Source

if TYPE_CHECKING:
    import httpx


_TIMEOUT = 20.0  # seconds
_LONGEST = 90.0  # seconds, of all pages of a list
_MOST_PAGES = 20


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
            named = provider_named(provider)
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
        for each in known_providers():
            models = each.model_list
            if each.name not in providers or models is None or not models.lists_retirements:
                continue
            key = next(filter(None, map(environment.get, each.key_variables)), "")
            if not key and not models.public:
                problems.append(f"{each.name}: not asked, {each.key_variables[0]} is not set.")
                continue
            base = (bases or {}).get(each.name) or base_url_of(each, environment) or ""
            try:
                entries = listed(client, base, models, "" if models.public else key)
                told: list[ListedModel] = in_time(_LONGEST, partial(list, entries))
                dated = dict(_retirements(each, base, told, today))
            except (httpx.HTTPError, TimeoutError) as error:
                problems.append(f"{each.name}: {_why(error)}; its list was not read.")
            except (ValueError, LookupError, TypeError, AttributeError):
                problems.append(f"{each.name}: its answer is no list of models.")
            else:
                asked.append(each.name)
                found.update(dated)
    return Refreshed(found, tuple(asked), tuple(problems))


def listed(
    client: httpx.Client, base_url: str, models: ModelList, key: str
) -> Iterator[ListedModel]:
    """What a provider's list says of each model, from all of its pages.

    Raises httpx.HTTPError, and ValueError, LookupError, TypeError or AttributeError where the
    answer is no such list.
    """
    after = ""
    for _ in range(_MOST_PAGES):
        answer = client.get(f"{base_url}{models.path}{after}", headers=dict(models.headers(key)))
        answer.raise_for_status()
        page = answer.json()
        for entry in page[models.entries]:
            yield from models.read(entry)
        if page.get("has_more") and page.get("last_id"):
            after = f"&after_id={page['last_id']}"
        elif token := page.get("nextPageToken"):
            after = f"&pageToken={token}"
        else:
            return


def _retirements(
    provider: Provider, base_url: str, models: Iterable[ListedModel], today: date
) -> Iterator[tuple[tuple[str, str], Retirement]]:
    name = provider.name
    path = provider.model_list.path if provider.model_list else ""
    source = Source(f"{name} model list", f"{base_url}{path}", str(today), "primary", None)
    for each in models:
        retires = day(each.retires)
        if retires is None:
            continue
        yield (
            (name, bare(each.id)),
            Retirement(
                model=each.id,
                provider=name,
                retires=retires,
                announced=None,
                replacement=each.replacement or _bundled_replacement(each.id, name),
                alias=each.points_to is not None,
                uncertain=False,
                note=None,
                sources=(source,),
            ),
        )


def _bundled_replacement(model: str, provider: str) -> str | None:
    known = retirement(model, provider)
    return known.replacement if known else None


def day(written: object) -> date | None:
    """The day of a date or of an RFC 3339 instant; None where it is neither."""
    try:
        return date.fromisoformat(written[:10]) if isinstance(written, str) else None
    except ValueError:
        return None


def _why(error: Exception) -> str:
    """Never the error's own text: it can hold what was sent."""
    import httpx

    if isinstance(error, httpx.HTTPStatusError):
        status = error.response.status_code
        return f"answered {status}" + (", check the key" if status in (401, 403) else "")
    return f"could not be reached ({type(error).__name__})"
