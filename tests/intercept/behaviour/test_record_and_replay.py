"""One question by each client library: recorded, then replayed with the server gone."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import httpx2
import pytest

LIBRARIES = [httpx, httpx2]


def ask(library: Any, url: str, text: str = "hi", model: str = "gpt-4o-2024-08-06") -> Any:
    body = {"model": model, "messages": [{"role": "user", "content": text}]}
    with library.Client() as client:
        return client.post(f"{url}/v1/chat/completions", json=body)


async def ask_async(library: Any, url: str, text: str = "hi") -> Any:
    body = {"model": "gpt-4o-2024-08-06", "messages": [{"role": "user", "content": text}]}
    async with library.AsyncClient() as client:
        return await client.post(f"{url}/v1/chat/completions", json=body)


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_recorded_reply_is_replayed_with_the_server_gone(
    library: Any, server: Any, stage: Any, words: Any
) -> None:
    first, _ = stage.play(words.production("new"), lambda: ask(library, server.url))
    server.stop()
    second, capture = stage.play(words.production(), lambda: ask(library, server.url))
    assert second.json() == first.json()
    assert second.elapsed.total_seconds() >= 0
    assert [call.fresh for call in capture.calls] == [False]


@pytest.mark.parametrize("library", LIBRARIES)
def test_asynchronous_clients_are_recorded_and_replayed(
    library: Any, server: Any, stage: Any, words: Any
) -> None:
    def test() -> Any:
        return asyncio.run(ask_async(library, server.url))

    first, _ = stage.play(words.production("new"), test)
    server.stop()
    second, _ = stage.play(words.production(), test)
    assert second.json() == first.json()
    assert isinstance(second, library.Response)


def test_the_candidate_is_asked_instead_of_the_pin(server: Any, stage: Any, words: Any) -> None:
    server.serves = {words.ALIAS: "gpt-4o-2024-11-20"}
    _, capture = stage.play(words.candidate(), lambda: ask(httpx, server.url, "grüße"))
    arrived = server.arrived[0]
    assert arrived.body["model"] == words.ALIAS
    assert arrived.body["messages"] == [{"role": "user", "content": "grüße"}]
    assert capture.calls[0].exchange.served == "gpt-4o-2024-11-20"
    assert stage.files() == ["__recordings__/gpt-4o-2024-11-20/test_summary/test_short.json"]


def test_an_unrecorded_request_fails_and_never_reaches_the_network(
    server: Any, stage: Any, words: Any
) -> None:
    message = stage.miss(words.production(), lambda: ask(httpx, server.url))
    assert server.arrived == []
    assert "There is no recording" in message
    assert "pytest --model production --model-record new" in message


def test_the_file_is_json_that_a_person_can_read(server: Any, stage: Any, words: Any) -> None:
    stage.play(words.production("new"), lambda: ask(httpx, server.url, "Grüße"))
    text = stage.text()
    document = json.loads(text)
    assert document["schema"] == 1
    assert document["exchanges"][0]["response"]["body"]["model"] == words.PIN
    assert "Grüße" in text
    assert text.endswith("}\n")
