"""The HTTP side of the embedded provider: connections, chunks, and the lists of its models."""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from pytest_modelpin.demo.dialects import CHAT
from pytest_modelpin.demo.question_and_answer import (
    Answer,
    Dialect,
    Document,
    Question,
    text_of,
    tools_of,
)
from pytest_modelpin.providers import identify, provider_for

if TYPE_CHECKING:
    from pytest_modelpin.demo.provider_server import ProviderServer


@dataclass(frozen=True, slots=True)
class Fault:
    """How the server misbehaves towards one request."""

    status: int | None = None
    """Answer with this error instead."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Sent with the error, such as `retry-after`."""
    message: str = "This error was asked for."
    disconnect_after: int | None = None
    """Close the connection after so many events of a stream; a plain reply breaks off half-way."""
    seconds: float = 0.0
    """Wait before anything else, such as for longer than the client does."""


@dataclass(frozen=True, slots=True)
class Received:
    """One request that reached the server."""

    method: str
    path: str
    model: str | None
    served: str | None
    has_key: bool
    """Whether it bore an API key; the key itself is not kept."""
    status: int


@dataclass(frozen=True, slots=True)
class OtherReply:
    """What is given where no answer is asked for, or none is due."""

    document: Mapping[str, Any]
    model: str | None = None
    served: str | None = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


_POLL = 0.01  # seconds until `close` is noticed: each of a suite's tests may wait for it
_KEY_HEADERS = ("authorization", "x-api-key", "x-goog-api-key", "api-key")


def serve(provider: ProviderServer) -> HttpServer:
    """Listen on a free port of 127.0.0.1 in a thread of its own."""
    server = HttpServer(provider)
    threading.Thread(target=server.serve_forever, args=(_POLL,), daemon=True).start()
    return server


class HttpServer(ThreadingHTTPServer):
    """The listening socket, and a thread for each connection."""

    daemon_threads = True
    request_queue_size = 256  # connections that arrive at once wait here, not at the client

    def __init__(self, provider: ProviderServer) -> None:
        self.provider = provider
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def close(self) -> None:
        """Stop listening and drop every connection, idle ones included."""
        self.shutdown()
        self.server_close()
        with self._lock:
            for connection in self._open:
                _hang_up(connection)

    def opened(self, connection: socket.socket) -> None:
        """Remember a connection until it is over."""
        with self._lock:
            self._open.add(connection)

    def over(self, connection: socket.socket) -> None:
        """Forget a connection."""
        with self._lock:
            self._open.discard(connection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client may hang up whenever it likes; anything else is a mistake of ours."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class _Disconnect(OSError):
    """Ends a connection in the middle of a reply."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # small events must leave at once
    server: HttpServer

    def setup(self) -> None:
        super().setup()
        self.server.opened(self.connection)

    def finish(self) -> None:
        self.server.over(self.connection)
        super().finish()

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are kept in `ProviderServer.requests`, not printed."""

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        dialect = _list_dialect(path, self.headers.get("anthropic-version"))
        document = _listed_models(path, dialect, self.server.provider.aliases)
        if document is None:
            self._fail(CHAT, 404, f"Nothing is at {path}.")
        else:
            self._give(OtherReply(document))

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers.get("content-length") or 0))
        path = urlsplit(self.path).path
        headers = {name.lower(): value for name, value in self.headers.items()}
        if other := self.server.provider.other_reply(self.path, headers, content):
            self._give(other)
            return
        dialect = self.server.provider.dialect_at(path)
        provider = provider_for("POST", self.path, content)
        body: dict[str, Any] = json.loads(content) if provider else {}
        model = provider.requested_model(path, body) if provider else None
        if dialect is None or model is None:
            self._fail(dialect or CHAT, 404, f"No question to a model can be put to {path}.")
            return
        fault = self.server.provider.take_fault(model)
        if fault:
            self.server.provider.wait(fault.seconds)
        if fault and fault.status is not None:
            self._fail(dialect, fault.status, fault.message, model, fault)
        else:
            self._answer(dialect, path, model, body, fault)

    def _give(self, reply: OtherReply) -> None:
        self._note(reply.model, reply.served, reply.status)
        self._send(reply.status, reply.document, reply.headers)

    def _answer(
        self, dialect: Dialect, path: str, model: str, body: dict[str, Any], fault: Fault | None
    ) -> None:
        provider = self.server.provider
        served = provider.served_by(model)
        question = Question(dialect.provider, model, served, text_of(body), tools_of(body), body)
        try:
            reply, usage = provider.reply_to(question)
        except Exception as mistake:
            self._fail(dialect, 400, f"The answer function raised {mistake!r}.", model)
            return
        options = body.get("stream_options")
        answer = Answer(
            reply,
            reply.served_model or served,
            usage,
            provider.next_number(),
            int(time.time()),
            (isinstance(options, dict) and bool(options.get("include_usage")))
            or identify(model).provider == "mistral",  # who tells it without being asked
        )
        self._note(model, answer.served, 200)
        provider.wait(provider.latency)
        after = fault.disconnect_after if fault else None
        if dialect.streams(path, body):
            self._stream(dialect, answer, after)
        else:
            self._send(200, dialect.plain(answer), torn=after is not None)

    def _fail(
        self,
        dialect: Dialect,
        status: int,
        message: str,
        model: str | None = None,
        fault: Fault | None = None,
    ) -> None:
        headers = fault.headers if fault else {}
        self._give(OtherReply(dialect.error(status, message), model, None, status, headers))

    def _send(
        self,
        status: int,
        document: Mapping[str, Any],
        headers: Mapping[str, str] | None = None,
        *,
        torn: bool = False,
    ) -> None:
        content = json.dumps(document).encode()
        self.send_response(status)
        self._send_headers({"content-type": "application/json", **(headers or {})})
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if torn else content)
        if torn:
            raise _Disconnect

    def _stream(self, dialect: Dialect, answer: Answer, disconnect_after: int | None) -> None:
        self.send_response(200)
        self._send_headers({"content-type": dialect.stream_type})
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        events: Iterator[str | bytes] = dialect.streamed(answer)
        for number, event in enumerate(events):
            chunk = event.encode() if isinstance(event, str) else event
            if number == disconnect_after:
                raise _Disconnect
            if number:
                self.server.provider.wait(self.server.provider.delay)
            self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
        self.wfile.write(b"0\r\n\r\n")

    def _send_headers(self, headers: dict[str, str]) -> None:
        for name, value in headers.items():
            self.send_header(name, value)
        for cookie in _cookies(self.server.provider.next_cookie()):
            self.send_header("set-cookie", cookie)

    def _note(self, model: str | None, served: str | None, status: int) -> None:
        parts = urlsplit(self.path)
        has_key = "key=" in parts.query or any(self.headers.get(name) for name in _KEY_HEADERS)
        self.server.provider.requests.append(
            Received(self.command, parts.path, model, served, has_key, status)
        )


def _cookies(number: int) -> tuple[str, str]:
    """What Cloudflare sets before OpenAI and Anthropic, another each time; not `Secure` here."""
    end = formatdate(time.time() + 1800, usegmt=True)
    return (
        f"__cf_bm=bm-{number}; path=/; expires={end}; HttpOnly; SameSite=None",
        f"_cfuvid=id-{number}; path=/; HttpOnly; SameSite=None",
    )


def _hang_up(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the client was quicker


ListDialect = Literal["openai", "anthropic", "google"]


def _list_dialect(path: str, anthropic_version: str | None) -> ListDialect:
    """Whose list is asked for; OpenAI's and Anthropic's lie at the same path."""
    if "/v1beta/" in path:
        return "google"
    return "anthropic" if anthropic_version else "openai"


def _listed_models(path: str, dialect: ListDialect, aliases: Mapping[str, str]) -> Document | None:
    """What `GET …/models` or `GET …/models/<id>` says; None where the path is neither."""
    _, found, id = path.partition("/models")
    if not found:
        return None
    one = {"openai": _openai, "anthropic": _anthropic, "google": _google}[dialect]
    if id.strip("/"):
        return one(id.strip("/"), aliases)
    listed = [one(id, aliases) for id in sorted({*aliases, *aliases.values()})]
    if dialect == "google":
        return {"models": listed}
    return {"object": "list", "data": listed, "has_more": False}


def _openai(id: str, aliases: Mapping[str, str]) -> Document:
    return {"id": id, "object": "model", "created": 0, "owned_by": "demo", "shutdown_date": None}


def _anthropic(id: str, aliases: Mapping[str, str]) -> Document:
    """Anthropic gives the id that an alias stands for."""
    resolved = aliases.get(id, id)
    made = "2026-01-01T00:00:00Z"
    return {"type": "model", "id": resolved, "display_name": resolved, "created_at": made}


def _google(id: str, aliases: Mapping[str, str]) -> Document:
    methods = ["generateContent", "streamGenerateContent"]
    return {"name": f"models/{id}", "version": "001", "supportedGenerationMethods": methods}
