"""A server on this machine that child processes ask instead of a provider.

It tells the net what they ask, and passes it on to where they would have gone. It stands where a
recording proxy is to stand: each request arrives here whole, while its test runs.
"""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from pytest_modelpin.intercept.unseen import net
from pytest_modelpin.intercept.unseen.alarm import Alarm
from pytest_modelpin.intercept.unseen.sending import hooked
from pytest_modelpin.providers.model_hosts import BASE_URLS, one_name

_NOT_PASSED_ON = frozenset(
    {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding",
     "upgrade", "host", "content-length", "expect"}
)  # fmt: skip
"""Headers of one connection (RFC 9110, 7.6.1), and those that are written anew."""

_SECONDS = 600.0
"""To wait for the provider, as long as the SDKs do."""

_PIECE = 65536


class Forwarder:
    """The server, from its making to `close`."""

    def __init__(self) -> None:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="modelpin-forwarder", daemon=True
        )
        self._thread.start()

    def base_urls(self, environment: Mapping[str, str], *, live: bool) -> dict[str, str]:
        """The variables to change, so that a child with this environment asks here.

        In a `live` run, what is signed for its host is left alone where it leaves this machine.
        """
        here = f"http://127.0.0.1:{self._server.server_port}"
        changed = {}
        for each in BASE_URLS:
            url = environment.get(each.variable) or each.default
            url = url if not url or "://" in url else f"http://{url}"
            if not url or url.startswith(here):
                continue
            if each.signed and live and one_name(urlsplit(url).hostname or "") != "127.0.0.1":
                continue
            number = self._server.number(url)
            changed[each.variable] = f"{here}/modelpin-{number}{urlsplit(url).path.rstrip('/')}"
        return changed

    def close(self) -> None:
        """Take no further request."""
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._upstream: list[str] = []
        self._lock = threading.Lock()

    def number(self, url: str) -> int:
        """By which the paths of requests for this address begin."""
        with self._lock:
            if url not in self._upstream:
                self._upstream.append(url)
            return self._upstream.index(url)

    def upstream(self, path: str) -> str | None:
        """The address that a path's first part stands for."""
        name, _, number = path.partition("-")
        if name != "modelpin" or not number.isdigit():
            return None
        return next(iter(self._upstream[int(number) :]), None)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A child that goes away in the middle is no business of the tests' output."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, format: str, *arguments: Any) -> None:
        """Keep quiet."""

    def _asked(self) -> None:
        with hooked():
            self._answer()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _asked

    def _answer(self) -> None:
        body = self._body()
        first, _, rest = self.path.lstrip("/").partition("/")
        upstream = self.server.upstream(first)
        if upstream is None:
            self._say(404, "no provider is asked by this path")
            return
        parts = urlsplit(upstream)
        path = f"/{rest}"
        asked = f"{self.command} {path.partition('?')[0]}"
        alarm = Alarm(_host(parts.hostname or "", parts.port), "a child process", asked)
        out = net.cast()
        refused = out.child_asked(alarm) if out is not None else "the tests are over"
        if refused is not None:
            self._say(400, refused)
            return
        self._forward(parts.scheme, parts.hostname or "", parts.port, path, body)

    def _forward(self, scheme: str, host: str, port: int | None, path: str, body: bytes) -> None:
        kind = http.client.HTTPSConnection if scheme == "https" else http.client.HTTPConnection
        connection = kind(host, port, timeout=_SECONDS)
        headers = {
            name: value
            for name, value in self.headers.items()
            if name.lower() not in _NOT_PASSED_ON
        }
        try:
            connection.request(self.command, path, body or None, headers)
            reply = connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            self._say(502, f"{host} can't be reached: {error}")
            return
        try:
            self._pass_back(reply)
        finally:
            connection.close()

    def _pass_back(self, reply: http.client.HTTPResponse) -> None:
        self.send_response_only(reply.status, reply.reason)
        for name, value in reply.getheaders():
            if name.lower() not in _NOT_PASSED_ON:
                self.send_header(name, value)
        self.send_header("connection", "close")
        self.close_connection = True
        self.end_headers()
        while piece := reply.read1(_PIECE):
            self.wfile.write(piece)
            self.wfile.flush()

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("transfer-encoding", "").lower():
            return self.rfile.read(int(self.headers.get("content-length") or 0))
        pieces = []
        while size := int(self.rfile.readline().partition(b";")[0].strip() or b"0", 16):
            pieces.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            """What stands behind the last piece is not needed."""
        return b"".join(pieces)

    def _say(self, status: int, sentence: str) -> None:
        document = {"error": {"message": sentence, "type": "pytest_modelpin"}}
        content = json.dumps(document).encode()
        self.send_response_only(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.send_header("connection", "close")
        self.close_connection = True
        self.end_headers()
        self.wfile.write(content)


def _host(host: str, port: int | None) -> str:
    return host if port is None else f"{host}:{port}"
