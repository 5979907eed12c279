"""What children are given when they start, so that they ask models by way of this process.

Base URLs in the environment, when started while tests run by `subprocess` (and so by asyncio and
`os.popen`), `os.system`, or `multiprocessing` that starts anew, which gets our hooks, too. A forked
one has the hooks already.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from functools import wraps
from types import ModuleType
from typing import TYPE_CHECKING, Any

from pytest_modelpin.intercept import handing_over, hooks
from pytest_modelpin.intercept.unseen import net
from pytest_modelpin.intercept.unseen.sending import is_hooked
from pytest_modelpin.providers.catalogue import endpoints_in_use

if TYPE_CHECKING:
    from pytest_modelpin.intercept.interceptor import Interceptor
    from pytest_modelpin.intercept.loopback import Loopback

_loopback: Loopback | None = None
_minds_forks = False


def child_environment(environment: MutableMapping[str, str]) -> dict[str, str]:
    """A copy with which a child asks here; as it is where nobody looks at what children ask."""
    changed = dict(environment)
    address = _address()
    if address:
        from pytest_modelpin.intercept.loopback_addresses import child_base_urls

        changed.update(child_base_urls(changed, address))
    return changed


def about_to_fork() -> None:
    """The child that is forked next has the hooks, and asks by way of this process."""
    loopback, interceptor = _served(), _interceptor()
    if loopback is None or interceptor is None:
        return
    loopback.pause()
    handing_over.hand_over_to(loopback.address(interceptor.running()))
    global _minds_forks
    if not _minds_forks:
        _minds_forks = True
        os.register_at_fork(after_in_parent=_after_in_parent, after_in_child=_after_in_child)


def stop() -> None:
    """Answer no child any more."""
    global _loopback
    handing_over.stop()
    if _loopback is not None:
        _loopback.close()
        _loopback = None


def _after_in_parent() -> None:
    if _loopback is not None:
        _loopback.serve()


def _after_in_child() -> None:
    global _loopback
    if _loopback is not None:
        _loopback.leave()
        _loopback = None


def _address() -> str | None:
    """Where a child that is started now is to ask; None where that is nobody's business."""
    out = net.cast()
    if out is None or not out.is_running or is_hooked():
        return None
    if out.in_child:
        return handing_over.parents_address()
    loopback, interceptor = _served(), _interceptor()
    if loopback is None or interceptor is None:
        return None
    loopback.serve()
    return loopback.address(interceptor.running())


def _interceptor() -> Interceptor | None:
    """The one that runs tests here."""
    from pytest_modelpin.intercept.interceptor import Interceptor

    installed = hooks.installed()
    found = installed.interceptor if installed is not None else None
    return found if isinstance(found, Interceptor) else None


def _served() -> Loopback | None:
    """The server of this session, made now where there is none yet."""
    global _loopback
    if _loopback is None and (interceptor := _interceptor()) is not None:
        from pytest_modelpin.intercept.loopback import Loopback

        _loopback = Loopback(interceptor)
    return _loopback


def watch_subprocess(module: ModuleType) -> Callable[[], None]:
    """Stand in `subprocess.Popen`; returns what puts it back."""
    popen: Any = module.Popen
    original = popen.__init__

    @wraps(original)
    def started(self: Any, *arguments: Any, **options: Any) -> None:
        if net.cast() is not None and len(arguments) <= _ENV:
            given = options.get("env")
            if not _listens_itself(arguments[0] if arguments else options.get("args")):
                options["env"] = child_environment(os.environ if given is None else given)
        original(self, *arguments, **options)

    popen.__init__ = started

    def put_back() -> None:
        if popen.__init__ is started:
            popen.__init__ = original

    return put_back


def _listens_itself(words: Any) -> bool:
    """Whether a variable that names an address is the child's own: `ollama serve` binds it."""
    return isinstance(words, list | tuple) and [*map(str, words[:2])] == ["ollama", "serve"]


_ENV = 10  # the place of Popen's `env` among its arguments; nobody gives so many by place


def watch_multiprocessing(module: ModuleType) -> Callable[[], None]:
    """Stand in `multiprocessing.process`'s start; returns what puts it back."""
    process: Any = module.BaseProcess
    original = process.start

    @wraps(original)
    def started(self: Any) -> None:
        method = getattr(self, "_start_method", None)
        if (method or sys.modules["multiprocessing"].get_start_method()) == "fork":
            original(self)
            return
        target = self._target
        if target is not None and (address := _address()) and (mine := _interceptor()):
            self._target = handing_over.HookedTarget(
                target, address, mine.selection, endpoints_in_use(), mine.sends
            )
        try:
            with _in_our_own():
                original(self)
        finally:
            if getattr(self, "_target", None) is not None:  # it was not started
                self._target = target

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
        stop()

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
