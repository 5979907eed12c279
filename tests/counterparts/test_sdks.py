"""The SDKs as published, against a real server: recorded, replayed, tried on a candidate."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from team_environment import PLUGINS

pytestmark = pytest.mark.long

MODELS = """\
models:
  gpt:
    production: gpt-4o-2024-08-06
    staging: gpt-4o
  claude:
    production: claude-haiku-4-5-20251001
    staging: claude-haiku-4-5
  gemini:
    provider: google
    production: gemini-2.0-flash-001
    staging: gemini-2.0-flash
"""

CHAT = """
import asyncio
import openai

ASK = {
    "model": "gpt-4o-2024-08-06",
    "messages": [{"role": "user", "content": "capital of France?"}],
}

def test_plain():
    answer = openai.OpenAI().chat.completions.create(**ASK)
    assert "Paris" in answer.choices[0].message.content

def test_stream():
    stream = openai.OpenAI().chat.completions.create(**ASK, stream=True)
    assert "Paris" in "".join(c.choices[0].delta.content or "" for c in stream if c.choices)

def test_async():
    async def ask():
        async with openai.AsyncOpenAI() as client:
            return await client.chat.completions.create(**ASK)
    assert "Paris" in asyncio.run(ask()).choices[0].message.content

def test_async_stream():
    async def ask():
        async with openai.AsyncOpenAI() as client:
            stream = await client.chat.completions.create(**ASK, stream=True)
            return [c.choices[0].delta.content or "" async for c in stream if c.choices]
    assert "Paris" in "".join(asyncio.run(ask()))
"""

RESPONSES = """
import asyncio
import openai

ASK = {"model": "gpt-4o-2024-08-06", "input": "capital of France?"}

def test_plain():
    assert "Paris" in openai.OpenAI().responses.create(**ASK).output_text

def test_stream():
    with openai.OpenAI().responses.stream(**ASK) as stream:
        assert "Paris" in stream.get_final_response().output_text

def test_async():
    async def ask():
        async with openai.AsyncOpenAI() as client:
            return await client.responses.create(**ASK)
    assert "Paris" in asyncio.run(ask()).output_text

def test_async_stream():
    async def ask():
        async with openai.AsyncOpenAI() as client:
            stream = await client.responses.create(**ASK, stream=True)
            return [e.delta async for e in stream if e.type == "response.output_text.delta"]
    assert "Paris" in "".join(asyncio.run(ask()))
"""

MESSAGES = """
import asyncio
import anthropic

ASK = {
    "model": "claude-haiku-4-5-20251001",
    "max_tokens": 50,
    "messages": [{"role": "user", "content": "capital of France?"}],
}

def test_plain():
    assert "Paris" in anthropic.Anthropic().messages.create(**ASK).content[0].text

def test_stream():
    with anthropic.Anthropic().messages.stream(**ASK) as stream:
        assert "Paris" in stream.get_final_text()

def test_async():
    async def ask():
        async with anthropic.AsyncAnthropic() as client:
            return await client.messages.create(**ASK)
    assert "Paris" in asyncio.run(ask()).content[0].text

def test_async_stream():
    async def ask():
        async with anthropic.AsyncAnthropic() as client:
            async with client.messages.stream(**ASK) as stream:
                return "".join([text async for text in stream.text_stream])
    assert "Paris" in asyncio.run(ask())
"""

GEMINI = """
import asyncio
from google import genai

ASK = {"model": "gemini-2.0-flash-001", "contents": "capital of France?"}
OPTIONS = {"api_version": "v1beta"}

def test_plain():
    client = genai.Client(http_options=OPTIONS)
    assert "Paris" in client.models.generate_content(**ASK).text

def test_stream():
    client = genai.Client(http_options=OPTIONS)
    assert "Paris" in "".join(c.text or "" for c in client.models.generate_content_stream(**ASK))

def test_async():
    async def ask():
        client = genai.Client(http_options=OPTIONS)
        return await client.aio.models.generate_content(**ASK)
    assert "Paris" in asyncio.run(ask()).text

def test_async_stream():
    async def ask():
        client = genai.Client(http_options=OPTIONS)
        return [c.text or "" async for c in await client.aio.models.generate_content_stream(**ASK)]
    assert "Paris" in "".join(asyncio.run(ask()))
"""

PLAIN_CLIENTS = """
import asyncio
import json
import os

import aiohttp
import requests
import urllib3

URL = os.environ["OPENAI_BASE_URL"] + "/chat/completions"
SENT = {"headers": {"Authorization": "Bearer " + os.environ["OPENAI_API_KEY"]}, "json": {
    "model": "gpt-4o-2024-08-06",
    "messages": [{"role": "user", "content": "capital of France?"}],
}}
STREAMED = {**SENT, "json": {**SENT["json"], "stream": True}}

def said(lines):
    events = [line.removeprefix(b"data: ") for line in lines if line.startswith(b"data: {")]
    deltas = [choice["delta"] for event in events for choice in json.loads(event)["choices"]]
    return "".join(delta.get("content") or "" for delta in deltas)

def test_requests():
    assert "Paris" in requests.post(URL, **SENT, timeout=30).text

def test_requests_streamed():
    with requests.post(URL, **STREAMED, stream=True, timeout=30) as reply:
        assert "Paris" in said(reply.iter_lines())

def test_urllib3():
    sent = {"headers": {**SENT["headers"], "Content-Type": "application/json"}}
    reply = urllib3.PoolManager().request("POST", URL, body=json.dumps(SENT["json"]), **sent)
    assert b"Paris" in reply.data

def test_aiohttp_streamed():
    async def ask():
        async with aiohttp.ClientSession() as session:
            async with session.post(URL, **STREAMED) as reply:
                return said([line.strip() async for line in reply.content])
    assert "Paris" in asyncio.run(ask())
"""

SDKS = {"test_chat": CHAT, "test_responses": RESPONSES, "test_messages": MESSAGES,
        "test_gemini": GEMINI}  # fmt: skip

KEYS = {
    "OPENAI_API_KEY": "sk-proj-counterpart0openai0key0never0on0disk",
    "ANTHROPIC_API_KEY": "sk-ant-api03-counterpart0anthropic0key0never0on0disk",
    "GEMINI_API_KEY": "AIzaSyCounterpart0gemini0key0never0ondisk",
}


def answer(model: str, asked: str, content: str, served: str | None = None, **more: Any) -> Any:
    """aimock's fixture: `model`, asked something that holds `asked`, says `content`."""
    response = {"content": content} | ({"model": served} if served else {})
    return {"match": {"model": model, "userMessage": asked}, "response": response, **more}


# aimock names no version in Gemini's replies.
ANSWERS = [
    answer("gpt-4o-2024-08-06", "capital", "It is Paris.", "gpt-4o-2024-08-06"),
    answer("gpt-4o", "capital", "The capital is Paris.", "gpt-4o-2024-11-20"),
    answer("claude-haiku-4-5-20251001", "capital", "Paris.", "claude-haiku-4-5-20251001"),
    answer("claude-haiku-4-5", "capital", "Paris, of course.", "claude-haiku-4-5-20261015"),
    answer("gemini-2.0-flash-001", "capital", "Paris"),
    answer("gemini-2.0-flash", "capital", "Paris!"),
]


def speak_to(server: Any) -> dict[str, str]:
    """The environment in which every SDK finds the server and a key by itself."""
    return {
        **KEYS,
        "OPENAI_BASE_URL": f"{server.url}/v1",
        "ANTHROPIC_BASE_URL": server.url,
        "GOOGLE_GEMINI_BASE_URL": server.url,
    }


def passed(run: Any, count: int) -> bool:
    outcomes = re.findall(r"(\d+) (passed|failed|errors?|skipped)", run.stdout.splitlines()[-1])
    assert outcomes == [(str(count), "passed")], run.stdout + run.stderr
    return run.returncode == 0


def test_every_sdk_is_recorded_once_and_replayed_without_the_server(aimock, suite):
    server = aimock(ANSWERS)
    suite.environment = speak_to(server)
    suite.write(models=MODELS, **SDKS)
    assert passed(suite.pytest("--model", "production", "--model-record", "new"), 16)

    server.stop()
    assert passed(suite.pytest(offline=True), 16)

    folders = {name.split("/")[0] for name in suite.recordings()}
    assert folders == {
        "gpt-4o-2024-08-06",
        "claude-haiku-4-5-20251001",
        "gemini-2.0-flash-001",
    }


def test_a_candidate_is_asked_live_and_its_version_learned(aimock, suite):
    suite.environment = speak_to(aimock(ANSWERS))
    suite.write(models=MODELS, **SDKS)
    assert passed(suite.pytest("--model", "candidate", "--model-report", "run.json"), 16)

    folders = {name.split("/")[0] for name in suite.tried()}
    assert folders == {"gpt-4o-2024-11-20", "claude-haiku-4-5-20261015", "gemini-2.0-flash"}
    asked = json.loads((suite.folder / "run.json").read_text())["selection"]
    assert asked["gpt"]["served"] == ["gpt-4o-2024-11-20"]
    assert asked["claude"]["served"] == ["claude-haiku-4-5-20261015"]
    assert asked["gemini"]["served"] == []


def test_no_key_is_in_any_file_written(aimock, suite):
    suite.environment = speak_to(aimock(ANSWERS))
    suite.write(models=MODELS, **SDKS)
    run = suite.pytest("--model", "candidate", "--model-report", "run.json", "-k", "test_stream")
    assert run.returncode == 0, run.stdout

    written = [path for path in suite.folder.rglob("*") if path.is_file()]
    assert any("__recordings__" in path.parts for path in written)
    for path in written:
        for key in KEYS.values():
            assert key.encode() not in path.read_bytes(), path


def test_one_logical_model_is_tried_while_the_others_replay(aimock, suite):
    suite.environment = speak_to(aimock(ANSWERS))
    suite.write(models=MODELS, test_chat=CHAT, test_messages=MESSAGES)
    assert passed(suite.pytest("--model-record", "new"), 8)

    recorded = suite.recordings()
    assert passed(suite.pytest("--model", "claude=candidate"), 8)
    assert suite.recordings() == recorded
    added = set(suite.tried())
    assert {name.split("/")[0] for name in added} == {"claude-haiku-4-5-20261015"}


CUT_STREAM = """
import openai
import pytest

def test_long():
    stream = openai.OpenAI(max_retries=0).chat.completions.create(
        model="gpt-4o-2024-08-06",
        messages=[{"role": "user", "content": "a long story"}],
        stream=True,
    )
    with pytest.raises(openai.APIError):
        for _ in stream:
            pass
"""


def test_a_stream_that_breaks_off_is_not_recorded(aimock, suite):
    # Below 40 ms a chunk, aimock has sent everything before it cuts the line.
    long = answer("gpt-4o-2024-08-06", "long", "Once upon a time there was a model. " * 9)
    cut = {**long, "latency": 50, "chunkSize": 10, "truncateAfterChunks": 3}
    suite.environment = speak_to(aimock([cut]))
    suite.write(models=MODELS, test_cut=CUT_STREAM)
    suite.pytest("--model-record", "new")

    assert suite.recordings() == {}


SLOW_STREAM = """
import itertools
import time
import openai

def test_first_words_come_early():
    stream = openai.OpenAI().chat.completions.create(
        model="gpt-4o-2024-08-06",
        messages=[{"role": "user", "content": "a long story"}],
        stream=True,
    )
    arrived = [time.perf_counter() for _ in stream]
    gaps = [after - before for before, after in itertools.pairwise(arrived)]
    assert max(gaps) > 0.03, gaps  # what is held back comes all at once
"""


def test_a_recorded_stream_reaches_the_test_chunk_by_chunk(aimock, suite):
    long = answer("gpt-4o-2024-08-06", "long", "Once upon a time there was a model. " * 9)
    suite.environment = speak_to(aimock([{**long, "latency": 60, "chunkSize": 20}]))
    suite.write(models=MODELS, test_slow=SLOW_STREAM)

    assert passed(suite.pytest("--model-record", "new"), 1)


RETRIED = """
import openai

def test_retried():
    answer = openai.OpenAI(max_retries=2).chat.completions.create(
        model="gpt-4o-2024-08-06", messages=[{"role": "user", "content": "capital of France?"}]
    )
    assert "Paris" in answer.choices[0].message.content
"""


def test_what_the_sdk_retried_is_not_recorded(aimock, suite):
    overloaded = {
        "match": {"userMessage": "capital", "sequenceIndex": 0},
        "response": {"error": {"message": "overloaded", "type": "server_error"}, "status": 503},
    }
    server = aimock([overloaded, *ANSWERS])
    suite.environment = speak_to(server)
    suite.write(models=MODELS, test_retried=RETRIED)
    assert passed(suite.pytest("--model-record", "new"), 1)

    server.stop()
    assert passed(suite.pytest(offline=True), 1)
    (recording,) = suite.recordings().values()
    assert "overloaded" not in recording


TOOLS = """
import anthropic, json, openai
from google import genai

CITY = {"type": "object", "properties": {"city": {"type": "string"}}}

def test_openai(model_snapshot):
    answer = openai.OpenAI().chat.completions.create(
        model="gpt-4o-2024-08-06",
        messages=[{"role": "user", "content": "weather in Paris?"}],
        tools=[{"type": "function", "function": {"name": "get_weather", "parameters": CITY}}],
    )
    assert answer == model_snapshot

def test_anthropic(model_snapshot):
    answer = anthropic.Anthropic().messages.create(
        model="claude-haiku-4-5-20251001",
        max_tokens=50,
        messages=[{"role": "user", "content": "weather in Paris?"}],
        tools=[{"name": "get_weather", "input_schema": CITY}],
    )
    assert answer == model_snapshot

def test_gemini(model_snapshot):
    client = genai.Client(http_options={"api_version": "v1beta"})
    answer = client.models.generate_content(
        model="gemini-2.0-flash-001",
        contents="weather in Paris?",
        config={"tools": [{"function_declarations": [{"name": "get_weather"}]}]},
    )
    assert answer == model_snapshot
"""


def test_whole_replies_of_the_sdks_are_accepted_and_found_again(aimock, suite):
    weather = {"toolCalls": [{"name": "get_weather", "arguments": {"city": "Paris"}}]}
    server = aimock([{"match": {"userMessage": "weather"}, "response": weather}])
    suite.environment = speak_to(server)
    suite.write(models=MODELS, test_tools=TOOLS)
    updated = suite.pytest("--snapshot-update", "--model-record", "new")
    assert updated.returncode == 0, updated.stdout

    # Other ids and times in the replies: the accepted answers must hold none of them.
    assert suite.pytest("--model", "production", "--model-record", "all").returncode == 0
    server.stop()
    assert passed(suite.pytest(offline=True), 3)
    accepted = [p.read_text() for p in (suite.folder / "tests" / "__snapshots__").rglob("*.*")]
    assert sum("get_weather" in text for text in accepted) >= 1


def test_the_oldest_versions_that_are_supported(aimock, suite, oldest):
    server = aimock(ANSWERS)
    # Little else is installed there, so that plugins load as they do where nobody names them.
    suite.environment = speak_to(server) | dict.fromkeys(PLUGINS, "")
    suite.python = oldest
    suite.write(models=MODELS, test_chat=CHAT, test_responses=RESPONSES, test_plain=PLAIN_CLIENTS)
    assert passed(suite.pytest("--model-record", "new", "-n2"), 12)
    assert passed(suite.pytest("--model", "candidate", "-n2"), 12)
    assert {path.partition("/")[0] for path in suite.tried()} == {"gpt-4o-2024-11-20"}
    assert len(suite.tried()) == len(suite.recordings()) == 12

    server.stop()
    assert passed(suite.pytest(offline=True), 12)
    assert passed(suite.pytest("-n2", offline=True), 12)
