"""An answer of the loopback server, on its way to whoever asked."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from dataclasses import dataclass, field

from pytest_modelpin.intercept.door import Listener, tee
from pytest_modelpin.recordings.exchange import RawHeaders, StoredReply


@dataclass
class Answer:
    """An answer on its way to whoever asked at the loopback server."""

    status: int
    headers: RawHeaders
    chunks: Iterator[bytes]
    connection: http.client.HTTPConnection | None = None
    listener: Listener | None = field(default=None, repr=False)

    def __enter__(self) -> Answer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def by_name(self) -> dict[str, str]:
        """The headers by lower-case name."""
        return StoredReply(self.status, self.headers, ()).by_name()

    def followed(self, listener: Listener) -> Answer:
        """The same answer, of which a listener is told."""
        self.chunks = tee(self.chunks, listener)
        self.listener = listener
        return self

    def close(self) -> None:
        """Nobody reads any more."""
        if self.connection is not None:
            self.connection.close()
        if self.listener is not None:
            self.listener.end(exhausted=False)
