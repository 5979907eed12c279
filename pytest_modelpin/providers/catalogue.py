"""The providers that pytest-modelpin knows. To add one: write its file, list it here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.providers.anthropic import ANTHROPIC
from pytest_modelpin.providers.azure import AZURE
from pytest_modelpin.providers.bedrock import BEDROCK
from pytest_modelpin.providers.cohere import COHERE
from pytest_modelpin.providers.deepseek import DEEPSEEK
from pytest_modelpin.providers.fireworks import FIREWORKS
from pytest_modelpin.providers.google import GOOGLE
from pytest_modelpin.providers.groq import GROQ
from pytest_modelpin.providers.mapped import mapped
from pytest_modelpin.providers.mistral import MISTRAL
from pytest_modelpin.providers.ollama import OLLAMA
from pytest_modelpin.providers.openai import OPENAI
from pytest_modelpin.providers.openai_compatible import OPENAI_COMPATIBLE
from pytest_modelpin.providers.openrouter import OPENROUTER
from pytest_modelpin.providers.provider import Provider
from pytest_modelpin.providers.together import TOGETHER
from pytest_modelpin.providers.xai import XAI

PROVIDERS: tuple[Provider, ...] = (
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
    OLLAMA,
    OPENAI_COMPATIBLE,
)
"""In the order in which they are asked; the one that takes any address comes last."""

_own: tuple[Provider, ...] = ()
_mapped: tuple[Provider, ...] = ()
_endpoints: tuple[tuple[str, str, str, str], ...] = ()


def known_providers() -> tuple[Provider, ...]:
    """A team's own providers first, so that theirs decide, then those of this package."""
    return (*_own, *PROVIDERS)


def asked_providers() -> tuple[Provider, ...]:
    """The providers in the order in which a request is shown to them: mapped addresses first."""
    return (*_mapped, *known_providers())


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
        found.append(mapped(provider, host, path, as_path))
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


def route_prefixes() -> tuple[str, ...]:
    """The words that libraries put before an id and a colon, of all providers; longest first."""
    every = {prefix for provider in known_providers() for prefix in provider.route_prefixes}
    return tuple(sorted(every, key=lambda prefix: (-len(prefix), prefix)))


def provider_named(name: str) -> Provider | None:
    """The provider of that name or synonym, in any case; None where there is none."""
    plain = name.strip().lower()
    named = next((each for each in known_providers() if each.name == plain), None)
    return named or next((each for each in known_providers() if plain in each.synonyms), None)
