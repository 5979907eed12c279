"""Whose API is asked one question, with which key, and where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.providers.catalogue import identify, known_providers, provider_named
from pytest_modelpin.providers.own_requests import Question, QuestionRequest
from pytest_modelpin.providers.provider import Provider
from pytest_modelpin.providers.wire import Reply


def provider_to_ask(model: str, provider: str | None) -> str:
    """Whose API to ask for `model`; `provider` is models.yml's, and decides where it is given.

    Raises ModelpinError where the id does not tell, or where no request can be made up for it.
    """
    named = provider or identify(model).provider
    known = provider_named(named)
    if known is None or not _can_be_asked(known):
        raise _not_asked(known) if known and provider else _nobody_to_ask(model)
    return known.name


def key_for(provider: str, environment: Mapping[str, str]) -> str:
    """The provider's key in the environment; empty where it takes requests without one.

    Raises ModelpinError where there is none.
    """
    known = provider_named(provider)
    variables = known.key_variables if known else ()
    for variable in variables:
        if key := environment.get(variable):
            return key
    if known is not None and not known.needs_key:
        return ""
    raise ModelpinError(
        f"There is no key for {provider} in the environment; set {variables[0]} and try again."
    )


def base_url_of(provider: Provider, environment: Mapping[str, str]) -> str | None:
    """Where its API is asked: its usual address, or what its SDK's own variable names.

    A gateway is asked where one is set up, and no key of a gateway goes to the provider itself.
    """
    named = (environment.get(variable) for variable in provider.base_url_variables)
    base = next(filter(None, named), provider.base_url)
    if not base:
        return None
    # Ollama's variable may hold a host alone.
    return (base if "://" in base else f"http://{base}").rstrip("/")


def asking(
    provider: str, question: Question, key: str, environment: Mapping[str, str]
) -> QuestionRequest:
    """The request; `provider` is what `provider_to_ask` gave."""
    known = provider_named(provider)
    base_url = base_url_of(known, environment) if known else None
    request = known.question(question, key, base_url) if known and base_url else None
    if request is None:
        raise _nobody_to_ask(question.model)
    return request


def read_answer(request: QuestionRequest, response: Any, who: str, asked: str = "") -> Reply:
    """What was answered to a request of ours; `response` is httpx's.

    Raises ModelpinError where it was refused, in a sentence that begins with `who` answered, and
    says behind the status what was `asked`.
    """
    from pytest_modelpin.providers.replies import read_reply

    reply = read_reply(
        request.url, request.body, response.status_code, response.headers, response.content
    )
    if response.status_code >= 400:
        said = reply.error or "it gave no reason"
        raise ModelpinError(f"{who} answered {response.status_code}{asked}: {said}")
    return reply


def _can_be_asked(provider: Provider | None) -> bool:
    return (
        provider is not None
        and provider.base_url is not None
        and provider.question(Question("any", "?"), "", provider.base_url) is not None
    )


def _not_asked(provider: Provider) -> ModelpinError:
    return ModelpinError(
        f"pytest-modelpin can't ask {provider.name} by itself, only {_askable()}; which version "
        "answers there, the tests' replies say, where they name one: pytest --model-record all."
    )


def _askable() -> str:
    return ", ".join(each.name for each in known_providers() if _can_be_asked(each))


def _nobody_to_ask(model: str) -> ModelpinError:
    return ModelpinError(
        f"Whose model {model!r} is can't be told from its id, or pytest-modelpin can't ask it; "
        f"set `provider:` in models.yml to one of: {_askable()}."
    )
