"""aiohttp, raw and under SDKs: recorded, replayed with no server, and followed as it streams."""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest

from pytest_modelpin.intercept.aiohttp_hook import AiohttpSender, copy_connector
from pytest_modelpin.live.reply_limits import DeadlinePassed
from pytest_modelpin.recordings.exchange import HttpRequest

# Clients of others leave connections to the garbage collector, in whichever test that comes.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")

BODY: Any = {"model": "gpt-4o-2024-08-06", "messages": [{"role": "user", "content": "hi"}]}
STREAMED = {**BODY, "stream": True}
KEY = "sk-proj-aVery0Long1Secret2Key3456789abcdef"
HEADERS = {"authorization": f"Bearer {KEY}"}
PATH = "/v1/chat/completions"

Ask = Callable[[str], Coroutine[Any, Any, str]]


def text_of(document: Any) -> str:
    return str(document["choices"][0]["message"]["content"])


async def raw(url: str) -> str:
    async with (
        aiohttp.ClientSession(headers=HEADERS) as session,
        session.post(url + PATH, json=BODY) as reply,
    ):
        return text_of(await reply.json())


async def raw_with_a_base_url(url: str) -> str:
    async with (
        aiohttp.ClientSession(url, headers=HEADERS) as session,
        session.post(PATH, json=BODY) as reply,
    ):
        return text_of(await reply.json())


async def raw_twice_in_a_session(url: str) -> str:
    async with aiohttp.ClientSession(headers=HEADERS) as session:
        texts = []
        for _ in range(2):
            reply = await session.post(url + PATH, json=BODY)
            texts.append(text_of(json.loads(await reply.read())))
    return " ".join(texts)


async def raw_streamed(url: str) -> str:
    async with (
        aiohttp.ClientSession(headers=HEADERS) as session,
        session.post(url + PATH, json=STREAMED) as reply,
    ):
        lines = [line.strip() async for line in reply.content if line.strip()]
    assert lines[-1] == b"data: [DONE]"
    documents = [json.loads(line.removeprefix(b"data: ")) for line in lines[:-1]]
    return "".join(d["choices"][0]["delta"].get("content", "") for d in documents)


async def raw_with_a_body_that_streams(url: str) -> str:
    async def content() -> AsyncIterator[bytes]:
        for piece in (json.dumps(BODY)[:10], json.dumps(BODY)[10:]):
            yield piece.encode()

    headers = {**HEADERS, "content-type": "application/json"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(url + PATH, data=content()) as reply,
    ):
        return text_of(await reply.json())


async def openai_client(url: str) -> str:
    import openai

    async with openai.AsyncOpenAI(
        base_url=f"{url}/v1", api_key=KEY, http_client=openai.DefaultAioHttpClient()
    ) as client:
        reply = await client.chat.completions.create(**BODY)
        return reply.choices[0].message.content or ""


async def openai_client_streamed(url: str) -> str:
    import openai

    async with openai.AsyncOpenAI(
        base_url=f"{url}/v1", api_key=KEY, http_client=openai.DefaultAioHttpClient()
    ) as client:
        stream = await client.chat.completions.create(**STREAMED)
        return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])


async def litellm_client(url: str) -> str:
    import litellm

    reply = await litellm.acompletion(
        model=f"openai/{BODY['model']}", messages=BODY["messages"], api_base=f"{url}/v1",
        api_key=KEY,
    )  # fmt: skip
    return str(reply.choices[0].message.content)


WAYS: list[Ask] = [
    raw,
    raw_with_a_base_url,
    raw_twice_in_a_session,
    raw_streamed,
    raw_with_a_body_that_streams,
    openai_client,
    openai_client_streamed,
]


@pytest.mark.parametrize("ask", WAYS, ids=lambda way: way.__name__)
def test_recorded_on_the_pin_then_replayed_without_a_server(
    server: Any, stage: Any, words: Any, ask: Ask
) -> None:
    recorded, capture = stage.play(words.production("new"), lambda: asyncio.run(ask(server.url)))
    assert recorded
    assert {each.exchange.served for each in capture.calls} == {words.PIN}
    assert all(each.exchange.response.complete for each in capture.calls)
    assert stage.files() == [f"__recordings__/{words.PIN}/test_summary/test_short.json"]
    assert KEY not in stage.text()
    server.stop()
    assert stage.play(words.production(), lambda: asyncio.run(ask(server.url)))[0] == recorded


@pytest.mark.parametrize("ask", WAYS, ids=lambda way: way.__name__)
def test_the_candidate_is_put_in_and_its_version_learned(
    server: Any, stage: Any, words: Any, ask: Ask
) -> None:
    server.serves = {words.ALIAS: "gpt-4o-2024-11-20"}
    _, capture = stage.play(words.candidate(), lambda: asyncio.run(ask(server.url)))
    assert {arrived.body["model"] for arrived in server.arrived} == {words.ALIAS}
    assert {each.exchange.served for each in capture.calls} == {"gpt-4o-2024-11-20"}


def test_a_stream_reaches_the_client_event_by_event(server: Any, stage: Any, words: Any) -> None:
    import threading

    read = threading.Semaphore(0)
    events = words.chat_events(words.PIN, ["a", "b", "c"])
    server.scripts = [server.stream(events, was_read=read)]

    async def test() -> list[bytes]:
        lines = []
        async with (
            aiohttp.ClientSession() as session,
            session.post(server.url + PATH, json=STREAMED) as reply,
        ):
            async for line in reply.content:
                if line.strip():
                    lines.append(line.strip())
                    read.release()
        return lines

    lines, capture = stage.play(words.production("new"), lambda: asyncio.run(test()))
    assert lines[-1] == b"data: [DONE]"
    assert capture.calls[0].exchange.response.complete


@pytest.mark.parametrize("encoding", ["gzip", "br"])
def test_compressed_replies_are_stored_as_text(
    server: Any, stage: Any, words: Any, encoding: str
) -> None:
    server.scripts = [server.compressed(words.chat(words.PIN, "packed"), encoding)]
    answer, _ = stage.play(words.production("new"), lambda: asyncio.run(raw(server.url)))
    assert answer == "packed"
    assert "packed" in stage.text()


def test_a_redirect_is_followed_and_both_its_halves_replay(
    server: Any, stage: Any, words: Any
) -> None:
    elsewhere = words.Script(307, headers={"location": f"{server.url}{PATH}?moved=1"})
    server.scripts = [elsewhere]
    answer, _ = stage.play(words.production("new"), lambda: asyncio.run(raw(server.url)))
    assert answer == "answer 2"
    server.stop()
    assert stage.play(words.production(), lambda: asyncio.run(raw(server.url)))[0] == answer


def test_cookies_reach_the_session(server: Any, stage: Any, words: Any) -> None:
    server.scripts = [server.plain(words.chat(words.PIN, "hi"), **{"set-cookie": "a=b; Path=/"})]

    async def test() -> list[str]:
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar) as session:
            await (await session.post(server.url + PATH, json=BODY)).read()
            return [cookie.key for cookie in jar]

    assert stage.play(words.production("new"), lambda: asyncio.run(test()))[0] == ["a"]


def test_a_miss_fails_the_test_and_sends_nothing(server: Any, stage: Any, words: Any) -> None:
    stage.miss(words.production(), lambda: asyncio.run(raw(server.url)))
    assert server.arrived == []


def test_a_connection_that_breaks_in_the_middle_is_heard_as_such(
    server: Any, stage: Any, words: Any
) -> None:
    events = words.chat_events(words.PIN, ["a", "b", "c"])
    server.scripts = [server.stream(events, cut_after=2)]

    def test() -> None:
        with pytest.raises(aiohttp.ClientPayloadError):
            asyncio.run(raw_streamed(server.url))

    _, capture = stage.play(words.production("new"), test)
    assert not capture.calls
    assert capture.trouble


def test_a_server_that_hangs_up_is_heard_as_such(server: Any, stage: Any, words: Any) -> None:
    server.scripts = [words.Script(cut_after=0)]

    def test() -> None:
        with pytest.raises(aiohttp.ServerDisconnectedError):
            asyncio.run(raw(server.url))

    _, capture = stage.play(words.production("new"), test)
    assert [trouble.what for trouble in capture.trouble] == ["ServerDisconnectedError"]


def test_a_reply_that_takes_too_long_is_broken_off(server: Any, stage: Any, words: Any) -> None:
    import threading

    held = threading.Semaphore(0)
    server.scripts = [server.stream(words.chat_events(words.PIN, ["a", "b"]), was_read=held)]
    with pytest.raises(pytest.fail.Exception, match="--model-timeout"):
        stage.play(
            words.production("new"), lambda: asyncio.run(raw_streamed(server.url)), seconds=0.3
        )
    held.release()


def test_a_task_that_nobody_awaits_hears_it_as_an_ordinary_error(
    server: Any, stage: Any, words: Any
) -> None:
    import threading

    held = threading.Semaphore(0)
    server.scripts = [server.stream(words.chat_events(words.PIN, ["a", "b"]), was_read=held)]

    async def test() -> list[str]:
        done: asyncio.Queue[str] = asyncio.Queue()

        async def worker() -> None:
            try:
                await raw_streamed(server.url)
            except Exception as error:
                done.put_nowait(str(error))

        kept = asyncio.create_task(worker())
        return [await done.get(), str(kept.cancelled())]

    heard, capture = stage.play(words.production("new"), lambda: asyncio.run(test()), seconds=0.3)
    held.release()
    assert "--model-timeout" in heard[0]
    assert [trouble.what for trouble in capture.trouble] == ["timeout:"]


def test_a_client_that_stops_reading_leaves_what_it_heard(
    server: Any, stage: Any, words: Any
) -> None:
    import threading

    held = threading.Semaphore(0)
    events = words.chat_events(words.PIN, ["a", "b"])
    server.scripts = [server.stream(events, was_read=held)]

    async def test() -> bytes:
        async with aiohttp.ClientSession() as session:
            reply = await session.post(server.url + PATH, json=STREAMED)
            first = await reply.content.readline()
            reply.close()
            return first

    first, capture = stage.play(words.production("new"), lambda: asyncio.run(test()))
    held.release()
    assert b'"a"' in first
    assert not capture.calls[0].exchange.response.complete


def test_many_requests_at_once_replay(server: Any, stage: Any, words: Any) -> None:
    async def test() -> list[str]:
        return await asyncio.gather(*(raw(server.url) for _ in range(8)))

    recorded, _ = stage.play(words.production("new"), lambda: asyncio.run(test()))
    server.stop()
    assert sorted(stage.play(words.production(), lambda: asyncio.run(test()))[0]) == sorted(
        recorded
    )


def test_other_traffic_passes_as_it_is(server: Any, stage: Any, words: Any) -> None:
    async def test() -> int:
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{server.url}/health") as reply,
        ):
            return reply.status

    result, capture = stage.play(words.production(), lambda: asyncio.run(test()))
    assert result == 200
    assert not capture.calls


def test_googles_client_goes_through_aiohttp_as_without_us(
    server: Any, stage: Any, words: Any
) -> None:
    from google import genai

    pin = "gemini-2.0-flash-001"
    document = {
        "candidates": [
            {"content": {"role": "model", "parts": [{"text": "hi"}]}, "finishReason": "STOP"}
        ],
        "modelVersion": pin,
    }
    server.scripts = [server.plain(document)]

    async def test() -> str:
        options = genai.types.HttpOptions(base_url=server.url, api_version="v1beta")
        client = genai.Client(api_key=KEY, http_options=options)
        reply = await client.aio.models.generate_content(model=pin, contents="hi")
        await client.aio.aclose()
        return reply.text or ""

    selection = words.production("new", pin=pin)
    assert stage.play(selection, lambda: asyncio.run(test()))[0] == "hi"
    assert sys.modules["google.genai._api_client"].has_aiohttp
    server.stop()
    assert stage.play(words.production(pin=pin), lambda: asyncio.run(test()))[0] == "hi"


@pytest.mark.long
def test_litellm_goes_through_aiohttp_as_without_us(server: Any, stage: Any, words: Any) -> None:
    async def test() -> str:
        return await litellm_client(server.url)

    recorded, capture = stage.play(words.production("new"), lambda: asyncio.run(test()))
    assert [each.exchange.served for each in capture.calls] == [words.PIN]
    assert KEY not in stage.text()
    server.stop()
    assert stage.play(words.production(), lambda: asyncio.run(test()))[0] == recorded


REQUEST = SimpleNamespace(ssl=True, proxy=None, proxy_headers=None)


def copied(kind: type = aiohttp.TCPConnector, request: Any = REQUEST, **options: Any) -> Any:
    async def copy() -> Any:
        async with kind(**options) as connector:
            return copy_connector(connector, aiohttp.BaseConnector.connect, request)

    return asyncio.run(copy())


def asking(url: str) -> HttpRequest:
    body = b'{"model": "m", "messages": []}'
    headers = [(b"x-own", b"1"), (b"content-length", str(len(body)).encode())]
    return HttpRequest("POST", f"{url}/v1/chat/completions", headers, body)


def test_a_whole_reply_comes_back_as_it_was_on_the_wire(server: Any) -> None:
    server.scripts = [server.compressed({"a": 1}, "gzip")] * 2
    sender = copied()
    replies = [sender.send(asking(server.url), 5.0) for _ in range(2)]
    sender.close()
    for reply in replies:
        assert reply.status == 200
        assert reply.by_name()["content-encoding"] == "gzip"
        assert b"".join(reply.chunks).startswith(b"\x1f\x8b")
    for arrived in server.arrived:
        assert "user-agent" not in arrived.headers
        assert arrived.headers["x-own"] == "1"


def test_a_reply_that_never_ends_is_broken_off(server: Any) -> None:
    server.scripts = [server.stream([": drip\n\n"] * 200, pause=0.05)]
    sender = copied()
    with pytest.raises(DeadlinePassed):
        sender.send(asking(server.url), 0.3)
    sender.close()


def test_a_mock_in_aiohttp_s_place_is_not_asked(
    server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def mocked(*places: Any, **named: Any) -> Any:
        raise AssertionError("a mock was asked")

    sender = copied()
    monkeypatch.setattr(aiohttp.ClientSession, "_request", mocked)
    with pytest.raises(ConnectionError, match="a mock"):
        sender.send(asking(server.url), 5.0)
    sender.close()
    assert server.arrived == []


def test_tls_and_proxy_are_copied_and_what_is_not_tcp_is_left_alone() -> None:
    context = ssl.create_default_context()
    request = SimpleNamespace(ssl=context, proxy="http://proxy.test", proxy_headers={"x-a": "b"})
    sender = copied(request=request, ssl=context)
    assert isinstance(sender, AiohttpSender)
    assert sender._connector["ssl"] is context
    assert sender._request["proxy"] == "http://proxy.test"
    assert copied(aiohttp.UnixConnector, path="/socket") is None

    class Own(aiohttp.TCPConnector):
        """Connects in a way of its own."""

    assert copied(Own) is None


def test_what_was_never_used_is_closed_at_once() -> None:
    copied().close()
