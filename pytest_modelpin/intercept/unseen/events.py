"""Python's audit events, heard by at most one monitor at a time, and what they say: which host is
reached, and how, and what a program is told.

An audit hook can't be taken out again. There is one in a process, which does nothing while no
monitor is installed, and it sees every library that uses Python's own sockets and processes.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlsplit

from pytest_modelpin.providers.model_hosts import USUAL_PORTS, is_here, one_name

REACHING = frozenset(
    {
        "socket.connect",
        "socket.getaddrinfo",
        "http.client.send",
        # With an address they connect, too: TCP by its fast open, and QUIC.
        "socket.sendmsg",
        "socket.sendto",
    }
)
"""Those by which a host is reached; `in_children/sitecustomize.py` hears the same."""

HEARD = REACHING | frozenset(
    {
        "os.exec",
        "os.fork",
        "os.forkpty",
        "os.posix_spawn",
        "os.system",
        "subprocess.Popen",
    }
)


class Listener(Protocol):
    """What is told of the events."""

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        """One of `HEARD`, before it happens; what this raises keeps it from happening."""


_listener: Listener | None = None
_is_in = False


def listen(listener: Listener | None) -> None:
    """From now on `listener` is told; None: nobody is."""
    global _listener, _is_in
    _listener = listener
    if listener is not None and not _is_in:
        _is_in = True
        sys.addaudithook(_hear)


def _hear(event: str, arguments: tuple[Any, ...], heard: frozenset[str] = HEARD) -> None:
    # A test raises dozens of others. At the process's end names of modules are None already.
    if event in heard and _listener is not None:
        _listener.hear(event, arguments)


_REQUEST_LINE = rb"([A-Z]{3,10}) (\S+) HTTP/1\.[01]\r\n"  # compiled when it is first needed
_URL = r"https?://[^\s\"'<>]+"
_HOST = r"((?:[A-Za-z0-9][A-Za-z0-9-]*\.)*[A-Za-z0-9][A-Za-z0-9-]*|\[[0-9A-Fa-f:.]+\])"
_BARE = rf"(?<![\w./@%-]){_HOST}:(\d{{1,5}})(?![\w:.])(/[^\s\"'<>]*)?"
_PLAIN = r"(?:[A-Za-z0-9][A-Za-z0-9-]*\.)+[A-Za-z0-9][A-Za-z0-9-]*(?:/[^\s\"'<>]*)?"
_BY_SHELL = r"/dev/(?:tcp|udp)/([^/\s]+)/(\d{1,5})"
_BY_NETCAT = (
    rf"(?<![\w.-])(?:nc|ncat|netcat|telnet)\s(?:[^;&|]{{0,200}}?\s)?{_HOST}\s+(\d{{1,5}})(?!\S)"
)
_ASKING = r"(?<![\w.-])(?:curl|wget|https?|xhs?|openssl|socat|grpcurl|websocat)(?![\w.-])"
"""Programs whose address without a scheme is one to ask at, and none to listen at."""


class Reached(NamedTuple):
    """A host that is about to be reached, and what is known of the request."""

    host: str
    port: int | None
    method: str = ""
    """Empty where only a connection is made."""
    path: str | None = None
    """None where no request is known, or where it only asks a proxy for the way."""

    @property
    def said(self) -> str:
        """Method and path, as an alarm names them."""
        return "" if self.path is None else said(self.method, self.path)


def named(host: str, port: int | None) -> str:
    """A host as an alarm names it: with its port where that is not a usual one."""
    name = one_name(host)
    return name if port is None or port in USUAL_PORTS.values() else f"{name}:{port}"


_LONGEST_PATH = 120


def said(method: str, path: str) -> str:
    """A request as an alarm names it: without its query, and not too long.

    `method` may be empty, where it is not known.
    """
    bare = path.partition("?")[0]
    return f"{method} {bare}".strip()[:_LONGEST_PATH]


def reached(event: str, arguments: Sequence[Any]) -> Reached | None:
    """What an event reaches; None where that is no host, or only this machine by name."""
    if event == "http.client.send":
        return _sent(arguments[0], arguments[1])
    if event == "socket.getaddrinfo":
        return _looked_up(arguments[0], arguments[1])
    address = arguments[1]
    if not (isinstance(address, tuple) and len(address) >= 2):
        return None
    host, port = _text(address[0]), address[1]
    return Reached(host, port) if isinstance(host, str) and isinstance(port, int) else None


def told_by_a_child(lines: Sequence[str]) -> tuple[Reached | None, Sequence[str]]:
    """What a started child is about to reach, and the modules on its stack.

    The lines are written by `in_children/sitecustomize.py`. Raises ValueError or IndexError where
    they are not.
    """
    event, *rest = lines
    size = 5 if event == "http.client.send" else 2
    told, modules = rest[:size], rest[size:]
    host, port = told[0], _number(told[1])
    if event == "http.client.send":
        connection = SimpleNamespace(
            host=host, port=port, _tunnel_host=told[2], _tunnel_port=_number(told[3])
        )
        return _sent(connection, told[4].encode("latin-1") + b"\r\n"), modules
    if event == "socket.getaddrinfo":
        return reached(event, (host, port or told[1] or None)), modules
    return reached(event, (None, (host, port))), modules


def told_by_arguments(executable: Any, arguments: Any) -> Iterator[tuple[str, str]]:
    """Each URL that a program is started with, and the program's name.

    An address without a scheme counts where it has a path or is given to a program that asks there,
    as `tcp://host:port` where nothing is known of the path.
    """
    given = [arguments] if isinstance(arguments, str | bytes) else arguments
    words = [_word(word) for word in given] if isinstance(given, list | tuple) else []
    program = os.path.basename(_word(executable or (words or [""])[0]))  # noqa: PTH119
    text = " ".join(words)
    asks = re.search(_ASKING, text) is not None
    for word in words:
        yield from ((url, program) for url in re.findall(_URL, word))
    for host, port, path in re.findall(_BARE, text):
        if path or asks:
            yield f"http://{host}:{port}{path}" if path else f"tcp://{host}:{port}", program
    for word in words if asks else ():
        # A shell's command is one word; another's that has blanks is a header, say, or a text.
        parts = word.split() if re.search(_ASKING, word) else [word]
        yield from ((f"http://{each}", program) for each in parts if re.fullmatch(_PLAIN, each))
    for host, port in re.findall(_BY_SHELL, text) + re.findall(_BY_NETCAT, text):
        yield f"tcp://{host}:{port}", program


def _word(word: Any) -> str:
    if isinstance(word, bytes):
        return word.decode(errors="replace")
    return os.fspath(word) if isinstance(word, os.PathLike) else str(word)


def _number(port: str) -> int | None:
    return int(port) if port.isdecimal() else None


def _looked_up(host: Any, port: Any) -> Reached | None:
    host = _text(host)
    if not isinstance(host, str):
        return None
    try:
        number = None if port is None else int(port)
    except (TypeError, ValueError):
        number = USUAL_PORTS.get(str(port))
    if number is None and is_here(host):
        return None  # this machine alone says nothing: the port would tell
    return Reached(host, number)


def _sent(connection: Any, data: Any) -> Reached | None:
    if not isinstance(data, bytes | bytearray):
        return None
    line = re.match(_REQUEST_LINE, data)
    if line is None:
        return None
    method, target = line[1].decode(), line[2].decode("latin-1")
    host, port = connection.host, connection.port
    if method == "CONNECT":
        host, _, number = target.rpartition(":")
        return Reached(host, int(number) if number.isdigit() else None, method)
    if getattr(connection, "_tunnel_host", None):
        host, port = connection._tunnel_host, connection._tunnel_port or 443
    if "://" in target:
        parts = urlsplit(target)
        host, port, target = parts.hostname or host, parts.port or port, parts.path
    return Reached(host, port, method, target)


def _text(host: Any) -> Any:
    if isinstance(host, bytes | bytearray):
        return bytes(host).decode("ascii", "replace")
    return host
