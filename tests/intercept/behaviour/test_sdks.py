"""The providers' own SDKs, sync and async, plain and streamed: recorded, then replayed offline."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

MESSAGES: Any = [{"role": "user", "content": "hi"}]
CLAUDE = "claude-opus-4-8"
GEMINI = "gemini-2.0-flash-001"


def anthropic_message(text: str) -> dict[str, Any]:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": CLAUDE,
        "content": [{"type": "text", "text": text}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 1, "output_tokens": 2},
    }


def anthropic_events(pieces: list[str]) -> list[str]:
    message = {**anthropic_message(""), "content": [], "stop_reason": None}
    block = {"type": "text", "text": ""}
    documents: list[dict[str, Any]] = [
        {"type": "message_start", "message": message},
        {"type": "content_block_start", "index": 0, "content_block": block},
        *(
            {
                "type": "content_block_delta",
                "index": 0,
                "delta": {"type": "text_delta", "text": piece},
            }
            for piece in pieces
        ),
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn", "stop_sequence": None},
            "usage": {"output_tokens": 2},
        },
        {"type": "message_stop"},
    ]
    return [f"event: {d['type']}\ndata: {json.dumps(d)}\n\n" for d in documents]


def gemini_document(text: str) -> dict[str, Any]:
    return {
        "candidates": [
            {"content": {"role": "model", "parts": [{"text": text}]}, "finishReason": "STOP"}
        ],
        "modelVersion": GEMINI,
        "usageMetadata": {"promptTokenCount": 1, "candidatesTokenCount": 2},
    }


def gemini_events(pieces: list[str]) -> list[str]:
    return [f"data: {json.dumps(gemini_document(piece))}\r\n\r\n" for piece in pieces]


def openai_plain(url: str) -> str:
    from openai import OpenAI

    with OpenAI(api_key="planted-key-1", base_url=f"{url}/v1") as client:
        reply = client.chat.completions.create(model="gpt-4o-2024-08-06", messages=MESSAGES)
    return reply.choices[0].message.content or ""


async def openai_async(url: str) -> str:
    from openai import AsyncOpenAI

    async with AsyncOpenAI(api_key="planted-key-1", base_url=f"{url}/v1") as client:
        reply = await client.chat.completions.create(model="gpt-4o-2024-08-06", messages=MESSAGES)
    return reply.choices[0].message.content or ""


def openai_stream(url: str, was_read: threading.Semaphore | None = None) -> str:
    from openai import OpenAI

    text = ""
    with OpenAI(api_key="planted-key-1", base_url=f"{url}/v1") as client:
        for chunk in client.chat.completions.create(
            model="gpt-4o-2024-08-06", messages=MESSAGES, stream=True
        ):
            if was_read is not None:
                was_read.release()
            text += chunk.choices[0].delta.content or ""
    return text


async def openai_stream_async(url: str) -> str:
    from openai import AsyncOpenAI

    text = ""
    async with AsyncOpenAI(api_key="planted-key-1", base_url=f"{url}/v1") as client:
        async for chunk in await client.chat.completions.create(
            model="gpt-4o-2024-08-06", messages=MESSAGES, stream=True
        ):
            text += chunk.choices[0].delta.content or ""
    return text


def anthropic_plain(url: str) -> str:
    from anthropic import Anthropic

    with Anthropic(api_key="planted-key-1", base_url=url) as client:
        reply = client.messages.create(model=CLAUDE, messages=MESSAGES, max_tokens=9)
    return "".join(block.text for block in reply.content if block.type == "text")


def anthropic_stream(url: str) -> str:
    from anthropic import Anthropic

    with (
        Anthropic(api_key="planted-key-1", base_url=url) as client,
        client.messages.stream(model=CLAUDE, messages=MESSAGES, max_tokens=9) as stream,
    ):
        return "".join(stream.text_stream)


async def anthropic_stream_async(url: str) -> str:
    from anthropic import AsyncAnthropic

    async with (
        AsyncAnthropic(api_key="planted-key-1", base_url=url) as client,
        client.messages.stream(model=CLAUDE, messages=MESSAGES, max_tokens=9) as stream,
    ):
        return "".join([text async for text in stream.text_stream])


def gemini_client(url: str) -> Any:
    from google import genai

    return genai.Client(
        api_key="planted-key-1",
        http_options=genai.types.HttpOptions(base_url=url, api_version="v1beta"),
    )


def gemini_plain(url: str) -> str:
    with gemini_client(url) as client:
        return client.models.generate_content(model=GEMINI, contents="hi").text or ""


async def gemini_async(url: str) -> str:
    async with gemini_client(url).aio as client:
        return (await client.models.generate_content(model=GEMINI, contents="hi")).text or ""


def gemini_stream(url: str) -> str:
    with gemini_client(url) as client:
        stream = client.models.generate_content_stream(model=GEMINI, contents="hi")
        return "".join(chunk.text or "" for chunk in stream)


async def gemini_stream_async(url: str) -> str:
    async with gemini_client(url).aio as client:
        stream = await client.models.generate_content_stream(model=GEMINI, contents="hi")
        return "".join([chunk.text or "" async for chunk in stream])


def sync(test: Callable[[str], Any]) -> Callable[[str], Any]:
    return lambda url: asyncio.run(test(url))


PLAIN: Any = {"openai": None, "anthropic": anthropic_message, "gemini": gemini_document}
STREAM: Any = {"openai": None, "anthropic": anthropic_events, "gemini": gemini_events}
CASES = [
    pytest.param("openai", PLAIN, openai_plain, id="openai"),
    pytest.param("openai", PLAIN, sync(openai_async), id="openai-async"),
    pytest.param("openai", STREAM, openai_stream, id="openai-stream"),
    pytest.param("openai", STREAM, sync(openai_stream_async), id="openai-stream-async"),
    pytest.param("anthropic", PLAIN, anthropic_plain, id="anthropic"),
    pytest.param("anthropic", STREAM, anthropic_stream, id="anthropic-stream"),
    pytest.param("anthropic", STREAM, sync(anthropic_stream_async), id="anthropic-stream-async"),
    pytest.param("gemini", PLAIN, gemini_plain, id="gemini"),
    pytest.param("gemini", PLAIN, sync(gemini_async), id="gemini-async"),
    pytest.param("gemini", STREAM, gemini_stream, id="gemini-stream"),
    pytest.param("gemini", STREAM, sync(gemini_stream_async), id="gemini-stream-async"),
]


def answer(server: Any, words: Any, vendor: str, shapes: Any) -> Any:
    if shapes is PLAIN:
        make = shapes[vendor] or (lambda text: words.chat(words.PIN, text))
        return server.plain(make("good day"))
    make = shapes[vendor] or (lambda pieces: words.chat_events(words.PIN, pieces))
    return server.stream(make(["good", " ", "day"]))


def pins(words: Any, record: str) -> Any:
    from pytest_modelpin.registry.selection import Selected

    return words.selection_of(
        *(
            Selected(name, pin, "production", pin, record)
            for name, pin in (("gpt", words.PIN), ("claude", CLAUDE), ("gemini", GEMINI))
        )
    )


@pytest.mark.parametrize(("vendor", "shapes", "test"), CASES)
def test_an_sdk_is_recorded_and_replays_with_the_server_gone(
    vendor: str, shapes: Any, test: Any, server: Any, stage: Any, words: Any
) -> None:
    overloaded = server.plain({"error": {"message": "busy"}}, 503, **{"retry-after-ms": "1"})
    retries = [] if vendor == "gemini" else [overloaded]  # its SDK waits a second and more
    server.scripts = [*retries, answer(server, words, vendor, shapes)]
    first, capture = stage.play(pins(words, "new"), lambda: test(server.url))
    assert first == "good day"
    assert capture.trouble == ()
    assert [call.fresh for call in capture.calls] == [True]
    assert capture.calls[0].exchange.response.complete
    assert "planted-key-1" not in stage.text()
    server.stop()
    second, capture = stage.play(pins(words, "none"), lambda: test(server.url))
    assert second == first
    assert [call.fresh for call in capture.calls] == [False]


@pytest.mark.parametrize(("vendor", "shapes", "test"), CASES)
def test_a_miss_surfaces_at_once_past_the_sdks_retries(
    vendor: str, shapes: Any, test: Any, server: Any, stage: Any, words: Any
) -> None:
    def ask_what_is_not_recorded() -> None:
        with pytest.raises(pytest.fail.Exception, match="--model-record new"):
            test(server.url)

    _, capture = stage.play(pins(words, "none"), ask_what_is_not_recorded)
    assert len(capture.misses) == 1  # each retry would have missed again
    assert server.arrived == []


def test_an_sdks_stream_is_not_held_back(server: Any, stage: Any, words: Any) -> None:
    events = words.chat_events(words.PIN, ["a", "b", "c"])
    was_read = threading.Semaphore(0)
    server.scripts = [server.stream(events, was_read=was_read)]
    text, _ = stage.play(pins(words, "new"), lambda: openai_stream(server.url, was_read))
    assert text == "abc"


def test_with_raw_response_sees_how_long_a_replay_took(server: Any, stage: Any, words: Any) -> None:
    from openai import OpenAI

    def test() -> Any:
        with OpenAI(api_key="planted-key-1", base_url=f"{server.url}/v1") as client:
            raw = client.chat.completions.with_raw_response.create(
                model=words.PIN, messages=MESSAGES
            )
            return raw.elapsed.total_seconds(), raw.parse().choices[0].message.content

    stage.play(pins(words, "new"), test)
    server.stop()
    (seconds, text), _ = stage.play(pins(words, "none"), test)
    assert seconds >= 0
    assert text == "answer 1"
