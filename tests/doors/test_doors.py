"""Each door and each way to use it: recorded, replayed without network and key, swapped, read.

`DOORS` is what docs/providers.md is made of: a cell stands there because its test ran.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pytest_modelpin.demo.provider_server import ProviderServer, Question
from pytest_modelpin.providers import read_reply
from pytest_modelpin.providers.api_keys import Keys
from pytest_modelpin.providers.reply import Reply, ToolCall
from pytest_modelpin.registry.selection import Selected

# Clients of others leave connections to the garbage collector, in whichever test that comes.
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]

SAID = "four words of answer"
CITY = {"city": "Oslo"}
SECRET = "sk-planted-0123456789abcdef0123"
SCHEMA = {
    "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"],
    "additionalProperties": False,
}  # fmt: skip
IDS = {
    "openai": ("gpt-4o-2024-08-06", "gpt-4o", "gpt-4o-2024-11-20"),
    "anthropic": ("claude-sonnet-4-5-20250929", "claude-sonnet-4-5", "claude-sonnet-4-5-20261101"),
    "google": ("gemini-2.5-flash", "gemini-3.5-flash", "gemini-3.5-flash"),
    "azure": ("gpt-4.1-2025-04-14", "gpt-4.1", "gpt-4.1-2025-10-01"),
    "vertex": ("claude-sonnet-4-5@20250929", "claude-opus-4-8", "claude-opus-4-8"),
}
"""By provider: the pin, the candidate, and the version that serves the candidate."""
KEYS = {
    "openai": "OPENAI_API_KEY",
    "anthropic": "ANTHROPIC_API_KEY",
    "google": "GEMINI_API_KEY",
    "azure": "AZURE_OPENAI_API_KEY",
    "vertex": "PLANTED_ACCESS_TOKEN",
}
GPT, CLAUDE, GEMINI, DEPLOYMENT, ON_VERTEX = (ids[0] for ids in IDS.values())
STREAM: Any = {"stream": True, "stream_options": {"include_usage": True}}
TOOL = {"name": "weather", "description": "The weather.", "parameters": SCHEMA}


def asked(question: str) -> Any:
    return [{"role": "user", "content": question}]


def body(question: str, **more: Any) -> dict[str, Any]:
    return {"model": GPT, "messages": asked(question), **more}


def headers() -> dict[str, str]:
    import os

    return {"authorization": f"Bearer {os.environ['OPENAI_API_KEY']}"}


def said(document: Any) -> str:
    return str(document["choices"][0]["message"]["content"])


def streamed(lines: Any) -> str:
    texts = [line.decode() if isinstance(line, bytes) else line for line in lines]
    events = [json.loads(text[6:]) for text in texts if text.startswith("data: {")]
    choices = [choice for each in events for choice in each["choices"]]
    return "".join(choice["delta"].get("content") or "" for choice in choices)


def within_a_loop(test: Callable[[str], Any]) -> Callable[[str], Any]:
    return lambda url: asyncio.run(test(url))


# openai


def openai_plain(url: str) -> Any:
    from openai import OpenAI

    with OpenAI(base_url=f"{url}/v1") as client:
        reply = client.chat.completions.create(model=GPT, messages=asked("say"))
    return reply.choices[0].message.content


async def openai_async(url: str) -> Any:
    from openai import AsyncOpenAI

    async with AsyncOpenAI(base_url=f"{url}/v1") as client:
        reply = await client.chat.completions.create(model=GPT, messages=asked("say"))
    return reply.choices[0].message.content


async def openai_aiohttp(url: str) -> Any:
    from openai import AsyncOpenAI, DefaultAioHttpClient

    async with AsyncOpenAI(base_url=f"{url}/v1", http_client=DefaultAioHttpClient()) as client:
        reply = await client.chat.completions.create(model=GPT, messages=asked("say"))
    return reply.choices[0].message.content


def openai_raw(url: str) -> Any:
    from openai import OpenAI

    with OpenAI(base_url=f"{url}/v1") as client:
        raw = client.chat.completions.with_raw_response
        reply = raw.create(model=GPT, messages=asked("say"))
    assert reply.status_code == 200
    return reply.parse().choices[0].message.content


def azure(url: str, kind: str = "AzureOpenAI") -> Any:
    import openai

    return getattr(openai, kind)(azure_endpoint=url, api_version="2024-10-21")


def azure_plain(url: str) -> Any:
    with azure(url) as client:
        reply = client.chat.completions.create(model=DEPLOYMENT, messages=asked("say"))
    return reply.choices[0].message.content


async def azure_async(url: str) -> Any:
    async with azure(url, "AsyncAzureOpenAI") as client:
        reply = await client.chat.completions.create(model=DEPLOYMENT, messages=asked("say"))
    return reply.choices[0].message.content


def azure_stream(url: str) -> Any:
    with azure(url) as client:
        chunks = client.chat.completions.create(model=DEPLOYMENT, messages=asked("say"), **STREAM)
        return "".join(each.choices[0].delta.content or "" for each in chunks if each.choices)


def openai_stream(url: str) -> Any:
    from openai import OpenAI

    with OpenAI(base_url=f"{url}/v1") as client:
        chunks = client.chat.completions.create(model=GPT, messages=asked("say"), **STREAM)
        return "".join(each.choices[0].delta.content or "" for each in chunks if each.choices)


def openai_tools(url: str) -> Any:
    from openai import OpenAI

    with OpenAI(base_url=f"{url}/v1") as client:
        reply = client.chat.completions.create(
            model=GPT, messages=asked("tool"), tools=[{"type": "function", "function": TOOL}]
        )
    return json.loads(reply.choices[0].message.tool_calls[0].function.arguments)


def openai_structured(url: str) -> Any:
    from openai import OpenAI
    from pydantic import BaseModel

    class Place(BaseModel):
        city: str

    with OpenAI(base_url=f"{url}/v1") as client:
        reply = client.chat.completions.parse(
            model=GPT, messages=asked("json"), response_format=Place
        )
    return reply.choices[0].message.parsed.model_dump()


def responses_plain(url: str) -> Any:
    from openai import OpenAI

    with OpenAI(base_url=f"{url}/v1") as client:
        return client.responses.create(model=GPT, input="say").output_text


async def responses_async(url: str) -> Any:
    from openai import AsyncOpenAI

    async with AsyncOpenAI(base_url=f"{url}/v1") as client:
        return (await client.responses.create(model=GPT, input="say")).output_text


def responses_stream(url: str) -> Any:
    from openai import OpenAI

    with OpenAI(base_url=f"{url}/v1") as client:
        events = client.responses.create(model=GPT, input="say", stream=True)
        return "".join(e.delta for e in events if e.type == "response.output_text.delta")


def responses_tools(url: str) -> Any:
    from openai import OpenAI

    with OpenAI(base_url=f"{url}/v1") as client:
        reply = client.responses.create(
            model=GPT, input="tool", tools=[{"type": "function", "strict": True, **TOOL}]
        )
    return next(json.loads(e.arguments) for e in reply.output if e.type == "function_call")


def responses_structured(url: str) -> Any:
    from openai import OpenAI
    from pydantic import BaseModel

    class Place(BaseModel):
        city: str

    with OpenAI(base_url=f"{url}/v1") as client:
        reply = client.responses.parse(model=GPT, input="json", text_format=Place)
    return reply.output_parsed.model_dump()


# anthropic


def anthropic_plain(url: str) -> Any:
    from anthropic import Anthropic

    with Anthropic(base_url=url) as client:
        reply = client.messages.create(model=CLAUDE, messages=asked("say"), max_tokens=9)
    return reply.content[0].text


async def anthropic_async(url: str) -> Any:
    from anthropic import AsyncAnthropic

    async with AsyncAnthropic(base_url=url) as client:
        reply = await client.messages.create(model=CLAUDE, messages=asked("say"), max_tokens=9)
    return reply.content[0].text


async def anthropic_aiohttp(url: str) -> Any:
    from anthropic import AsyncAnthropic, DefaultAioHttpClient

    async with AsyncAnthropic(base_url=url, http_client=DefaultAioHttpClient()) as client:
        reply = await client.messages.create(model=CLAUDE, messages=asked("say"), max_tokens=9)
    return reply.content[0].text


def anthropic_beta(url: str) -> Any:
    from anthropic import Anthropic

    with Anthropic(base_url=url) as client:
        reply = client.beta.messages.create(
            model=CLAUDE, messages=asked("say"), max_tokens=9, betas=["context-1m-2025-08-07"]
        )
    return reply.content[0].text


def anthropic_structured(url: str) -> Any:
    from anthropic import Anthropic
    from pydantic import BaseModel

    class Place(BaseModel):
        city: str

    with Anthropic(base_url=url) as client:
        reply = client.messages.parse(
            model=CLAUDE, messages=asked("json"), max_tokens=9, output_format=Place
        )
    return reply.parsed_output.model_dump()


def vertex(url: str) -> Any:
    import os

    from anthropic import AnthropicVertex

    return AnthropicVertex(
        region="us-east5", project_id="a-project", base_url=f"{url}/v1",
        access_token=os.environ.get(KEYS["vertex"], "none"),
    )  # fmt: skip


def vertex_plain(url: str) -> Any:
    with vertex(url) as client:
        reply = client.messages.create(model=ON_VERTEX, messages=asked("say"), max_tokens=9)
    return reply.content[0].text


def vertex_stream(url: str) -> Any:
    with (
        vertex(url) as client,
        client.messages.stream(model=ON_VERTEX, messages=asked("say"), max_tokens=9) as stream,
    ):
        return "".join(stream.text_stream)


def anthropic_stream(url: str) -> Any:
    from anthropic import Anthropic

    with (
        Anthropic(base_url=url) as client,
        client.messages.stream(model=CLAUDE, messages=asked("say"), max_tokens=9) as stream,
    ):
        return "".join(stream.text_stream)


def anthropic_tools(url: str) -> Any:
    from anthropic import Anthropic

    with Anthropic(base_url=url) as client:
        reply = client.messages.create(
            model=CLAUDE, messages=asked("tool"), max_tokens=9,
            tools=[{"name": "weather", "input_schema": SCHEMA}],
        )  # fmt: skip
    return next(block.input for block in reply.content if block.type == "tool_use")


# google-genai


def gemini(url: str) -> Any:
    from google import genai

    return genai.Client(http_options=genai.types.HttpOptions(base_url=url, api_version="v1beta"))


def gemini_plain(url: str) -> Any:
    with gemini(url) as client:
        return client.models.generate_content(model=GEMINI, contents="say").text


async def gemini_async(url: str) -> Any:
    async with gemini(url).aio as client:
        return (await client.models.generate_content(model=GEMINI, contents="say")).text


def gemini_stream(url: str) -> Any:
    with gemini(url) as client:
        stream = client.models.generate_content_stream(model=GEMINI, contents="say")
        return "".join(chunk.text or "" for chunk in stream)


def gemini_tools(url: str) -> Any:
    with gemini(url) as client:
        declared = {"name": "weather", "parameters_json_schema": SCHEMA}
        reply = client.models.generate_content(
            model=GEMINI, contents="tool",
            config={"tools": [{"function_declarations": [declared]}]},
        )  # fmt: skip
    return reply.function_calls[0].args


def gemini_structured(url: str) -> Any:
    with gemini(url) as client:
        reply = client.models.generate_content(
            model=GEMINI, contents="json",
            config={"response_mime_type": "application/json", "response_json_schema": SCHEMA},
        )  # fmt: skip
    return json.loads(reply.text)


# litellm


def litellm_plain(url: str) -> Any:
    import litellm

    reply = litellm.completion(model=f"openai/{GPT}", messages=asked("say"), api_base=f"{url}/v1")
    return reply.choices[0].message.content


async def litellm_async(url: str) -> Any:
    import litellm

    reply = await litellm.acompletion(
        model=f"openai/{GPT}", messages=asked("say"), api_base=f"{url}/v1"
    )
    return reply.choices[0].message.content


def litellm_stream(url: str) -> Any:
    import litellm

    chunks = litellm.completion(
        model=f"openai/{GPT}", messages=asked("say"), api_base=f"{url}/v1", **STREAM
    )
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


def litellm_tools(url: str) -> Any:
    import litellm

    reply = litellm.completion(
        model=f"openai/{GPT}", messages=asked("tool"), api_base=f"{url}/v1",
        tools=[{"type": "function", "function": TOOL}],
    )  # fmt: skip
    return json.loads(reply.choices[0].message.tool_calls[0].function.arguments)


# HTTP clients


def httpx_plain(url: str) -> Any:
    import httpx

    return said(
        httpx.post(f"{url}/v1/chat/completions", json=body("say"), headers=headers()).json()
    )


def httpx2_plain(url: str) -> Any:
    import httpx2

    reply = httpx2.post(f"{url}/v1/chat/completions", json=body("say"), headers=headers())
    return said(reply.json())


async def httpx_async(url: str) -> Any:
    import httpx

    async with httpx.AsyncClient() as client:
        reply = await client.post(f"{url}/v1/chat/completions", json=body("say"), headers=headers())
    return said(reply.json())


def httpx_stream(url: str) -> Any:
    import httpx

    with httpx.stream(
        "POST", f"{url}/v1/chat/completions", json=body("say", **STREAM), headers=headers()
    ) as reply:
        return streamed(reply.iter_lines())


def requests_plain(url: str) -> Any:
    import requests

    reply = requests.post(f"{url}/v1/chat/completions", json=body("say"), headers=headers())
    return said(reply.json())


def requests_stream(url: str) -> Any:
    import requests

    with requests.post(
        f"{url}/v1/chat/completions", json=body("say", **STREAM), headers=headers(), stream=True
    ) as reply:
        return streamed(reply.iter_lines())


def urllib3_plain(url: str) -> Any:
    import urllib3

    with urllib3.PoolManager() as pool:
        reply = pool.request(
            "POST", f"{url}/v1/chat/completions", json=body("say"), headers=headers()
        )
        return said(reply.json())


def urllib3_stream(url: str) -> Any:
    import urllib3

    with urllib3.PoolManager() as pool:
        reply = pool.request(
            "POST", f"{url}/v1/chat/completions", json=body("say", **STREAM),
            headers=headers(), preload_content=False,
        )  # fmt: skip
        return streamed(b"".join(reply.stream()).splitlines())


async def aiohttp_plain(url: str) -> Any:
    import aiohttp

    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{url}/v1/chat/completions", json=body("say"), headers=headers()) as reply,
    ):
        return said(await reply.json())


async def aiohttp_stream(url: str) -> Any:
    import aiohttp

    async with (
        aiohttp.ClientSession() as session,
        session.post(
            f"{url}/v1/chat/completions", json=body("say", **STREAM), headers=headers()
        ) as reply,
    ):
        return streamed([line async for line in reply.content])


# What runs the call


def in_a_thread(url: str) -> Any:
    heard: list[Any] = []
    thread = threading.Thread(target=lambda: heard.append(httpx_plain(url)))
    thread.start()
    thread.join()
    return heard[0]


async def gathered(url: str) -> Any:
    one, other = await asyncio.gather(httpx_async(url), httpx_async(url))
    assert one == other
    return one


def under_trio(url: str) -> Any:
    import trio

    return trio.run(httpx_async, url)


def below_an_app(url: str) -> Any:
    from starlette.applications import Starlette
    from starlette.responses import PlainTextResponse
    from starlette.routing import Route
    from starlette.testclient import TestClient

    async def answers(request: Any) -> Any:
        return PlainTextResponse(await httpx_async(url))

    with TestClient(Starlette(routes=[Route("/", answers)])) as client:
        return client.get("/").text


DOORS: dict[str, tuple[str, dict[str, Callable[[str], Any]]]] = {
    "openai, chat completions": (
        "openai",
        {
            "sync": openai_plain,
            "async": within_a_loop(openai_async),
            "stream": openai_stream,
            "tools": openai_tools,
            "structured": openai_structured,
        },
    ),
    "openai, responses": (
        "openai",
        {
            "sync": responses_plain,
            "async": within_a_loop(responses_async),
            "stream": responses_stream,
            "tools": responses_tools,
            "structured": responses_structured,
        },
    ),
    "openai, raw responses": ("openai", {"sync": openai_raw}),
    "openai, Azure": (
        "azure",
        {"sync": azure_plain, "async": within_a_loop(azure_async), "stream": azure_stream},
    ),
    "openai, over aiohttp": ("openai", {"async": within_a_loop(openai_aiohttp)}),
    "anthropic, messages": (
        "anthropic",
        {
            "sync": anthropic_plain,
            "async": within_a_loop(anthropic_async),
            "stream": anthropic_stream,
            "tools": anthropic_tools,
            "structured": anthropic_structured,
        },
    ),
    "anthropic, beta": ("anthropic", {"sync": anthropic_beta}),
    "anthropic, over aiohttp": ("anthropic", {"async": within_a_loop(anthropic_aiohttp)}),
    "AnthropicVertex": ("vertex", {"sync": vertex_plain, "stream": vertex_stream}),
    "google-genai": (
        "google",
        {
            "sync": gemini_plain,
            "async": within_a_loop(gemini_async),
            "stream": gemini_stream,
            "tools": gemini_tools,
            "structured": gemini_structured,
        },
    ),
    "litellm, OpenAI's route": (
        "openai",
        {
            "sync": litellm_plain,
            "async": within_a_loop(litellm_async),
            "stream": litellm_stream,
            "tools": litellm_tools,
        },
    ),
    "httpx": (
        "openai",
        {"sync": httpx_plain, "async": within_a_loop(httpx_async), "stream": httpx_stream},
    ),
    "httpx2": ("openai", {"sync": httpx2_plain}),
    "requests": ("openai", {"sync": requests_plain, "stream": requests_stream}),
    "urllib3": ("openai", {"sync": urllib3_plain, "stream": urllib3_stream}),
    "aiohttp": (
        "openai",
        {"async": within_a_loop(aiohttp_plain), "stream": within_a_loop(aiohttp_stream)},
    ),
    "a thread": ("openai", {"sync": in_a_thread}),
    "asyncio.gather": ("openai", {"async": within_a_loop(gathered)}),
    "trio": ("openai", {"async": under_trio}),
    "starlette's TestClient": ("openai", {"async": below_an_app}),
}
"""Of each door: whose wire it speaks, and the ways to use it."""

CELLS = [
    pytest.param(vendor, way, id=f"{door}-{mode}")
    for door, (vendor, ways) in DOORS.items()
    for mode, way in ways.items()
]


def answer(question: Question) -> str | Reply:
    if question.text == "tool":
        return Reply(tools=(ToolCall("weather", CITY),))
    return json.dumps(CITY) if question.text == "json" else SAID


@pytest.fixture
def provider() -> Iterator[ProviderServer]:
    aliases = {candidate: served for _, candidate, served in IDS.values()}
    with ProviderServer(answer, aliases=aliases) as server:
        yield server


@pytest.mark.parametrize(("vendor", "way"), CELLS)
def test_a_door_records_swaps_and_replays_without_network_and_key(
    vendor: str,
    way: Callable[[str], Any],
    provider: ProviderServer,
    stage: Any,
    words: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pin, candidate, served = IDS[vendor]
    key = KEYS[vendor]
    monkeypatch.delenv("GOOGLE_API_KEY", raising=False)
    monkeypatch.setenv(key, SECRET)

    def selected(which: Any, id: str, record: Any) -> Any:
        return words.selection_of(Selected("it", pin, which, id, record, provider=vendor))

    recorded, capture = stage.play(selected("production", pin, "new"), lambda: way(provider.url))
    assert recorded in (SAID, CITY)
    assert {call.version for call in capture.calls} == {pin}
    exchange = capture.calls[0].exchange
    assert exchange.served == pin
    request, response = exchange.request, exchange.response
    usage = read_reply(
        request.url, request.body, response.status, response.headers,
        response.content,
    ).usage  # fmt: skip
    assert usage.input_tokens
    assert usage.output_tokens
    assert SECRET not in stage.text()

    before = len(provider.requests)
    tried, capture = stage.play(selected("candidate", candidate, "all"), lambda: way(provider.url))
    assert tried == recorded
    assert {request.model for request in provider.requests[before:]} == {candidate}
    assert {call.exchange.served for call in capture.calls} == {served}

    provider.close()
    monkeypatch.delenv(key)
    replaying = selected("production", pin, "none")
    keys = Keys(replaying)
    keys.stand_in()
    try:
        replayed, capture = stage.play(replaying, lambda: way(provider.url))
    finally:
        keys.take_back()
    assert replayed == recorded
    assert not any(call.fresh for call in capture.calls)
