"""HTTP servers of a test's own, on a port of this machine."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Handler(BaseHTTPRequestHandler):
    """Prints nothing; what is put onto the server by `serving` is at `self.server`."""

    server: Any

    def log_message(self, *_: object) -> None:
        """Keep quiet."""

    def content(self) -> bytes:
        """The body of the request."""
        return self.rfile.read(int(self.headers.get("content-length") or 0))

    def give(
        self, document: object, status: int = 200, kind: str = "application/json", **headers: str
    ) -> None:
        """Answer with bytes, or with anything else as JSON."""
        content = document if isinstance(document, bytes) else json.dumps(document).encode()
        self.send_response(status)
        for name, value in {"content-type": kind, **headers}.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class Dripping(Handler):
    """Answers a byte at a time, each of them in time."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-length", "1000")
        self.end_headers()
        with suppress(OSError):
            for _ in range(1000):
                self.wfile.write(b" ")
                time.sleep(0.02)

    do_POST = do_GET


@contextmanager
def serving(handler: type[Handler], **kept: Any) -> Iterator[Any]:
    """The server with what it keeps, and its `url`."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        vars(server).update(kept, url=f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()
