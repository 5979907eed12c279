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
from importlib import import_module
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
    pytest.mark.long,
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]


# openai


def openai_itself(url: str, kind: str = "") -> Any:
    import openai

    return getattr(openai, f"{kind}OpenAI")(base_url=f"{url}/v1")


def azure(url: str, kind: str = "") -> Any:
    import openai

    return getattr(openai, f"{kind}AzureOpenAI")(azure_endpoint=url, api_version="2024-10-21")


Client = Callable[..., Any]
"""What makes a client of an address, the asynchronous one where it is told so."""


def openai_plain(url: str, client: Client = openai_itself, model: str = GPT) -> Any:
    with client(url) as its:
        reply = its.chat.completions.create(model=model, messages=asked("say"))
    return reply.choices[0].message.content


async def openai_async(url: str, client: Client = openai_itself, model: str = GPT) -> Any:
    async with client(url, "Async") as its:
        reply = await its.chat.completions.create(model=model, messages=asked("say"))
    return reply.choices[0].message.content


def openai_raw(url: str) -> Any:
    with openai_itself(url) as client:
        raw = client.chat.completions.with_raw_response
        reply = raw.create(model=GPT, messages=asked("say"))
    assert reply.status_code == 200
    return reply.parse().choices[0].message.content


async def openai_raw_async(url: str) -> Any:
    async with openai_itself(url, "Async") as client:
        raw = client.chat.completions.with_raw_response
        reply = await raw.create(model=GPT, messages=asked("say"))
    assert reply.status_code == 200
    return reply.parse().choices[0].message.content


def openai_stream(url: str, client: Client = openai_itself, model: str = GPT) -> Any:
    with client(url) as its:
        chunks = its.chat.completions.create(model=model, messages=asked("say"), **STREAM)
        return "".join(each.choices[0].delta.content or "" for each in chunks if each.choices)


def openai_tools(url: str, client: Client = openai_itself, model: str = GPT) -> Any:
    with client(url) as its:
        reply = its.chat.completions.create(
            model=model, messages=asked("tool"), tools=[{"type": "function", "function": TOOL}]
        )
    return json.loads(reply.choices[0].message.tool_calls[0].function.arguments)


def openai_structured(url: str, client: Client = openai_itself, model: str = GPT) -> Any:
    from pydantic import BaseModel

    class Place(BaseModel):
        city: str

    with client(url) as its:
        reply = its.chat.completions.parse(
            model=model, messages=asked("json"), response_format=Place
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


def anthropic_itself(url: str, kind: str = "") -> Any:
    import anthropic

    return getattr(anthropic, f"{kind}Anthropic")(base_url=url)


def vertex(url: str, kind: str = "") -> Any:
    """Where there is no token, with what google-auth finds: in a replay nothing has to be there."""
    import anthropic

    return getattr(anthropic, f"{kind}AnthropicVertex")(
        region="us-east5", project_id="a-project", base_url=f"{url}/v1",
        access_token=os.environ.get(KEYS["vertex"]),
    )  # fmt: skip


def messages(client: Any) -> Any:
    return client.messages


def beta_messages(client: Any) -> Any:
    return client.beta.messages


def anthropic_plain(
    url: str, client: Client = anthropic_itself, model: str = CLAUDE, of: Client = messages
) -> Any:
    with client(url) as its:
        reply = of(its).create(model=model, messages=asked("say"), max_tokens=9)
    return reply.content[0].text


async def anthropic_async(
    url: str, client: Client = anthropic_itself, model: str = CLAUDE, of: Client = messages
) -> Any:
    async with client(url, "Async") as its:
        reply = await of(its).create(model=model, messages=asked("say"), max_tokens=9)
    return reply.content[0].text


def anthropic_stream(
    url: str, client: Client = anthropic_itself, model: str = CLAUDE, of: Client = messages
) -> Any:
    with (
        client(url) as its,
        of(its).stream(model=model, messages=asked("say"), max_tokens=9) as stream,
    ):
        return "".join(stream.text_stream)


def anthropic_tools(
    url: str, client: Client = anthropic_itself, model: str = CLAUDE, of: Client = messages
) -> Any:
    with client(url) as its:
        reply = of(its).create(
            model=model, messages=asked("tool"), max_tokens=9,
            tools=[{"name": "weather", "input_schema": SCHEMA}],
        )  # fmt: skip
    return next(block.input for block in reply.content if block.type == "tool_use")


def anthropic_structured(
    url: str, client: Client = anthropic_itself, model: str = CLAUDE, of: Client = messages
) -> Any:
    from pydantic import BaseModel

    class Place(BaseModel):
        city: str

    with client(url) as its:
        reply = of(its).parse(
            model=model, messages=asked("json"), max_tokens=9, output_format=Place
        )
    return reply.parsed_output.model_dump()


def anthropics(**differs: Any) -> Any:
    """The ways of one of Anthropic's clients."""
    return {
        "sync": partial(anthropic_plain, **differs),
        "async": within_a_loop(partial(anthropic_async, **differs)),
        "stream": partial(anthropic_stream, **differs),
        "tools": partial(anthropic_tools, **differs),
        "structured": partial(anthropic_structured, **differs),
    }


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


def interacted(url: str, given: str, **more: Any) -> Any:
    with gemini(url) as client:
        return client.interactions.create(model=GEMINI, input=given, **more)


async def interacted_async(url: str) -> Any:
    async with gemini(url).aio as client:
        return (await client.interactions.create(model=GEMINI, input="say")).output_text


def interacted_stream(url: str) -> Any:
    with gemini(url) as client:
        events = client.interactions.create(model=GEMINI, input="say", stream=True)
        deltas = [each.delta for each in events if each.event_type == "step.delta"]
    return "".join(delta.text for delta in deltas)


def interacted_tools(url: str) -> Any:
    declared = {"type": "function", "name": "weather", "parameters": SCHEMA}
    reply = interacted(url, "tool", tools=[declared])
    return next(step.arguments for step in reply.steps if step.type == "function_call")


def interacted_structured(url: str) -> Any:
    wanted = {"type": "text", "mime_type": "application/json", "schema": SCHEMA}
    return json.loads(interacted(url, "json", response_format=wanted).output_text)


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


def httpx_plain(url: str, library: str = "httpx") -> Any:
    post = import_module(library).post
    return said(post(f"{url}/v1/chat/completions", json=body("say"), headers=headers()).json())


async def httpx_async(url: str, library: str = "httpx") -> Any:
    async with import_module(library).AsyncClient() as client:
        reply = await client.post(f"{url}/v1/chat/completions", json=body("say"), headers=headers())
    return said(reply.json())


def httpx_stream(url: str, library: str = "httpx") -> Any:
    with import_module(library).stream(
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
    "openai, raw responses": (
        "openai",
        {"sync": openai_raw, "async": within_a_loop(openai_raw_async)},
    ),
    "openai, Azure": (
        "azure",
        {
            "sync": partial(openai_plain, client=azure, model=DEPLOYMENT),
            "async": within_a_loop(partial(openai_async, client=azure, model=DEPLOYMENT)),
            "stream": partial(openai_stream, client=azure, model=DEPLOYMENT),
            "tools": partial(openai_tools, client=azure, model=DEPLOYMENT),
            "structured": partial(openai_structured, client=azure, model=DEPLOYMENT),
        },
    ),
    "anthropic, messages": ("anthropic", anthropics()),
    "anthropic, beta": ("anthropic", anthropics(of=beta_messages)),
    "AnthropicVertex": ("vertex", anthropics(client=vertex, model=ON_VERTEX)),
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
    "google-genai, interactions": (
        "google",
        {
            "sync": lambda url: interacted(url, "say").output_text,
            "async": within_a_loop(interacted_async),
            "stream": interacted_stream,
            "tools": interacted_tools,
            "structured": interacted_structured,
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
    "httpx2": (
        "openai",
        {
            "sync": partial(httpx_plain, library="httpx2"),
            "async": within_a_loop(partial(httpx_async, library="httpx2")),
            "stream": partial(httpx_stream, library="httpx2"),
        },
    ),
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
