"""Hears what no hook saw, attributes it to the running test, and stops it in a replay."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

from pytest_modelpin.intercept.driving import (
    installed_monitor,
    is_asked_here,
    is_hooked,
    is_under_way,
    set_monitor,
)
from pytest_modelpin.intercept.model_call_failed import ModelCallFailed
from pytest_modelpin.intercept.unseen.alarm import (
    Alarm,
    Mailbox,
    Policy,
    announces_requests,
    client_among,
    client_on_stack,
    names_on_stack,
    ordinary_for,
    refusal,
)
from pytest_modelpin.intercept.unseen.events import (
    REACHING,
    Reached,
    listen,
    named,
    reached,
    said,
    told_by_a_child,
    told_by_arguments,
)
from pytest_modelpin.intercept.waiting import missed
from pytest_modelpin.providers import provider_for
from pytest_modelpin.providers.model_hosts import USUAL_PORTS, ModelHosts, address_of, is_here

_getpid = os.getpid


class NetworkMonitor:
    """One process's monitor. Whose test runs is told by `begin` and `end`, which may be nested."""

    def __init__(
        self,
        hosts: ModelHosts,
        *,
        live: bool,
        policy: Policy = "fail",
        mailbox: Mailbox | None = None,
    ) -> None:
        """`live`: something may be sent in this run; else it is a replay, in which nothing may.

        With the `mailbox` of another's, this is a child's that was started anew.
        """
        self.hosts = hosts
        self.live = live
        self._policy = policy
        self.recorded_at: Callable[[], Iterable[str]] = tuple
        """Base URLs at which the recordings beside the running test were made."""
        self.failure: Callable[[str], BaseException] = ModelCallFailed
        """What to raise to fail the running test with a message."""
        self._pid = _getpid() if mailbox is None else None
        self._is_over = False
        self._outer: NetworkMonitor | None = None
        """That of the session in which this one's runs: a test may run tests."""
        self._lock = threading.Lock()
        self._running: list[tuple[str, Policy]] = []
        self._alarms: list[dict[Alarm, None]] = [{}]
        """Of each that runs, innermost last; the first: outside of any test."""
        self._mailbox = mailbox

    # The session's side

    def install(self) -> None:
        """From now on it hears."""
        if installed_monitor() is not self:
            self._outer = installed_monitor()
            set_monitor(self)
        self._is_over = False
        listen(self)

    def uninstall(self, *, keeps_refusing: bool = False) -> None:
        """The session is over, and it hears nothing any more; one that this one ran in does again.

        `keeps_refusing`: what may not be sent is stopped on, as the process ends with the session.
        """
        self._is_over = True
        if installed_monitor() is self and not keeps_refusing:
            set_monitor(self._outer)
            listen(self._outer)
            self._outer = None
        if self._mailbox is not None and not self.in_child:
            self._mailbox.close()
            self._mailbox = None

    def begin(self, test: str, policy: Policy | None = None) -> None:
        """A test, or a fixture within it, starts; `policy` is the test's own."""
        with self._lock:
            inherited = self._running[-1][1] if self._running else self._policy
            self._running.append((test, policy or inherited))
            self._alarms.append({})

    def end(self) -> tuple[Alarm, ...]:
        """The one begun last is over; what it asked unseen, each once."""
        self._take_mail()
        with self._lock:
            self._running.pop()
            return tuple(self._alarms.pop())

    def so_far(self) -> tuple[Alarm, ...]:
        """What the running test asked unseen up to now."""
        if self._mailbox is not None:
            self._take_mail()
        if not self._alarms[-1]:  # as in nearly every test
            return ()
        with self._lock:
            return tuple(self._alarms[-1])

    def outside(self) -> tuple[Alarm, ...]:
        """What was asked unseen while no test ran."""
        if not self._running:
            self._take_mail()
        with self._lock:
            return tuple(self._alarms[0])

    @property
    def policy(self) -> Policy:
        """Of the running test."""
        running = self._running[-1:]  # without the lock, which a fork may have left closed
        return running[0][1] if running else self._policy

    @property
    def refuses(self) -> bool:
        """Whether what the running test asks unseen is kept from the network."""
        return not self.live and self.policy == "fail"

    def mailbox(self) -> Mailbox:
        """Where children tell what they ask unseen."""
        self._mailbox = self._mailbox or Mailbox()
        return self._mailbox

    def learn(self, url: str) -> None:
        """A model answered at this base URL."""
        if address := address_of(url):
            self.hosts.learn(address)

    # What tells it something

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        """An audit event, before it happens."""
        if event in REACHING:
            found = None if is_hooked() else reached(event, arguments)
            looked_up = event == "socket.getaddrinfo"
            if found and not (looked_up and is_under_way(found.host)):
                self._reaching(found, looked_up)
        elif event in ("subprocess.Popen", "os.posix_spawn", "os.exec"):
            self._process_starts(arguments[0], arguments[1])
        elif event == "os.system":
            self._process_starts("sh", arguments[0])
        elif not (self.in_child or self._is_over):
            self.mailbox()
            from pytest_modelpin.intercept.unseen.child_processes import about_to_fork

            about_to_fork()

    def before_handshake(self, host: str, port: int | None = None) -> None:
        """A TLS handshake with a host is about to start, whoever was connected to for it.

        Or, with a port, a loop's own connection. Raises what refuses it.
        """
        if not (is_hooked() or (port is None and is_here(host)) or is_under_way(host)):
            self._reaching(Reached(host, port), in_loop=port is not None)

    def child_reaches(self, lines: Sequence[str], outlived: str = "") -> None:
        """A child that was started tells what it is about to reach by an address of its own.

        `outlived` is whose child it was, where its test is over. Raises what refuses it.
        """
        found, modules = told_by_a_child(lines)
        if found is not None and not self._will_be_announced(found, modules):
            self._child_asks(found, client_among(modules), outlived)

    def child_connects(self, host: str, port: int, client: str, outlived: str = "") -> None:
        """A child asks for a tunnel to a host; of what it will ask there, nothing is known.

        `client` is what it calls itself, empty where it does not say. Raises what refuses it.
        """
        self._child_asks(Reached(host, port), client, outlived)

    def _child_asks(self, found: Reached, client: str, outlived: str) -> None:
        # What the tests ask of a gateway on this machine, it asks for.
        if not self._knows(found.host, found.port, found.path) or is_asked_here():
            return
        host = named(found.host, found.port)
        if not outlived:
            called = f"a child process ({client})" if client else "a child process"
            self.raise_alarm(Alarm(host, called, found.said))
            return
        alarm = self.note_outlived(outlived, host, found.said)
        if self.refuses:
            raise ModelCallFailed(refusal("Code outside of any test", alarm))

    def note_outlived(self, whose: str, host: str, request: str) -> Alarm:
        """A child of the test `whose`, which is over, asks a host; the alarm that was noted."""
        alarm = Alarm(host, f"a child process of {whose} that outlived it", request)
        self.note_outside(alarm)
        return alarm

    def request(self, method: str, url: str, model: str = "", client: str = "") -> None:
        """A client is about to send a request of which all is known but how to handle it."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = USUAL_PORTS.get(parts.scheme) if parts.port is None else parts.port
        if self._knows(host, port, parts.path) or (model and not is_here(host)):
            what, client = said(method, parts.path), client or client_on_stack(2)
            self.raise_alarm(Alarm(named(host, port), client, what, model))

    def is_models(self, url: str) -> bool:
        """Whether models are asked at the host of a URL."""
        address = address_of(url)
        return address is not None and self._knows(address.host, address.port, None)

    def asked_model(self, method: str, url: str, body: bytes) -> str:
        """The id that a request asks of a model, at whatever host; empty where it asks none."""
        try:
            document = json.loads(body)
        except ValueError:
            return ""
        provider = provider_for(method, url, document) if type(document) is dict else None
        path = urlsplit(url).path
        return (provider and provider.requested_model(path, document)) or ""

    def note_outside(self, alarm: Alarm) -> None:
        """Something was asked that belongs to no test, whichever runs."""
        with self._lock:
            self._alarms[0][alarm] = None

    def answered_in_its_place(self, method: str, url: str, body: bytes, by: str) -> None:
        """Another's recording answers a request, over no network.

        In a replay that is as good as a mock. In a live run the model that is selected was not
        asked, so that the test says nothing of it.
        """
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        known = self._knows(host, port, parts.path) or self.asked_model(method, url, body)
        if self.live and self.is_running and known:
            self._note(Alarm(named(host, port), by, said(method, parts.path)))

    def raise_alarm(self, alarm: Alarm, ordinary: type[ModelCallFailed] | None = None) -> None:
        """Note it; in replay, fail the test before anything is sent.

        By an `ordinary` exception whoever asked catches it; the test fails by what was noted.
        """
        self._note(alarm)
        if self.refuses:
            message = refusal(self._test(), alarm)
            missed(message)
            raise (ordinary or (ModelCallFailed if self.in_child else self.failure))(message)

    def hooked_in_child(self, method: str, url: str, body: bytes) -> None:
        """A forked child sends a question that a hook handles; the parent does not hear it."""
        if self.asked_model(method, url, body):
            parts = urlsplit(url)
            host = named(parts.hostname or "", parts.port)
            self._note(Alarm(host, "a forked process", said(method, parts.path)))

    @property
    def in_child(self) -> bool:
        """Whether this is a child of the process whose tests run."""
        return _getpid() != self._pid

    @property
    def is_running(self) -> bool:
        """Whether a test runs."""
        return bool(self._running)

    # What the events mean

    def _reaching(self, found: Reached, looked_up: bool = False, in_loop: bool = False) -> None:
        if self._knows(found.host, found.port, found.path):
            names = names_on_stack(3)
            if not self._will_be_announced(found, names):
                alarm = Alarm(named(found.host, found.port), client_among(names), found.said)
                self.raise_alarm(alarm, ordinary_for(names, looked_up=looked_up, in_loop=in_loop))

    def _will_be_announced(self, found: Reached, names: Collection[str]) -> bool:
        """Whether the path will tell, in an event that follows."""
        return (
            not found.method
            and self.hosts.by_path(found.host, found.port)
            and announces_requests(names)
        )

    def _process_starts(self, executable: Any, arguments: Any) -> None:
        """A child told by its arguments where to ask: no variable will lead it elsewhere."""
        if is_hooked():
            return
        for url, program in told_by_arguments(executable, arguments):
            address = address_of(url)
            path = None if url.startswith("tcp:") else urlsplit(url).path
            if address and self._knows(address.host, address.port, path):
                host = named(address.host, address.port)
                self.raise_alarm(Alarm(host, f"a child process ({program})"))

    def _knows(self, host: str, port: int | None, path: str | None) -> bool:
        return self.hosts.knows(host, port, path) or self.all_hosts().knows(host, port, path)

    def all_hosts(self) -> ModelHosts:
        """Those known, with those that the recordings beside the running test name."""
        if self._running:
            for url in self.recorded_at():
                self.learn(url)
        return self.hosts

    @property
    def running(self) -> tuple[str, Policy]:
        """The test that runs, and its policy."""
        return self._test(), self.policy

    def _note(self, alarm: Alarm) -> None:
        if self.in_child:
            if self._mailbox is not None:
                self._mailbox.put(alarm)
            return
        with self._lock:
            noted = self._alarms[-1]
            for known in tuple(noted):
                if (known.host, known.client) == (alarm.host, alarm.client):
                    if not alarm.request or known.request == alarm.request:
                        return
                    if not known.request:  # the connection, of which the request is now known
                        del noted[known]
            noted[alarm] = None

    def _take_mail(self) -> None:
        if self._mailbox is not None and not self.in_child:
            for alarm in self._mailbox.take():
                self._note(alarm)

    def _test(self) -> str:
        return next((test for test, _ in self._running[-1:]), "Code outside of any test")
