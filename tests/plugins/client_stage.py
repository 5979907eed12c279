"""A provider's server on this machine, and an interceptor that is taken out again."""

from __future__ import annotations

import gzip
import json
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from pytest_modelpin.intercept import hooks
from pytest_modelpin.intercept.interceptor import Interceptor
from pytest_modelpin.recordings.capture import Capture
from pytest_modelpin.recordings.owner import Owner
from pytest_modelpin.recordings.store import Recordings
from pytest_modelpin.registry.selection import Selected, Selection

PIN = "gpt-4o-2024-08-06"
ALIAS = "gpt-4o"
PATIENCE = 10.0
"""Seconds after which an event that no client has read counts as held back."""


@dataclass
class Arrived:
    path: str
    headers: dict[str, str]
    body: Any
    content: bytes = b""


def chat(model: str, text: str) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": model,
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "message": {"role": "assistant", "content": text},
            }
        ],
        "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
    }


def chat_events(model: str, words: list[str]) -> list[str]:
    def event(delta: dict[str, str], finish: str | None) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        chunk = {
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": model,
            "choices": [choice],
        }
        return f"data: {json.dumps(chunk)}\n\n"

    return [event({"content": word}, None) for word in words] + [
        event({}, "stop"),
        "data: [DONE]\n\n",
    ]


@dataclass
class Script:
    """How the server answers one request."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    events: list[str] | list[bytes] | None = None
    pause: float = 0.0
    """Seconds between events, or before a plain reply."""
    cut_after: int | None = None
    """Drop the connection after this many events; 0 answers nothing at all."""
    was_read: threading.Semaphore | None = None
    """Send no event before the client has released this for the one before; else break off."""


class Server:
    """Answers as OpenAI would; tests queue other answers in `scripts`."""

    def __init__(self) -> None:
        self.arrived: list[Arrived] = []
        self.scripts: list[Script | Callable[[Arrived], Script]] = []
        self.serves: dict[str, str] = {}
        """Version served, by the id asked for; without one the id is echoed."""
        self._lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def log_message(self, *_: object) -> None:
                """Keep quiet."""

            def do_GET(self) -> None:
                self._answer(Arrived(self.path, dict(self.headers), None), Script(body=b"{}"))

            def do_POST(self) -> None:
                if self.headers.get("transfer-encoding") == "chunked":
                    content = b""
                    while size := int(self.rfile.readline(), 16):
                        content += self.rfile.read(size)
                        self.rfile.readline()
                    self.rfile.readline()
                else:
                    content = self.rfile.read(int(self.headers.get("content-length", "0")))
                try:
                    body = json.loads(content)
                except (ValueError, RecursionError):
                    body = content
                headers = {k.lower(): v for k, v in self.headers.items()}
                arrived = Arrived(self.path, headers, body, content)
                self._answer(arrived, None)

            def _answer(self, arrived: Arrived, script: Script | None) -> None:
                with outer._lock:
                    outer.arrived.append(arrived)
                    queued = outer.scripts.pop(0) if outer.scripts else None
                if callable(queued):
                    queued = queued(arrived)
                self._play(queued or script or outer.default(arrived))

            def _play(self, script: Script) -> None:
                if script.cut_after == 0:
                    self.close_connection = True
                    return
                self.send_response(script.status)
                self.send_header("content-type", script.content_type)
                for name, value in script.headers.items():
                    self.send_header(name, value)
                if script.events is None:
                    time.sleep(script.pause)
                    self.send_header("content-length", str(len(script.body)))
                    self.end_headers()
                    self.wfile.write(script.body)
                    return
                self.send_header("transfer-encoding", "chunked")
                self.end_headers()
                for number, event in enumerate(script.events):
                    if number == script.cut_after:
                        self.close_connection = True
                        return
                    if number:
                        time.sleep(script.pause)
                        if script.was_read and not script.was_read.acquire(timeout=PATIENCE):
                            self.close_connection = True
                            return
                    data = event.encode() if isinstance(event, str) else event
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
                    self.wfile.flush()
                self.wfile.write(b"0\r\n\r\n")

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                """A client that goes away in the middle is part of the tests."""

        self._server = Quiet(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def default(self, arrived: Arrived) -> Script:
        asked = arrived.body.get("model", "") if isinstance(arrived.body, dict) else ""
        served = self.serves.get(asked, asked)
        with self._lock:
            text = f"answer {len(self.arrived)}"
        if isinstance(arrived.body, dict) and arrived.body.get("stream"):
            return self.stream(chat_events(served, text.split()))
        return self.plain(chat(served, text))

    @staticmethod
    def plain(document: Any, status: int = 200, **headers: str) -> Script:
        return Script(status, json.dumps(document).encode(), headers=headers)

    @staticmethod
    def compressed(document: Any, encoding: str) -> Script:
        content = json.dumps(document).encode()
        if encoding == "gzip":
            content = gzip.compress(content)
        elif encoding == "br":
            import brotli

            content = brotli.compress(content)
        elif encoding == "zstd":
            import zstandard

            content = zstandard.compress(content)
        return Script(body=content, headers={"content-encoding": encoding})

    @staticmethod
    def gzipped_stream(events: list[str], pause: float = 0.0) -> Script:
        packer = zlib.compressobj(wbits=31)
        packed = [packer.compress(e.encode()) + packer.flush(zlib.Z_SYNC_FLUSH) for e in events]
        return Script(
            content_type="text/event-stream",
            headers={"content-encoding": "gzip"},
            events=[*packed, packer.flush()],
            pause=pause,
        )

    @staticmethod
    def stream(events: list[str], **how: Any) -> Script:
        return Script(
            content_type="text/event-stream; charset=utf-8",
            events=events,
            **how,
        )

    def stop(self) -> None:
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.stop()


def selection_of(*models: Selected) -> Selection:
    return Selection({model.name: model for model in models})


def production(record: Any = "none", pin: str = PIN, name: str = "gpt") -> Selection:
    return selection_of(Selected(name, pin, "production", pin, record))


def candidate(record: Any = "all", id: str = ALIAS, pin: str = PIN) -> Selection:
    return selection_of(Selected("gpt", pin, "candidate", id, record))


class Stage:
    """Runs pieces of code as if each were a test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.owner = Owner(folder, "test_summary", "test_short")
        self.interceptor: Interceptor | None = None

    def play(
        self,
        selection: Selection,
        test: Callable[[], Any],
        *,
        save: bool = True,
        owner: Owner | None = None,
        sample: int = 1,
        names: tuple[str, ...] = (),
        recordings: Recordings | None = None,
        seconds: float | None = None,
        **options: Any,
    ) -> tuple[Any, Capture]:
        """What the test returned, and its capture."""
        self.interceptor = Interceptor(
            selection, recordings=recordings or Recordings(root=self.folder), **options
        )
        if seconds is not None:
            self.interceptor.limit(seconds=seconds)
        hooks.install(self.interceptor)
        self.interceptor.begin(owner or self.owner, sample=sample, names=names)
        try:
            result = test()
        finally:
            capture = self.interceptor.end()
            hooks.uninstall()
        if save:
            capture.save()
        return result, capture

    def miss(self, selection: Selection, test: Callable[[], Any], **options: Any) -> str:
        """The message with which replaying fails the test."""
        with pytest.raises(pytest.fail.Exception) as failure:
            self.play(selection, test, **options)
        return str(failure.value)

    def files(self) -> list[str]:
        found = self.folder.rglob("*.json")
        return sorted(path.relative_to(self.folder).as_posix() for path in found)

    def text(self) -> str:
        return "".join(path.read_text() for path in sorted(self.folder.rglob("*.json")))


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    yield Stage(tmp_path)
    hooks.uninstall()


@pytest.fixture
def words() -> Any:
    """The vocabulary of these tests, since test files can't import one another."""

    class Words:
        PIN = "gpt-4o-2024-08-06"
        ALIAS = "gpt-4o"
        Script = Script
        chat = staticmethod(chat)
        chat_events = staticmethod(chat_events)
        production = staticmethod(production)
        candidate = staticmethod(candidate)
        selection_of = staticmethod(selection_of)

    return Words
