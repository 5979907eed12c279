"""Frameworks on the newest SDKs, as tests that know nothing of pins. `PROVIDER_URL` is asked.

Run by tests/doors/test_frameworks.py, with the Python of .ci/frameworks/newest.txt.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from functools import cache
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

from door_questions import (
    BEDROCK,
    CITY,
    CLAUDE,
    GEMINI,
    GPT,
    LLAMA,
    SAID,
    STREAM,
    URL,
    Doors,
    Place,
    cells,
    loop,
    weather,
    within_a_loop,
)

TOGETHER = "meta-llama/Llama-3.3-70B-Instruct-Turbo"
DISTRIBUTIONS = (
    "openai", "anthropic", "google-genai", "langchain", "langgraph", "langchain-openai",
    "langchain-anthropic", "langchain-google-genai", "langchain-aws", "langchain-ollama",
    "pydantic-ai-slim", "openai-agents", "dspy", "litellm", "haystack-ai", "smolagents", "magentic",
)  # fmt: skip


# LangChain: one interface, so that each of its packages is used alike


def chain_openai() -> Any:
    from langchain_openai import ChatOpenAI

    return ChatOpenAI(model=GPT, stream_usage=True)


def chain_responses() -> Any:
    from langchain_openai import ChatOpenAI

    return ChatOpenAI(model=GPT, use_responses_api=True)


def chain_anthropic() -> Any:
    from langchain_anthropic import ChatAnthropic

    return ChatAnthropic(model=CLAUDE, base_url=URL)


def chain_google() -> Any:
    from langchain_google_genai import ChatGoogleGenerativeAI

    return ChatGoogleGenerativeAI(model=GEMINI, base_url=URL)


def chain_converse() -> Any:
    from langchain_aws import ChatBedrockConverse

    return ChatBedrockConverse(model=BEDROCK, region_name="us-east-1", endpoint_url=URL)


def invoked_text() -> Any:
    from langchain_aws import BedrockLLM

    return BedrockLLM(
        model="meta.llama3-3-70b-instruct-v1:0", region_name="us-east-1", endpoint_url=URL
    )


def chain_invoke() -> Any:
    from langchain_aws import ChatBedrock

    return ChatBedrock(
        model=BEDROCK, region="us-east-1", endpoint_url=URL, beta_use_converse_api=False
    )


def chain_ollama() -> Any:
    from langchain_ollama import ChatOllama

    return ChatOllama(model=LLAMA, base_url=URL)


def chained(model: Callable[[], Any], *without: str) -> dict[str, Callable[[], Any]]:
    async def later() -> Any:
        return (await model().ainvoke("say")).text

    async def streamed_later() -> Any:
        return "".join([chunk.text async for chunk in model().astream("say")])

    ways = {
        "sync": lambda: model().invoke("say").text,
        "async": within_a_loop(later),
        "stream": lambda: "".join(chunk.text for chunk in model().stream("say")),
        "async stream": within_a_loop(streamed_later),
        "tools": lambda: model().bind_tools([weather]).invoke("tool").tool_calls[0]["args"],
        "structured": lambda: (
            model().with_structured_output(Place).invoke("json, please").model_dump()
        ),
    }
    return {mode: way for mode, way in ways.items() if mode not in without}


def graph(model: Callable[[], Any]) -> dict[str, Callable[[], Any]]:
    def agent() -> Any:
        from langchain.agents import create_agent

        return create_agent(model(), [weather])

    def asked() -> Any:
        return {"messages": [{"role": "user", "content": "say it by a tool"}]}

    async def later() -> Any:
        return (await agent().ainvoke(asked()))["messages"][-1].text

    def streamed() -> Any:
        pieces = agent().stream(asked(), stream_mode="messages")
        return "".join(chunk.text for chunk, _ in pieces if chunk.type == "AIMessageChunk")

    return {
        "sync": lambda: agent().invoke(asked())["messages"][-1].text,
        "async": within_a_loop(later),
        "stream": streamed,
    }


# pydantic-ai


def pydantic_openai() -> Any:
    from pydantic_ai.models.openai import OpenAIChatModel

    return OpenAIChatModel(GPT)


def pydantic_responses() -> Any:
    from pydantic_ai.models.openai import OpenAIResponsesModel

    return OpenAIResponsesModel(GPT)


def pydantic_anthropic() -> Any:
    from pydantic_ai.models.anthropic import AnthropicModel

    return AnthropicModel(CLAUDE)


def pydantic_google() -> Any:
    from pydantic_ai.models.google import GoogleModel
    from pydantic_ai.providers.google import GoogleProvider

    key = os.environ.get("GEMINI_API_KEY", "none")
    return GoogleModel(GEMINI, provider=GoogleProvider(api_key=key, base_url=URL))


def pydantic_bedrock() -> Any:
    from pydantic_ai.models.bedrock import BedrockConverseModel
    from pydantic_ai.providers.bedrock import BedrockProvider

    provider = BedrockProvider(region_name="us-east-1", base_url=URL)
    return BedrockConverseModel(BEDROCK, provider=provider)


def agents_of_pydantic(model: Callable[[], Any]) -> dict[str, Callable[[], Any]]:
    def agent(**more: Any) -> Any:
        from pydantic_ai import Agent

        return Agent(model(), **more)

    async def later() -> Any:
        return (await agent().run("say")).output

    async def streamed() -> Any:
        async with agent().run_stream("say") as result:
            return [text async for text in result.stream_text()][-1]

    return {
        "sync": lambda: agent().run_sync("say").output,
        "async": within_a_loop(later),
        "async stream": within_a_loop(streamed),
        "tools": lambda: {"city": agent(tools=[weather]).run_sync("say it by a tool").output},
        "structured": lambda: agent(output_type=Place).run_sync("json").output.model_dump(),
    }


# openai-agents


def agents_sdk(chat: bool) -> dict[str, Callable[[], Any]]:
    def agent(**more: Any) -> Any:
        from agents import Agent, ModelSettings, OpenAIChatCompletionsModel
        from openai import AsyncOpenAI

        model = OpenAIChatCompletionsModel(GPT, AsyncOpenAI()) if chat else GPT
        return Agent(
            name="one", model=model, model_settings=ModelSettings(include_usage=True), **more
        )

    async def later() -> Any:
        from agents import Runner

        return (await Runner.run(agent(), "say")).final_output

    async def streamed() -> Any:
        from agents import Runner

        result = Runner.run_streamed(agent(), "say")
        async for _ in result.stream_events():
            pass
        return result.final_output

    async def by_tool() -> Any:
        from agents import Runner, function_tool

        tools = [function_tool(weather)]
        return (await Runner.run(agent(tools=tools), "say it by a tool")).final_output

    async def structured() -> Any:
        from agents import Runner

        return (await Runner.run(agent(output_type=Place), "json")).final_output.model_dump()

    def now() -> Any:
        from agents import Runner

        return Runner.run_sync(agent(), "say").final_output

    return {
        "sync": now,
        "async": within_a_loop(later),
        "async stream": within_a_loop(streamed),
        "tools": within_a_loop(by_tool),
        "structured": within_a_loop(structured),
    }


# dspy


def program(kind: str) -> Any:
    import dspy

    dspy.configure_cache(enable_disk_cache=True, enable_memory_cache=True)
    lm = dspy.LM(f"openai/{GPT}", api_base=f"{URL}/v1")
    return dspy, lm, dspy.Predict("question -> city")


def dspy_sync() -> Any:
    dspy, lm, predict = program("sync")
    with dspy.context(lm=lm):
        return {"city": predict(question="dspy").city}


def dspy_async() -> Any:
    async def later() -> Any:
        dspy, lm, predict = program("async")
        with dspy.context(lm=lm):
            return {"city": (await predict.acall(question="dspy, later")).city}

    return loop().run(later())


# LiteLLM's routes


class Entry(BaseHTTPRequestHandler):
    """Google's, where a login gets its token."""

    def do_POST(self) -> None:
        token = {"access_token": "ya29.planted0123456789", "expires_in": 3599}
        content = json.dumps(token).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@cache
def service_account() -> str:
    """A login of Google's, as JSON, for which a token has to be asked."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    entry = HTTPServer(("127.0.0.1", 0), Entry)
    Thread(target=entry.serve_forever, daemon=True).start()
    key = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return json.dumps(
        {
            "type": "service_account", "client_email": "it@tests.iam.gserviceaccount.com",
            "private_key": key.decode(), "private_key_id": "1", "project_id": "tests",
            "token_uri": f"http://127.0.0.1:{entry.server_port}/token",
        }
    )  # fmt: skip


def on_vertex(model: str) -> dict[str, Callable[[], Any]]:
    place = {"vertex_project": "tests", "vertex_location": "europe-west1", "api_base": URL}
    return litellm_route(
        f"vertex_ai/{model}", lazily=lambda: {"vertex_credentials": service_account()}, **place
    )


def litellm_route(
    model: str, lazily: Callable[[], Any] = dict, **options: Any
) -> dict[str, Callable[[], Any]]:
    def asked(question: str) -> Any:
        messages = [{"role": "user", "content": question}]
        return {"model": model, "messages": messages, **options, **lazily()}

    def now() -> Any:
        import litellm

        return litellm.completion(**asked("say")).choices[0].message.content

    async def later() -> Any:
        import litellm

        return (await litellm.acompletion(**asked("say"))).choices[0].message.content

    def streamed() -> Any:
        import litellm

        chunks = litellm.completion(**asked("say"), **STREAM)
        return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)

    async def streamed_later() -> Any:
        import litellm

        chunks = await litellm.acompletion(**asked("say"), **STREAM)
        return "".join(
            [chunk.choices[0].delta.content or "" async for chunk in chunks if chunk.choices]
        )

    def by_tool() -> Any:
        import litellm

        parameters = {"type": "object", "properties": {"city": {"type": "string"}}}
        tool = {"name": "weather", "description": "The weather.", "parameters": parameters}
        tools = [{"type": "function", "function": tool}]
        reply = litellm.completion(**asked("tool"), tools=tools)
        return json.loads(reply.choices[0].message.tool_calls[0].function.arguments)

    def structured() -> Any:
        import litellm

        reply = litellm.completion(**asked("json"), response_format=Place)
        return json.loads(reply.choices[0].message.content)

    return {
        "sync": now,
        "async": within_a_loop(later),
        "stream": streamed,
        "async stream": within_a_loop(streamed_later),
        "tools": by_tool,
        "structured": structured,
    }


# Haystack, smolagents, magentic


def haystack(question: str, **more: Any) -> Any:
    from haystack.components.generators.chat import OpenAIChatGenerator
    from haystack.dataclasses import ChatMessage

    generator = OpenAIChatGenerator(model=GPT, api_base_url=f"{URL}/v1", **more)
    return generator, [ChatMessage.from_user(question)]


def haystack_sync() -> Any:
    generator, messages = haystack("say")
    return generator.run(messages)["replies"][0].text


async def haystack_async() -> Any:
    generator, messages = haystack("say")
    return (await generator.run_async(messages))["replies"][0].text


def haystack_stream() -> Any:
    heard: list[str] = []
    generator, messages = haystack(
        "say", streaming_callback=lambda chunk: heard.append(chunk.content),
        generation_kwargs={"stream_options": STREAM["stream_options"]},
    )  # fmt: skip
    generator.run(messages)
    return "".join(heard)


def haystack_tools() -> Any:
    from haystack.tools import create_tool_from_function

    generator, messages = haystack("tool", tools=[create_tool_from_function(weather)])
    return generator.run(messages)["replies"][0].tool_calls[0].arguments


def smol() -> Any:
    from smolagents import OpenAIModel

    key = os.environ.get("OPENAI_API_KEY")
    return OpenAIModel(model_id=GPT, api_base=f"{URL}/v1", api_key=key)


SMOL_ASKED = [{"role": "user", "content": [{"type": "text", "text": "say"}]}]


def smol_sync() -> Any:
    return smol().generate(SMOL_ASKED).content


def smol_stream() -> Any:
    return "".join(delta.content or "" for delta in smol().generate_stream(SMOL_ASKED))


def smol_agent() -> Any:
    from smolagents import ToolCallingAgent, tool

    agent = ToolCallingAgent(tools=[tool(weather)], model=smol(), max_steps=1)
    agent.run("say it by a tool")
    return agent.memory.steps[1].tool_calls[0].arguments


def magentic_model() -> Any:
    from magentic import OpenaiChatModel

    return OpenaiChatModel(GPT, base_url=f"{URL}/v1")


def magentic_sync() -> Any:
    from magentic import prompt

    def say() -> str: ...

    say.__annotations__ = {"return": str}
    return prompt("say", model=magentic_model())(say)()


def magentic_async() -> Any:
    from magentic import prompt

    async def say() -> str: ...

    say.__annotations__ = {"return": str}
    return loop().run(prompt("say", model=magentic_model())(say)())


def magentic_stream() -> Any:
    from magentic import StreamedStr, prompt

    def say() -> StreamedStr: ...

    say.__annotations__ = {"return": StreamedStr}
    return "".join(prompt("say", model=magentic_model())(say)())


def magentic_structured() -> Any:
    from magentic import prompt

    def place() -> Place: ...

    place.__annotations__ = {"return": Place}
    return prompt("json", model=magentic_model())(place)().model_dump()


DOORS: Doors = {
    "langchain-openai": ("openai", chained(chain_openai)),
    "langchain-openai, responses": ("openai", chained(chain_responses)),
    "langchain-anthropic": ("anthropic", chained(chain_anthropic)),
    "langchain-google-genai": ("google", chained(chain_google)),
    "langchain-aws, Converse": ("bedrock", chained(chain_converse)),
    "langchain-aws, Invoke": ("bedrock invoke", chained(chain_invoke)),
    "langchain-aws, BedrockLLM": (
        "bedrock",
        {
            "sync": lambda: invoked_text().invoke("say"),
            "stream": lambda: "".join(invoked_text().stream("say")),
        },
    ),
    "langchain-ollama": ("ollama", chained(chain_ollama)),
    "langgraph, openai": ("openai", graph(chain_openai)),
    "langgraph, anthropic": ("anthropic", graph(chain_anthropic)),
    "langgraph, google": ("google", graph(chain_google)),
    "langgraph, aws": ("bedrock", graph(chain_converse)),
    "langgraph, ollama": ("ollama", graph(chain_ollama)),
    "pydantic-ai, openai": ("openai", agents_of_pydantic(pydantic_openai)),
    "pydantic-ai, responses": ("openai", agents_of_pydantic(pydantic_responses)),
    "pydantic-ai, anthropic": ("anthropic", agents_of_pydantic(pydantic_anthropic)),
    "pydantic-ai, google": ("google", agents_of_pydantic(pydantic_google)),
    "pydantic-ai, bedrock": ("bedrock", agents_of_pydantic(pydantic_bedrock)),
    "openai-agents, responses": ("openai", agents_sdk(chat=False)),
    "openai-agents, chat": ("openai", agents_sdk(chat=True)),
    "dspy, its cache on": ("openai", {"sync": dspy_sync, "async": dspy_async}),
    "litellm, Anthropic's route": (
        "anthropic", litellm_route(f"anthropic/{CLAUDE}", api_base=URL),
    ),
    "litellm, Gemini's route": (
        "google", litellm_route(f"gemini/{GEMINI}", api_base=f"{URL}/v1beta/models/{GEMINI}"),
    ),
    "litellm, Ollama's route": ("ollama", litellm_route(f"ollama_chat/{LLAMA}", api_base=URL)),
    "litellm, Mistral's route": (
        "mistral", litellm_route("mistral/mistral-small-2506", api_base=f"{URL}/v1"),
    ),
    "litellm, Cohere's route": (
        "cohere",
        {
            mode: way
            for mode, way in litellm_route(
                "cohere_chat/command-a-03-2025", api_base=f"{URL}/v2/chat"
            ).items()
            # LiteLLM breaks on the `event:` lines of Cohere's streams, and takes no schema there.
            if "stream" not in mode and mode != "structured"
        },
    ),
    "litellm, Together's route": (
        "together", litellm_route(f"together_ai/{TOGETHER}", api_base=f"{URL}/v1"),
    ),
    "litellm, Groq's route": (
        "groq",
        litellm_route("groq/llama-3.3-70b-versatile", api_base=f"{URL}/v1"),
    ),
    "litellm, Vertex's route to Gemini": ("google", on_vertex(GEMINI)),
    "litellm, Vertex's route to Claude": ("vertex", on_vertex("claude-sonnet-4-5@20250929")),
    "litellm, Azure's route": (
        "azure",
        litellm_route("azure/gpt-4.1-2025-04-14", api_base=URL, api_version="2024-10-21"),
    ),
    "litellm, Bedrock's Converse": (
        "bedrock",
        litellm_route(
            f"bedrock/converse/{BEDROCK}", aws_region_name="us-east-1",
            aws_bedrock_runtime_endpoint=URL,
        ),
    ),
    "litellm, Bedrock's Invoke": (
        "bedrock invoke",
        litellm_route(
            f"bedrock/invoke/{BEDROCK}", aws_region_name="us-east-1",
            aws_bedrock_runtime_endpoint=URL,
        ),
    ),
    "haystack": (
        "openai",
        {
            "sync": haystack_sync,
            "async": within_a_loop(haystack_async),
            "stream": haystack_stream,
            "tools": haystack_tools,
        },
    ),
    "smolagents": ("openai", {"sync": smol_sync, "stream": smol_stream, "tools": smol_agent}),
    "magentic": (
        "openai",
        {
            "sync": magentic_sync,
            "async": magentic_async,
            "stream": magentic_stream,
            "structured": magentic_structured,
        },
    ),
}  # fmt: skip


@cells(DOORS)
def test_door(way: Callable[[], Any]) -> None:
    answer = way()
    assert answer in (SAID, CITY, {"city": SAID})
