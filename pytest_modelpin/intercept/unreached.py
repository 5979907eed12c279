"""Providers to which no connection comes about: what a test is told in its traceback's place.

A local server that does not run, or a name that nobody resolves, fails every test of a suite, each
with a hundred lines of what a client library does between the two.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from urllib.parse import urlsplit

from pytest_modelpin.errors import came_of
from pytest_modelpin.providers import Provider
from pytest_modelpin.providers.model_hosts import is_here

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
