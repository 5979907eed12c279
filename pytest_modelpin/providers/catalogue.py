"""The providers that pytest-modelpin knows, and whose a request is, or an id: whether it is a pin.

To add one: write its file, list it here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache, partial
from urllib.parse import urlsplit

from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.providers import wire
from pytest_modelpin.providers.anthropic import ANTHROPIC
from pytest_modelpin.providers.azure import AZURE
from pytest_modelpin.providers.bedrock import BEDROCK
from pytest_modelpin.providers.cohere import COHERE
from pytest_modelpin.providers.deepseek import DEEPSEEK
from pytest_modelpin.providers.endpoint import Endpoint, at_host, bare
from pytest_modelpin.providers.fireworks import FIREWORKS
from pytest_modelpin.providers.google import GOOGLE
from pytest_modelpin.providers.groq import GROQ
from pytest_modelpin.providers.huggingface import HUGGINGFACE
from pytest_modelpin.providers.mistral import MISTRAL
from pytest_modelpin.providers.ollama import OLLAMA
from pytest_modelpin.providers.openai import OPENAI
from pytest_modelpin.providers.openai_compatible import OPENAI_COMPATIBLE
from pytest_modelpin.providers.openrouter import OPENROUTER
from pytest_modelpin.providers.provider import ModelId, Provider, moving_by_name
from pytest_modelpin.providers.together import TOGETHER
from pytest_modelpin.providers.wire import JSON, Reply
from pytest_modelpin.providers.xai import XAI

PROVIDERS: tuple[Endpoint, ...] = (
    OPENAI,
    ANTHROPIC,
    GOOGLE,
    MISTRAL,
    COHERE,
    XAI,
    DEEPSEEK,
    GROQ,
    BEDROCK,
    AZURE,
    OPENROUTER,
    FIREWORKS,
    TOGETHER,
    HUGGINGFACE,
    OLLAMA,
    OPENAI_COMPATIBLE,
)
"""In the order in which they are asked; the one that takes any address comes last."""

_BY_NAME = {each.name: each for each in reversed(PROVIDERS)}
_BY_SYNONYM = {synonym: each for each in reversed(PROVIDERS) for synonym in each.synonyms}

_own: tuple[Provider, ...] = ()
_mapped: tuple[Provider, ...] = ()
_endpoints: tuple[tuple[str, str, str, str], ...] = ()


def known_providers() -> tuple[Provider, ...]:
    """A team's own providers first, so that theirs decide, then those of this package."""
    return (*_own, *PROVIDERS)


def provider_for(method: str, url: str, body: JSON | bytes) -> Provider | None:
    """The provider whose API the request calls; None where it asks no known API for an answer.

    `body` is the parsed JSON, or its text. A body that is no JSON object is no such request.
    """
    if isinstance(body, bytes | bytearray | str):
        body = wire.parse(body)
    if not isinstance(body, dict):
        return None
    return next((provider for provider, asks in asked_at(method, url) if asks(body)), None)


Asked = tuple[Provider, Callable[[JSON], bool]]
"""A provider, and whether a body asks it."""


def asked_at(method: str, url: str) -> tuple[Asked, ...]:
    """Who may be asked at an address, in the order in which they are to be looked at.

    The same for all requests to it, as long as the same providers are known.
    """
    host, path = host_and_path(url)
    verb = method.upper()
    told = [(each, partial(each.recognises, verb, host, path)) for each in (*_mapped, *_own)]
    return (*told, *(_asked_at(host, path) if verb == "POST" else ()))


def side_provider_for(method: str, url: str) -> Provider | None:
    """The provider to whose questions a call of this address belongs; None where it is nobody's.

    Ask `provider_for` first: a question is no side call.
    """
    host, path = host_and_path(url)
    verb = method.upper()
    return next((each for each in _every() if each.is_side_call(verb, host, path)), None)


def is_telemetry(method: str, url: str) -> bool:
    """Whether a library reports to a provider what was asked, beside and after the question."""
    if method.upper() != "POST":
        return False
    host, path = host_and_path(url)
    tests = (getattr(each, "is_telemetry", None) for each in _every())  # teams' own lack it
    return any(reported(host, path) for reported in tests if reported)


def _every() -> tuple[Provider, ...]:
    return (*_mapped, *known_providers())


@lru_cache(maxsize=256)  # a suite asks few addresses, each of them often
def host_and_path(url: str) -> tuple[str, str]:
    """Host, with the port where there is one, and path; empty where the URL makes no sense."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", ""
    return parts.netloc.rpartition("@")[2].lower(), parts.path


@lru_cache(maxsize=256)
def _asked_at(host: str, path: str) -> tuple[Asked, ...]:
    """Which of this package's providers are asked there, by the paths that they declare."""
    there = (each for each in PROVIDERS if each.asks_at(host, path))
    return tuple((each, partial(each.asks, host, path)) for each in there)


def use_endpoints(endpoints: Iterable[tuple[str, str, str, str]]) -> None:
    """Make addresses known, in place of those given before: host, path, what it is read as, whose.

    Raises ModelpinError where no provider has that name.
    """
    global _mapped, _endpoints
    _endpoints = tuple(endpoints)
    found = []
    for host, path, as_path, name in _endpoints:
        provider = provider_named(name)
        if provider is None:
            known = ", ".join(each.name for each in known_providers())
            raise ModelpinError(
                f"models.yml: endpoints: {host}: found provider {name!r}; allowed: {known}."
            )
        from pytest_modelpin.providers.endpoint import at_custom_endpoint

        found.append(at_custom_endpoint(provider, host, path, as_path))
    _mapped = tuple(found)


def endpoints_in_use() -> tuple[tuple[str, str, str, str], ...]:
    """The addresses that `use_endpoints` made known."""
    return _endpoints


def use_own(providers: Sequence[Provider]) -> None:
    """Make a team's own providers known to this process, in place of those given before.

    Raises ModelpinError with a sentence for each thing that one of them lacks.
    """
    global _own
    if providers:
        # Only here: nobody else has need of the contract.
        from pytest_modelpin.providers.contract import lacking

        missing = [sentence for provider in providers for sentence in lacking(provider)]
        if missing:
            raise ModelpinError("\n".join(["pytest_modelpin_providers:", *missing]))
    _own = tuple(providers)


def remembered() -> Callable[[], None]:
    """What has everything known again that is known now, and nothing else."""
    known = _own, _mapped, _endpoints

    def restore() -> None:
        global _own, _mapped, _endpoints
        _own, _mapped, _endpoints = known

    return restore


def base_url_hosts(environment: Mapping[str, str]) -> frozenset[str]:
    """The hosts, with their ports, to which the providers' SDKs are sent instead of their own."""
    addresses = (
        environment.get(variable, "")
        for provider in known_providers()
        for variable in provider.base_url_variables
    )
    return frozenset(
        address.partition("://")[2].partition("/")[0].rpartition("@")[2].lower()
        if "://" in address
        else address.lower()
        for address in addresses
        if address
    )


def is_known_host(url: str, provider: Provider | None) -> bool:
    """Whether a URL leads to a host of the provider's own, or to one that is set up for models."""
    host, _ = host_and_path(url)
    own = provider is not None and at_host(provider.hosts, host)
    return own or host in base_url_hosts(os.environ)


def route_prefixes() -> tuple[str, ...]:
    """The words that libraries put before an id and a colon, of all providers; longest first."""
    every = {prefix for provider in known_providers() for prefix in provider.route_prefixes}
    return tuple(sorted(every, key=lambda prefix: (-len(prefix), prefix)))


def provider_named(name: str | None) -> Provider | None:
    """The provider of that name or synonym, in any case; None where there is none, or no name."""
    plain = name.strip().lower() if name else ""
    if not plain:
        return None
    named = next((each for each in _own if each.name == plain), None) or _BY_NAME.get(plain)
    if named is not None:
        return named
    return next((each for each in _own if plain in each.synonyms), None) or _BY_SYNONYM.get(plain)


def identify(model: str, provider: str | None = None) -> ModelId:
    """Whether `model` is pinned, floating, or of a kind that the naming rules leave open.

    Without `provider`, and behind a gateway that sells others' models, the provider is inferred
    from the id's spelling. `unknown` is an answer; `pinned` is said only where a rule says so.
    """
    named = provider_named(provider)
    if named is not None and named is not OPENAI_COMPATIBLE:
        return named.identify(model)
    if provider and named is None:
        says = f"pytest-modelpin knows no naming rules of {provider}."
        return moving_by_name(model, provider) or ModelId(model, provider, "unknown", says)
    for owner in known_providers():
        if owner.claims(model):
            return owner.identify(model)
    says = "The id is spelled by no provider's rules that pytest-modelpin knows."
    name = named.name if named else None
    return moving_by_name(model, name) or ModelId(model, name, "unknown", says)


def served_id(asked: str, reply: Reply) -> str:
    """The version that a reply names, as its provider takes it for an id; empty where none is."""
    if not reply.served_model:
        return ""
    provider = provider_named(reply.provider)
    return provider.as_id(asked, reply.served_model) if provider else bare(reply.served_model)


def proven(asked: str, served: str | None, provider: str | None) -> bool:
    """Whether it is known which version answered a request for `asked`.

    `served` is the reply's own word. Where it is a pinned id, that is the version, echoed or not.
    A floating or unknown id that comes back proves nothing. A reply that names no model, from a
    provider whose replies never do more than echo, is as good as an echo: the id asked for counts.
    """
    named = provider_named(provider)
    if served is None:
        silent = named is not None and named.echoes
        return silent and identify(asked, provider).kind == "pinned"
    if named is None or named is OPENAI_COMPATIBLE:
        return identify(served, provider).kind == "pinned"
    return named.proves(asked, served)
