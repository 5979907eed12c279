"""Whether a model id is a pin, by the naming rules of the provider whose id it is."""

from __future__ import annotations

from pytest_modelpin.providers.catalogue import known_providers, provider_named
from pytest_modelpin.providers.endpoint import bare
from pytest_modelpin.providers.naming import moving_by_name
from pytest_modelpin.providers.openai_compatible import OPENAI_COMPATIBLE
from pytest_modelpin.providers.provider import ModelId
from pytest_modelpin.providers.reply import Reply


def identify(model: str, provider: str | None = None) -> ModelId:
    """Whether `model` is pinned, floating, or of a kind that the naming rules leave open.

    Without `provider`, and behind a gateway that sells others' models, the provider is inferred
    from the id's spelling. `unknown` is an answer; `pinned` is said only where a rule says so.
    """
    named = provider_named(provider) if provider else None
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
    provider = provider_named(reply.provider) if reply.provider else None
    return provider.as_id(asked, reply.served_model) if provider else bare(reply.served_model)


def proven(asked: str, served: str | None, provider: str | None = None) -> bool:
    """Whether it is known which version answered a request for `asked`.

    `served` is the reply's own word. Where it is a pinned id, that is the version, echoed or not.
    A floating or unknown id that comes back proves nothing. A reply that names no model, from a
    provider whose replies never do more than echo, is as good as an echo: the id asked for counts.
    """
    named = provider_named(provider) if provider else None
    if served is None:
        silent = named is not None and named.echoes
        return silent and identify(asked, provider).kind == "pinned"
    if named is None or named is OPENAI_COMPATIBLE:
        return identify(served, provider).kind == "pinned"
    return named.proves(asked, served)
