"""Connections that uvloop opens by itself, of which no audit event of Python's tells.

Those that go by TLS are seen as the handshake begins (`tls`); by plain HTTP, a gateway on this
machine or in the network would be asked unseen.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from types import ModuleType
from typing import Any

from pytest_modelpin.intercept.driving import net_out
from pytest_modelpin.intercept.hooks import Hooks

Open = Callable[..., Awaitable[Any]]


def patch(module: ModuleType, hooks: Hooks) -> None:
    """Stand in what opens a connection of its loop."""
    for name, listened in _OPENERS.items():
        hooks.patch(module.Loop, name, listened)


def _by_host(original: Open) -> Open:
    """`create_connection(protocol_factory, host, port)`, without a socket of the caller's own."""

    @wraps(original)
    async def create_connection(
        self: Any, protocol_factory: Any, host: Any = None, port: Any = None, **options: Any
    ) -> Any:
        if options.get("sock") is None:
            _reaches((host, port))
        return await original(self, protocol_factory, host, port, **options)

    return create_connection


def _by_socket(original: Open) -> Open:
    """`sock_connect(sock, address)`."""

    @wraps(original)
    async def sock_connect(self: Any, sock: Any, address: Any) -> Any:
        _reaches(address)
        return await original(self, sock, address)

    return sock_connect


def _by_datagrams(original: Open) -> Open:
    """`create_datagram_endpoint(protocol_factory, local_addr, remote_addr)`, as QUIC needs it."""

    @wraps(original)
    async def create_datagram_endpoint(
        self: Any,
        protocol_factory: Any,
        local_addr: Any = None,
        remote_addr: Any = None,
        **options: Any,
    ) -> Any:
        _reaches(remote_addr)
        return await original(self, protocol_factory, local_addr, remote_addr, **options)

    return create_datagram_endpoint


_OPENERS: dict[str, Callable[[Open], Open]] = {
    "create_connection": _by_host,
    "sock_connect": _by_socket,
    "create_datagram_endpoint": _by_datagrams,
}


def _reaches(address: Any) -> None:
    """Raises what refuses it."""
    out = net_out()
    if out is None or not isinstance(address, tuple) or len(address) < 2:
        return
    host, port = address[:2]
    if isinstance(host, bytes | bytearray):
        host = bytes(host).decode("ascii", "replace")
    if isinstance(host, str) and str(port).isdecimal():
        out.shakes_hands(host, int(port))
