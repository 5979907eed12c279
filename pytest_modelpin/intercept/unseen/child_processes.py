"""What children are given when they start, so that they ask models by way of this process.

Base URLs in the environment, when started while tests run by `subprocess` (and so by asyncio and
`os.popen`), by `os` (`system`, `spawn…`, `posix_spawn`, `exec…` in a fork), or by `multiprocessing`
that starts anew, which gets our hooks and the monitor, too. A forked one has both already.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial, wraps
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from pytest_modelpin.intercept import handing_over, hooks
from pytest_modelpin.intercept.driving import installed_monitor, is_hooked
from pytest_modelpin.intercept.hooks import Hooks
from pytest_modelpin.providers.catalogue import endpoints_in_use

if TYPE_CHECKING:
    from pytest_modelpin.intercept.interceptor import Interceptor
    from pytest_modelpin.intercept.loopback import Loopback
    from pytest_modelpin.intercept.unseen.child_proxies import UserProxy

IN_CHILDREN = str(Path(__file__).with_name("in_children"))
"""The folder of the `sitecustomize` that listens in each Python that a test starts."""
IN_NODES = (Path(__file__).with_name("in_children") / "listen.cjs").as_posix()
"""The module that listens in each Node."""
CHILD_OF = "PYTEST_MODELPIN_CHILD_OF"
"""The variable that tells both whom to tell."""

_loopbacks: list[tuple[Interceptor, Loopback]] = []
"""By session: a test may run tests."""
_minds_forks = False


def child_environment(
    environment: Mapping[Any, Any], *, listens: bool = True, serves_all: bool = False
) -> dict[str, str]:
    """A copy with which a child asks here; as it is where nobody looks at what children ask.

    A Python or Node that `listens` tells what it reaches by an address of its own, too. One that
    `serves_all` asks for whichever test runs.
    """
    changed = {os.fsdecode(name): os.fsdecode(value) for name, value in environment.items()}
    address, monitor = _address(serves_all=serves_all), installed_monitor()
    if address and monitor is not None:
        from pytest_modelpin.intercept.loopback_connections import base_urls_left, child_base_urls

        for url in base_urls_left(changed):
            monitor.learn(url)
        changed.update(child_base_urls(changed, address, monitor.all_hosts()))
        if listens:
            path = changed.get("PYTHONPATH")  # in which an empty entry is the working directory
            further = (
                [each for each in path.split(os.pathsep) if each != IN_CHILDREN] if path else []
            )
            changed["PYTHONPATH"] = os.pathsep.join([IN_CHILDREN, *further])
            changed[CHILD_OF] = address
            if monitor.policy != "allow":
                changed["NODE_OPTIONS"] = _node_options(changed.get("NODE_OPTIONS", ""))
    return changed


def _node_options(given: str) -> str:
    """These options, and the module that a Node loads before the program's own."""
    ours = (
        f'"{IN_NODES}"' if re.search(r"[\s\"]", IN_NODES) else IN_NODES
    )  # old ones know no quotes
    return given if ours in given else f"{given} --require {ours}".strip()


def _proxies(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables to change, so that a child asks here for a tunnel for whatever it asks by TLS.

    None where it may ask whom it likes: nothing would come of it.
    """
    address, monitor = _address(), installed_monitor()
    if not address or monitor is None or monitor.policy == "allow":
        return {}
    from pytest_modelpin.intercept.unseen.child_proxies import proxy_variables

    return proxy_variables(environment, address, monitor.all_hosts(), may_add=not monitor.in_child)


def about_to_fork() -> None:
    """The child that is forked next has the hooks, and asks by way of this process."""
    loopback, interceptor = _served(), _interceptor()
    if loopback is None or interceptor is None:
        return
    for _, each in _loopbacks:
        each.pause()
    handing_over.hand_over_to(loopback.address(interceptor.running()))
    _proxies(os.environ)  # the child knows only what is known now
    global _minds_forks
    if not _minds_forks:
        _minds_forks = True
        os.register_at_fork(after_in_parent=_after_in_parent, after_in_child=_after_in_child)


def _after_in_parent() -> None:
    for _, loopback in _loopbacks:
        loopback.serve()


def _after_in_child() -> None:
    for _, loopback in _loopbacks:
        loopback.leave()
    _loopbacks.clear()


def _address(*, serves_all: bool = False) -> str | None:
    """Where a child that is started now is to ask; None where that is nobody's business."""
    monitor = installed_monitor()
    if monitor is None or is_hooked():
        return None
    if monitor.in_child:
        return handing_over.parents_address()
    loopback, interceptor = _served(), _interceptor()
    if loopback is None or interceptor is None:
        return None
    loopback.serve()
    return loopback.address(None if serves_all else interceptor.running())


def _interceptor() -> Interceptor | None:
    """The one that runs tests here."""
    from pytest_modelpin.intercept.interceptor import Interceptor

    installed = hooks.installed
    found = installed.interceptor if installed is not None else None
    return found if isinstance(found, Interceptor) else None


def _served() -> Loopback | None:
    """The server of this session, made now where there is none yet."""
    interceptor, installed = _interceptor(), hooks.installed
    if interceptor is None or installed is None:
        return None
    found = next((served for whose, served in _loopbacks if whose is interceptor), None)
    if found is None:
        from pytest_modelpin.intercept.loopback_connections import real_socket_class

        with real_socket_class():
            from pytest_modelpin.intercept.loopback import Loopback

        found = Loopback(interceptor)
        _loopbacks.append((interceptor, found))
        installed.when_left(interceptor, partial(_stop, interceptor))
    return found


def _stop(interceptor: Interceptor) -> None:
    """Answer no child of this session any more."""
    handing_over.stop()
    for served in [each for each in _loopbacks if each[0] is interceptor]:
        _loopbacks.remove(served)
        served[1].close()


def patch(module: ModuleType, hooks: Hooks) -> None:
    """Stand in what starts processes."""
    match module.__name__:
        case "subprocess":
            hooks.patch(module.Popen, "__init__", _popen)
        case "multiprocessing.process":
            hooks.patch(module.BaseProcess, "start", _start)
        case _:  # `os`; what it is made of differs from system to system
            for name in _STARTING.keys() & vars(module).keys():
                hooks.patch(module, name, _STARTING[name])


def _popen(original: Callable[..., None]) -> Callable[..., None]:
    @wraps(original)
    def started(self: Any, *arguments: Any, **options: Any) -> None:
        if installed_monitor() is not None and len(arguments) <= _ENV:
            given = options.get("env")
            words = arguments[0] if arguments else options.get("args")
            options["env"] = _for_child(words, os.environ if given is None else given)
        original(self, *arguments, **options)

    return started


def _for_child(words: Any, environment: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """The environment of a child that is started with these words."""
    if _is_left_alone(words):
        return environment
    changed = child_environment(environment)
    return {**changed, **_proxies(changed)}


_LEFT_ALONE = (["ollama", "serve"], ["/sbin/ldconfig", "-p"])
"""The first binds the address that the variable names. The second asks nobody: Python lists the
system's libraries by it where one is sought, as trio does when httpx imports it."""


def _is_left_alone(words: Any) -> bool:
    """Whether a child with these words is started as it would be without us."""
    return isinstance(words, list | tuple) and [*map(str, words[:2])] in _LEFT_ALONE


_ENV = 10  # the place of Popen's `env` among its arguments; nobody gives so many by place


def _start(original: Callable[[Any], None]) -> Callable[[Any], None]:
    @wraps(original)
    def started(self: Any) -> None:
        method = getattr(self, "_start_method", None)
        if (method or sys.modules["multiprocessing"].get_start_method()) == "fork":
            original(self)
            return
        target = self._target
        pooled = "loky" in type(self).__module__  # whose workers the next tests find again
        address = _address(serves_all=pooled)
        if target is not None and address and (mine := _interceptor()):
            self._target = handing_over.HookedTarget(
                target,
                address,
                mine.selection,
                endpoints_in_use(),
                mine.sends,
                handing_over.packed_monitor(),
                _user_proxies(),
            )
        try:
            with _in_our_own(listens=False, serves_all=pooled):  # it gets the monitor itself
                original(self)
        finally:
            if getattr(self, "_target", None) is not None:  # it was not started
                self._target = target

    return started


def _user_proxies() -> dict[str, UserProxy]:
    """By which proxies children would go without us, for a process that is started anew."""
    if not _proxies(os.environ):
        return {}
    from pytest_modelpin.intercept.unseen import child_proxies

    return child_proxies.known_user_proxies()


def _system(original: Callable[[Any], int]) -> Callable[[Any], int]:
    @wraps(original)
    def system(command: Any) -> int:
        with _in_our_own():
            return original(_proxied(command))

    return system


def _proxied(command: Any) -> Any:
    """A shell's command with the proxies in it: in our own environment, we would ask there, too."""
    variables = _proxies(os.environ) if os.name == "posix" else {}
    if not variables:
        return command
    import shlex  # for a shell's command alone

    quoted = " ".join(f"{name}={shlex.quote(value)}" for name, value in variables.items())
    return os.fsencode(f"export {quoted}; ") + os.fsencode(command)


def _posix_spawn(original: Callable[..., int]) -> Callable[..., int]:
    """`posix_spawn` and `posix_spawnp`, which take the environment in third place."""

    @wraps(original)
    def posix_spawn(path: Any, argv: Any, env: Any, /, **options: Any) -> int:
        if installed_monitor() is not None:
            env = _for_child(argv, os.environ if env is None else env)
        return original(path, argv, env, **options)

    return posix_spawn


def _execv(original: Callable[..., Any]) -> Callable[..., Any]:
    """In a fork; the process of the tests itself would be nobody's child."""

    @wraps(original)
    def execv(path: Any, argv: Any, /) -> Any:
        if _is_fork():
            os.environ.update(_for_child(argv, os.environ))
        return original(path, argv)

    return execv


def _execve(original: Callable[..., Any]) -> Callable[..., Any]:
    """As `_execv`: what it makes way for is gone, so that nothing has to be put back."""

    @wraps(original)
    def execve(path: Any, argv: Any, env: Any) -> Any:
        return original(path, argv, _for_child(argv, env) if _is_fork() else env)

    return execve


_STARTING: dict[str, Callable[[Any], Callable[..., Any]]] = {
    "system": _system,
    "posix_spawn": _posix_spawn,
    "posix_spawnp": _posix_spawn,
    "execv": _execv,
    "execve": _execve,
}
"""Of `os`: `spawn…` and the other `exec…` are made of these."""


def _is_fork() -> bool:
    monitor = installed_monitor()
    return monitor is not None and monitor.in_child


@contextmanager
def _in_our_own(*, listens: bool = True, serves_all: bool = False) -> Iterator[None]:
    """The changed variables in this process's own environment, for as long as a child starts."""
    changed = {
        name: value
        for name, value in child_environment(
            os.environ, listens=listens, serves_all=serves_all
        ).items()
        if os.environ.get(name) != value
    }
    before = {name: os.environ.get(name) for name in changed}
    monitor = installed_monitor()
    if changed and monitor is not None:  # what the variables named until now is asked
        for address in monitor.all_hosts().addresses():
            monitor.hosts.learn(address)
    os.environ.update(changed)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
