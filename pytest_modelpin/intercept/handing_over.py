"""A child process with our hooks in it: what it asks goes by way of the tests' own process.

A forked child has the hooks of its parent. One that `multiprocessing` starts anew gets them with
what it is to run. Both hand each request over whole and get its reply whole.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.intercept.door import Flow, Give, Pass, Read, Wait, Way
from pytest_modelpin.intercept.driving import hooked, installed_monitor
from pytest_modelpin.intercept.model_call_failed import ModelCallFailed
from pytest_modelpin.intercept.unseen.alarm import Mailbox, Policy
from pytest_modelpin.intercept.unseen.monitor import NetworkMonitor
from pytest_modelpin.providers.model_hosts import ModelAddress, ModelHosts
from pytest_modelpin.recordings.exchange import HttpRequest, RawHeaders, StoredReply
from pytest_modelpin.registry.selection import Selection

if TYPE_CHECKING:
    from pytest_modelpin.intercept.unseen.child_proxies import UserProxy

REFUSED = "x-modelpin-refused"
"""The header of an answer that is ours, not a provider's."""

ONE_CONNECTION = frozenset(
    {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding",
     "upgrade", "host", "content-length", "expect"}
)  # fmt: skip
"""Headers of one connection (RFC 9110, 7.6.1), and those that are written anew."""

_SECONDS = 3600.0
"""The parent watches how long a reply takes; it may have been told to be very patient."""

_getpid = os.getpid
_parent: tuple[int, str] | None = None


def under(address: str, url: str) -> str:
    """A URL as it is asked at the parent's address instead."""
    scheme, _, rest = url.partition("://")
    return f"{address}/{scheme}/{rest}"


def is_under(address: str, url: str) -> bool:
    """Whether a URL is asked at the server of the parent's address, for whichever capture."""
    return url.startswith(address.rpartition("/")[0] + "/")


def hand_over_to(address: str) -> None:
    """Children that are forked from now on ask at this address of this process."""
    global _parent
    _parent = _getpid(), address


def stop() -> None:
    """Children that are forked from now on have nobody to ask."""
    global _parent
    _parent = None


def parents_address() -> str | None:
    """Where this process is to ask; None in the one that runs the tests."""
    return _parent[1] if _parent is not None and _parent[0] != _getpid() else None


def handed_over(address: str, door: Way, content: bytes) -> Flow:
    """The rest of a flow in a child. Raises ModelCallFailed with what the parent refuses it for.

    A base URL may have led here already; then the URL says whose child asks, and stays.
    """
    asked = door.url if is_under(address, door.url) else under(address, door.url)
    request = HttpRequest(door.method, asked, door.headers, content)
    reply: StoredReply = yield Wait(partial(_ask, request))
    return Give(reply)


def _ask(request: HttpRequest) -> StoredReply:
    import http.client  # and with it ssl, which most runs never need

    parts = urlsplit(request.url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    connection = http.client.HTTPConnection(parts.netloc, timeout=_SECONDS)
    with hooked():
        try:
            connection.putrequest(request.method, target, skip_accept_encoding=True)
            for raw_name, value in request.headers:
                name = raw_name.decode("latin-1")
                if name.lower() not in ONE_CONNECTION:
                    connection.putheader(name, value)
            connection.putheader("content-length", str(len(request.body)))
            connection.endheaders(request.body)
            reply = connection.getresponse()
            content = reply.read()
        except (OSError, http.client.HTTPException) as error:
            raise ModelCallFailed(
                f"The tests are over, or their process does not answer ({error}): what a child "
                "process asks of models goes through it."
            ) from None
        finally:
            connection.close()
    if reply.headers.get(REFUSED):
        raise ModelCallFailed(json.loads(content)["error"]["message"])
    headers = [
        (name.encode("latin-1"), value.encode("latin-1", "replace"))
        for name, value in reply.getheaders()
        if name.lower() not in ONE_CONNECTION
    ]
    return StoredReply(reply.status, headers, [content] if content else [])


class PackedMonitor(NamedTuple):
    """All of a monitor that a child which is started anew needs, so that it can be pickled."""

    addresses: tuple[ModelAddress, ...]
    """Where models are asked, by this process's variables: those of the child lead back here."""
    live: bool
    test: str
    policy: Policy
    mailbox: str

    def install(self) -> None:
        """In the child: hear what it asks unseen, tell the parent, and stop it in a replay."""
        hosts = ModelHosts({})
        for address in self.addresses:
            hosts.learn(address)
        monitor = NetworkMonitor(
            hosts, live=self.live, policy=self.policy, mailbox=Mailbox(self.mailbox)
        )
        monitor.begin(self.test)
        monitor.install()


def packed_monitor() -> PackedMonitor | None:
    """The installed monitor, for a child that is started now; None where there is none."""
    monitor = installed_monitor()
    if monitor is None:
        return None
    test, policy = monitor.running
    addresses = monitor.all_hosts().addresses()
    return PackedMonitor(addresses, monitor.live, test, policy, monitor.mailbox().path)


class HookedTarget(NamedTuple):
    """What a process started anew is to run, with the hooks in it."""

    target: Callable[..., Any]
    address: str
    selection: Selection
    endpoints: tuple[tuple[str, str, str, str], ...]
    sends: bool
    monitor: PackedMonitor | None
    user_proxies: Mapping[str, UserProxy]

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """In the child: put the hooks in and the monitor below them, and run it."""
        from pytest_modelpin.intercept import hooks
        from pytest_modelpin.providers.catalogue import use_endpoints

        use_endpoints(self.endpoints)
        global _parent
        _parent = os.getppid(), self.address  # for what it starts itself
        hooks.install(_ChildInterceptor(self.address, self.selection, sends=self.sends))
        if self.monitor is not None:
            self.monitor.install()
        if self.user_proxies:
            from pytest_modelpin.intercept.unseen import child_proxies

            child_proxies.know(self.user_proxies)
        return self.target(*arguments, **options)


class _ChildInterceptor:
    """Decides nothing: it knows what its parent has to decide."""

    def __init__(self, address: str, selection: Selection, *, sends: bool) -> None:
        from pytest_modelpin.intercept.recognising import Recogniser

        self._address = address
        self._recogniser = Recogniser(selection)
        self.sends = sends

    def may_concern(self, method: str, url: str, headers: RawHeaders) -> bool:
        return self._recogniser.may_concern(method, url, headers)

    def flow(self, door: Way) -> Flow:
        method, url, headers = door.method, door.url, door.headers
        if is_under(self._address, url):
            # Passed on, a refusal would reach the code as a status 400, and what clients make of
            # one (httpx, openai) can't be unpickled: a pool would wait for its result for ever.
            content = yield Read()
            return (yield from handed_over(self._address, door, content))
        if not self._recogniser.may_concern(method, url, headers):
            return Pass()
        content = yield Read()
        try:
            if self._recogniser.recognise(method, url, headers, content) is None:
                return Pass()
        except ModelpinError:
            """What it can't tell apart, the parent can: it knows the test."""
        return (yield from handed_over(self._address, door, content))
