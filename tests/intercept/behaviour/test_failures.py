"""Overload, outages, refusals, retries: what is recorded of them and what is not."""

from __future__ import annotations

import concurrent.futures
from typing import Any

import httpx
import httpx2
import pytest


def ask(url: str, text: str = "hi", **options: Any) -> Any:
    body = {"model": "gpt-4o-2024-08-06", "messages": [{"role": "user", "content": text}]}
    return httpx.post(f"{url}/v1/chat/completions", json=body, **options)


def error(server: Any, status: int, message: str = "no", **headers: str) -> Any:
    return server.plain({"error": {"message": message}}, status, **headers)


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504, 529])
def test_overload_is_noted_and_never_recorded(
    status: int, server: Any, stage: Any, words: Any
) -> None:
    server.scripts = [error(server, status, "busy, sk-abcdefghijklmnop1234")]
    reply, capture = stage.play(words.production("new"), lambda: ask(server.url))
    assert reply.status_code == status
    assert [trouble.what for trouble in capture.trouble] == [str(status)]
    assert capture.trouble[0].name == "gpt"
    assert capture.trouble[0].message == "busy, REDACTED"
    assert (capture.calls, stage.files()) == ((), [])


def test_a_retry_that_succeeds_makes_good_and_takes_the_place_of_the_first_try(
    server: Any, stage: Any, words: Any
) -> None:
    server.scripts = [error(server, 503), error(server, 429)]

    def test() -> list[str]:
        while (reply := ask(server.url)).status_code != 200:
            pass
        return [reply.json()["choices"][0]["message"]["content"], text_of(ask(server.url))]

    first, capture = stage.play(words.production("new"), test)
    assert capture.trouble == ()
    assert len(capture.calls) == 2
    second, _ = stage.play(words.production(), test)
    assert second == first == ["answer 3", "answer 4"]


def text_of(reply: Any) -> Any:
    return reply.json()["choices"][0]["message"]["content"]


def test_a_disconnect_and_a_timeout_are_trouble(server: Any, stage: Any, words: Any) -> None:
    server.scripts = [
        words.Script(cut_after=0),
        words.Script(pause=0.5, body=b"{}"),
    ]

    def test() -> None:
        with pytest.raises(httpx.RemoteProtocolError):
            ask(server.url, "one")
        with pytest.raises(httpx.ReadTimeout):
            ask(server.url, "two", timeout=0.1)

    _, capture = stage.play(words.production("new"), test)
    assert [trouble.what for trouble in capture.trouble] == ["RemoteProtocolError", "ReadTimeout"]
    assert stage.files() == []


def test_an_error_that_the_test_expects_is_recorded_and_replayed(
    server: Any, stage: Any, words: Any
) -> None:
    server.scripts = [error(server, 400, "too long")]
    stage.play(words.production("new"), lambda: ask(server.url))
    server.stop()
    reply, capture = stage.play(words.production(), lambda: ask(server.url))
    assert (reply.status_code, reply.json()) == (400, {"error": {"message": "too long"}})
    assert capture.trouble == capture.refused == ()


@pytest.mark.parametrize("status", [401, 402, 403, 404])
def test_a_refusal_to_serve_is_listed_and_kept_for_a_test_that_expects_it(
    status: int, server: Any, stage: Any, words: Any
) -> None:
    server.scripts = [error(server, status, "no such model")]
    _, capture = stage.play(words.production("new"), lambda: ask(server.url), save=False)
    assert [refusal.what for refusal in capture.refused] == [str(status)]
    assert capture.refused[0].message == "no such model"
    assert capture.calls[0].exchange.response.status == status
    assert capture.save(lost=True) == ()
    assert stage.files() == []
    assert len(capture.save()) == 1


def test_a_provider_that_asks_for_a_retry_gets_one_that_takes_the_same_place(
    server: Any, stage: Any, words: Any
) -> None:
    server.scripts = [error(server, 400, **{"x-should-retry": "true"})]
    _, capture = stage.play(words.production("new"), lambda: [ask(server.url), ask(server.url)])
    assert [call.exchange.response.status for call in capture.calls] == [200]


def test_identical_calls_get_their_own_recordings_in_order(
    server: Any, stage: Any, words: Any
) -> None:
    def test() -> list[Any]:
        return [text_of(ask(server.url)) for _ in range(3)]

    first, _ = stage.play(words.production("new"), test)
    second, _ = stage.play(words.production(), test)
    assert second == first
    assert len(set(first)) == 3


def test_calls_in_flight_at_once_each_get_a_recording_once(
    server: Any, stage: Any, words: Any
) -> None:
    def test() -> list[Any]:
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            return list(pool.map(lambda _: text_of(ask(server.url)), range(8)))

    first, capture = stage.play(words.production("new"), test)
    second, _ = stage.play(words.production(), test)
    assert sorted(second) == sorted(first)
    assert len(capture.calls) == 8


def test_a_missing_recording_in_a_thread_fails_the_test_and_is_noted(
    server: Any, stage: Any, words: Any
) -> None:
    def swallows() -> str:
        try:
            ask(server.url)
        except BaseException as failure:
            return type(failure).__name__
        return "answered"

    def test() -> Any:
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            return pool.submit(swallows).result()

    result, capture = stage.play(words.production(), test)
    assert result == "Failed"
    assert "no recording of this test" in capture.misses[0]
    assert server.arrived == []


@pytest.mark.parametrize(
    ("library", "encoding"),
    [(httpx, "gzip"), (httpx, "br"), (httpx, "zstd"), (httpx2, "gzip"), (httpx2, "br")],
)
def test_compressed_replies_are_recorded_as_text(
    library: Any, encoding: str, server: Any, stage: Any, words: Any
) -> None:
    server.scripts = [server.compressed(words.chat(words.PIN, "Grüße"), encoding)]
    body = {"model": words.PIN, "messages": [{"role": "user", "content": "hi"}]}

    def test() -> Any:
        return library.post(f"{server.url}/v1/chat/completions", json=body).json()

    first, _ = stage.play(words.production("new"), test)
    assert "Grüße" in stage.text()
    assert stage.play(words.production(), test)[0] == first
