"""What went to a model where no hook could record, replay or swap it, and how that is said.

Children tell it to the process that runs the tests in a file, a line for each alarm. It is handled
by functions taken at import: a test may have replaced them by a fake file system.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Collection
from types import FrameType
from typing import Literal, NamedTuple

from pytest_modelpin.intercept.model_call_failed import (
    ConnectionToModelRefused,
    ModelCallFailed,
    ModelHostUnknown,
)
from pytest_modelpin.typed_json import Misfit, read_as

_open, _write, _read, _close, _unlink = os.open, os.write, os.read, os.close, os.unlink
_fstat, _lseek = os.fstat, os.lseek
_mkstemp = tempfile.mkstemp

Policy = Literal["fail", "warn", "allow"]
"""What becomes of a test that asks a model unseen."""

_HOOKED = ("httpx", "httpx2", "requests", "urllib3", "aiohttp", "botocore")
"""Clients with a hook: what it let pass is no request that it knows."""

CASSETTE = "a vcrpy cassette"
"""Stands in a client's place: it answered before any hook was asked."""

IN_FRONT = "what answers before its client sends"
"""As a cassette, but of a cache's transport, or one of the code's own; its name follows."""

POLICIES: tuple[Policy, ...] = ("fail", "warn", "allow")


class Alarm(NamedTuple):
    """One way in which a test reached a model unseen."""

    host: str
    """With its port where that is not the usual one."""
    client: str
    """The library that asked; `a child process (curl)`."""
    request: str = ""
    """Method and path, where they are known."""
    model: str = ""
    """The id asked for, where it is no pin of models.yml's and not selected."""

    @property
    def said(self) -> str:
        """What was done, as the end of a sentence that begins with the test."""
        if self.model:
            return (
                f"asked {self.model}, which models.yml does not pin, at {self.host} "
                f"through {self.client}"
            )
        what = f" ({self.request})" if self.request else ""
        return f"asked {self.host}{what} through {self.client}"


def refusal(test: str, alarm: Alarm) -> str:
    """Why a replaying test fails: test, host, client, and what to do."""
    return (
        f"{test} {alarm.said}, where pytest-modelpin can neither record nor replay it, and replay "
        f"never calls the network: {remedy(alarm)}, mock the call, or let it pass with "
        '@pytest.mark.modelpin(unseen="allow") or `modelpin_unseen = allow` in the ini file.'
    )


def remedy(alarm: Alarm) -> str:
    """What would have the request seen, as a command to the reader."""
    if alarm.model:
        return "make it the `production:` of a name in models.yml, or select it by `--model`"
    if alarm.client.endswith(" that outlived it"):
        return "end it with its test, or start it in a fixture that the tests share"
    if alarm.client.startswith("a child process"):
        return (
            "have it take its base URL from a variable such as OPENAI_BASE_URL, which leads it here"
        )
    if alarm.client == CASSETTE:
        return "take the cassette (`@pytest.mark.vcr`) off, and run `pytest-modelpin record`"
    if alarm.client.startswith(IN_FRONT):
        return "take that off for tests: what it keeps may be another model's answer"
    if alarm.client in _HOOKED:
        return "ask for an answer of a model in models.yml instead"
    if alarm.client == "grpc":
        return (
            'ask over HTTP (google-genai does, Google\'s older SDKs with transport="rest", and '
            "openai's SDK asks xAI)"
        )
    return "ask through httpx, requests, urllib3, aiohttp or boto3, or an SDK built on one of them"


def _told(line: str) -> Alarm | None:
    """A line's alarm; None of a line that is none: whatever a test starts knows the file's name."""
    try:
        return read_as(Alarm, line)
    except Misfit:
        return None


class Mailbox:
    """Made before the first fork, so that children inherit the open file.

    One that is started anew opens it by its path.
    """

    def __init__(self, path: str | None = None) -> None:
        if path is None:
            made, path = _mkstemp(prefix="modelpin-", suffix=".unseen")
            _close(made)
        self.path = path
        try:
            self._file = _open(path, os.O_RDWR | os.O_APPEND)
        except FileNotFoundError:  # the tests are over, and nobody reads it any more
            self._file = _open(os.devnull, os.O_RDWR)
        self._read_to = 0

    def put(self, alarm: Alarm) -> None:
        """From a child: one write, which other children's don't mix with."""
        _write(self._file, (json.dumps(alarm._asdict()) + "\n").encode())

    def take(self) -> list[Alarm]:
        """What came since the last time."""
        size = _fstat(self._file).st_size
        if size <= self._read_to:
            return []
        _lseek(self._file, self._read_to, os.SEEK_SET)
        lines = _read(self._file, size - self._read_to).decode(errors="replace").splitlines()
        self._read_to = size
        return [alarm for line in lines if (alarm := _told(line))]

    def close(self) -> None:
        """The session is over."""
        _close(self._file)
        with contextlib.suppress(OSError):  # gone with its folder, or open in a child on Windows
            _unlink(self.path)


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
    "treq",
    "grpc",
    "urllib3",
    "urllib.request",
    "http.client",
    "asyncio",
    "anyio",
    "trio",
    "twisted",
    "gevent",
    "eventlet",
    "Node.js",
)
"""From what a person would name to what it stands on."""

_EXECUTOR = "concurrent.futures.thread"
"""Where the event loop looks up hosts: nothing of who asked is on that stack."""

_IN_A_LOOP = "asyncio.events"
"""It runs every callback and every step of a task."""

_LOOPBACK = "pytest_modelpin.intercept.loopback"

BELOW_HTTP_CLIENT = ("http.client", "urllib3.connection")
"""Whose connections announce each request by an audit event of their own."""


def client_on_stack(depth: int = 1) -> str:
    """The library that a person would name; `a socket` where it is the test's own."""
    names = names_on_stack(depth + 1)
    return "a child process" if _LOOPBACK in names else client_among(names)


def names_on_stack(depth: int = 1) -> set[str]:
    """The modules that stand on the stack, from the caller's `depth` on."""
    names = set()
    frame: FrameType | None = sys._getframe(depth)
    while frame is not None:
        names.add(frame.f_globals.get("__name__", ""))
        frame = frame.f_back
    return names


def client_among(names: Collection[str]) -> str:
    """The library that a person would name, of the modules on a stack."""
    for client in _CLIENTS:
        if any(name == client or name.startswith(f"{client}.") for name in names):
            return client
    return "asyncio" if _EXECUTOR in names else "a socket"


def by_executor(names: Collection[str]) -> bool:
    """Whether a thread of an executor does this, which hands on whatever it ends in."""
    return _EXECUTOR in names


def ordinary_for(
    names: Collection[str], *, looked_up: bool, in_loop: bool
) -> type[ModelCallFailed] | None:
    """The ordinary exception that whoever hears of a refusal needs.

    None where nothing hears it but the test. `names` are the modules on the stack; `looked_up`: a
    host is looked up; `in_loop`: an event loop is known to hear of it.
    """
    if any(name.startswith("twisted.") for name in names):
        # Of all but a socket's own errors, the reactor and its look-up of hosts make a line of a
        # log, and whoever waits for the answer waits on.
        return ModelHostUnknown if looked_up else ConnectionToModelRefused
    # Few await more of a loop than an ordinary exception: Tornado's client hung.
    if in_loop or _IN_A_LOOP in names or (looked_up and by_executor(names)):
        return ModelCallFailed
    return None


def announces_requests(names: Collection[str]) -> bool:
    """Whether an audit event of `http.client` will follow, with the request's path."""
    return any(name in BELOW_HTTP_CLIENT for name in names)
