"""Streams: each chunk reaches the client when it is sent, and is replayed as it came."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import httpx
import httpx2
import pytest

BODY = {
    "model": "gpt-4o-2024-08-06",
    "messages": [{"role": "user", "content": "hi"}],
    "stream": True,
}


CapturedCall = Callable[[], object]
"""Called for each line with data when it comes."""


def ignore() -> None:
    """A client that tells nobody what it has read."""


def stream(library: Any, url: str, most: int | None, heard: CapturedCall) -> list[str]:
    lines: list[str] = []
    with (
        library.Client() as client,
        client.stream("POST", f"{url}/v1/chat/completions", json=BODY) as response,
    ):
        for line in response.iter_lines():
            if line:
                lines.append(line)
                heard()
            if most is not None and len(lines) == most:
                break
    return lines


async def stream_async(library: Any, url: str, most: int | None, heard: CapturedCall) -> list[str]:
    lines: list[str] = []
    async with (
        library.AsyncClient() as client,
        client.stream("POST", f"{url}/v1/chat/completions", json=BODY) as response,
    ):
        async for line in response.aiter_lines():
            if line:
                lines.append(line)
                heard()
            if most is not None and len(lines) == most:
                break
    return lines


def play(
    library: Any, url: str, is_async: bool, most: int | None = None, heard: CapturedCall = ignore
) -> list[str]:
    """The lines with data, at most so many, that the client reads."""
    if is_async:
        return asyncio.run(stream_async(library, url, most, heard))
    return stream(library, url, most, heard)


EVERY_CLIENT = pytest.mark.parametrize(
    ("library", "is_async"), [(httpx, False), (httpx, True), (httpx2, False), (httpx2, True)]
)


@EVERY_CLIENT
def test_a_chunk_reaches_the_client_when_it_is_sent(
    library: Any, is_async: bool, server: Any, stage: Any, words: Any
) -> None:
    events = words.chat_events(words.PIN, ["a", "b", "c"])
    was_read = threading.Semaphore(0)
    # A reply that was held back would never come: the server waits for its first event to be read.
    server.scripts = [server.stream(events, was_read=was_read)]
    lines, _ = stage.play(
        words.production("new"),
        lambda: play(library, server.url, is_async, heard=was_read.release),
    )
    assert [f"{line}\n\n" for line in lines] == events


@EVERY_CLIENT
def test_a_stream_is_replayed_event_by_event(
    library: Any, is_async: bool, server: Any, stage: Any, words: Any
) -> None:
    def test() -> Any:
        return play(library, server.url, is_async)

    first, capture = stage.play(words.production("new"), test)
    server.stop()
    second, _ = stage.play(words.production(), test)
    assert second == first
    assert capture.calls[0].exchange.response.complete


@EVERY_CLIENT
def test_who_reads_a_replayed_stream_on_gets_what_is_left(
    server: Any, stage: Any, words: Any, library: Any, is_async: bool
) -> None:
    """openai drains a stream after `[DONE]`: what came must not come again, onto a recording."""
    events = words.chat_events(words.PIN, ["a", "b"])
    server.scripts = [server.stream(events)]
    stage.play(words.production("new"), lambda: play(library, server.url, is_async))

    async def later() -> tuple[list[bytes], list[bytes]]:
        async with (
            library.AsyncClient() as client,
            client.stream("POST", f"{server.url}/v1/chat/completions", json=BODY) as response,
        ):
            first = [await anext(aiter(response.stream))]
            return first, [chunk async for chunk in response.stream]

    def now() -> tuple[list[bytes], list[bytes]]:
        with (
            library.Client() as client,
            client.stream("POST", f"{server.url}/v1/chat/completions", json=BODY) as response,
        ):
            return [next(iter(response.stream))], list(response.stream)

    (first, rest), _ = stage.play(
        words.production(), lambda: asyncio.run(later()) if is_async else now()
    )
    assert b"".join(first + rest).decode() == "".join(events)
    assert rest


@EVERY_CLIENT
def test_what_the_client_broke_off_is_marked(
    library: Any, is_async: bool, server: Any, stage: Any, words: Any
) -> None:
    events = words.chat_events(words.PIN, ["a", "b", "c", "d"])
    server.scripts = [server.stream(events, pause=0.05)]
    _, capture = stage.play(
        words.production("new"), lambda: play(library, server.url, is_async, most=1)
    )
    response = capture.calls[0].exchange.response
    assert not response.complete
    assert b'"a"' in response.content
    assert b'"d"' not in response.content
    assert '"complete": false' in stage.text()


@pytest.mark.parametrize("most", [None, 1])
def test_a_compressed_stream_is_recorded_as_text_as_far_as_it_was_read(
    most: int | None, server: Any, stage: Any, words: Any
) -> None:
    events = words.chat_events(words.PIN, ["a", "b", "c"])
    server.scripts = [server.gzipped_stream(events, pause=0.03)]
    _, capture = stage.play(
        words.production("new"), lambda: play(httpx2, server.url, False, most=most)
    )
    response = capture.calls[0].exchange.response
    assert response.content.decode().startswith(events[0])
    assert response.complete is (most is None)


def test_stopping_at_done_is_reading_all_of_it(server: Any, stage: Any, words: Any) -> None:
    events = words.chat_events(words.PIN, ["a"])
    server.scripts = [server.stream([*events, ": late\n\n"], pause=0.05)]
    _, capture = stage.play(
        words.production("new"), lambda: play(httpx2, server.url, False, most=len(events))
    )
    assert capture.calls[0].exchange.response.complete


@EVERY_CLIENT
def test_a_stream_that_breaks_is_trouble_and_no_recording(
    library: Any, is_async: bool, server: Any, stage: Any, words: Any
) -> None:
    events = words.chat_events(words.PIN, ["a", "b", "c"])
    server.scripts = [server.stream(events, cut_after=2)]

    def test() -> None:
        with pytest.raises(library.TransportError):
            play(library, server.url, is_async)

    _, capture = stage.play(words.production("new"), test)
    assert [trouble.what for trouble in capture.trouble] == ["RemoteProtocolError"]
    assert capture.calls == ()
    assert stage.files() == []


def test_an_overload_reported_within_a_stream_is_trouble(
    server: Any, stage: Any, words: Any
) -> None:
    error = 'data: {"error": {"message": "The server is overloaded", "type": "server_error"}}\n\n'
    server.scripts = [server.stream([*words.chat_events(words.PIN, ["a"])[:1], error])]
    _, capture = stage.play(words.production("new"), lambda: play(httpx, server.url, False))
    assert "overloaded" in capture.trouble[0].message
    assert stage.files() == []


def test_a_stream_left_open_when_the_test_ends_is_closed_on_the_tape(
    server: Any, stage: Any, words: Any
) -> None:
    client = httpx.Client()
    kept: list[Any] = []

    def test() -> None:
        request = client.build_request("POST", f"{server.url}/v1/chat/completions", json=BODY)
        response = client.send(request, stream=True)
        kept.append(response)
        next(response.iter_lines())

    _, capture = stage.play(words.production("new"), test)
    kept[0].close()
    client.close()
    assert not capture.calls[0].exchange.response.complete


def test_a_plain_reply_that_was_not_read_is_not_recorded(
    server: Any, stage: Any, words: Any
) -> None:
    body = {**BODY, "stream": False}

    def test() -> None:
        with httpx.stream("POST", f"{server.url}/v1/chat/completions", json=body) as response:
            assert response.status_code == 200

    _, capture = stage.play(words.production("new"), test)
    assert capture.calls == ()
    assert [trouble.what for trouble in capture.trouble] == ["broken off"]
