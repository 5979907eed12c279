"""The three SDKs as they were a year ago, as tests that know nothing of pins.

Run by tests/doors/test_frameworks.py, with the Python of .ci/frameworks/year_old.txt.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from door_questions import (
    BEDROCK,
    CITY,
    CLAUDE,
    GEMINI,
    GPT,
    SAID,
    SCHEMA,
    STREAM,
    URL,
    Doors,
    Place,
    asked,
    cells,
    within_a_loop,
)

DISTRIBUTIONS = ("openai", "anthropic", "google-genai")


# openai


def chat_sync() -> Any:
    from openai import OpenAI

    reply = OpenAI().chat.completions.create(model=GPT, messages=asked("say"))
    return reply.choices[0].message.content


def chat_raw() -> Any:
    from openai import OpenAI

    reply = OpenAI().chat.completions.with_raw_response.create(model=GPT, messages=asked("say"))
    assert reply.status_code == 200
    return reply.parse().choices[0].message.content


async def chat_async(**options: Any) -> Any:
    from openai import AsyncOpenAI

    async with AsyncOpenAI(**options) as client:
        reply = await client.chat.completions.create(model=GPT, messages=asked("say"))
    return reply.choices[0].message.content


async def chat_aiohttp() -> Any:
    from openai import DefaultAioHttpClient

    return await chat_async(http_client=DefaultAioHttpClient())


async def chat_aiohttp_stream() -> Any:
    from openai import AsyncOpenAI, DefaultAioHttpClient

    async with AsyncOpenAI(http_client=DefaultAioHttpClient()) as client:
        chunks = await client.chat.completions.create(model=GPT, messages=asked("say"), **STREAM)
        choices = [each.choices[0] async for each in chunks if each.choices]
    return "".join(each.delta.content or "" for each in choices)


def chat_stream() -> Any:
    from openai import OpenAI

    chunks = OpenAI().chat.completions.create(
        model=GPT, messages=asked("say"), stream=True, stream_options={"include_usage": True}
    )
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


def chat_tools() -> Any:
    from openai import OpenAI

    tool: Any = {"type": "function", "function": {"name": "weather", "parameters": SCHEMA}}
    reply = OpenAI().chat.completions.create(model=GPT, messages=asked("tool"), tools=[tool])
    return json.loads(reply.choices[0].message.tool_calls[0].function.arguments)


def chat_structured() -> Any:
    from openai import OpenAI

    reply = OpenAI().chat.completions.parse(
        model=GPT, messages=asked("json"), response_format=Place
    )
    return reply.choices[0].message.parsed.model_dump()


def responses_sync() -> Any:
    from openai import OpenAI

    return OpenAI().responses.create(model=GPT, input="say").output_text


def responses_stream() -> Any:
    from openai import OpenAI

    with OpenAI().responses.stream(model=GPT, input="say") as stream:
        return stream.get_final_response().output_text


def responses_structured() -> Any:
    from openai import OpenAI

    reply = OpenAI().responses.parse(model=GPT, input="json", text_format=Place)
    return reply.output_parsed.model_dump()


# anthropic


def claude_sync() -> Any:
    from anthropic import Anthropic

    reply = Anthropic().messages.create(model=CLAUDE, messages=asked("say"), max_tokens=9)
    return reply.content[0].text


async def claude_async(**options: Any) -> Any:
    from anthropic import AsyncAnthropic

    async with AsyncAnthropic(**options) as client:
        reply = await client.messages.create(model=CLAUDE, messages=asked("say"), max_tokens=9)
    return reply.content[0].text


async def claude_aiohttp() -> Any:
    from anthropic import DefaultAioHttpClient

    return await claude_async(http_client=DefaultAioHttpClient())


async def claude_aiohttp_stream() -> Any:
    from anthropic import AsyncAnthropic, DefaultAioHttpClient

    async with (
        AsyncAnthropic(http_client=DefaultAioHttpClient()) as client,
        client.messages.stream(model=CLAUDE, messages=asked("say"), max_tokens=9) as stream,
    ):
        return "".join([text async for text in stream.text_stream])


def claude_stream() -> Any:
    from anthropic import Anthropic

    with Anthropic().messages.stream(model=CLAUDE, messages=asked("say"), max_tokens=9) as stream:
        return "".join(stream.text_stream)


def claude_beta() -> Any:
    from anthropic import Anthropic

    reply = Anthropic().beta.messages.create(
        model=CLAUDE, messages=asked("say"), max_tokens=9, betas=["context-1m-2025-08-07"]
    )
    return reply.content[0].text


def claude_tools() -> Any:
    from anthropic import Anthropic

    reply = Anthropic().messages.create(
        model=CLAUDE, messages=asked("tool"), max_tokens=9,
        tools=[{"name": "weather", "input_schema": SCHEMA}],
    )  # fmt: skip
    return reply.content[0].input


def vertex() -> Any:
    from anthropic import AnthropicVertex

    return AnthropicVertex(
        region="us-east5", project_id="a-project", base_url=f"{URL}/v1", access_token="none"
    )


def vertex_sync() -> Any:
    reply = vertex().messages.create(
        model="claude-sonnet-4-5@20250929", messages=asked("say"), max_tokens=9
    )
    return reply.content[0].text


def vertex_stream() -> Any:
    with vertex().messages.stream(
        model="claude-sonnet-4-5@20250929", messages=asked("say"), max_tokens=9
    ) as stream:
        return "".join(stream.text_stream)


def bedrock() -> Any:
    from anthropic import AnthropicBedrock

    return AnthropicBedrock(base_url=URL, aws_region="us-east-1")


def bedrock_sync() -> Any:
    reply = bedrock().messages.create(model=BEDROCK, messages=asked("say"), max_tokens=9)
    return reply.content[0].text


def bedrock_stream() -> Any:
    with bedrock().messages.create(
        model=BEDROCK, messages=asked("say"), max_tokens=9, stream=True
    ) as events:
        return "".join(e.delta.text for e in events if e.type == "content_block_delta")


# google-genai


def gemini() -> Any:
    """To be kept as long as it is used: it closes itself as it goes."""
    from google import genai

    return genai.Client(http_options={"base_url": URL, "api_version": "v1beta"})


def gemini_sync() -> Any:
    client = gemini()
    return client.models.generate_content(model=GEMINI, contents="say").text


async def gemini_async() -> Any:
    client = gemini()
    return (await client.aio.models.generate_content(model=GEMINI, contents="say")).text


def gemini_stream() -> Any:
    client = gemini()
    stream = client.models.generate_content_stream(model=GEMINI, contents="say")
    return "".join(chunk.text or "" for chunk in stream)


async def gemini_async_stream() -> Any:
    client = gemini()
    stream = await client.aio.models.generate_content_stream(model=GEMINI, contents="say")
    return "".join([chunk.text or "" async for chunk in stream])


def gemini_tools() -> Any:
    declared = {"name": "weather", "parameters_json_schema": SCHEMA}
    config = {
        "tools": [{"function_declarations": [declared]}],
        "automatic_function_calling": {"disable": True},
    }
    client = gemini()
    reply = client.models.generate_content(model=GEMINI, contents="tool", config=config)
    return reply.function_calls[0].args


def gemini_structured() -> Any:
    config = {"response_mime_type": "application/json", "response_schema": Place}
    client = gemini()
    reply = client.models.generate_content(model=GEMINI, contents="json", config=config)
    return reply.parsed.model_dump()


DOORS: Doors = {
    "openai 2, chat completions": (
        "openai",
        {
            "sync": chat_sync,
            "async": within_a_loop(chat_async),
            "stream": chat_stream,
            "tools": chat_tools,
            "structured": chat_structured,
        },
    ),
    "openai 2, raw responses": ("openai", {"sync": chat_raw}),
    "openai 2, over aiohttp": (
        "openai",
        {"async": within_a_loop(chat_aiohttp), "stream": within_a_loop(chat_aiohttp_stream)},
    ),
    "openai 2, responses": (
        "openai",
        {"sync": responses_sync, "stream": responses_stream, "structured": responses_structured},
    ),
    "anthropic 0.74, messages": (
        "anthropic",
        {
            "sync": claude_sync,
            "async": within_a_loop(claude_async),
            "stream": claude_stream,
            "tools": claude_tools,
        },
    ),
    "anthropic 0.74, beta": ("anthropic", {"sync": claude_beta}),
    "anthropic 0.74, over aiohttp": (
        "anthropic",
        {"async": within_a_loop(claude_aiohttp), "stream": within_a_loop(claude_aiohttp_stream)},
    ),
    "AnthropicVertex 0.74": ("vertex", {"sync": vertex_sync, "stream": vertex_stream}),
    "AnthropicBedrock 0.74": (
        "bedrock invoke",
        {"sync": bedrock_sync, "stream": bedrock_stream},
    ),
    "google-genai 1.52": (
        "google",
        {
            "sync": gemini_sync,
            "async": within_a_loop(gemini_async),
            "stream": gemini_stream,
            "async stream": within_a_loop(gemini_async_stream),
            "tools": gemini_tools,
            "structured": gemini_structured,
        },
    ),
}


@cells(DOORS)
def test_door(way: Callable[[], Any]) -> None:
    assert way() in (SAID, CITY)
