"""Asking a provider, live, which version stands behind an id."""

from __future__ import annotations

import os
from collections.abc import Mapping

from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.providers import bare, identify, proven, provider_named, read_reply
from pytest_modelpin.providers.reply import JSON

_SECONDS = 30.0
_WORDS = "Say ok."


def resolve(
    model: str, provider: str | None = None, environment: Mapping[str, str] = os.environ
) -> str | None:
    """The version that answers a one-word question to `model`; None where the wire does not say.

    One live request, of a few tokens. Raises ModelpinError without a key, or where the provider
    refuses or can't be reached.
    """
    import httpx

    name = provider or identify(model).provider
    if name not in _QUESTIONS:
        raise ModelpinError(
            f"Whose model {model!r} is can't be told from its id; add `provider:` to models.yml. "
            f"`resolve` can ask: {', '.join(_QUESTIONS)}."
        )
    known = provider_named(name)
    variables = known.key_variables if known else ()
    key = next((environment[each] for each in variables if environment.get(each)), None)
    if key is None:
        raise ModelpinError(
            f"There is no key for {name} in the environment; set {variables[0]} and try again."
        )
    url, headers, body = _QUESTIONS[name](model, key, environment)
    try:
        response = httpx.post(url, headers=headers, json=body, timeout=_SECONDS)
    except httpx.HTTPError as error:
        raise ModelpinError(f"{name} can't be reached ({type(error).__name__}).") from None
    reply = read_reply(url, body, response.status_code, response.headers, response.content)
    if response.status_code >= 400:
        raise ModelpinError(
            f"{name} answered {response.status_code} for {model}: "
            f"{reply.error or 'it gave no reason'}"
        )
    if reply.served_model is None or not proven(model, reply.served_model, name):
        return None
    return bare(reply.served_model)


Question = tuple[str, dict[str, str], JSON]
"""URL, headers and body of the request."""


def _openai(model: str, key: str, environment: Mapping[str, str]) -> Question:
    base = environment.get("OPENAI_BASE_URL", "https://api.openai.com/v1").rstrip("/")
    messages = [{"role": "user", "content": _WORDS}]
    headers = {"authorization": f"Bearer {key}"}
    return f"{base}/chat/completions", headers, {"model": model, "messages": messages}


def _anthropic(model: str, key: str, environment: Mapping[str, str]) -> Question:
    base = environment.get("ANTHROPIC_BASE_URL", "https://api.anthropic.com").rstrip("/")
    messages = [{"role": "user", "content": _WORDS}]
    headers = {"x-api-key": key, "anthropic-version": "2023-06-01"}
    return f"{base}/v1/messages", headers, {"model": model, "max_tokens": 8, "messages": messages}


def _google(model: str, key: str, environment: Mapping[str, str]) -> Question:
    base = environment.get(
        "GOOGLE_GEMINI_BASE_URL", "https://generativelanguage.googleapis.com"
    ).rstrip("/")
    body = {"contents": [{"role": "user", "parts": [{"text": _WORDS}]}]}
    return f"{base}/v1beta/models/{model}:generateContent", {"x-goog-api-key": key}, body


_QUESTIONS = {"openai": _openai, "anthropic": _anthropic, "google": _google}
