"""Hooks that answer nothing and tell the network monitor what no audit event of Python's does: TLS
handshakes, what gRPC and uvloop open in C, and vcrpy's cassettes.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from functools import partial, wraps
from types import ModuleType
from typing import Any

from pytest_modelpin.intercept.driving import installed_monitor
from pytest_modelpin.intercept.hooks import Hooks
from pytest_modelpin.intercept.unseen.alarm import CASSETTE

Open = Callable[..., Awaitable[Any]]
"""What opens a connection of an event loop."""


def patch(module: ModuleType, hooks: Hooks) -> None:
    """Stand in what sends requests, opens connections or begins handshakes there."""
    by_name = {
        "ssl": _patch_ssl, "grpc": _patch_grpc, "uvloop": _patch_uvloop,
        "vcr.cassette": _patch_vcrpy,
    }  # fmt: skip
    by_name[module.__name__](module, hooks)


def _patch_ssl(module: ModuleType, hooks: Hooks) -> None:
    """Stand in what starts a handshake, by whatever proxy, tunnel or event loop.

    Who goes by a proxy names the proxy to Python's sockets, and the host to nobody but the proxy: a
    client of its own (websockets, PySocks, a CONNECT by hand) would ask a model unseen. But nearly
    all of them have Python's `ssl` check the host's certificate, by the host's name.
    """
    for name in ("wrap_socket", "wrap_bio"):
        hooks.patch(module.SSLContext, name, _handshake)


def _handshake(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def wrap(self: Any, *arguments: Any, **options: Any) -> Any:
        name, monitor = options.get("server_hostname"), installed_monitor()
        if monitor is not None and isinstance(name, str) and not options.get("server_side"):
            monitor.before_handshake(name)
        return original(self, *arguments, **options)

    return wrap


_KINDS = ("unary_unary", "unary_stream", "stream_unary", "stream_stream")
_RESOLVER = r"^(?:dns|ipv[46]):(?://[^/]*/)?"  # dns:host, dns:///host:443
_CHANNELS = ("secure_channel", "insecure_channel")


def _patch_grpc(module: ModuleType, hooks: Hooks) -> None:
    """Stand in what opens channels.

    xAI's SDK speaks nothing but gRPC, nor do Google's retired ones by default. A channel to a
    model's host gets an interceptor, by gRPC's own interface, that tells the monitor of each call
    before it is made.
    """
    for name in _CHANNELS:
        hooks.patch(module, name, partial(_channel, module))
        if hasattr(module, "aio"):
            hooks.patch(module.aio, name, partial(_awaiting_channel, module))


def _channel(grpc: Any, original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def opened(target: str, *arguments: Any, **options: Any) -> Any:
        channel = original(target, *arguments, **options)
        if not _is_models(target):
            return channel

        def call(_self: Any, go_on: Callable[..., Any], details: Any, request: Any) -> Any:
            _tell(target, details.method)
            return go_on(details, request)

        bases = tuple(_interface(grpc, kind) for kind in _KINDS)
        methods = {f"intercept_{kind}": call for kind in _KINDS}
        return grpc.intercept_channel(channel, type("Listener", bases, methods)())

    return opened


def _awaiting_channel(grpc: Any, original: Callable[..., Any]) -> Callable[..., Any]:
    # The interceptors come last, behind options and compression, and credentials where it has any.
    before = 3 if original.__name__ == "secure_channel" else 2

    @wraps(original)
    def opened(target: str, *arguments: Any, **options: Any) -> Any:
        if not _is_models(target):
            return original(target, *arguments, **options)

        async def call(_self: Any, go_on: Callable[..., Any], details: Any, request: Any) -> Any:
            _tell(target, details.method)
            return await go_on(details, request)

        ours = [  # one for each kind: of one that is of several, gRPC takes the first
            type("Listener", (_interface(grpc.aio, kind),), {f"intercept_{kind}": call})()
            for kind in _KINDS
        ]
        theirs = [*arguments[before:], options.pop("interceptors", None)][0] or ()
        options["interceptors"] = [*theirs, *ours]
        return original(target, *arguments[:before], **options)

    return opened


def _interface(grpc: Any, kind: str) -> Any:
    first, last = kind.split("_")
    return getattr(grpc, f"{first.title()}{last.title()}ClientInterceptor")


def _is_models(target: str) -> bool:
    monitor = installed_monitor()
    return monitor is not None and monitor.is_models(_url(target))


def _tell(target: str, method: str | bytes) -> None:
    monitor = installed_monitor()
    if monitor is not None:
        path = method.decode() if isinstance(method, bytes) else method
        monitor.request("POST", f"{_url(target)}{path}", client="grpc")


def _url(target: str) -> str:
    return f"https://{re.sub(_RESOLVER, '', str(target))}"


def _patch_uvloop(module: ModuleType, hooks: Hooks) -> None:
    """Stand in what opens a connection of its loop.

    Those that go by TLS are seen as the handshake begins; by plain HTTP, a gateway on this
    machine or in the network would be asked unseen.
    """
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
    monitor = installed_monitor()
    if monitor is None or not isinstance(address, tuple) or len(address) < 2:
        return
    host, port = address[:2]
    if isinstance(host, bytes | bytearray):
        host = bytes(host).decode("ascii", "replace")
    if isinstance(host, str) and str(port).isdecimal():
        monitor.before_handshake(host, int(port))


def _patch_vcrpy(module: ModuleType, hooks: Hooks) -> None:
    """Stand where a cassette plays a recorded response.

    vcrpy stands above the hooks of client libraries: what a cassette answers reaches none of them.
    A candidate's case that heard one is left out.
    """
    hooks.patch(module.Cassette, "play_response", _playing)


def _playing(original: Callable[[Any, Any], Any]) -> Any:
    @wraps(original)
    def play_response(cassette: Any, request: Any) -> Any:
        if (monitor := installed_monitor()) is not None:
            body = request.body
            body = body.encode() if isinstance(body, str) else body
            told = body if isinstance(body, bytes) else b""
            monitor.answered_in_its_place(request.method, request.uri, told, CASSETTE)
        return original(cassette, request)

    return play_response
