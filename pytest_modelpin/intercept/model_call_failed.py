"""Calls to a model that came to nothing: the ordinary exceptions for one that was neither replayed
nor sent, and what a test is told, in its traceback's place, of a provider that was not reached.

A local server that does not run, or a name that nobody resolves, fails every test of a suite, each
with a hundred lines of what a client library does between the two.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from errno import ECONNREFUSED
from socket import EAI_NONAME, gaierror
from typing import Self
from urllib.parse import urlsplit

from pytest_modelpin.errors import came_of
from pytest_modelpin.providers import Provider
from pytest_modelpin.providers.model_hosts import is_here


class ModelCallFailed(Exception):
    """A call to a model that was neither replayed nor sent; can be pickled."""


class _OfASocket(ModelCallFailed, OSError):
    """For who passes on a socket's own errors alone, which have a number."""

    number: int

    def __new__(cls, message: str) -> Self:
        return super().__new__(cls, cls.number, message)

    def __init__(self, message: str) -> None:
        super().__init__(self.number, message)

    def __str__(self) -> str:
        return str(self.strerror)

    def __reduce__(self) -> tuple[type[Self], tuple[str]]:
        return type(self), (str(self),)


class ConnectionToModelRefused(_OfASocket, ConnectionRefusedError):
    """What a socket raises that can't connect."""

    number = ECONNREFUSED


class ModelHostUnknown(_OfASocket, gaierror):
    """What a look-up of hosts raises that finds none."""

    number = EAI_NONAME


def failed_call(error: BaseException) -> ModelCallFailed | None:
    """What made a test fail with `error`: itself, one it was raised from, or one of its group.

    What an SDK or a web framework raises around it is a hundred lines that say nothing more.
    """
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting:
        each = waiting.pop()
        if isinstance(each, ModelCallFailed):
            return each
        if each is not None and id(each) not in seen:
            seen.add(id(each))
            waiting.append(each.__cause__)
            waiting += each.exceptions if isinstance(each, BaseExceptionGroup) else ()
    return None


_NO_CONNECTION = frozenset({
    "ConnectError", "ConnectTimeout", "ConnectionRefusedError", "NewConnectionError",
    "ConnectTimeoutError", "NameResolutionError", "ClientConnectorError",
    "ClientConnectorDNSError", "gaierror",
})  # fmt: skip
"""The classes by which httpx, urllib3, aiohttp and sockets say so."""

_SAID = "_modelpin_unreached"
_LONGEST_REASON = 100  # characters of a library's own words


def note_unreached(
    error: BaseException,
    name: str,
    url: str,
    provider: Provider,
    environment: Mapping[str, str] = os.environ,
) -> None:
    """Have the error bear a sentence where it says that no connection came about.

    `name` is who was to be asked at `url`.
    """
    if not any(type(each).__name__ in _NO_CONNECTION for each in came_of(error)):
        return
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    reason = " ".join(str(error).split())[:_LONGEST_REASON] or type(error).__name__
    named = [
        variable
        for variable in provider.base_url_variables
        if host and host in environment.get(variable, "")
    ]
    if named:
        cure = f"{named[0]} names it: start what answers there, or unset {named[0]}."
    elif is_here(parts.hostname or ""):
        cure = "Start what answers there, and run this again."
    else:
        cure = "Look whether this machine is online, and run this again."
    setattr(error, _SAID, f"{name}: no connection to {host}: {reason}. {cure}")


def unreached(error: BaseException) -> str | None:
    """The sentence that the error bears, or one that it came of; None where none does."""
    if isinstance(error, AssertionError):
        return None
    return next((said for each in came_of(error) if (said := getattr(each, _SAID, None))), None)
