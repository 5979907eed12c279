"""Connections of urllib3 from outside their clients: a pool of our own, with another's settings."""

from __future__ import annotations

import queue
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from pytest_modelpin.intercept.unseen.sending import asking
from pytest_modelpin.intercept.urllib3_hook import (
    by_name,
    note_connections,
    pieces,
    raw,
    shut_down,
    within,
)
from pytest_modelpin.live.reply_limits import DeadlinePassed, Watch
from pytest_modelpin.recordings.exchange import HttpRequest, StoredReply


class Urllib3Sender:
    """Sends past the hook, over connections that no client shares."""

    def __init__(self, pool: Any, urlopen: Callable[..., Any]) -> None:
        self._pool = pool
        self._urlopen = urlopen

    def send(self, request: HttpRequest, seconds: float) -> StoredReply:
        """See `route.Sender`. Raises what urllib3 raises, and DeadlinePassed."""
        view = within(self._pool, self._urlopen)
        taken = note_connections(view)
        parts = urlsplit(request.url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")

        def break_off() -> None:
            for connection in taken:
                shut_down(connection)

        with Watch.shared().over(seconds, break_off) as alarm:
            try:
                with asking(request.url):
                    reply = self._urlopen(
                        view, request.method, target, request.body, by_name(request.headers),
                        False, False, timeout=seconds, preload_content=False,
                    )  # fmt: skip
                chunks = list(pieces(reply))
            except Exception:
                if alarm.rang:
                    raise DeadlinePassed from None
                raise
        return StoredReply(reply.status, raw(reply.headers), chunks)

    def close(self) -> None:
        """Close its connections."""
        connections = self._pool.pool
        while not connections.empty():
            if (connection := connections.get(block=False)) is not None:
                connection.close()


def copy_pool(pool: Any, urlopen: Callable[..., Any]) -> Urllib3Sender | None:
    """A pool with the same TLS and proxy, of any size; None where it speaks through a plain proxy.

    `urlopen` is its class's way to send a request.
    """
    if pool.proxy is not None and pool.scheme == "http":
        return None
    copied = within(pool, urlopen)
    copied.pool = queue.LifoQueue(0)
    copied.block = False
    return Urllib3Sender(copied, urlopen)
