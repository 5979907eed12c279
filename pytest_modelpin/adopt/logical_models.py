"""Which logical models a repository's ids make: their names, pins and candidates."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import PurePosixPath
from types import MappingProxyType

from pytest_modelpin.adopt.logical_names import (
    DATE,
    is_of_embeddings,
    is_of_tests,
    line_of,
    names_of,
    version_of,
)
from pytest_modelpin.alarms.scan import Found
from pytest_modelpin.literals import kind_of
from pytest_modelpin.literals.syntax import behind_route, litellm_routes
from pytest_modelpin.providers import PROVIDERS, ModelId, identify, provider_named, retirement
from pytest_modelpin.providers.prices import listed_models
from pytest_modelpin.providers.retirements import table, when

Ask = Callable[[str, str | None], "Answer"]
"""(floating id, provider) -> what it stands for."""

_NO_ANSWERS = re.compile(
    r"embed|rerank|whisper|transcribe|\btts\b|dall-e|moderation|-image|imagen|realtime",
    re.IGNORECASE,
)
"""Kinds of model whose replies are no answers to compare."""

_TABLE = 12
"""A file that names more ids than this is a list of models, such as of prices, and uses none."""


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
    crowded = _crowded(found, in_table)
    for id, all_places in _by_id(found).items():
        because = _why_skipped(id, all_places, crowded, today, asked) or (
            "" if id in asked else _why_unasked(all_places, crowded, may_ask)
        )
        if because:
            shown = _telling(all_places, crowded) or all_places
            skipped.append(Skipped(id, _shown(shown), because))
            continue
        places = _telling(all_places, crowded) or all_places
        if seller := _seller(places[0].provider, sellers):
            one = Chosen("", id, None, _shown(places), provider=seller)
        else:
            one = _pinned(identify(id, places[0].provider), _shown(places), ask)
        if one.was and (kept := asked.get(id) or _kept_by(all_places, crowded, lines)):
            answered = chosen.get(one.production)
            if answered and all(map(is_of_tests, answered.places)):
                one = replace(one, places=one.places + chosen.pop(one.production).places)
            one = replace(one, production=id, was=None, kept=kept, version=one.production)
        elif one.was:
            one = replace(one, was_in=_files_to_move_in(places, one.production, found))
        before = chosen.get(one.production)
        if before is not None:
            was, told_by = before.was or one.was, before.told_by or one.told_by
            both, was_in = before.places + one.places, before.was_in or one.was_in
            one = replace(before, places=both, was=was, was_in=was_in, told_by=told_by)
        chosen[one.production] = one
    models = sorted(chosen.values(), key=lambda one: all(map(is_of_tests, one.places)))
    names = names_of(models, lines, set(taken))
    pins = set(chosen)
    return tuple(
        replace(_with_candidate(one, pins, ask, today), name=name)
        for name, one in zip(names, models, strict=True)
    ), tuple(each for each in skipped if each.id not in pins)


def _seller(provider: str | None, sellers: Collection[str]) -> str | None:
    """Who of `sellers` serves this provider's models under names of the user's own."""
    return {each.sells: each.name for each in PROVIDERS if each.name in sellers}.get(provider or "")


def _unrouted(found: Found) -> Found:
    inner = behind_route(identify(found.model, found.provider))
    if inner is None:
        return found
    return replace(found, model=inner.id, provider=inner.provider, kind=inner.kind)


def is_other_language(path: str) -> bool:
    """Whether a file is code of another language than Python, which never reads models.yml."""
    suffix = PurePosixPath(path).suffix.lower()
    return (kind_of(path) == "code" and suffix != ".json") or suffix == ".rb"


def gives_answers(id: str) -> bool:
    """Whether a model's replies are answers to compare, by its id: embeddings are none."""
    return _NO_ANSWERS.search(id) is None


def _by_id(found: Iterable[Found]) -> dict[str, list[Found]]:
    """Those that pins first: a floating id then joins the pin that it stands for."""
    grouped: dict[str, list[Found]] = defaultdict(list)
    for each in sorted(found, key=lambda each: each.path.endswith(".ipynb")):  # code tells more
        grouped[each.model].append(each)
    return dict(sorted(grouped.items(), key=lambda item: (item[1][0].kind != "pinned", item[0])))


def _crowded(
    found: Collection[Found], in_table: Callable[[str, int, str], bool]
) -> frozenset[Found]:
    """What stands in a list of models: a file of many, or a table of a few."""
    ids: dict[str, set[str]] = defaultdict(set)
    for each in found:
        ids[each.path].add(each.model)
    return frozenset(
        each
        for each in found
        if len(ids[each.path]) > _TABLE or in_table(each.path, each.line, each.model)
    )


def _why_skipped(
    id: str,
    places: Sequence[Found],
    crowded: frozenset[Found],
    today: date,
    asked: Collection[str],
) -> str | None:
    first = places[0]
    end = retirement(id, first.provider)
    if end and end.retires <= today:
        instead = f"; in its place: {end.replacement}" if end.replacement else ""
        return f"it {when(end.retires, today)}{instead}"
    has_version = first.kind != "unknown" or re.search(r"\d", id)
    known = id in listed_models(first.provider or "")
    if not has_version and not known:
        return "no provider is known to have a model of that name"
    if not gives_answers(id) and not is_of_embeddings(id):
        return "its replies are no answers to compare"
    if all(is_other_language(each.path) for each in places):
        return "only other languages than Python use it"
    if not known and first.kind == "unknown" and all(is_of_tests(each.path) for each in places):
        return "only tests name it, and no provider is known to have it"
    if id not in asked and all(each in crowded or is_other_language(each.path) for each in places):
        return "only a list of models names it"
    return None


def _why_unasked(
    places: Iterable[Found], crowded: frozenset[Found], may_ask: Callable[[str, int, str], bool]
) -> str:
    """Why nobody asks an id, as far as the places that name it tell; empty where one may."""
    telling = _telling(places, crowded)
    if not telling:
        return "only documentation names it"
    if all(is_of_tests(each.path) for each in telling) and not any(
        may_ask(each.path, each.line, each.model) for each in telling
    ):
        return "only tests that ask no model name it: they mock the answer, or compare the id"
    return ""


def _telling(places: Iterable[Found], crowded: frozenset[Found]) -> list[Found]:
    """Those that are neither in a list of models nor in documentation."""
    return [each for each in places if each not in crowded and not _OF_DOCS.match(each.path)]


_OF_DOCS = re.compile(r"(?:docs?|documentation|docs-website|releasenotes|\.changeset)/")
"""Folders of a project whose code and settings nobody runs: documentation, notes on releases."""


def _kept_by(
    places: Iterable[Found], crowded: frozenset[Found], lines: Callable[[str, int], str]
) -> str:
    """Whose code keeps a floating id that others name, too, as the end of a sentence, if any's."""
    for each in places:
        if each in crowded:
            return f"a list of models names, too ({each.path})"
        if is_other_language(each.path):
            return f"code of another language names, too ({each.path})"
        if "deployment" in lines(each.path, each.line).lower():
            return f"a deployment may be called ({each.path})"
    return ""


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
