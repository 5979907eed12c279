"""The sockets of Python, where a test has put others, or a guard, in their place.

pytest-socket puts a class there that refuses to be made; the server that children ask is no
business of the test's. What stands in `socket.socket`'s place is, mostly, a class below the real
one, and a socket that is made by accepting a connection is made anew by its name.
"""

from __future__ import annotations

import _socket
import socket
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    _Python = socket.socket
else:
    _Python = next(
        (each for each in getattr(socket.socket, "__mro__", ()) if each.__module__ == "socket"),
        socket.socket,
    )


class RealSocket(_Python):
    """A socket of which none that it makes is another's."""

    def accept(self) -> tuple[RealSocket, Any]:
        """The next connection and where it comes from. Raises OSError."""
        number, address = self._accept()  # type: ignore[attr-defined]
        return RealSocket(self.family, self.type, self.proto, fileno=number), address


def pair() -> tuple[socket.socket, socket.socket]:
    """Two sockets that are connected with each other."""
    if not hasattr(_socket, "socketpair"):  # on Windows, Python makes them of others
        return socket.socketpair()
    one, other = _socket.socketpair()
    return RealSocket(fileno=one.detach()), RealSocket(fileno=other.detach())
