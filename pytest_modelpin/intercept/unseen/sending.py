"""Who is speaking: a hook that knows what it sends, or somebody whom no hook saw."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from urllib.parse import urlsplit

from pytest_modelpin.providers.model_hosts import is_here

_hooked: ContextVar[bool] = ContextVar("pytest_modelpin_hooked", default=False)
_mocked: ContextVar[bool] = ContextVar("pytest_modelpin_mocked", default=False)
_under_way: Counter[str] = Counter()
"""Hooked requests under way, by host: a lookup in the event loop's own thread has no context."""
_asked: Counter[str] = Counter()
"""Those that ask a model for a test, by URL, of which few are known at a time."""
_lock = threading.Lock()


def is_hooked() -> bool:
    """Whether what happens here and now is done for a request that a hook handles."""
    return _hooked.get() and not _mocked.get()


def is_under_way(host: str) -> bool:
    """Whether any hooked request to the host is under way, in whatever thread or task."""
    name = host.lower()
    return _under_way[name] > 0 or any(urlsplit(url).hostname == name for url in (*_asked,))


def is_asked_here() -> bool:
    """Whether a model is being asked at this machine for a test, such as by way of a gateway.

    What a test asks of its own application does not count: what that asks of models is seen.
    """
    return any(is_here(urlsplit(url).hostname or "") for url in (*_asked,))


@contextmanager
def hooked(host: str = "") -> Iterator[None]:
    """Everything in this block is done for a request, to `host`, that a hook handles."""
    token = _hooked.set(True)
    with _lock:
        _under_way[host] += 1
    try:
        yield
    finally:
        with _lock:
            _under_way[host] -= 1
        _hooked.reset(token)


@contextmanager
def at_door(url: str) -> Iterator[None]:
    """What is sent in this block is known to the net as a hook's."""
    with hooked((urlsplit(url).hostname or "").lower()):
        yield


@contextmanager
def asking(url: str) -> Iterator[None]:
    """In this block a model is asked for a test, by a hook, which hears what comes of it."""
    with _lock:
        _asked[url] += 1
    token = _hooked.set(True)
    try:
        yield
    finally:
        _hooked.reset(token)
        with _lock:
            _asked[url] -= 1
            if not _asked[url]:
                del _asked[url]


@contextmanager
def left_to_a_mock() -> Iterator[None]:
    """Everything in this block is a mock's, below a hook: what reaches the network is unseen."""
    token = _mocked.set(True)
    try:
        yield
    finally:
        _mocked.reset(token)
