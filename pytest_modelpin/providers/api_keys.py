"""The providers' keys in the environment: stand-ins where none is needed, a word where one is."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Mapping, MutableMapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

from pytest_modelpin.errors import came_of
from pytest_modelpin.files import plain_content
from pytest_modelpin.providers import Provider, identify, known_providers, provider_named
from pytest_modelpin.registry.selection import Selected, Selection

PLACEHOLDER_KEY = "replayed-no-key-needed"
"""Given to SDKs that refuse to start without a key, in runs that never reach the network; behind
what the provider's SDK wants a key to begin with.
"""

_NEVER = frozenset({"AWS_BEARER_TOKEN_BEDROCK", "AWS_ACCESS_KEY_ID"})
"""With a bearer token botocore leaves profiles, single sign-on and roles aside; half a pair of keys
is refused. Its own hook signs a replay's requests without any."""


_OTHER_WAYS = frozenset({"bedrock", "azure", "vertex"})
"""Distributors whose SDKs commonly find credentials elsewhere."""

_ABOUT_KEYS = (
    r"(?i)api[ _-]?key|credential|authenticat|unauthorized|illegal header value b'(?:bearer )?'"
)
"""How clients word that they have no key."""

_LONGEST_REASON = 160  # characters of a client's own words


def is_placeholder(key: str | None) -> bool:
    """Whether this very session set it, where there is no key."""
    return key is not None and key.endswith(PLACEHOLDER_KEY)


class Lacking(NamedTuple):
    """A provider that is to be asked live, and whose key is not in the environment."""

    provider: str
    variables: tuple[str, ...]
    models: tuple[str, ...]
    """Logical names."""
    has_other_ways: bool
    """Whether its SDK commonly finds credentials elsewhere: a profile, a role, an Entra login."""

    @property
    def other_ways(self) -> str:
        """What else would do, behind the variable's name."""
        if not self.has_other_ways:
            return ""
        return ", or a profile, a role, a service account or an Entra login"

    def said(self) -> str:
        """A sentence for before the first test."""
        return (
            f"no key: {self.variables[0]} is not set, so tests that ask {', '.join(self.models)} "
            "live fail, unless they bring a key of their own."
        )


class Keys:
    """The keys that the models of a selection need."""

    def __init__(
        self, selection: Selection, environment: MutableMapping[str, str] = os.environ
    ) -> None:
        self._selection = selection
        self._environment = environment
        self._given: list[str] = []

    def stand_in(self, *, conftests_follow: bool = False) -> None:
        """Give SDKs a placeholder for each provider whose recordings may answer and has no key.

        None where the door to the provider is not hooked: its client would use what it finds. Nor
        where all is asked anew, or what is missing is and its SDK may find credentials elsewhere,
        or a `.env` has the key: whoever reads that leaves alone what is set. So it is in a replay,
        too, as long as `conftests_follow`, which may read it. For the same reason
        `os.environ.setdefault` sets a key in a placeholder's place, as it would without one.
        """
        chosen = self._selection.models.values()
        live = {_provider(selected) for selected in chosen if _wants_credentials(selected)}
        for provider in {_provider(selected) for selected in chosen} - live - {None}:
            if provider is not None and not self._has_key(provider):
                if conftests_follow and _kept_in_a_file(provider.key_variables):
                    continue
                prefix = getattr(provider, "key_prefix", "")  # a team's own provider lacks it
                for variable in set(provider.key_variables[:1]) - _NEVER:
                    self._environment[variable] = f"{prefix}{PLACEHOLDER_KEY}"
                    self._given.append(variable)
        if self._given and isinstance(self._environment, type(os.environ)):
            vars(self._environment)["setdefault"] = partial(_set_default, self._environment)

    @property
    def stands_in(self) -> bool:
        """Whether a placeholder was given and not taken back."""
        return bool(self._given)

    def take_back(self) -> None:
        """Take the placeholders out of the environment again, if the project set no key there."""
        while self._given:
            if is_placeholder(self._environment.get(variable := self._given.pop())):
                del self._environment[variable]
        if isinstance(self._environment, type(os.environ)):
            vars(self._environment).pop("setdefault", None)

    def may_lack(self, text: str) -> bool:
        """Whether an error, as it is told, may be for want of a key: one that a placeholder is."""
        return bool(re.search(_ABOUT_KEYS, text)) or any(name in text for name in self._given)

    def missing(self, called: Collection[str]) -> list[str]:
        """A sentence for each live model that no test `called` and whose provider has no key."""
        return [
            f"{name}: no test called it, and there is no key for {lacking.provider} in the "
            f"environment; set {lacking.variables[0]}{lacking.other_ways}."
            for lacking in self.lacking()
            for name in lacking.models
            if name not in called
        ]

    def lacking(self, *, replayed: bool = False) -> list[Lacking]:
        """The providers that are to be asked live, or `replayed`, and have no key here."""
        found: dict[tuple[str, bool], tuple[Provider, list[str]]] = {}
        for selected in self._selection.models.values():
            provider = _provider(selected)
            if (selected.record == "none") is not replayed:
                continue
            if provider is None or not provider.key_variables:
                continue
            if not wants_key(provider, selected.id):
                continue
            if not self._has_key(provider):
                kind = (provider.name, _has_other_ways(selected))
                found.setdefault(kind, (provider, []))[1].append(selected.name)
        return [
            Lacking(name, provider.key_variables, tuple(models), others)
            for (name, others), (provider, models) in found.items()
        ]

    def can_ask_nobody(self) -> bool:
        """Whether every model that is to be asked live lacks its key."""
        live = {each.name for each in self._selection.models.values() if each.record != "none"}
        return bool(live) and live == {name for one in self.lacking() for name in one.models}

    def unnamed(self, error: BaseException) -> str | None:
        """What failed a test with `error`, as a sentence, where it was the key of a provider of
        which models.yml names no model; None otherwise.

        Nor where one that it names lacks its key and is asked by another's client.
        """
        chosen = [
            provider
            for selected in self._selection.models.values()
            if (provider := _provider(selected)) is not None
        ]
        if any(not each.sdk_modules and not self._has_key(each) for each in chosen):
            return None
        mine = {variable for each in chosen for variable in each.key_variables}
        others = [each for each in known_providers() if not mine & set(each.key_variables)]
        for link, text in _about_keys(error):
            words, module = set(re.findall(r"\w+", text)), _module(link)
            if mine & words or _of_module(chosen, module):
                return None
            named = [each for each in others if words & set(each.key_variables)]
            provider = next(iter(named or _of_module(others, module)), None)
            if provider is None or not provider.key_variables or self._has_key(provider):
                continue
            said = no_key(provider.name, provider.key_variables)
            return (
                f"{said} models.yml names no model of {provider.name}: add the one that is asked."
            )
        return None

    def _has_key(self, provider: Provider) -> bool:
        return _is_opened(provider, self._environment)


def _is_opened(provider: Provider, environment: Mapping[str, str]) -> bool:
    keys = (environment.get(variable) for variable in provider.key_variables)
    return any(key and not is_placeholder(key) for key in keys)


def wants_key(provider: Provider, id: str) -> bool:
    """Whether asking this id takes a key: not for Ollama on one's own machine, nor for what Vertex
    sells, which is asked with a login of the cloud's.
    """
    login_ids = getattr(provider, "login_ids", "(?!)")  # a team's own provider lacks it
    return provider.needs_key and not re.fullmatch(login_ids, id)


def opened_by_key(id: str, provider: str | None) -> str | None:
    """The provider whose key it takes to ask this id; None where nobody knows, or none is taken."""
    known = provider_named(identify(id, provider).provider)
    return known.name if known is not None and wants_key(known, id) else None


def _provider(selected: Selected) -> Provider | None:
    return provider_named(selected.provider or identify(selected.id).provider)


def _wants_credentials(selected: Selected) -> bool:
    """Whether a placeholder would stand in the way of a live request."""
    if selected.record != "new":
        return selected.record == "all"
    provider = _provider(selected)
    return _has_other_ways(selected) or bool(provider and _kept_in_a_file(provider.key_variables))


def _set_default(environment: MutableMapping[str, str], variable: str, value: str) -> str:
    """`setdefault`, for which a placeholder is nothing."""
    if variable not in environment or is_placeholder(environment[variable]):
        environment[variable] = value
    return environment[variable]


_KEY_FILES = (".env", ".env.local", ".env.test")


def _kept_in_a_file(variables: Collection[str]) -> bool:
    """Whether a `.env` here or above, up to the repository's root, gives one of them a value."""
    named = re.compile(
        rf"^[ \t]*(?:export[ \t]+)?(?:{'|'.join(variables)})[ \t]*=[ \t]*[\"']?[^\s\"'#]",
        re.MULTILINE,
    )
    for folder in (here := Path.cwd(), *here.parents):
        for file in _KEY_FILES:
            try:
                content = plain_content(folder / file) if variables else None
                if content and named.search(content.decode("utf-8", "replace")):
                    return True
            except OSError:
                continue
        if (folder / ".git").exists():
            break
    return False


def _has_other_ways(selected: Selected) -> bool:
    provider = _provider(selected)
    if provider is None:
        return False
    distributor, _ = provider.retirement_key(selected.id, (selected.provider or "").lower())
    return distributor in _OTHER_WAYS


def no_key(provider: str, variables: tuple[str, ...]) -> str:
    """What a test that can't ask the provider for want of a key is told."""
    return f"There is no key for {provider} in the environment; set {variables[0]}."


def key_lacked(message: str) -> str | None:
    """The provider whose key a test's message says is missing; None where it says no such thing."""
    found = re.search(_NO_KEY, " ".join(message.split()))
    return found["provider"] if found else None


def briefly(message: str) -> str:
    """A test's message that names the provider, and leaves out what was said before: what to set.

    On one line, where it speaks of a key.
    """
    line, found = re.subn(_NO_KEY, r"no key for \g<provider>", " ".join(message.split()))
    return line if found else message


_NO_KEY = r"There is no key for (?P<provider>\S+) in the environment; set \w+\."
"""As `no_key` words it."""


def for_want_of_a_key(lacking: Collection[Lacking], error: BaseException) -> str | None:
    """What failed a test with `error`, as a sentence, where it was the key; None otherwise.

    It was where the client, or the provider through it, speaks of keys, and there is none. A client
    of another provider's speaks of its own, unless one of `lacking` has no client but that.
    """
    if isinstance(error, AssertionError) or not lacking:
        return None
    for each in came_of(error):
        text = " ".join(str(each).split())
        for one in lacking:
            if (said := no_key(one.provider, one.variables)) in text:
                return said
    modules = " ".join(map(_module, came_of(error)))
    for each, text in _about_keys(error, [name for one in lacking for name in one.variables]):
        meant = [one for one in lacking if one.provider in modules or one.variables[0] in text]
        if not meant and _of_module(known_providers(), _module(each)):
            meant = [one for one in lacking if not _has_sdk(one.provider)]
            if not meant:
                continue
        one = (meant or list(lacking))[0]
        reason = f"({type(each).__name__}: {text[:_LONGEST_REASON]})"
        return f"{no_key(one.provider, one.variables)} {reason}"
    return None


def _about_keys(
    error: BaseException, names: Collection[str] = ()
) -> Iterator[tuple[BaseException, str]]:
    """Those of the error and of what it came of that speak of keys or one of `names`."""
    if isinstance(error, AssertionError):
        return
    for each in came_of(error):
        text = " ".join(str(each).split())
        if re.search(_ABOUT_KEYS, text) or any(name in text for name in names):
            yield each, text


def _module(error: BaseException) -> str:
    """Whose it is: who raised it, where its class is Python's own, as Anthropic's TypeError."""
    named, frames = type(error).__module__, error.__traceback__
    while named == "builtins" and frames is not None and frames.tb_next is not None:
        frames = frames.tb_next
    return (
        str(frames.tb_frame.f_globals.get("__name__")) if frames and named == "builtins" else named
    )


def _of_module(providers: Collection[Provider], module: str) -> list[Provider]:
    """Those whose SDK the module is a part of."""
    return [
        each
        for each in providers
        if any(f"{module}.".startswith(f"{sdk}.") for sdk in each.sdk_modules)
    ]


def _has_sdk(name: str) -> bool:
    named = provider_named(name)
    return named is not None and bool(named.sdk_modules)
