"""Frameworks that hold the SDKs a major version back, as tests that know nothing of pins.

Run by tests/doors/test_frameworks.py, with the Python of .ci/frameworks/earlier.txt.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from door_questions import (
    BEDROCK,
    CITY,
    CLAUDE,
    GEMINI,
    GPT,
    SAID,
    STREAM,
    URL,
    Doors,
    Place,
    asked,
    cells,
    loop,
    weather,
    within_a_loop,
)

DISTRIBUTIONS = (
    "openai", "anthropic", "google-genai", "llama-index-core", "strands-agents", "google-adk",
    "instructor", "mirascope", "any-llm-sdk",
)  # fmt: skip


# llama-index


def llama_openai() -> Any:
    from llama_index.llms.openai import OpenAI

    options = {"stream_options": STREAM["stream_options"]}
    return OpenAI(model=GPT, api_base=f"{URL}/v1"), options


def llama_anthropic() -> Any:
    from llama_index.llms.anthropic import Anthropic

    return Anthropic(model=CLAUDE, base_url=URL), {}


def llama_google() -> Any:
    from google.genai import types
    from llama_index.llms.google_genai import GoogleGenAI

    return GoogleGenAI(model=GEMINI, http_options=types.HttpOptions(base_url=URL)), {}


def llama_bedrock() -> Any:
    from llama_index.llms.bedrock_converse import BedrockConverse

    return BedrockConverse(model=BEDROCK, region_name="us-east-1", endpoint_url=URL), {}


def llama(model: Callable[[], Any], *without: str) -> dict[str, Callable[[], Any]]:
    def messages(question: str) -> Any:
        from llama_index.core.llms import ChatMessage

        return [ChatMessage(role="user", content=question)]

    def now() -> Any:
        return model()[0].chat(messages("say")).message.content

    async def later() -> Any:
        return (await model()[0].achat(messages("say"))).message.content

    def streamed() -> Any:
        llm, options = model()
        return "".join(chunk.delta or "" for chunk in llm.stream_chat(messages("say"), **options))

    def by_tool() -> Any:
        from llama_index.core.tools import FunctionTool

        llm, _ = model()
        tools = [FunctionTool.from_defaults(weather)]
        reply = llm.chat_with_tools(tools, user_msg="tool")
        return llm.get_tool_calls_from_response(reply)[0].tool_kwargs

    def structured() -> Any:
        from llama_index.core.prompts import PromptTemplate

        return model()[0].structured_predict(Place, PromptTemplate("json")).model_dump()

    ways = {
        "sync": now,
        "async": within_a_loop(later),
        "stream": streamed,
        "tools": by_tool,
        "structured": structured,
    }
    return {mode: way for mode, way in ways.items() if mode not in without}


# strands


def strands_openai() -> Any:
    from strands.models.openai import OpenAIModel

    return OpenAIModel(model_id=GPT, client_args={"base_url": f"{URL}/v1"})


def strands_anthropic() -> Any:
    from strands.models.anthropic import AnthropicModel

    return AnthropicModel(model_id=CLAUDE, max_tokens=9, client_args={"base_url": URL})


def strands_bedrock(streaming: bool = True) -> Any:
    from strands.models.bedrock import BedrockModel

    return BedrockModel(
        model_id=BEDROCK, region_name="us-east-1", endpoint_url=URL, streaming=streaming
    )


def strands(model: Callable[[], Any]) -> dict[str, Callable[[], Any]]:
    def agent(**more: Any) -> Any:
        from strands import Agent

        return Agent(model=model(), callback_handler=None, **more)

    async def later() -> Any:
        return str(await agent().invoke_async("say")).strip()

    async def streamed() -> Any:
        pieces = [event.get("data", "") async for event in agent().stream_async("say")]
        return "".join(pieces)

    def by_tool() -> Any:
        from strands import tool

        return str(agent(tools=[tool(weather)])("say it by a tool")).strip()

    def structured() -> Any:
        return agent()("json", structured_output_model=Place).structured_output.model_dump()

    return {
        "sync": lambda: str(agent()("say")).strip(),
        "async": within_a_loop(later),
        "async stream": within_a_loop(streamed),
        "tools": by_tool,
        "structured": structured,
    }


# google-adk


async def adk(question: str, streamed: bool = False, **more: Any) -> Any:
    from google.adk.agents import LlmAgent
    from google.adk.agents.run_config import RunConfig, StreamingMode
    from google.adk.models.google_llm import Gemini
    from google.adk.runners import InMemoryRunner
    from google.genai import types

    agent = LlmAgent(name="one", model=Gemini(model=GEMINI, base_url=URL), **more)
    runner = InMemoryRunner(agent=agent, app_name="app")
    session = await runner.session_service.create_session(app_name="app", user_id="one")
    said = ""
    config = RunConfig(streaming_mode=StreamingMode.SSE if streamed else StreamingMode.NONE)
    async for event in runner.run_async(
        user_id="one",
        session_id=session.id,
        new_message=types.Content(role="user", parts=[types.Part(text=question)]),
        run_config=config,
    ):
        if event.is_final_response() and event.content:
            said = "".join(part.text or "" for part in event.content.parts)
    return said


def adk_structured() -> Any:
    return Place.model_validate_json(loop().run(adk("json", output_schema=Place))).model_dump()


# instructor: everything it gives is structured


def instructor_openai() -> Any:
    import instructor
    from openai import OpenAI

    client = instructor.from_openai(OpenAI())
    return client.chat.completions.create(
        model=GPT, messages=asked("json"), response_model=Place
    ).model_dump()


async def instructor_openai_async() -> Any:
    import instructor
    from openai import AsyncOpenAI

    client = instructor.from_openai(AsyncOpenAI())
    place = await client.chat.completions.create(
        model=GPT, messages=asked("json"), response_model=Place
    )
    return place.model_dump()


def instructor_openai_stream() -> Any:
    import instructor
    from openai import OpenAI

    client = instructor.from_openai(OpenAI())
    pieces = client.chat.completions.create_partial(
        model=GPT, messages=asked("json"), response_model=Place,
        stream_options=STREAM["stream_options"],
    )  # fmt: skip
    return list(pieces)[-1].model_dump()


def instructor_anthropic() -> Any:
    import instructor
    from anthropic import Anthropic

    client = instructor.from_anthropic(Anthropic())
    return client.messages.create(
        model=CLAUDE, messages=asked("json"), max_tokens=9, response_model=Place
    ).model_dump()


def instructor_google() -> Any:
    import instructor
    from google import genai

    native = genai.Client(http_options={"base_url": URL, "api_version": "v1beta"})
    client = instructor.from_genai(native)
    return client.chat.completions.create(
        model=GEMINI, messages=asked("json"), response_model=Place
    ).model_dump()


# mirascope


def mirascope(model: str, provider: str, url: str) -> dict[str, Callable[[], Any]]:
    def call(text: str, **more: Any) -> Any:
        from mirascope import llm

        llm.register_provider(provider, base_url=url)

        @llm.call(model, **more)
        def say() -> str:
            return text

        return say

    async def later() -> Any:
        from mirascope import llm

        llm.register_provider(provider, base_url=url)

        @llm.call(model)
        async def say() -> str:
            return "say"

        return (await say()).text()

    def by_tool() -> Any:
        import json

        from mirascope import llm

        return json.loads(call("tool", tools=[llm.tool(weather)])().tool_calls[0].args)

    return {
        "sync": lambda: call("say")().text(),
        "async": within_a_loop(later),
        "stream": lambda: "".join(call("say").stream().text_stream()).strip(),
        "tools": by_tool,
        "structured": lambda: call("json", format=Place)().parse().model_dump(),
    }


# any-llm


def any_llm(model: str, provider: str, url: str) -> dict[str, Callable[[], Any]]:
    def to(question: str) -> Any:
        return {
            "model": model, "provider": provider, "api_base": url, "messages": asked(question),
        }  # fmt: skip

    def now() -> Any:
        import any_llm

        return any_llm.completion(**to("say")).choices[0].message.content

    async def later() -> Any:
        import any_llm

        return (await any_llm.acompletion(**to("say"))).choices[0].message.content

    def streamed() -> Any:
        import any_llm

        chunks = any_llm.completion(**to("say"), **STREAM)
        return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)

    def by_tool() -> Any:
        import json

        import any_llm

        reply = any_llm.completion(**to("tool"), tools=[weather])
        return json.loads(reply.choices[0].message.tool_calls[0].function.arguments)

    return {"sync": now, "async": within_a_loop(later), "stream": streamed, "tools": by_tool}


DOORS: Doors = {
    "llama-index, openai": ("openai", llama(llama_openai)),
    "llama-index, anthropic": ("anthropic", llama(llama_anthropic)),
    "llama-index, google-genai": ("google", llama(llama_google)),
    "llama-index, bedrock-converse": ("bedrock", llama(llama_bedrock, "async")),
    "strands, openai": ("openai", strands(strands_openai)),
    "strands, anthropic": ("anthropic", strands(strands_anthropic)),
    "strands, bedrock": ("bedrock", strands(strands_bedrock)),
    "google-adk": (
        "google",
        {
            "async": within_a_loop(lambda: adk("say")),
            "async stream": within_a_loop(lambda: adk("say", streamed=True)),
            "tools": within_a_loop(lambda: adk("say it by a tool", tools=[weather])),
            "structured": adk_structured,
        },
    ),
    "instructor, openai": (
        "openai",
        {
            "sync": instructor_openai,
            "async": within_a_loop(instructor_openai_async),
            "stream": instructor_openai_stream,
        },
    ),
    "instructor, anthropic": ("anthropic", {"sync": instructor_anthropic}),
    "instructor, google-genai": ("google", {"sync": instructor_google}),
    "mirascope, openai": ("openai", mirascope(f"openai/{GPT}", "openai", f"{URL}/v1")),
    "mirascope, anthropic": ("anthropic", mirascope(f"anthropic/{CLAUDE}", "anthropic", URL)),
    "any-llm, openai": ("openai", any_llm(GPT, "openai", f"{URL}/v1")),
    "any-llm, anthropic": ("anthropic", any_llm(CLAUDE, "anthropic", URL)),
}


@cells(DOORS)
def test_door(way: Callable[[], Any]) -> None:
    assert way() in (SAID, CITY)
