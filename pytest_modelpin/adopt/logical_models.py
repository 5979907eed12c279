"""Which logical models a repository's ids make: their names, pins and candidates."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType

from pytest_modelpin.adopt.logical_names import (
    DATE,
    is_of_tests,
    line_of,
    names_of,
    version_of,
)
from pytest_modelpin.adopt.unused_ids import (
    in_lists,
    kept_by,
    telling_places,
    why_skipped,
    why_unasked,
)
from pytest_modelpin.alarms.scan import Found
from pytest_modelpin.literals.syntax import behind_route, litellm_routes, spelling_routes
from pytest_modelpin.providers import PROVIDERS, ModelId, identify, provider_named, retirement
from pytest_modelpin.providers.openai_compatible import OPENAI_COMPATIBLE
from pytest_modelpin.providers.prices import listed_models
from pytest_modelpin.providers.retirements import table

Ask = Callable[[str, str | None], "Answer"]
"""(floating id, provider) -> what it stands for."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What asking about a floating id, or about a candidate, gave."""

    version: str | None
    """The pin that it stands for; None where that is not known."""
    exists: bool = True
    """False where the provider said that there is no such id."""
    told_by: str = ""
    why: str = ""
    """Why the version is not known, as a sentence."""


SOON = 90
"""Days within which an end is worth a word, and no version is proposed that ends."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """One logical model to write."""

    name: str
    production: str
    staging: str | None
    places: tuple[str, ...]
    """Where code names it, `path:line`."""
    floating: str = ""
    """Why the production id stays floating; empty where it is a pin."""
    was: str | None = None
    """The floating id that code names and that the pin takes the place of."""
    was_in: tuple[str, ...] = ()
    """The files in which it does so."""
    told_by: str = ""
    kept: str = ""
    """Why code keeps the floating id, as the end of a sentence; its version then pins nothing."""
    version: str | None = None
    """Where code keeps the floating id: the version that it stands for."""
    provider: str | None = None
    """Where the id's spelling does not tell."""
    next_is: str | None = None
    """The version that would be the candidate, were it not another logical model's pin."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """An id that gets no logical model."""

    id: str
    places: tuple[str, ...]
    because: str


def choose(
    found: Sequence[Found],
    ask: Ask,
    today: date,
    *,
    lines: Callable[[str, int], str] = lambda path, line: "",
    taken: Collection[str] = (),
    sellers: Collection[str] = (),
    asked: Mapping[str, str] = MappingProxyType({}),
    may_ask: Callable[[str, int, str], bool] = lambda path, line, id: True,
    in_table: Callable[[str, int, str], bool] = lambda path, line, id: False,
) -> tuple[tuple[Chosen, ...], tuple[Skipped, ...]]:
    """The logical models that the ids of a repository make, and the ids that make none.

    `ask` is asked about floating ids and candidates, `lines` gives a line of a file, `taken` are
    names that other models.yml of the repository have, `sellers` what `repository.speaks_of` gave,
    `asked` why code keeps an id that recorded traffic asks for or the data of tests name, `may_ask`
    and `in_table` what the functions of these names gave. What code names comes before what only
    tests do.

    A floating id moves in all of the code or in none: kept by one file, such as a list of models
    that others look it up in, it would be asked for no longer by the rest. By Azure, OpenAI's ids
    are deployments of that name, of which nothing but their replies tells the version; by LiteLLM,
    what stands before an id's slash says whose it is.
    """
    if litellm_routes(sellers, (each.model for each in found)):
        found = [_unrouted(each) for each in found]
    skipped: list[Skipped] = []
    chosen: dict[str, Chosen] = {}
    listed = in_lists(found, in_table)
    for id, all_places in _by_id(found).items():
        places = telling_places(all_places, listed) or all_places
        because = why_skipped(id, all_places, listed, today, asked) or (
            "" if id in asked else why_unasked(all_places, listed, may_ask)
        )
        if because:
            skipped.append(Skipped(id, _shown(places), because))
            continue
        if seller := _seller(places[0].provider, sellers) or _host(places[0], sellers):
            one = Chosen("", id, None, _shown(places), provider=seller)
        else:
            one = _pinned(identify(id, places[0].provider), _shown(places), ask)
        if one.was and (kept := asked.get(id) or kept_by(all_places, listed, lines)):
            one = _left_floating(one, id, kept, chosen)
        elif one.was:
            one = replace(one, was_in=_files_to_move_in(places, one.production, found))
        chosen[one.production] = _together(chosen.get(one.production), one)
    models = sorted(chosen.values(), key=lambda one: all(map(is_of_tests, one.places)))
    names = names_of(models, lines, set(taken))
    pins = set(chosen)
    return tuple(
        replace(_with_candidate(one, pins, ask, today), name=name)
        for name, one in zip(names, models, strict=True)
    ), tuple(each for each in skipped if each.id not in pins)


def _left_floating(one: Chosen, id: str, kept: str, chosen: dict[str, Chosen]) -> Chosen:
    """A pinned model as the floating id that code keeps, with the tests that name its version."""
    answered = chosen.get(one.production)
    if answered and all(map(is_of_tests, answered.places)):
        one = replace(one, places=one.places + chosen.pop(one.production).places)
    return replace(one, production=id, was=None, kept=kept, version=one.production)


def _together(before: Chosen | None, one: Chosen) -> Chosen:
    """Two ids of one pin as one model."""
    if before is None:
        return one
    return replace(
        before,
        places=before.places + one.places,
        was=before.was or one.was,
        was_in=before.was_in or one.was_in,
        told_by=before.told_by or one.told_by,
    )


def _seller(provider: str | None, sellers: Collection[str]) -> str | None:
    """Who of `sellers` serves this provider's models under names of the user's own."""
    return {each.sells: each.name for each in PROVIDERS if each.name in sellers}.get(provider or "")


def _host(found: Found, sellers: Collection[str]) -> str | None:
    """The host of open-weight models that is asked for an id which OpenRouter spells alike, or
    which all of them do; where code speaks of several or none, what speaks OpenAI's wire.

    `openai/gpt-oss-20b` is Groq's id, too; so it is where code speaks of Groq alone.
    """
    if found.kind != "unknown" or found.provider not in (None, *spelling_routes()):
        return None
    if found.provider in sellers or _ROUTE.match(found.model):
        return None
    hosts = [each.name for each in PROVIDERS if each.name in sellers and not each.naming.has_pins]
    if found.provider is None:
        return hosts[0] if len(hosts) == 1 else OPENAI_COMPATIBLE.name
    return hosts[0] if len(hosts) == 1 else None


_ROUTE = re.compile("openrouter/|~")


def _unrouted(found: Found) -> Found:
    inner = behind_route(identify(found.model, found.provider))
    if inner is None:
        return found
    return replace(found, model=inner.id, provider=inner.provider, kind=inner.kind)


def _by_id(found: Iterable[Found]) -> dict[str, list[Found]]:
    """Those that pins first: a floating id then joins the pin that it stands for."""
    grouped: dict[str, list[Found]] = defaultdict(list)
    for each in sorted(found, key=lambda each: each.path.endswith(".ipynb")):  # code tells more
        grouped[each.model].append(each)
    return dict(sorted(grouped.items(), key=lambda item: (item[1][0].kind != "pinned", item[0])))


def _files_to_move_in(places: Iterable[Found], pin: str, found: Iterable[Found]) -> tuple[str, ...]:
    """The files of `places`; none where a line of theirs maps the floating id to `pin`."""
    of_pin = {(each.path, each.line) for each in found if each.model == pin}
    if any((each.path, each.line) in of_pin for each in places):
        return ()
    return tuple(dict.fromkeys(each.path for each in places))


def _shown(places: Iterable[Found]) -> tuple[str, ...]:
    return tuple(f"{each.path}:{each.line}" for each in places)


def _pinned(id: ModelId, places: tuple[str, ...], ask: Ask) -> Chosen:
    if id.kind == "pinned":
        return Chosen("", id.id, None, places)
    if id.kind == "unknown":
        return Chosen("", id.id, None, places, provider=id.provider)
    answer = ask(id.id, id.provider)
    if answer.version is None:
        return Chosen("", id.id, None, places, floating=answer.why or "its version is not known")
    return Chosen("", answer.version, None, places, was=id.id, told_by=answer.told_by)


def _with_candidate(one: Chosen, pins: Collection[str], ask: Ask, today: date) -> Chosen:
    """With the alias of the pin's line, the provider's replacement, or the line's next version.

    With none where each is another model's pin, retires soon, or is not there.
    """
    if one.floating or one.provider:
        return one
    taken = None
    for id in _ideas(replace(one, production=one.version or one.production)):
        end = retirement(id, one.provider)
        if end and (end.retires - today).days <= SOON:
            continue
        if id in pins:
            taken = taken or (id if id != one.production else None)
        elif ask(id, one.provider).exists:
            return replace(one, staging=id)
    return replace(one, next_is=taken)


def _ideas(one: Chosen) -> Iterator[str]:
    if one.was and "latest" not in one.was:
        yield one.was
    undated = DATE.sub("", one.production)
    if undated != one.production:
        provider = identify(one.production).provider or ""
        alias = f"{undated}-latest" if provider == "mistral" else undated
        of_a_date = re.search(r"\d{4}", one.production)  # gemini-embedding-001 has no alias
        if identify(alias).kind == "floating" and (of_a_date or alias in listed_models(provider)):
            yield alias
    end = retirement(one.production)
    if end and end.replacement and identify(end.replacement).kind != "unknown":
        yield end.replacement
    yield from _newer(one.production)


def _newer(pin: str) -> Iterator[str]:
    """Pins of the same line that are newer, the newest first.

    Known are those with a retirement date, a promise, or a list price.
    """
    owner = identify(pin)
    named = provider_named(owner.provider)
    if named is None:
        return
    clock, key = named.retirement_key(pin, named.name)
    before = pin[: len(pin) - len(key)] if pin.endswith(key) else ""
    known = {id for kind in (table().retirements, table().floors) for seller, id in kind
             if seller == clock}  # fmt: skip
    known |= {re.sub(r"^(?:regional|global)\.", "", id) for id in listed_models(named.name)}
    line, version = line_of(key), version_of(key)
    newer = [
        id
        for id in known
        if line_of(id) == line and version_of(id) > version and named.identify(id).kind == "pinned"
    ]
    yield from (f"{before}{id}" for id in sorted(newer, key=version_of, reverse=True))
