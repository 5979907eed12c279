"""What is stood in, beside the audit events, and in which module; nothing is imported for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import ModuleType

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


OBSERVED: Mapping[str, Watch] = {
    "multiprocessing.process": _multiprocessing,
    "os": _os,
    "subprocess": _subprocess,
}
