"""Each door and each way to use it: recorded, replayed without network and key, swapped, read.

`DOORS` is what docs/providers.md is made of: a cell stands there because its test ran.
"""

from __future__ import annotations

import asyncio
import json
import os
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from door_stage import (
    CLAUDE,
    DEPLOYMENT,
    GEMINI,
    GPT,
    KEYS,
    ON_VERTEX,
    SCHEMA,
    STREAM,
    TOOL,
    Doors,
    asked,
    body,
    cells,
    headers,
    said,
    streamed,
    within_a_loop,
)

# Clients of others leave connections to the garbage collector, in whichever test that comes.
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]


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


def vertex(url: str, kind: str = "AnthropicVertex") -> Any:
    """Where there is no token, with what google-auth finds: in a replay nothing has to be there."""
    import anthropic

    return getattr(anthropic, kind)(
        region="us-east5", project_id="a-project", base_url=f"{url}/v1",
        access_token=os.environ.get(KEYS["vertex"]),
    )  # fmt: skip


def vertex_plain(url: str) -> Any:
    with vertex(url) as client:
        reply = client.messages.create(model=ON_VERTEX, messages=asked("say"), max_tokens=9)
    return reply.content[0].text


async def vertex_async(url: str) -> Any:
    async with vertex(url, "AsyncAnthropicVertex") as client:
        reply = await client.messages.create(model=ON_VERTEX, messages=asked("say"), max_tokens=9)
    return reply.content[0].text


def vertex_stream(url: str) -> Any:
    with (
        vertex(url) as client,
        client.messages.stream(model=ON_VERTEX, messages=asked("say"), max_tokens=9) as stream,
    ):
        return "".join(stream.text_stream)


def vertex_tools(url: str) -> Any:
    with vertex(url) as client:
        reply = client.messages.create(
            model=ON_VERTEX, messages=asked("tool"), max_tokens=9,
            tools=[{"name": "weather", "input_schema": SCHEMA}],
        )  # fmt: skip
    return next(block.input for block in reply.content if block.type == "tool_use")


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


def gemini(url: str, **more: Any) -> Any:
    from google import genai

    options = genai.types.HttpOptions(base_url=url, api_version="v1beta", **more)
    return genai.Client(http_options=options)


def gemini_on_vertex(url: str, **more: Any) -> Any:
    """Where there is no token, with what google-auth finds: in a replay nothing has to be there."""
    from google import genai
    from google.oauth2.credentials import Credentials

    token = os.environ.get(KEYS["google-vertex"])
    return genai.Client(
        vertexai=True, project="a-project", location="europe-west1",
        credentials=Credentials(token) if token else None,
        http_options=genai.types.HttpOptions(base_url=url, **more),
    )  # fmt: skip


Gemini = Callable[..., Any]


def gemini_plain(url: str, gemini: Gemini = gemini) -> Any:
    with gemini(url) as client:
        return client.models.generate_content(model=GEMINI, contents="say").text


async def gemini_async(url: str, gemini: Gemini = gemini) -> Any:
    import httpx2

    # With a transport it does not take aiohttp, which has tests of its own.
    over_httpx = {"transport": httpx2.AsyncHTTPTransport()}
    async with gemini(url, async_client_args=over_httpx).aio as client:
        return (await client.models.generate_content(model=GEMINI, contents="say")).text


def gemini_stream(url: str, gemini: Gemini = gemini) -> Any:
    with gemini(url) as client:
        stream = client.models.generate_content_stream(model=GEMINI, contents="say")
        return "".join(chunk.text or "" for chunk in stream)


def gemini_tools(url: str, gemini: Gemini = gemini) -> Any:
    with gemini(url) as client:
        declared = {"name": "weather", "parameters_json_schema": SCHEMA}
        reply = client.models.generate_content(
            model=GEMINI, contents="tool",
            config={"tools": [{"function_declarations": [declared]}]},
        )  # fmt: skip
    return reply.function_calls[0].args


def gemini_structured(url: str, gemini: Gemini = gemini) -> Any:
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


def litellm_structured(url: str) -> Any:
    import litellm
    from pydantic import BaseModel

    class Place(BaseModel):
        city: str

    reply = litellm.completion(
        model=f"openai/{GPT}", messages=asked("json"), api_base=f"{url}/v1", response_format=Place
    )
    return json.loads(reply.choices[0].message.content)


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


DOORS: Doors = {
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
    "AnthropicVertex": (
        "vertex",
        {
            "sync": vertex_plain,
            "async": within_a_loop(vertex_async),
            "stream": vertex_stream,
            "tools": vertex_tools,
        },
    ),
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
    "google-genai, Vertex": (
        "google-vertex",
        {
            "sync": partial(gemini_plain, gemini=gemini_on_vertex),
            "async": within_a_loop(partial(gemini_async, gemini=gemini_on_vertex)),
            "stream": partial(gemini_stream, gemini=gemini_on_vertex),
            "tools": partial(gemini_tools, gemini=gemini_on_vertex),
            "structured": partial(gemini_structured, gemini=gemini_on_vertex),
        },
    ),
    "litellm, OpenAI's route": (
        "openai",
        {
            "sync": litellm_plain,
            "async": within_a_loop(litellm_async),
            "stream": litellm_stream,
            "tools": litellm_tools,
            "structured": litellm_structured,
        },
    ),
    "httpx": (
        "openai",
        {"sync": httpx_plain, "async": within_a_loop(httpx_async), "stream": httpx_stream},
    ),
    "httpx2": ("openai", {"sync": httpx2_plain}),
    "requests": ("openai", {"sync": requests_plain, "stream": requests_stream}),
    "urllib3": ("openai", {"sync": urllib3_plain, "stream": urllib3_stream}),
    "a thread": ("openai", {"sync": in_a_thread}),
    "asyncio.gather": ("openai", {"async": within_a_loop(gathered)}),
    "trio": ("openai", {"async": under_trio}),
    "starlette's TestClient": ("openai", {"async": below_an_app}),
}


@cells(DOORS)
def test_a_door_records_swaps_and_replays_without_network_and_key(
    vendor: str,
    way: Callable[[str], Any],
    hold_open: Callable[[str, Callable[[str], Any]], None],
) -> None:
    hold_open(vendor, way)
