"""The proxy that started children are given, so that what they reach by TLS is seen.

A program that is no Python tells nobody what it reaches, but most go by HTTPS_PROXY: with it, it
asks the loopback server for a tunnel (`CONNECT host:port`), and gets one to whatever is no model.
The proxy that the user has there goes on being used, by the server instead of by the child.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from pytest_modelpin.providers.catalogue import known_providers
from pytest_modelpin.providers.model_hosts import ModelHosts, is_here
from pytest_modelpin.write_access import secrets_of_children

OWN = "modelpin-"
"""What the user name in the proxy's address begins with; the number of the capture follows."""
HERE = ("localhost", "127.0.0.1", "::1")
_TOLD_BY = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")


class UserProxy(NamedTuple):
    """By which proxy a child would have gone without us."""

    proxy: str = ""
    """The URL of the user's proxy; empty where there is none."""
    direct: tuple[str, ...] = ()
    """The hosts that NO_PROXY takes out and that are models': the child asks us for those."""

    def proxy_to(self, host: str) -> str:
        """The proxy by which a host is reached; empty: none."""
        return "" if any(_exempts(entry, host) for entry in self.direct) else self.proxy


_user_proxies: dict[str, UserProxy] = {}
"""By password: whoever has one is a child of this process. A fork knows its parent's."""


def user_proxy_of(password: str) -> UserProxy | None:
    """That of the children that have this password; None: nobody's."""
    return _user_proxies.get(password)


def usual_user_proxy() -> UserProxy | None:
    """That of the children that were started first: by this process's own environment, mostly."""
    return next(iter(_user_proxies.values()), None)


def known_user_proxies() -> dict[str, UserProxy]:
    """All that are known, by password, for a process that is started anew."""
    return dict(_user_proxies)


def know(user_proxies: Mapping[str, UserProxy]) -> None:
    """In such a process: those that its parent knows."""
    _user_proxies.update(user_proxies)


def proxy_variables(
    environment: Mapping[str, str], address: str, hosts: ModelHosts, *, may_add: bool
) -> dict[str, str]:
    """The variables to change, so that a child with this environment asks here for its tunnels.

    None where it has a proxy that is not asked by plain HTTP. `may_add`: whether this process is
    the one that is asked, and can learn of a further one.
    """
    given = next(filter(None, (environment.get(name) for name in _TOLD_BY)), "")
    exempt = [
        entry
        for name in ("no_proxy", "NO_PROXY")
        for entry in re.split(r"[\s,]+", environment.get(name, ""))
        if entry
    ]
    theirs = _user_proxy(given, [*dict.fromkeys(exempt)], hosts)
    if theirs is None:
        return {}
    password = next((known for known, other in _user_proxies.items() if other == theirs), "")
    if not password:
        if not may_add:
            return {}
        password = os.urandom(16).hex()
        _user_proxies[password] = theirs
        secrets_of_children[password] = None  # a child may print its environment
    parts = urlsplit(address)
    capture = parts.path.strip("/").removeprefix(OWN).partition("-")[0]
    proxy = f"http://{OWN}{capture}:{password}@{parts.netloc}"
    kept = [entry for entry in exempt if entry != "*" and not _exempts_models(entry, hosts)]
    local = ",".join(dict.fromkeys([*kept, *HERE]))
    return {
        "HTTPS_PROXY": proxy,
        "https_proxy": proxy,
        "NO_PROXY": local,
        "no_proxy": local,
    }


def _user_proxy(given: str, exempt: list[str], hosts: ModelHosts) -> UserProxy | None:
    """That of a child with this proxy; None where nobody can ask it for the child."""
    try:
        parts = urlsplit(given if "://" in given else f"http://{given}")
        if parts.username and parts.username.startswith(OWN) and parts.password in _user_proxies:
            return _user_proxies[parts.password]
        if given and (parts.scheme != "http" or not parts.hostname or parts.port == 0):
            return None
    except ValueError:
        return None
    if not given or "*" in exempt:
        return UserProxy()
    return UserProxy(given, tuple(entry for entry in exempt if _exempts_models(entry, hosts)))


def _exempts(entry: str, host: str) -> bool:
    """Whether an entry of NO_PROXY takes a host out, as curl, Go and Python read it."""
    name = entry.lower().lstrip("*.").partition(":")[0]
    host = host.lower()
    return bool(name) and (host == name or host.endswith(f".{name}"))


def _exempts_models(entry: str, hosts: ModelHosts) -> bool:
    named = (host.lstrip("*.") for provider in known_providers() for host in provider.hosts)
    known = {*named, *(address.host for address in hosts.addresses())}
    name = entry.lower().lstrip("*.")
    return not is_here(name) and (
        hosts.knows(name, None) or any(_exempts(entry, host) for host in known)
    )
