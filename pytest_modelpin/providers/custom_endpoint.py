"""A known provider at another address, as models.yml's `endpoints:` has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.providers.embeddings import Embeddings
from pytest_modelpin.providers.endpoint import at_host
from pytest_modelpin.providers.provider import Provider
from pytest_modelpin.providers.reply import JSON, Reply


def at_custom_endpoint(
    provider: Provider, host: str, path: str = "", as_path: str = ""
) -> Provider:
    """`provider`, at `host` (as in `Provider.hosts`) and below `path`.

    What is asked there is read as if it had been asked at `as_path`, where one is given. Raises
    ModelpinError where it can't be: for an API that names the model in its path.
    """
    if as_path and provider.requested_model(as_path, {"model": "a-model"}) != "a-model":
        raise ModelpinError(
            f"models.yml: endpoints: {provider.name} names the model in its path, so "
            f"`as: {as_path}` can't stand for another; leave `as:` out."
        )
    return cast(Provider, _AtCustomEndpoint(provider, host, path, as_path))


class _AtCustomEndpoint:
    """Everything but the address is the provider's own."""

    def __init__(self, provider: Provider, host: str, path: str, as_path: str) -> None:
        self._provider = provider
        self._path = path
        self._as_path = as_path
        self.hosts = (host.lower(),)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._provider, name)

    def recognises(self, method: str, host: str, path: str, body: JSON) -> bool:
        """At this address, by what the provider recognises on its own hosts."""
        own = self._provider.hosts[0] if self._provider.hosts else host
        return self._is_here(host, path) and self._provider.recognises(
            method, own, self._known_as(path), body
        )

    def is_side_call(self, method: str, host: str, path: str) -> bool:
        """Whatever else is asked at this address."""
        return self._is_here(host, path)

    def requested_model(self, path: str, body: JSON) -> str | None:
        """As the provider has it."""
        return self._provider.requested_model(self._known_as(path), body)

    def with_model(self, path: str, body: JSON, model: str) -> tuple[str, JSON]:
        """As the provider has it; a path that stands for another stays."""
        new_path, new_body = self._provider.with_model(self._known_as(path), body, model)
        return (path if self._as_path else new_path), new_body

    def without_model(self, path: str, body: JSON) -> tuple[str, JSON]:
        """As the provider has it; a path that stands for another stays."""
        new_path, new_body = self._provider.without_model(self._known_as(path), body)
        return (path if self._as_path else new_path), new_body

    def may_be_pending(self, method: str, path: str, body: JSON) -> bool:
        """As the provider has it."""
        return self._provider.may_be_pending(method, self._known_as(path), body)

    def read(
        self, path: str, body: JSON, status: int, headers: Mapping[str, str], content: bytes
    ) -> Reply:
        """As the provider has it."""
        return self._provider.read(self._known_as(path), body, status, headers, content)

    def embeddings(self, path: str, body: JSON, content: bytes) -> Embeddings | None:
        """As the provider has it."""
        return self._provider.embeddings(self._known_as(path), body, content)

    def _is_here(self, host: str, path: str) -> bool:
        return at_host(self.hosts, host) and path.startswith(self._path)

    def _known_as(self, path: str) -> str:
        return self._as_path or path
