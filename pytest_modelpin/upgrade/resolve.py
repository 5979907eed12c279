"""Asking a provider, live, which version stands behind an id."""

from __future__ import annotations

import os
from collections.abc import Mapping

from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.providers import bare, proven, read_reply
from pytest_modelpin.providers.asking import asking, key_for, provider_to_ask
from pytest_modelpin.providers.question import Question

_SECONDS = 30.0
_WORDS = "Say ok."
_MOST_TOKENS = 8


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
        response = httpx.post(
            request.url, headers=dict(request.headers), json=request.body, timeout=_SECONDS
        )
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        raise ModelpinError(f"{name} can't be reached ({type(error).__name__}).") from None
    reply = read_reply(
        request.url, request.body, response.status_code, response.headers, response.content
    )
    if response.status_code >= 400:
        raise ModelpinError(
            f"{name} answered {response.status_code} for {model}: "
            f"{reply.error or 'it gave no reason'}"
        )
    if reply.served_model is None or not proven(model, reply.served_model, name):
        return None
    return bare(reply.served_model)
