"""One question to the judge, live, outside of any test."""

from __future__ import annotations

from collections.abc import Mapping

from modelpin_runtime.registry.models import Model
from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.intercept.unseen.sending import hooked
from pytest_modelpin.live.deadline import Watch
from pytest_modelpin.providers import bare, identify, read_reply
from pytest_modelpin.providers.api_keys import PLACEHOLDER_KEY
from pytest_modelpin.providers.asking import asking, key_for, provider_to_ask
from pytest_modelpin.providers.question import Question
from pytest_modelpin.providers.reply import Reply

_SECONDS = 120.0
"""For one reply, from its first byte to its last."""


def ask_judge(model: Model, system: str, user: str, environment: Mapping[str, str]) -> Reply:
    """The reply of the judge's pin. Raises ModelpinError, whose sentence says what kept it."""
    import httpx

    who = f"the judge {model.name!r} ({model.production})"
    provider = provider_to_ask(model.production, model.provider)
    key = key_for(provider, environment)
    if key == PLACEHOLDER_KEY:  # set by this very session
        raise ModelpinError(f"There is no key for {provider} in the environment.")
    request = asking(provider, Question(model.production, user, system), key, environment)
    try:
        host = httpx.URL(request.url).host
        client = httpx.Client(timeout=_SECONDS)
        with hooked(host), client, Watch.shared().over(_SECONDS, client.close):
            response = client.post(request.url, headers=dict(request.headers), json=request.body)
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, RuntimeError) as error:
        # RuntimeError: what httpx says of a client that was closed while it waited.
        raise ModelpinError(f"{who} can't be reached ({type(error).__name__}).") from None
    reply = read_reply(
        request.url, request.body, response.status_code, response.headers, response.content
    )
    if response.status_code >= 400:
        said = reply.error or "it gave no reason"
        raise ModelpinError(f"{who} answered {response.status_code}: {said}")
    served = bare(reply.served_model) if reply.served_model else ""
    pinned = identify(model.production, model.provider).kind == "pinned"
    if pinned and served and served != bare(model.production):
        raise ModelpinError(f"{who} is answered by {served}, which is not its pin.")
    return reply
