"""Whom a TLS handshake is meant for: by whatever proxy, tunnel or event loop it is reached.

Who goes by a proxy names the proxy to Python's sockets, and the host to nobody but the proxy: a
client of its own (websockets, PySocks, a CONNECT by hand) would ask a model unseen. But nearly all
of them have Python's `ssl` check the host's certificate, by the host's name.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from types import ModuleType
from typing import Any

from pytest_modelpin.intercept.driving import net_out
from pytest_modelpin.intercept.hooks import Hooks

_OPENERS = ("wrap_socket", "wrap_bio")


def patch(module: ModuleType, hooks: Hooks) -> None:
    """Stand in what starts a handshake."""
    for name in _OPENERS:
        hooks.patch(module.SSLContext, name, _listened)


def _listened(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def wrap(self: Any, *arguments: Any, **options: Any) -> Any:
        name, out = options.get("server_hostname"), net_out()
        if out is not None and isinstance(name, str) and not options.get("server_side"):
            out.shakes_hands(name)
        return original(self, *arguments, **options)

    return wrap
