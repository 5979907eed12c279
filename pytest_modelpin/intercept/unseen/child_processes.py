"""Base URLs of this machine in the environment of child processes, which no hook reaches.

A child is given them when it is started while tests run: by `subprocess` (and so by asyncio and
`os.popen`), `os.system`, or `multiprocessing` that starts anew. A forked one has the hooks already.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from functools import wraps
from types import ModuleType
from typing import TYPE_CHECKING, Any

from pytest_modelpin.intercept.unseen import net
from pytest_modelpin.intercept.unseen.sending import is_hooked

if TYPE_CHECKING:
    from pytest_modelpin.intercept.unseen.forwarding import Forwarder

_forwarder: Forwarder | None = None


def child_environment(environment: MutableMapping[str, str]) -> dict[str, str]:
    """A copy with which a child asks the forwarder; as it is where no net is out."""
    changed = dict(environment)
    out = net.cast()
    if out is None or not out.is_running or is_hooked():
        return changed
    global _forwarder
    if _forwarder is None:
        if out.in_child:
            return changed
        from pytest_modelpin.intercept.unseen.forwarding import Forwarder

        _forwarder = Forwarder()
    changed.update(_forwarder.base_urls(changed, live=out.live))
    return changed


def stop() -> None:
    """Forward nothing any more."""
    global _forwarder
    if _forwarder is not None:
        _forwarder.close()
        _forwarder = None


def watch_subprocess(module: ModuleType) -> Callable[[], None]:
    """Stand in `subprocess.Popen`; returns what puts it back."""
    popen: Any = module.Popen
    original = popen.__init__

    @wraps(original)
    def started(self: Any, *arguments: Any, **options: Any) -> None:
        if net.cast() is not None and len(arguments) <= _ENV:
            given = options.get("env")
            options["env"] = child_environment(os.environ if given is None else given)
        original(self, *arguments, **options)

    popen.__init__ = started

    def put_back() -> None:
        if popen.__init__ is started:
            popen.__init__ = original

    return put_back


_ENV = 10  # the place of Popen's `env` among its arguments; nobody gives so many by place


def watch_multiprocessing(module: ModuleType) -> Callable[[], None]:
    """Stand in `multiprocessing.process`'s start; returns what puts it back."""
    process: Any = module.BaseProcess
    original = process.start

    @wraps(original)
    def started(self: Any) -> None:
        if getattr(self, "_start_method", None) == "fork":
            original(self)
            return
        with _in_our_own():
            original(self)

    process.start = started

    def put_back() -> None:
        if process.start is started:
            process.start = original

    return put_back


def watch_os(module: ModuleType) -> Callable[[], None]:
    """Stand in `os.system`; returns what puts it back."""
    operating: Any = module
    original = operating.system

    @wraps(original)
    def system(command: Any) -> int:
        with _in_our_own():
            code: int = original(command)
            return code

    operating.system = system

    def put_back() -> None:
        if operating.system is system:
            operating.system = original

    return put_back


@contextmanager
def _in_our_own() -> Iterator[None]:
    """The changed variables in this process's own environment, for as long as a child starts."""
    changed = {
        name: value
        for name, value in child_environment(os.environ).items()
        if os.environ.get(name) != value
    }
    before = {name: os.environ.get(name) for name in changed}
    os.environ.update(changed)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
