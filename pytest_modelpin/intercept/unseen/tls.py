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

from pytest_modelpin.intercept.unseen import net

_OPENERS = ("wrap_socket", "wrap_bio")


def watch_ssl(module: ModuleType) -> Callable[[], None]:
    """Stand in what starts a handshake; returns what puts it back."""
    context: Any = module.SSLContext
    originals = {name: getattr(context, name) for name in _OPENERS}
    ours = {name: _listened(original) for name, original in originals.items()}
    for name, function in ours.items():
        setattr(context, name, function)

    def put_back() -> None:
        for name, function in ours.items():
            if getattr(context, name) is function:
                setattr(context, name, originals[name])

    return put_back


def _listened(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def wrap(self: Any, *arguments: Any, **options: Any) -> Any:
        name, out = options.get("server_hostname"), net.cast()
        if out is not None and isinstance(name, str) and not options.get("server_side"):
            out.shakes_hands(name)
        return original(self, *arguments, **options)

    return wrap
