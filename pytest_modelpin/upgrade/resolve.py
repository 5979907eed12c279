"""What is to be known of a model id: whether it is a pin, what it stands for, when it ends.

Offline that is the naming rules, the retirement table and the list of prices; live also what the
provider's list of models says, and who answers a one-word question.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from pytest_modelpin.alarms.pin_facts import known_as, origin
from pytest_modelpin.alarms.retirement_dates import listed
from pytest_modelpin.clock import in_time
from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.providers import (
    Kind,
    Provider,
    bare,
    floor,
    identify,
    known_providers,
    proven,
    provider_named,
    retirement,
    served_id,
)
from pytest_modelpin.providers.asking import (
    asking,
    base_url_of,
    key_for,
    provider_to_ask,
    read_answer,
)
from pytest_modelpin.providers.own_requests import ListedModel, Question
from pytest_modelpin.providers.prices import Prices, million_tokens
from pytest_modelpin.providers.retirements import snapshots

if TYPE_CHECKING:
    import httpx

_SECONDS = 30.0
_LONGEST = 90.0  # seconds, of one answer or of all pages of a list
_WORDS = "Say ok."
_MOST_TOKENS = 8


@dataclass(frozen=True, slots=True)
class Resolved:
    """One id."""

    id: str
    provider: str | None
    kind: Kind
    rule: str
    """The rule that decided, as a sentence."""
    points_to: str | None
    """The version that an alias stands for now; None where it was not asked or is not told."""
    told_by: str | None
    """What told it: the list of models, or a reply."""
    retires: date | None
    """Of the version where it is known, else of the id itself; by its distributor's clock."""
    retires_source: str | None
    not_before: date | None
    """A promise that it will not retire sooner, where there is no date; until its day."""
    replacement: str | None
    """The provider's own words."""
    price: tuple[float, float] | None
    """US dollars a million tokens read and written; None where unknown."""
    pin_instead: tuple[str, ...]
    """Pins to use in an alias's place, the newest first; the version itself where it is told.

    Empty where no name of that kind can be asked for: what a digest tells apart, a deployment.
    """
    can_be_pinned: bool
    """False where the provider has no name that means one version."""
    problem: str | None
    """Why a live question has no answer."""


def describe(
    model: str,
    provider: str | None = None,
    *,
    today: date,
    live: bool = False,
    prices: Prices | None = None,
    environment: Mapping[str, str] = os.environ,
    served: str | None = None,
) -> Resolved:
    """All that is known of `model`; `provider` is models.yml's.

    `served` is the version that is meant where the id might be the name of a deployment. A live
    question that fails is a `problem` of this id alone, and never raises.
    """
    asked = model
    model, provider = _behind_route(model, provider)
    found = identify(model, provider)
    points_to = told_by = problem = None
    listed_pins: tuple[str, ...] = ()
    if live and found.kind != "pinned":
        try:
            points_to, told_by, listed_pins = _ask(model, provider, environment)
        except ModelpinError as error:
            problem = str(error)
    version = points_to or known_as(model, provider, served and model)
    ends = retirement(version, provider) if version else None
    promise = floor(version, provider) if version and ends is None else None
    instead: tuple[str, ...] = ()
    owner = provider_named(found.provider)
    if found.kind != "pinned" and not (owner and owner.names_deployments):
        known = tuple(dict.fromkeys((*listed_pins, *snapshots(model, provider))))
        instead = (points_to,) if points_to and _can_be_asked_for(points_to, provider) else known
    return Resolved(
        id=asked,
        provider=found.provider,
        kind=found.kind,
        rule=found.rule,
        points_to=points_to,
        told_by=told_by,
        retires=ends.retires if ends else None,
        retires_source=origin(ends.model, ends.provider, lambda *_: ends) if ends else None,
        not_before=promise.not_sooner_than if promise and promise.holds(today) else None,
        replacement=ends.replacement if ends else None,
        price=million_tokens(version, found.provider, prices or {}) if version else None,
        pin_instead=instead,
        can_be_pinned=found.kind == "pinned" or _has_pins(owner),
        problem=problem,
    )


def _behind_route(model: str, provider: str | None) -> tuple[str, str | None]:
    """The id and whose it is, where LiteLLM and the like write it behind a route.

    As `bedrock/converse/ID` and `vertex_ai/ID`. What is itself an id, as OpenRouter's, stays.
    """
    route = re.match(r"([\w\-]+)[/:](?:converse/|invoke/)?(?=.)", model)
    if provider or route is None or identify(model).provider is not None:
        return model, provider
    known = provider_named(route[1]) or next(
        (each for each in known_providers() if route[1] in each.route_prefixes), None
    )
    return (model[route.end() :], route[1]) if known else (model, provider)


def _has_pins(owner: Provider | None) -> bool:
    naming = getattr(owner, "naming", None)  # a team's own provider may lack it
    return naming is None or bool(naming.has_pins)


def _can_be_asked_for(version: str, provider: str | None) -> bool:
    """Whether the version is an id that pins; the digest that Ollama tells is none."""
    return identify(version, provider).kind == "pinned"


def resolve(
    model: str, provider: str | None = None, environment: Mapping[str, str] = os.environ
) -> str | None:
    """The version that answers a one-word question to `model`; None where the wire does not say.

    One live request, of a few tokens. Raises ModelpinError without a key, or where the provider
    refuses or can't be reached.
    """
    import httpx

    name = provider_to_ask(model, provider)
    question = Question(model, _WORDS, most_tokens=_MOST_TOKENS)
    request = asking(name, question, key_for(name, environment), environment)
    try:
        headers, body = dict(request.headers), request.body
        response = in_time(
            _LONGEST,
            lambda: httpx.post(request.url, headers=headers, json=body, timeout=_SECONDS),
        )
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, TimeoutError) as error:
        raise ModelpinError(f"{name}{_UNREACHABLE}({type(error).__name__}).") from None
    reply = read_answer(request, response, name, f" for {model}")
    if reply.served_model is None or not proven(model, reply.served_model, name):
        return None
    return served_id(model, reply)


def is_unreachable(problem: str) -> bool:
    """Whether a `Resolved.problem` is that the provider did not answer at all."""
    return _UNREACHABLE in problem


_UNREACHABLE = " can't be reached "


def _ask(
    model: str, provider: str | None, environment: Mapping[str, str]
) -> tuple[str | None, str | None, tuple[str, ...]]:
    """What an alias points to, what told it, and the pins of its family that the list names.

    Raises ModelpinError.
    """
    name = provider or identify(model).provider
    owner = provider_named(name)
    pins: tuple[str, ...] = ()
    if owner is not None and owner.model_list is not None:
        try:
            points_to, pins = _by_list(owner, bare(model), environment)
        except ModelpinError:
            points_to = None  # a reply may tell all the same
        if points_to:
            return points_to, "list of models", pins
    served = resolve(model, provider, environment)
    return served, "reply" if served else None, pins


def _by_list(
    owner: Provider, model: str, environment: Mapping[str, str]
) -> tuple[str | None, tuple[str, ...]]:
    import httpx

    models = owner.model_list
    base = base_url_of(owner, environment)
    assert models is not None, "asked of providers that have a list"
    if base is None:
        return None, ()
    key = "" if models.public else key_for(owner.name, environment)

    def ask() -> tuple[str | None, list[ListedModel]]:
        with httpx.Client(timeout=_SECONDS) as client:
            if models.one and (target := _one(client, f"{base}{models.one}", owner, model, key)):
                return target, []
            return None, list(listed(client, base, models, key))

    try:
        target, entries = in_time(_LONGEST, ask)
    except (httpx.HTTPError, OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise ModelpinError(f"{owner.name}'s list was not read ({type(error).__name__}).") from None
    if target:
        return target, ()
    target = next((each.points_to for each in entries if each.id == model and each.points_to), None)
    return target, tuple(_family(owner, model, (each.id for each in entries)))


def _one(client: httpx.Client, url: str, owner: Provider, model: str, key: str) -> str | None:
    """What the entry of one id says that it stands for; None where it is not listed (404)."""
    assert owner.model_list is not None, "asked of providers that have a list"
    answer = client.get(url.replace("{id}", model), headers=dict(owner.model_list.headers(key)))
    if answer.status_code == 404:
        return None
    answer.raise_for_status()
    entry = next(iter(owner.model_list.read(answer.json())))
    return entry.id if entry.id != model and owner.identify(entry.id).kind == "pinned" else None


def _family(owner: Provider, model: str, ids: Iterator[str]) -> list[str]:
    base = model.removesuffix("-latest")
    pins = {id for id in ids if re.match(re.escape(base) + r"[-@]\d", id)}
    return sorted((id for id in pins if owner.identify(id).kind == "pinned"), reverse=True)
