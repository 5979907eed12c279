"""Which library opened a connection: told by the call stack, once an alarm is raised."""

from __future__ import annotations

import sys
from collections.abc import Collection
from types import FrameType

_CLIENTS = (
    "httpx",
    "httpx2",
    "requests",
    "aiohttp",
    "botocore",
    "httplib2",
    "websockets",
    "niquests",
    "tornado",
    "grpc",
    "urllib3",
    "urllib.request",
    "http.client",
    "asyncio",
    "anyio",
    "trio",
    "Node.js",
)
"""From what a person would name to what it stands on."""

_EXECUTOR = "concurrent.futures.thread"
"""Where the event loop looks up hosts: nothing of who asked is on that stack."""

_IN_A_LOOP = "asyncio.events"
"""It runs every callback and every step of a task."""

_LOOPBACK = "pytest_modelpin.intercept.loopback"

BELOW_HTTP_CLIENT = ("http.client", "urllib3.connection")
"""Whose connections announce each request by an audit event of their own."""


def client_on_stack(depth: int = 1) -> str:
    """The library that a person would name; `a socket` where it is the test's own."""
    names = names_on_stack(depth + 1)
    return "a child process" if _LOOPBACK in names else client_among(names)


def names_on_stack(depth: int = 1) -> set[str]:
    """The modules that stand on the stack, from the caller's `depth` on."""
    names = set()
    frame: FrameType | None = sys._getframe(depth)
    while frame is not None:
        names.add(frame.f_globals.get("__name__", ""))
        frame = frame.f_back
    return names


def client_among(names: Collection[str]) -> str:
    """The library that a person would name, of the modules on a stack."""
    for client in _CLIENTS:
        if any(name == client or name.startswith(f"{client}.") for name in names):
            return client
    return "asyncio" if _EXECUTOR in names else "a socket"


def by_executor(names: Collection[str]) -> bool:
    """Whether a thread of an executor does this, which hands on whatever it ends in."""
    return _EXECUTOR in names


def for_a_loop(names: Collection[str], looked_up: bool) -> bool:
    """Whether an event loop hears what is raised here, in its thread or by a look-up of hosts."""
    return _IN_A_LOOP in names or (looked_up and by_executor(names))


def announces_requests(names: Collection[str]) -> bool:
    """Whether an audit event of `http.client` will follow, with the request's path."""
    return any(name in BELOW_HTTP_CLIENT for name in names)
