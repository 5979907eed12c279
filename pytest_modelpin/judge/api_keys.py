"""The providers' keys in the environment: stand-ins where none is needed, a word where one is."""

from __future__ import annotations

import os
from collections.abc import Collection, MutableMapping

from pytest_modelpin.providers import Provider, identify, provider_named
from pytest_modelpin.registry.selection import Selected, Selection

PLACEHOLDER_KEY = "replayed-no-key-needed"
"""Given to SDKs that refuse to start without a key, in runs that never reach the network."""

_NEVER = frozenset({"AWS_BEARER_TOKEN_BEDROCK", "AWS_ACCESS_KEY_ID"})
"""With a bearer token botocore leaves profiles, single sign-on and roles aside; half a pair of keys
is refused. Its own hook signs a replay's requests without any."""


class Keys:
    """The keys that the models of a selection need."""

    def __init__(
        self, selection: Selection, environment: MutableMapping[str, str] = os.environ
    ) -> None:
        self._selection = selection
        self._environment = environment
        self._given: list[str] = []

    def stand_in(self) -> None:
        """Give SDKs a placeholder for each provider that is only replayed and has no key.

        None where the door to the provider is not hooked: its client would use what it finds.
        """
        chosen = self._selection.models.values()
        live = {_provider(selected) for selected in chosen if selected.record != "none"}
        for provider in {_provider(selected) for selected in chosen} - live - {None}:
            if provider is not None and not self._has_key(provider):
                for variable in set(provider.key_variables[:1]) - _NEVER:
                    self._environment[variable] = PLACEHOLDER_KEY
                    self._given.append(variable)

    def take_back(self) -> None:
        """Take the placeholders out of the environment again."""
        while self._given:
            self._environment.pop(self._given.pop(), None)

    def missing(self, called: Collection[str]) -> list[str]:
        """A sentence for each live model that no test `called` and whose provider has no key."""
        return [
            f"{selected.name}: no test called it, and there is no key for {provider.name} in the "
            f"environment; set {provider.key_variables[0]}."
            for selected in self._selection.models.values()
            if selected.record != "none"
            and selected.name not in called
            and (provider := _provider(selected)) is not None
            and provider.key_variables
            and not self._has_key(provider)
        ]

    def _has_key(self, provider: Provider) -> bool:
        keys = (self._environment.get(variable) for variable in provider.key_variables)
        return any(key and key != PLACEHOLDER_KEY for key in keys)


def _provider(selected: Selected) -> Provider | None:
    return provider_named(selected.provider or identify(selected.id).provider or "unknown")
