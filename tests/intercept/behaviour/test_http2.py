"""Clients that speak HTTP/2, several requests on one connection."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import httpx2
import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, RequestReceived, StreamEnded

QUESTION = {"messages": [{"role": "user", "content": "hi"}]}


class Http2Server:
    """Answers as OpenAI would, over HTTP/2 without TLS; a stream's events are frames each."""

    def __init__(self, words: Any) -> None:
        self.asked: list[str] = []
        self._words = words
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._listen, daemon=True).start()

    def close(self) -> None:
        self._listening.close()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        h2 = H2Connection(H2Configuration(client_side=False))
        h2.initiate_connection()
        bodies: dict[int, bytes] = {}
        with connection, contextlib.suppress(OSError):
            connection.sendall(h2.data_to_send())
            while data := connection.recv(65536):
                for event in h2.receive_data(data):
                    if isinstance(event, RequestReceived):
                        bodies[event.stream_id] = b""
                    elif isinstance(event, DataReceived):
                        bodies[event.stream_id] += event.data
                    elif isinstance(event, StreamEnded):
                        self._answer(h2, event.stream_id, json.loads(bodies[event.stream_id]))
                connection.sendall(h2.data_to_send())

    def _answer(self, h2: H2Connection, stream: int, body: Any) -> None:
        self.asked.append(body["model"])
        served = f"{body['model']}-2024-11-20" if body["model"] == "gpt-4o" else body["model"]
        if body.get("stream"):
            kind, events = "text/event-stream", self._words.chat_events(served, ["an ", "answer"])
        else:
            kind, events = "application/json", [_compact(self._words.chat(served, "an answer"))]
        h2.send_headers(stream, [(":status", "200"), ("content-type", kind)])
        for event in events:
            h2.send_data(stream, event.encode())
        h2.end_stream(stream)


def _compact(document: Any) -> str:
    """As it is given back from a recording."""
    return json.dumps(document, separators=(",", ":"))


@pytest.fixture
def http2(words: Any) -> Iterator[Http2Server]:
    server = Http2Server(words)
    yield server
    server.close()


def ask(library: Any, url: str, body: Any) -> Any:
    with library.Client(http1=False, http2=True) as client:
        reply = client.post(f"{url}/v1/chat/completions", json=body)
        return reply.text


def ask_in_a_loop(library: Any, url: str, body: Any) -> Any:
    """Twice at once, on one connection."""

    async def test() -> Any:
        async with library.AsyncClient(http1=False, http2=True) as client:
            one, other = await asyncio.gather(
                client.post(f"{url}/v1/chat/completions", json=body),
                client.post(f"{url}/v1/chat/completions", json=body),
            )
        return [one.text, other.text]

    return asyncio.run(test())


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
@pytest.mark.parametrize("way", [ask, ask_in_a_loop])
@pytest.mark.parametrize("library", [httpx, httpx2], ids=["httpx", "httpx2"])
def test_what_goes_over_http2_is_recorded_swapped_and_replayed(
    library: Any,
    way: Callable[[Any, str, Any], Any],
    stream: bool,
    http2: Http2Server,
    stage: Any,
    words: Any,
) -> None:
    body = {"model": words.PIN, "stream": stream, **QUESTION}

    def test() -> Any:
        return way(library, http2.url, body)

    recorded, capture = stage.play(words.production("new"), test)
    assert {call.exchange.served for call in capture.calls} == {words.PIN}
    assert all(call.exchange.response.complete for call in capture.calls)
    assert http2.asked == [words.PIN] * len(capture.calls)
    before = len(http2.asked)
    _, capture = stage.play(words.candidate(), test)
    assert {call.exchange.served for call in capture.calls} == {"gpt-4o-2024-11-20"}
    assert http2.asked[before:] == [words.ALIAS] * len(capture.calls)
    before = len(http2.asked)
    replayed, _ = stage.play(words.production(), test)
    assert replayed == recorded
    assert len(http2.asked) == before
