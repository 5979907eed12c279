"""Transports of httpx and adapters of requests that answer before any hook is asked.

Such are a cache's (hishel, httpx-cache, CacheControl), a cassette's (betamax) and those of a
project's own. What they have kept was said by whichever model answered then, and they find it by
the id that the code names, which is the pin's. Nothing tells them from a mock but that they stand
before a transport that sends, and may hand a request on to it: so the monitor is told, by which a
candidate's case is left out.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from functools import partial, wraps
from types import ModuleType
from typing import Any

from pytest_modelpin.intercept.driving import counts_doors, doors_reached, installed_monitor
from pytest_modelpin.intercept.hooks import Hooks
from pytest_modelpin.intercept.unseen.alarm import IN_FRONT

_ADAPTERS = "requests.adapters"
_DEEP = 3
"""How many objects away one that sends is looked for: hishel keeps it at the first."""


def patch(module: ModuleType, hooks: Hooks) -> None:
    """Stand in each class that answers a client, but for those that send."""
    if module.__name__ == _ADAPTERS:
        _patch_each(hooks, module.BaseAdapter, "send", _ADAPTERS)
        return
    senders = f"{module.__name__.rpartition('.')[0]}.default"
    _patch_each(hooks, module.BaseTransport, "handle_request", senders)
    _patch_each(hooks, module.AsyncBaseTransport, "handle_async_request", senders)


def _patch_each(hooks: Hooks, base: Any, method: str, senders: str) -> None:
    """`senders` is the module that defines those that send."""
    library = senders.partition(".")[0]

    def is_theirs(owner: type) -> bool:
        # httpx calls its public classes its own once all are made.
        return owner is object or owner.__module__.partition(".")[0] == library

    def patch_one(owner: Any) -> None:
        if method in vars(owner) and not is_theirs(owner):
            own = [each for each in owner.__mro__ if not is_theirs(each)]
            if any(_hands_on(each, method) for each in own):
                hooks.patch(owner, method, partial(_answering, senders))

    hooks.patch_classes(base, patch_one)


def _hands_on(owner: type, method: str) -> bool:
    """Whether any function of the class calls the method of another, as no mock does."""
    functions = [inspect.unwrap(each) for each in vars(owner).values() if callable(each)]
    left = [code for each in functions if (code := getattr(each, "__code__", None))]
    while left:
        code = left.pop()
        if method in code.co_names:
            return True
        left += [each for each in code.co_consts if inspect.iscode(each)]
    return False


def _answering(senders: str, original: Callable[..., Any]) -> Callable[..., Any]:
    if inspect.iscoroutinefunction(original):

        @wraps(original)
        async def answering(transport: Any, request: Any, *places: Any, **named: Any) -> Any:
            if not _may_keep(senders, transport):
                return await original(transport, request, *places, **named)
            with doors_reached() as doors:
                reply = await original(transport, request, *places, **named)
            return reply if doors else _told(transport, request, reply)

        return answering

    @wraps(original)
    def answer(transport: Any, request: Any, *places: Any, **named: Any) -> Any:
        if not _may_keep(senders, transport):
            return original(transport, request, *places, **named)
        with doors_reached() as doors:
            reply = original(transport, request, *places, **named)
        return reply if doors else _told(transport, request, reply)

    return answer


def _may_keep(senders: str, transport: Any) -> bool:
    """Whether this is the first of those that stand before one that sends, in a live run: in a
    replay its answer is as good as a mock's.
    """
    monitor = installed_monitor()
    if monitor is None or not monitor.live or not monitor.is_running or counts_doors():
        return False
    module: Any = sys.modules[senders]
    if senders == _ADAPTERS:
        kinds: tuple[type, ...] = (module.HTTPAdapter,)
        mocked = module.HTTPAdapter.send.__module__ != senders  # by responses
    else:
        kinds = (module.HTTPTransport, module.AsyncHTTPTransport)
        ours = module.HTTPTransport.handle_request
        mocked = not hasattr(ours, "_modelpin_stands_before")  # by pytest-httpx, before our hook
    return not mocked and _holds(transport, kinds, _DEEP)


def _holds(it: Any, kinds: tuple[type, ...], deep: int) -> bool:
    """Whether this is, or keeps among its attributes, one that sends."""
    if isinstance(it, kinds):
        return True
    kept = [*getattr(it, "__dict__", {}).values()] if deep else []
    return any(_holds(each, kinds, deep - 1) for each in kept)


def _told(transport: Any, request: Any, reply: Any) -> Any:
    """The reply, of which the monitor was told."""
    monitor, kind = installed_monitor(), type(transport)
    if monitor is not None and reply.status_code < 300:
        body = getattr(request, "_content", None) or getattr(request, "body", None) or b""
        by = f"{IN_FRONT} ({kind.__name__} of {kind.__module__.partition('.')[0]})"
        told = body.encode() if isinstance(body, str) else body
        told = told if isinstance(told, bytes) else b""
        monitor.answered_in_its_place(request.method, str(request.url), told, by)
    return reply
