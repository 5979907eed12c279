"""Requests of libcurl in the tests' own process: pycurl, and curl_cffi.

Its sockets are C's own, and no audit event of Python's tells of them. But each request's address is
an option that Python sets.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from types import ModuleType
from typing import Any

from pytest_modelpin.intercept.driving import net_out
from pytest_modelpin.intercept.hooks import Hooks

_URL = 10002
"""`CURLOPT_URL`, which no release of libcurl can change."""


def patch(module: ModuleType, hooks: Hooks) -> None:
    """Stand in what sets an option: of pycurl by a class of ours, since its own takes no patch."""
    if module.__name__ == "pycurl":
        hooks.patch(module, "Curl", _heard)
    else:
        hooks.patch(module.Curl, "setopt", _listened("curl_cffi"))


_SETTERS = ("setopt", "setopt_string")


def _heard(original: type) -> type:
    own = {
        name: _listened("pycurl")(getattr(original, name))
        for name in _SETTERS
        if hasattr(original, name)
    }
    about = {"__module__": original.__module__, "__doc__": original.__doc__}
    return type(original.__name__, (original,), about | own)


def _listened(client: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def listened(original: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(original)
        def setopt(self: Any, option: Any, value: Any) -> Any:
            if option == _URL:
                _asks(value, client)
            return original(self, option, value)

        return setopt

    return listened


def _asks(url: Any, client: str) -> None:
    """Raises what refuses it."""
    out = net_out()
    if isinstance(url, bytes | bytearray):
        url = bytes(url).decode("utf-8", "replace")
    if out is None or not isinstance(url, str):
        return
    with suppress(ValueError):  # no address: libcurl will say so
        out.request("", url if "://" in url else f"http://{url}", client=client)
