"""HTTP as it is on the wire, whichever client library sends it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

RawHeaders = Sequence[tuple[bytes, bytes]]
"""Names and values in the order and the case in which they are sent, Latin-1."""


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request, its body read."""

    method: str
    url: str
    headers: RawHeaders
    body: bytes

    def header(self, name: str) -> str:
        """The value of the first header of that name (lower case), empty where there is none."""
        wanted = name.encode("latin-1")
        found = (value for each, value in self.headers if each.lower() == wanted)
        return next(found, b"").decode("latin-1")


@dataclass(frozen=True, slots=True)
class StoredReply:
    """A whole reply, kept to be handed to a client later: recorded, or fetched ahead."""

    status: int
    headers: RawHeaders | Mapping[str, str]
    chunks: Sequence[bytes]
    """The body in the pieces in which it came, or is to be handed over."""
    extensions: Mapping[str, Any] = field(default_factory=dict)
    """What else the client library that fetched it says of a reply, such as `http_version`."""

    def by_name(self) -> dict[str, str]:
        """The headers by lower-case name; of one given twice, the last."""
        if isinstance(self.headers, Mapping):
            return {name.lower(): value for name, value in self.headers.items()}
        return {n.decode("latin-1").lower(): v.decode("latin-1") for n, v in self.headers}
