"""What is asked over gRPC, whose sockets are opened in C: no audit event of Python's tells of them.

xAI's SDK speaks nothing else, nor do Google's retired ones by default. A channel to a model's host
gets an interceptor, by gRPC's own interface, that tells the net of each call before it is made.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial, wraps
from types import ModuleType
from typing import Any

from pytest_modelpin.intercept.driving import net_out
from pytest_modelpin.intercept.hooks import Hooks

_KINDS = ("unary_unary", "unary_stream", "stream_unary", "stream_stream")
_RESOLVER = r"^(?:dns|ipv[46]):(?://[^/]*/)?"  # dns:host, dns:///host:443
_OPENERS = ("secure_channel", "insecure_channel")


def patch(module: ModuleType, hooks: Hooks) -> None:
    """Stand in what opens channels."""
    for name in _OPENERS:
        hooks.patch(module, name, partial(_listened, module))
        if hasattr(module, "aio"):
            hooks.patch(module.aio, name, partial(_listened_awaiting, module))


def _listened(grpc: Any, original: Callable[..., Any]) -> Callable[..., Any]:
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


def _listened_awaiting(grpc: Any, original: Callable[..., Any]) -> Callable[..., Any]:
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
    out = net_out()
    return out is not None and out.is_models(_url(target))


def _tell(target: str, method: str | bytes) -> None:
    out = net_out()
    if out is not None:
        path = method.decode() if isinstance(method, bytes) else method
        out.request("POST", f"{_url(target)}{path}", client="grpc")


def _url(target: str) -> str:
    return f"https://{re.sub(_RESOLVER, '', str(target))}"
