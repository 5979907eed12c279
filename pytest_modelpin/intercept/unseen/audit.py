"""Python's audit events, heard by at most one net at a time.

An audit hook can't be taken out again. There is one in a process, which does nothing while there
is no net, and it sees every library that uses Python's own sockets and processes.
"""

from __future__ import annotations

import sys
from typing import Any, Protocol

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
