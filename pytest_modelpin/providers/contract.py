"""What a provider must be, in sentences: held to each of this package's, and to a team's own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pytest_modelpin.providers.embeddings import Embeddings
from pytest_modelpin.providers.endpoint import at_host
from pytest_modelpin.providers.own_requests import ModelList, Question
from pytest_modelpin.providers.provider import ModelId, Provider
from pytest_modelpin.providers.wire import Reply, Shape

_NAMES = (tuple, str, "a tuple of texts")
_FIELDS = (frozenset, str, "a frozenset of texts")
_ATTRIBUTES: dict[str, tuple[type, type, str]] = {
    "synonyms": _NAMES,
    "hosts": _NAMES,
    "base_url_variables": _NAMES,
    "key_variables": _NAMES,
    "sdk_modules": _NAMES,
    "route_prefixes": _NAMES,
    "secret_headers": _FIELDS,
    "kept_headers": _FIELDS,
    "volatile_fields": _FIELDS,
    "volatile_reply_fields": _FIELDS,
    "overload_statuses": (frozenset, int, "a frozenset of HTTP statuses"),
    "shapes": (tuple, Shape, "a tuple of shapes"),
}
_METHODS = (
    "recognises", "is_side_call", "may_be_pending", "requested_model", "with_model",
    "without_model", "read", "embeddings", "claims", "identify", "as_id", "proves",
    "retirement_key", "question",
)  # fmt: skip
_ONE, _OTHER = "one-model-1", "other-model-2"


def lacking(provider: Any) -> tuple[str, ...]:
    """A sentence for each thing that `provider` lacks; empty where it is whole."""
    name = getattr(provider, "name", None)
    if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9_\-]+", name):
        return (f"{provider!r} has no `name` of small letters, digits, - and _.",)
    missing = [f"{name} lacks {each}." for each in _absent(provider)]
    return tuple(missing or (f"{name}: {each}" for each in _faults(provider)))


def _absent(provider: Any) -> Iterator[str]:
    for attribute, (outer, inner, says) in _ATTRIBUTES.items():
        value = getattr(provider, attribute, None)
        if not isinstance(value, outer) or not all(isinstance(each, inner) for each in value):  # type: ignore[attr-defined]
            yield f"`{attribute}`, {says}"
    for attribute in ("echoes", "needs_key", "names_deployments", "caches_apart"):
        if not isinstance(getattr(provider, attribute, None), bool):
            yield f"`{attribute}`, true or false"
    for attribute in ("base_url", "price_name"):
        if not isinstance(getattr(provider, attribute, 0), str | None):
            yield f"`{attribute}`, a text or None"
    if not isinstance(getattr(provider, "models_page", None), str | None):
        yield "`models_page`, a text, or none at all"
    if not isinstance(getattr(provider, "model_list", 0), ModelList | None):
        yield "`model_list`, a ModelList or None"
    for method in _METHODS:
        if not callable(getattr(provider, method, None)):
            yield f"the method `{method}`"


def _faults(provider: Provider) -> Iterator[str]:
    """What is there and wrong."""
    if not provider.shapes:
        yield "`shapes` is empty: no reply of it could be read."
    for attribute in ("secret_headers", "kept_headers"):
        for header in getattr(provider, attribute):
            if header != header.lower():
                yield f"`{attribute}` has {header!r}, which must be in lower case."
    if "authorization" not in provider.secret_headers:
        yield "`secret_headers` lacks `authorization`: keys would be recorded."
    if kept := provider.secret_headers & provider.kept_headers:
        yield f"{', '.join(sorted(kept))} can't be both a secret header and a kept one."
    for host in provider.hosts:
        if host != host.lower() or "/" in host:
            yield f"`hosts` has {host!r}, which must be a host alone, in lower case."
    for variable in (*provider.key_variables, *provider.base_url_variables):
        if not re.fullmatch(r"[A-Z][A-Z0-9_]*", variable):
            yield f"{variable!r} is no name of an environment variable."
    if provider.needs_key and not provider.key_variables:
        yield "`key_variables` is empty, though it needs a key."
    if provider.base_url and provider.base_url.endswith("/"):
        yield f"`base_url` {provider.base_url} must not end with a slash."
    found: Any = provider.identify(_ONE)
    if not isinstance(found, ModelId) or found.provider != provider.name or not found.rule:
        yield f"`identify` must name {provider.name} as provider and say its rule in a sentence."
    if provider.retirement_key("x", provider.name)[1] != "x":
        yield "`retirement_key` must leave a plain id as it is."
    yield from _faults_of_requests(provider)
    yield from _faults_of_replies(provider)


def _faults_of_requests(provider: Provider) -> Iterator[str]:
    base_url = provider.base_url
    request = provider.question(Question(_ONE, "Which?"), "the-key", base_url) if base_url else None
    if base_url is None or request is None:
        return
    host, _, path = request.url.partition("://")[2].partition("/")
    path = f"/{path.partition('?')[0]}"
    if "the-key" in request.url or "the-key" in str(request.body):
        yield "`question` puts the key elsewhere than into a header."
    if provider.hosts and not at_host(provider.hosts, host):
        yield f"`hosts` lacks {host}, the host of its `base_url`."
    if not provider.recognises("POST", host, path, request.body):
        yield f"it does not recognise its own question, POST {path}."
        return
    if provider.requested_model(path, request.body) != _ONE:
        yield "`requested_model` does not find the model of its own question."
    other_path, other_body = provider.with_model(path, request.body, _OTHER)
    if provider.requested_model(other_path, other_body) != _OTHER:
        yield "`with_model` does not put the model there where `requested_model` finds it."
    if provider.with_model(other_path, other_body, _ONE) != (path, request.body):
        yield "`with_model` changes more than the model, or the request that it was given."
    bare = provider.without_model(path, request.body)
    if bare != provider.without_model(other_path, other_body) or _ONE in str(bare):
        yield "`without_model` leaves the model in, so that a candidate would miss recordings."


def _faults_of_replies(provider: Provider) -> Iterator[str]:
    for content in (b"", b"null", b"[]", b"\xff\x00", b"data: {\n\n", b'{"error": 1}'):
        for path in ("/", "/v1/embeddings"):
            try:
                vectors: Any = provider.embeddings(path, {"input": "x"}, content)
            except Exception as error:
                yield f"`embeddings` raises {type(error).__name__} at {content!r}."
                return
            if not isinstance(vectors, Embeddings | None):
                yield "`embeddings` must give Embeddings or None."
                return
        for status in (200, 500):
            try:
                reply: Any = provider.read("/", {}, status, {}, content)
            except Exception as error:
                yield f"`read` raises {type(error).__name__} at {content!r}; it must give a Reply."
                return
            if not isinstance(reply, Reply) or reply.provider != provider.name:
                yield f"`read` must give a Reply of {provider.name}."
                return
