"""Which library opened a connection: told by the call stack, once an alarm is raised."""

from __future__ import annotations

import sys
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
)
"""From what a person would name to what it stands on."""

_EXECUTOR = "concurrent.futures.thread"
"""Where the event loop looks up hosts: nothing of who asked is on that stack."""

_LOOPBACK = "pytest_modelpin.intercept.loopback"

BELOW_HTTP_CLIENT = ("http.client", "urllib3.connection")
"""Whose connections announce each request by an audit event of their own."""


def client_on_stack(depth: int = 1) -> str:
    """The library that a person would name; `a socket` where it is the test's own."""
    names = set()
    frame: FrameType | None = sys._getframe(depth)
    while frame is not None:
        names.add(frame.f_globals.get("__name__", ""))
        frame = frame.f_back
    if _LOOPBACK in names:
        return "a child process"
    for client in _CLIENTS:
        if any(name == client or name.startswith(f"{client}.") for name in names):
            return client
    return "asyncio" if _EXECUTOR in names else "a socket"


def announces_requests(depth: int = 1) -> bool:
    """Whether an audit event of `http.client` will follow, with the request's path."""
    frame: FrameType | None = sys._getframe(depth)
    while frame is not None:
        if frame.f_globals.get("__name__") in BELOW_HTTP_CLIENT:
            return True
        frame = frame.f_back
    return False
