"""What is stood in, beside the audit events, and in which module; nothing is imported for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from types import ModuleType
from typing import Any

from pytest_modelpin.intercept.unseen import net

Watch = Callable[[ModuleType], Callable[[], None]]
"""Stands in a module that has been imported; returns what puts it back."""


def _subprocess(module: ModuleType) -> Callable[[], None]:
    from pytest_modelpin.intercept.unseen.child_processes import watch_subprocess

    return watch_subprocess(module)


def _multiprocessing(module: ModuleType) -> Callable[[], None]:
    from pytest_modelpin.intercept.unseen.child_processes import watch_multiprocessing

    return watch_multiprocessing(module)


def _os(module: ModuleType) -> Callable[[], None]:
    from pytest_modelpin.intercept.unseen.child_processes import watch_os

    return watch_os(module)


def _cassettes(module: ModuleType) -> Callable[[], None]:
    """Vcrpy stands above our hooks: what a cassette answers reaches none of them."""
    cassette: Any = module.Cassette
    original = cassette.play_response

    @wraps(original)
    def played(self: Any, request: Any) -> Any:
        if (out := net.cast()) is not None:
            body = request.body
            body = body.encode() if isinstance(body, str) else body
            told = body if isinstance(body, bytes) else b""
            out.answered_in_its_place(request.method, request.uri, told, "a vcrpy cassette")
        return original(self, request)

    cassette.play_response = played

    def put_back() -> None:
        if cassette.play_response is played:
            cassette.play_response = original

    return put_back


OBSERVED: Mapping[str, Watch] = {
    "multiprocessing.process": _multiprocessing,
    "os": _os,
    "subprocess": _subprocess,
    "vcr.cassette": _cassettes,
}
