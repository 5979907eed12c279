"""The SDKs of further providers, and crewai, as tests that know nothing of pins.

Run by tests/doors/test_frameworks.py, with the Python of .ci/frameworks/vendors.txt.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

from door_questions import (
    CITY,
    GPT,
    LLAMA,
    SAID,
    SCHEMA,
    URL,
    Doors,
    Place,
    asked,
    cells,
    within_a_loop,
)

MISTRAL, COHERE = "mistral-small-2506", "command-a-03-2025"
GROQ = "llama-3.3-70b-versatile"
TOGETHER = "meta-llama/Llama-3.3-70B-Instruct-Turbo"
TOOL: Any = {
    "type": "function",
    "function": {"name": "weather", "description": "The weather.", "parameters": SCHEMA},
}
DISTRIBUTIONS = (
    "mistralai", "cohere", "groq", "together", "huggingface-hub", "ollama", "crewai", "openai",
)  # fmt: skip
HUB = "Qwen/Qwen3-32B:together"


# mistralai


def mistral() -> Any:
    from mistralai.client import Mistral

    return Mistral(api_key=os.environ.get("MISTRAL_API_KEY", "none"), server_url=URL)


def mistral_sync() -> Any:
    reply = mistral().chat.complete(model=MISTRAL, messages=asked("say"))
    return reply.choices[0].message.content


async def mistral_async() -> Any:
    reply = await mistral().chat.complete_async(model=MISTRAL, messages=asked("say"))
    return reply.choices[0].message.content


def mistral_stream() -> Any:
    with mistral().chat.stream(model=MISTRAL, messages=asked("say")) as events:
        chunks = [event.data for event in events]
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


def mistral_tools() -> Any:
    reply = mistral().chat.complete(model=MISTRAL, messages=asked("tool"), tools=[TOOL])
    return json.loads(reply.choices[0].message.tool_calls[0].function.arguments)


def mistral_structured() -> Any:
    reply = mistral().chat.parse(model=MISTRAL, messages=asked("json"), response_format=Place)
    return reply.choices[0].message.parsed.model_dump()


# mistralai's conversations


def begun(question: str, **more: Any) -> Any:
    return mistral().beta.conversations.start(model=MISTRAL, inputs=question, **more)


def conversed() -> Any:
    return begun("say").outputs[-1].content


async def conversed_async() -> Any:
    client = mistral().beta.conversations
    return (await client.start_async(model=MISTRAL, inputs="say")).outputs[-1].content


def conversed_stream() -> Any:
    events = mistral().beta.conversations.start_stream(model=MISTRAL, inputs="say")
    return "".join(each.data.content for each in events if each.event == "message.output.delta")


async def conversed_stream_async() -> Any:
    client = mistral().beta.conversations
    events = await client.start_stream_async(model=MISTRAL, inputs="say")
    said = [each.data.content async for each in events if each.event == "message.output.delta"]
    return "".join(said)


def conversed_on() -> Any:
    """With what a tool gave; the second question names no model."""
    first = begun("tool", tools=[TOOL])
    call = first.outputs[-1]
    result = {"type": "function.result", "tool_call_id": call.tool_call_id, "result": "sunny"}
    client = mistral().beta.conversations
    return client.append(conversation_id=first.conversation_id, inputs=[result]).outputs[-1].content


def conversed_tools() -> Any:
    return json.loads(begun("tool", tools=[TOOL]).outputs[-1].arguments)


def conversed_structured() -> Any:
    schema = {"name": "place", "schema": SCHEMA}
    args = {"response_format": {"type": "json_schema", "json_schema": schema}}
    return json.loads(begun("json", completion_args=args).outputs[-1].content)


# cohere


def cohere(kind: str = "ClientV2") -> Any:
    import cohere

    return getattr(cohere, kind)(base_url=URL)


def cohere_sync() -> Any:
    return cohere().chat(model=COHERE, messages=asked("say")).message.content[0].text


async def cohere_async() -> Any:
    client = cohere("AsyncClientV2")
    return (await client.chat(model=COHERE, messages=asked("say"))).message.content[0].text


def cohere_stream() -> Any:
    events = cohere().chat_stream(model=COHERE, messages=asked("say"))
    return "".join(
        event.delta.message.content.text for event in events if event.type == "content-delta"
    )


def cohere_tools() -> Any:
    reply = cohere().chat(model=COHERE, messages=asked("tool"), tools=[TOOL])
    return json.loads(reply.message.tool_calls[0].function.arguments)


# cohere's first chat


def first_sync() -> Any:
    return cohere("Client").chat(model=COHERE, message="say").text


async def first_async() -> Any:
    return (await cohere("AsyncClient").chat(model=COHERE, message="say")).text


def first_stream() -> Any:
    events = cohere("Client").chat_stream(model=COHERE, message="say")
    return "".join(each.text for each in events if each.event_type == "text-generation")


async def first_stream_async() -> Any:
    events = cohere("AsyncClient").chat_stream(model=COHERE, message="say")
    return "".join([each.text async for each in events if each.event_type == "text-generation"])


def first_tools() -> Any:
    city = {"type": "str", "required": True}
    tool = {"name": "weather", "description": "It.", "parameter_definitions": {"city": city}}
    reply = cohere("Client").chat(model=COHERE, message="tool", tools=[tool])
    return reply.tool_calls[0].parameters


def first_structured() -> Any:
    form = {"type": "json_object", "schema": SCHEMA}
    return json.loads(
        cohere("Client").chat(model=COHERE, message="json", response_format=form).text
    )


# groq and together: clients made as openai's is


def like_openai(module: str, name: str, model: str, url: str) -> dict[str, Callable[[], Any]]:
    def client(kind: str = "") -> Any:
        from importlib import import_module

        return getattr(import_module(module), kind + name)(base_url=url)

    def now() -> Any:
        reply = client().chat.completions.create(model=model, messages=asked("say"))
        return reply.choices[0].message.content

    async def later() -> Any:
        async with client("Async") as used:
            reply = await used.chat.completions.create(model=model, messages=asked("say"))
        return reply.choices[0].message.content

    def streamed() -> Any:
        chunks = client().chat.completions.create(
            model=model, messages=asked("say"), stream=True,
            extra_body={"stream_options": {"include_usage": True}},
        )  # fmt: skip
        return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)

    def by_tool() -> Any:
        reply = client().chat.completions.create(model=model, messages=asked("tool"), tools=[TOOL])
        return json.loads(reply.choices[0].message.tool_calls[0].function.arguments)

    return {"sync": now, "async": within_a_loop(later), "stream": streamed, "tools": by_tool}


# huggingface_hub: its router's address is the client's own, so that a server here takes its place


def hub(kind: str = "") -> Any:
    import huggingface_hub

    return getattr(huggingface_hub, f"{kind}InferenceClient")(base_url=f"{URL}/v1")


def hub_sync() -> Any:
    reply = hub().chat_completion(asked("say"), model=HUB)
    return reply.choices[0].message.content


async def hub_async() -> Any:
    async with hub("Async") as client:
        reply = await client.chat_completion(asked("say"), model=HUB)
    return reply.choices[0].message.content


def hub_stream() -> Any:
    client = hub()  # which closes its streams when it is gone
    chunks = client.chat_completion(
        asked("say"), model=HUB, stream=True, stream_options={"include_usage": True}
    )
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


def hub_tools() -> Any:
    reply = hub().chat_completion(asked("tool"), model=HUB, tools=[TOOL])
    return json.loads(reply.choices[0].message.tool_calls[0].function.arguments)


# ollama


def ollama(kind: str = "Client") -> Any:
    import ollama

    return getattr(ollama, kind)(host=URL)


def ollama_sync() -> Any:
    return ollama().chat(model=LLAMA, messages=asked("say")).message.content


async def ollama_async() -> Any:
    return (await ollama("AsyncClient").chat(model=LLAMA, messages=asked("say"))).message.content


def ollama_stream() -> Any:
    chunks = ollama().chat(model=LLAMA, messages=asked("say"), stream=True)
    return "".join(chunk.message.content for chunk in chunks)


def ollama_tools() -> Any:
    reply = ollama().chat(model=LLAMA, messages=asked("tool"), tools=[TOOL])
    return dict(reply.message.tool_calls[0].function.arguments)


def ollama_structured() -> Any:
    reply = ollama().chat(model=LLAMA, messages=asked("json"), format=SCHEMA)
    return json.loads(reply.message.content)


# crewai


def crew_llm() -> Any:
    from crewai import LLM

    return LLM(model=f"openai/{GPT}", base_url=f"{URL}/v1")


def crew_sync() -> Any:
    return crew_llm().call("say")


def crew_whole() -> Any:
    from crewai import Agent, Crew, Task

    agent = Agent(role="one", goal="to say", backstory="none", llm=crew_llm())
    task = Task(description="say", expected_output="words", agent=agent)
    return Crew(agents=[agent], tasks=[task]).kickoff().raw


def crew_structured() -> Any:
    from crewai import Agent

    agent = Agent(role="one", goal="to say", backstory="none", llm=crew_llm())
    return agent.kickoff("json", response_format=Place).pydantic.model_dump()


DOORS: Doors = {
    "mistralai": (
        "mistral",
        {
            "sync": mistral_sync,
            "async": within_a_loop(mistral_async),
            "stream": mistral_stream,
            "tools": mistral_tools,
            "structured": mistral_structured,
        },
    ),
    "cohere": (
        "cohere",
        {
            "sync": cohere_sync,
            "async": within_a_loop(cohere_async),
            "stream": cohere_stream,
            "tools": cohere_tools,
        },
    ),
    "mistralai, conversations": (
        "mistral",
        {
            "sync": conversed,
            "async": within_a_loop(conversed_async),
            "stream": conversed_stream,
            "async stream": within_a_loop(conversed_stream_async),
            "a second turn": conversed_on,
            "tools": conversed_tools,
            "structured": conversed_structured,
        },
    ),
    "cohere, version 1": (
        "cohere",
        {
            "sync": first_sync,
            "async": within_a_loop(first_async),
            "stream": first_stream,
            "async stream": within_a_loop(first_stream_async),
            "tools": first_tools,
            "structured": first_structured,
        },
    ),
    "groq": ("groq", like_openai("groq", "Groq", GROQ, URL)),
    "together": ("together", like_openai("together", "Together", TOGETHER, f"{URL}/v1")),
    "huggingface_hub": (
        "huggingface",
        {
            "sync": hub_sync,
            "async": within_a_loop(hub_async),
            "stream": hub_stream,
            "tools": hub_tools,
        },
    ),
    "ollama": (
        "ollama",
        {
            "sync": ollama_sync,
            "async": within_a_loop(ollama_async),
            "stream": ollama_stream,
            "tools": ollama_tools,
            "structured": ollama_structured,
        },
    ),
    "crewai, a model": ("openai", {"sync": crew_sync}),
    "crewai, a crew": ("openai", {"sync": crew_whole, "structured": crew_structured}),
}


@cells(DOORS)
def test_door(way: Callable[[], Any]) -> None:
    assert way() in (SAID, CITY)
