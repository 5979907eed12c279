"""Providers that never come to an end: each reply has a deadline and a longest size."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import httpx2
import pytest

from pytest_modelpin.intercept import sending
from pytest_modelpin.live.reply_limits import TEST_REPLIES

SECONDS = 0.4
BODY = {"model": "gpt-4o-2024-08-06", "messages": [{"role": "user", "content": "hi"}]}
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"

EVERY_CLIENT = pytest.mark.parametrize(
    ("library", "is_async"), [(httpx, False), (httpx, True), (httpx2, False), (httpx2, True)]
)


def slow_head(connection: socket.socket) -> Iterator[bytes]:
    while True:
        yield b"x"


def slow_body(connection: socket.socket) -> Iterator[bytes]:
    yield HEAD + b"content-length: 1000000\r\n\r\n"
    while True:
        yield b" "


def endless_without_a_length(connection: socket.socket) -> Iterator[bytes]:
    yield HEAD + b"connection: close\r\n\r\n"
    while True:
        yield b" "


def silent(connection: socket.socket) -> Iterator[bytes]:
    while True:
        yield b""


@pytest.fixture
def hostile() -> Iterator[Callable[[Any], str]]:
    """Starts a server that plays such a reply, a piece every few milliseconds."""
    over = threading.Event()
    listeners: list[socket.socket] = []

    def serve(reply: Any) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def answer(connection: socket.socket) -> None:
            with connection:
                connection.recv(65536)
                for piece in reply(connection):
                    if over.wait(0.01):
                        return
                    try:
                        connection.sendall(piece)
                    except OSError:
                        return

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=answer, args=(connection,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield serve
    over.set()
    for listener in listeners:
        listener.close()


def ask(library: Any, is_async: bool, url: str) -> None:
    async def ask_async() -> None:
        async with library.AsyncClient(timeout=None) as client:
            await client.post(f"{url}/v1/chat/completions", json=BODY)

    if is_async:
        asyncio.run(ask_async())
    else:
        with library.Client(timeout=None) as client:
            client.post(f"{url}/v1/chat/completions", json=BODY)


@pytest.mark.long
@pytest.mark.parametrize("reply", [slow_head, slow_body, endless_without_a_length, silent])
@EVERY_CLIENT
def test_a_reply_that_takes_too_long_is_broken_off_and_lost(
    reply: Any, library: Any, is_async: bool, hostile: Any, stage: Any, words: Any
) -> None:
    url = hostile(reply)

    def test() -> None:
        with pytest.raises(pytest.fail.Exception, match=r"no whole reply within 0\.4 s"):
            ask(library, is_async, url)

    _, capture = stage.play(words.candidate(), test, seconds=SECONDS)
    (trouble,) = capture.trouble
    assert (trouble.what, trouble.message) == (
        "timeout:",
        "no whole reply within 0.4 s (--model-timeout)",
    )
    assert stage.files() == []


def test_a_deadline_holds_for_a_stream_whose_events_keep_coming(
    server: Any, stage: Any, words: Any
) -> None:
    server.scripts = [server.stream([": ping\n\n"] * 1000, pause=0.01)]

    def test() -> None:
        with pytest.raises(pytest.fail.Exception, match="no whole reply"):
            ask(httpx, False, server.url)

    _, capture = stage.play(words.candidate(), test, seconds=SECONDS)
    assert capture.calls == ()


def test_nothing_more_is_sent_once_a_test_s_live_calls_took_too_long(
    server: Any, stage: Any, words: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = iter([0.0, *[SECONDS * TEST_REPLIES + 1] * 20])
    monkeypatch.setattr("pytest_modelpin.recordings.capture.monotonic", lambda: next(ticks))
    monkeypatch.setattr("pytest_modelpin.intercept.sending.monotonic", lambda: next(ticks))
    monkeypatch.setattr("pytest_modelpin.live.throttle.monotonic", lambda: 99.0)

    def test() -> None:
        with pytest.raises(pytest.fail.Exception, match=r"live calls took more than 1\.2 s in all"):
            ask(httpx, False, server.url)

    _, capture = stage.play(words.candidate(), test, seconds=SECONDS)
    assert [trouble.what for trouble in capture.trouble] == ["out of time:"]
    assert server.arrived == []


@EVERY_CLIENT
def test_a_reply_without_bounds_is_broken_off_and_lost(
    library: Any,
    is_async: bool,
    server: Any,
    stage: Any,
    words: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sending, "REPLY_BYTES", 2**20)
    server.scripts = [server.stream(["data: " + "x" * 2**18 + "\n\n"] * 100)]

    def test() -> None:
        with pytest.raises(pytest.fail.Exception, match="longer than 1 MB"):
            ask(library, is_async, server.url)

    _, capture = stage.play(words.candidate(), test)
    assert [trouble.what for trouble in capture.trouble] == ["too long:"]
    assert stage.files() == []


def test_a_prompt_reply_leaves_no_alarm_behind(server: Any, stage: Any, words: Any) -> None:
    _, capture = stage.play(
        words.candidate(), lambda: ask(httpx, False, server.url), seconds=SECONDS
    )
    assert len(capture.calls) == 1
    assert capture.trouble == ()
