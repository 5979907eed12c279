"""The doors whose requests aiohttp sends: the SDKs' clients for it, LiteLLM's own choice, itself.

`DOORS` is part of what docs/providers.md is made of. That the requests do go over aiohttp is looked
at in each run: an SDK that moves to another library would pass unseen by these tests otherwise.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from door_stage import (
    CLAUDE,
    GEMINI,
    GPT,
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
from pydantic import BaseModel

# Clients of others leave connections to the garbage collector, in whichever test that comes.
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]

FUNCTION = {"type": "function", "function": TOOL}


class Place(BaseModel):
    city: str


# openai


def gpt(test: Callable[[Any], Awaitable[Any]]) -> Callable[[str], Any]:
    async def with_a_client(url: str) -> Any:
        from openai import AsyncOpenAI, DefaultAioHttpClient

        async with AsyncOpenAI(base_url=f"{url}/v1", http_client=DefaultAioHttpClient()) as client:
            return await test(client)

    return within_a_loop(with_a_client)


@gpt
async def openai_async(client: Any) -> Any:
    reply = await client.chat.completions.create(model=GPT, messages=asked("say"))
    return reply.choices[0].message.content


@gpt
async def openai_stream(client: Any) -> Any:
    chunks = await client.chat.completions.create(model=GPT, messages=asked("say"), **STREAM)
    choices = [each.choices[0] async for each in chunks if each.choices]
    return "".join(each.delta.content or "" for each in choices)


@gpt
async def openai_tools(client: Any) -> Any:
    reply = await client.chat.completions.create(
        model=GPT, messages=asked("tool"), tools=[FUNCTION]
    )
    return json.loads(reply.choices[0].message.tool_calls[0].function.arguments)


@gpt
async def openai_structured(client: Any) -> Any:
    reply = await client.chat.completions.parse(
        model=GPT, messages=asked("json"), response_format=Place
    )
    return reply.choices[0].message.parsed.model_dump()


@gpt
async def responses_async(client: Any) -> Any:
    return (await client.responses.create(model=GPT, input="say")).output_text


@gpt
async def responses_stream(client: Any) -> Any:
    events = await client.responses.create(model=GPT, input="say", stream=True)
    return "".join([e.delta async for e in events if e.type == "response.output_text.delta"])


@gpt
async def responses_tools(client: Any) -> Any:
    tools = [{"type": "function", "strict": True, **TOOL}]
    reply = await client.responses.create(model=GPT, input="tool", tools=tools)
    return next(json.loads(e.arguments) for e in reply.output if e.type == "function_call")


@gpt
async def responses_structured(client: Any) -> Any:
    reply = await client.responses.parse(model=GPT, input="json", text_format=Place)
    return reply.output_parsed.model_dump()


# anthropic


def claude(test: Callable[[Any], Awaitable[Any]]) -> Callable[[str], Any]:
    async def with_a_client(url: str) -> Any:
        from anthropic import AsyncAnthropic, DefaultAioHttpClient

        async with AsyncAnthropic(base_url=url, http_client=DefaultAioHttpClient()) as client:
            return await test(client)

    return within_a_loop(with_a_client)


@claude
async def anthropic_async(client: Any) -> Any:
    reply = await client.messages.create(model=CLAUDE, messages=asked("say"), max_tokens=9)
    return reply.content[0].text


@claude
async def anthropic_stream(client: Any) -> Any:
    async with client.messages.stream(model=CLAUDE, messages=asked("say"), max_tokens=9) as stream:
        return "".join([text async for text in stream.text_stream])


@claude
async def anthropic_tools(client: Any) -> Any:
    reply = await client.messages.create(
        model=CLAUDE, messages=asked("tool"), max_tokens=9,
        tools=[{"name": "weather", "input_schema": SCHEMA}],
    )  # fmt: skip
    return next(block.input for block in reply.content if block.type == "tool_use")


@claude
async def anthropic_structured(client: Any) -> Any:
    reply = await client.messages.parse(
        model=CLAUDE, messages=asked("json"), max_tokens=9, output_format=Place
    )
    return reply.parsed_output.model_dump()


# google-genai, which takes aiohttp for itself where it is installed


def gemini(test: Callable[[Any], Awaitable[Any]]) -> Callable[[str], Any]:
    async def with_a_client(url: str) -> Any:
        from google import genai

        options = genai.types.HttpOptions(base_url=url, api_version="v1beta")
        async with genai.Client(http_options=options).aio as client:
            return await test(client.models)

    return within_a_loop(with_a_client)


@gemini
async def gemini_async(models: Any) -> Any:
    return (await models.generate_content(model=GEMINI, contents="say")).text


@gemini
async def gemini_stream(models: Any) -> Any:
    stream = await models.generate_content_stream(model=GEMINI, contents="say")
    return "".join([chunk.text or "" async for chunk in stream])


@gemini
async def gemini_tools(models: Any) -> Any:
    declared = {"name": "weather", "parameters_json_schema": SCHEMA}
    reply = await models.generate_content(
        model=GEMINI, contents="tool", config={"tools": [{"function_declarations": [declared]}]}
    )
    return reply.function_calls[0].args


@gemini
async def gemini_structured(models: Any) -> Any:
    config = {"response_mime_type": "application/json", "response_json_schema": SCHEMA}
    reply = await models.generate_content(model=GEMINI, contents="json", config=config)
    return json.loads(reply.text)


# litellm, whose asynchronous calls go over aiohttp unless it is told otherwise


async def completion(url: str, question: str, **more: Any) -> Any:
    import litellm

    return await litellm.acompletion(
        model=f"openai/{GPT}", messages=asked(question), api_base=f"{url}/v1", **more
    )


@within_a_loop
async def litellm_async(url: str) -> Any:
    return (await completion(url, "say")).choices[0].message.content


@within_a_loop
async def litellm_stream(url: str) -> Any:
    chunks = await completion(url, "say", **STREAM)
    choices = [each.choices[0] async for each in chunks if each.choices]
    return "".join(each.delta.content or "" for each in choices)


@within_a_loop
async def litellm_tools(url: str) -> Any:
    reply = await completion(url, "tool", tools=[FUNCTION])
    return json.loads(reply.choices[0].message.tool_calls[0].function.arguments)


@within_a_loop
async def litellm_structured(url: str) -> Any:
    reply = await completion(url, "json", response_format=Place)
    return json.loads(reply.choices[0].message.content)


# aiohttp itself


def session(test: Callable[[Callable[..., Any]], Awaitable[Any]]) -> Callable[[str], Any]:
    async def with_a_session(url: str) -> Any:
        import aiohttp

        async with aiohttp.ClientSession() as session:
            chat = f"{url}/v1/chat/completions"
            return await test(functools.partial(session.post, chat, headers=headers()))

    return within_a_loop(with_a_session)


@session
async def aiohttp_async(post: Callable[..., Any]) -> Any:
    async with post(json=body("say")) as reply:
        return said(await reply.json())


@session
async def aiohttp_stream(post: Callable[..., Any]) -> Any:
    async with post(json=body("say", **STREAM)) as reply:
        return streamed([line async for line in reply.content])


@session
async def aiohttp_tools(post: Callable[..., Any]) -> Any:
    async with post(json=body("tool", tools=[FUNCTION])) as reply:
        [call] = (await reply.json())["choices"][0]["message"]["tool_calls"]
    return json.loads(call["function"]["arguments"])


@session
async def aiohttp_structured(post: Callable[..., Any]) -> Any:
    wanted = {"type": "json_schema", "json_schema": {"name": "place", "schema": SCHEMA}}
    async with post(json=body("json", response_format=wanted)) as reply:
        return json.loads(said(await reply.json()))


DOORS: Doors = {
    "openai, over aiohttp": (
        "openai",
        {
            "async": openai_async,
            "stream": openai_stream,
            "tools": openai_tools,
            "structured": openai_structured,
        },
    ),
    "openai, responses over aiohttp": (
        "openai",
        {
            "async": responses_async,
            "stream": responses_stream,
            "tools": responses_tools,
            "structured": responses_structured,
        },
    ),
    "anthropic, over aiohttp": (
        "anthropic",
        {
            "async": anthropic_async,
            "stream": anthropic_stream,
            "tools": anthropic_tools,
            "structured": anthropic_structured,
        },
    ),
    "google-genai, over aiohttp": (
        "google",
        {
            "async": gemini_async,
            "stream": gemini_stream,
            "tools": gemini_tools,
            "structured": gemini_structured,
        },
    ),
    "litellm, over aiohttp": (
        "openai",
        {
            "async": litellm_async,
            "stream": litellm_stream,
            "tools": litellm_tools,
            "structured": litellm_structured,
        },
    ),
    "aiohttp": (
        "openai",
        {
            "async": aiohttp_async,
            "stream": aiohttp_stream,
            "tools": aiohttp_tools,
            "structured": aiohttp_structured,
        },
    ),
}


@pytest.fixture
def sessions(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The URLs that aiohttp's sessions are asked for."""
    import aiohttp

    asked_for: list[str] = []
    ask = aiohttp.ClientSession._request

    @functools.wraps(ask)
    async def ask_and_note(session: Any, method: str, url: Any, **options: Any) -> Any:
        asked_for.append(str(url))
        return await ask(session, method, url, **options)

    monkeypatch.setattr(aiohttp.ClientSession, "_request", ask_and_note)
    return asked_for


@cells(DOORS)
def test_a_door_over_aiohttp_records_swaps_and_replays_without_network_and_key(
    vendor: str,
    way: Callable[[str], Any],
    hold_open: Callable[[str, Callable[[str], Any]], None],
    sessions: list[str],
) -> None:
    asked_for: list[int] = []

    def over_aiohttp(url: str) -> Any:
        before = len(sessions)
        answer = way(url)
        asked_for.append(len(sessions) - before)
        return answer

    hold_open(vendor, over_aiohttp)
    assert asked_for == [1, 1, 1], "recorded, asked of the candidate, replayed"
