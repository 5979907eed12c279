"""Carrying out what the interceptor decides about a request; and what the hooks and the network
monitor below them tell each other of it.

The monitor hears all that this process reaches; what it hears within a hook's request is no alarm.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pytest_modelpin.intercept.door import (
    AsyncDoor,
    Deliver,
    Discard,
    Door,
    Flow,
    Give,
    Outcome,
    Read,
    Send,
    Wait,
)
from pytest_modelpin.providers.model_hosts import is_here
from pytest_modelpin.recordings.outgoing import Outgoing, is_signed, sent_instead

if TYPE_CHECKING:
    from concurrent.futures import Future

    from pytest_modelpin.intercept.unseen.monitor import NetworkMonitor
    from pytest_modelpin.recordings.exchange import HttpRequest


def drive(flow: Flow, door: Door) -> Any:
    """Carry out a flow for a synchronous client; returns the reply in the library's own form."""
    _note_door(door.url)
    try:
        step = next(flow)
        while True:
            try:
                match step:
                    case Read():
                        answer: Any = door.read()
                    case Wait():
                        answer = step.call()
                    case Send():
                        with asking(door.url):
                            answer = door.send(step.request)
                    case Discard():
                        answer = None
                        door.discard(step.reply)
            except BaseException as error:
                step = flow.throw(error)
            else:
                step = flow.send(answer)
    except StopIteration as done:
        outcome: Outcome = done.value
    match outcome:
        case Give():
            return door.give(outcome.reply, outcome.listener)
        case Deliver():
            return door.deliver(outcome.reply, outcome.listener)
    with at_door(door.url):
        if not outcome.by_mock:
            return door.send(outcome.request).native
        with left_to_a_mock():
            reply = door.send(outcome.request)
    if reply.from_network:
        pass_on(door.method, door.url, outcome.content)
    return reply.native


async def drive_async(flow: Flow, door: AsyncDoor) -> Any:
    """As `drive`, for an asynchronous client."""
    _note_door(door.url)
    try:
        step = next(flow)
        while True:
            try:
                match step:
                    case Read():
                        answer: Any = await door.read()
                    case Wait():
                        answer = await _wait(step)
                    case Send():
                        with asking(door.url):
                            answer = await door.send(step.request)
                    case Discard():
                        answer = None
                        await door.discard(step.reply)
            except BaseException as error:
                step = flow.throw(error)
            else:
                step = flow.send(answer)
    except StopIteration as done:
        outcome: Outcome = done.value
    match outcome:
        case Give():
            return door.give(outcome.reply, outcome.listener)
        case Deliver():
            return door.deliver(outcome.reply, outcome.listener)
    with at_door(door.url):
        if not outcome.by_mock:
            return (await door.send(outcome.request)).native
        with left_to_a_mock():
            reply = await door.send(outcome.request)
    if reply.from_network:
        pass_on(door.method, door.url, outcome.content)
    return reply.native


async def _wait(step: Wait) -> Any:
    """In a thread that ends with the process, and is none of the code under test's own.

    In asyncio not by anyio, whose threads end with the task that it takes for the loop's first:
    under nest_asyncio they never did, and the process never ended.
    """
    from asyncio import get_running_loop, wrap_future

    try:
        loop = get_running_loop()
    except RuntimeError:
        from trio import CapacityLimiter
        from trio.to_thread import run_sync

        return await run_sync(step.call, abandon_on_cancel=True, limiter=CapacityLimiter(1))
    return await wrap_future(_in_thread(step.call), loop=loop)


def _in_thread(call: Callable[[], Any]) -> Future[Any]:
    from concurrent.futures import Future

    heard: Future[Any] = Future()
    heard.set_running_or_notify_cancel()  # whoever waits may go, and the call ends all the same

    def run() -> None:
        try:
            heard.set_result(call())
        except BaseException as error:
            heard.set_exception(error)

    run_here = partial(copy_context().run, run)
    threading.Thread(target=run_here, daemon=True, name="modelpin-wait").start()
    return heard


# Who is speaking: a hook that knows what it sends, or somebody whom no hook saw

_hooked: ContextVar[bool] = ContextVar("pytest_modelpin_hooked", default=False)
_mocked: ContextVar[bool] = ContextVar("pytest_modelpin_mocked", default=False)
_doors: ContextVar[list[str] | None] = ContextVar("pytest_modelpin_doors", default=None)
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
    """What is sent in this block is known to the monitor as a hook's."""
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
def doors_reached() -> Iterator[list[str]]:
    """The URLs of the requests that come to a hook in this block."""
    found: list[str] = []
    token = _doors.set(found)
    try:
        yield found
    finally:
        _doors.reset(token)


def counts_doors() -> bool:
    """Whether this happens in such a block."""
    return _doors.get() is not None


def _note_door(url: str) -> None:
    if (doors := _doors.get()) is not None:
        doors.append(url)


@contextmanager
def left_to_a_mock() -> Iterator[None]:
    """Everything in this block is a mock's, below a hook: what reaches the network is unseen."""
    token = _mocked.set(True)
    try:
        yield
    finally:
        _mocked.reset(token)


# What the hooks tell the monitor that is installed

_installed: NetworkMonitor | None = None


def installed_monitor() -> NetworkMonitor | None:
    """The network monitor that is installed; None where there is none."""
    return _installed


def set_monitor(monitor: NetworkMonitor | None) -> None:
    """From now on this monitor is installed, or none is."""
    global _installed
    _installed = monitor


def pass_on(method: str, url: str, body: bytes | None = None) -> None:
    """A hook is about to send a request that it does not handle, or a mock below it has let one
    reach the network; the monitor hears, if one is installed.

    Of a connection that was kept alive, only the reply shows a mock's caller that it was used.
    `body` is what was read of it; where it asks a model, that is one which models.yml does not
    name. Raises what fails the test, where it may not be sent.
    """
    monitor = installed_monitor()
    if monitor is not None:
        monitor.request(method, url, monitor.asked_model(method, url, body) if body else "")


def sent_unnoted(outgoing: Outgoing) -> HttpRequest | None:
    """What is sent in a request's place where nothing is noted of it; None for itself."""
    request = sent_instead(outgoing)
    if request is None or not is_signed(request):
        return request
    from pytest_modelpin.intercept.botocore_hook import signed_anew

    return signed_anew(request)


def unheard_in_child(method: str, url: str, body: bytes) -> None:
    """A question that a forked child's hook sends itself: what it hears stays in the child."""
    monitor = installed_monitor()
    if monitor is not None and monitor.in_child:
        monitor.hooked_in_child(method, url, body)
