from __future__ import annotations

import asyncio
import http.client
import json
import threading
import time
from urllib.parse import urlsplit

import anthropic
import httpx2
import openai
import pytest
from google import genai
from google.genai import types

from pytest_modelpin.demo.provider_server import Fault, ProviderServer, Question
from pytest_modelpin.providers import Reply, ToolCall, Usage

ALIASES = {
    "gpt-4o": "gpt-4o-2024-08-06",
    "claude-haiku-4-5": "claude-haiku-4-5-20251001",
    "gemini-2.0-flash": "gemini-2.0-flash-001",
}
TEXT = "Refunds take 14 days, wie üblich 😀."
CALLS = (ToolCall("add", {"a": 1, "b": "ü"}), ToolCall("now", {}))


def answer(question: Question) -> str | Reply:
    if question.tools:
        return Reply(tools=CALLS, usage=Usage(7, 3))
    return Reply(text=TEXT, usage=Usage(7, 3))


@pytest.fixture
def server():
    with ProviderServer(answer=answer, aliases=ALIASES) as running:
        yield running


@pytest.fixture
def client(server):
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key="k", max_retries=0) as made:
        yield made


def ask(client, model="gpt-4o", **more):
    messages = [{"role": "user", "content": "How long?"}]
    return client.chat.completions.create(model=model, messages=messages, **more)


def post(server, path="/v1/chat/completions", model="gpt-4o", **more):
    body = {"model": model, "messages": [{"role": "user", "content": "How long?"}], **more}
    return httpx2.post(server.url + path, json=body)


PARAMETERS = {"type": "object", "properties": {"a": {"type": "integer"}}}
CHAT_TOOLS = [{"type": "function", "function": {"name": "add", "parameters": PARAMETERS}}]


# The real clients


def test_openai_chat(server, client):
    reply = ask(client)
    assert (reply.model, reply.choices[0].message.content) == ("gpt-4o-2024-08-06", TEXT)
    assert (reply.usage.prompt_tokens, reply.usage.completion_tokens) == (7, 3)


def test_openai_chat_streamed_with_usage(client):
    chunks = list(ask(client, stream=True, stream_options={"include_usage": True}))
    text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    assert (text, chunks[-1].usage.prompt_tokens) == (TEXT, 7)
    assert {chunk.model for chunk in chunks} == {"gpt-4o-2024-08-06"}


def test_openai_chat_tool_calls(client):
    calls = ask(client, tools=CHAT_TOOLS).choices[0].message.tool_calls
    assert [(c.function.name, json.loads(c.function.arguments)) for c in calls] == list(CALLS)


def test_openai_chat_tool_calls_streamed(client):
    messages = [{"role": "user", "content": "How long?"}]
    with client.chat.completions.stream(
        model="gpt-4o", messages=messages, tools=CHAT_TOOLS
    ) as stream:
        calls = stream.get_final_completion().choices[0].message.tool_calls
    assert [(c.function.name, json.loads(c.function.arguments)) for c in calls] == list(CALLS)


def test_openai_responses(client):
    reply = client.responses.create(model="gpt-4o", input="How long?")
    assert (reply.output_text, reply.model) == (TEXT, "gpt-4o-2024-08-06")
    assert (reply.usage.input_tokens, reply.usage.output_tokens) == (7, 3)


@pytest.mark.parametrize("offered", [False, True], ids=["text", "tools"])
def test_openai_responses_streamed(client, offered):
    tools = [{"type": "function", "name": "add", "parameters": PARAMETERS, "strict": False}]
    with client.responses.stream(
        model="gpt-4o", input="How long?", tools=tools if offered else []
    ) as stream:
        final = stream.get_final_response()
    calls = [(i.name, json.loads(i.arguments)) for i in final.output if i.type == "function_call"]
    assert (final.output_text, calls) == (("", list(CALLS)) if offered else (TEXT, []))


@pytest.fixture
def claude(server):
    with anthropic.Anthropic(base_url=server.url, api_key="k", max_retries=0) as made:
        yield made


QUESTION = {
    "model": "claude-haiku-4-5",
    "max_tokens": 10,
    "messages": [{"role": "user", "content": "How long?"}],
}
CLAUDE_TOOLS = [{"name": "add", "input_schema": PARAMETERS}]


def test_anthropic(claude):
    reply = claude.messages.create(**QUESTION)
    assert (reply.content[0].text, reply.model) == (TEXT, "claude-haiku-4-5-20251001")
    assert (reply.usage.input_tokens, reply.stop_reason) == (7, "end_turn")


@pytest.mark.parametrize("tools", [[], CLAUDE_TOOLS], ids=["text", "tools"])
def test_anthropic_streamed(claude, tools):
    with claude.messages.stream(**QUESTION, tools=tools) as stream:
        final = stream.get_final_message()
    assert final.model == "claude-haiku-4-5-20251001"
    if tools:
        assert [(block.name, block.input) for block in final.content] == list(CALLS)
    else:
        assert final.content[0].text == TEXT


@pytest.fixture(params=["v1beta", "v1"])
def gemini(server, request):
    options = types.HttpOptions(base_url=server.url, api_version=request.param)
    with genai.Client(api_key="k", http_options=options) as made:
        yield made


def test_gemini(gemini):
    reply = gemini.models.generate_content(model="gemini-2.0-flash", contents="How long?")
    assert (reply.text, reply.model_version) == (TEXT, "gemini-2.0-flash-001")
    assert reply.usage_metadata.prompt_token_count == 7


def test_gemini_streamed(gemini):
    chunks = gemini.models.generate_content_stream(model="gemini-2.0-flash", contents="How long?")
    assert "".join(chunk.text or "" for chunk in chunks) == TEXT


def test_gemini_tool_calls(gemini):
    declared = types.FunctionDeclaration(name="add", parameters_json_schema=PARAMETERS)
    config = types.GenerateContentConfig(tools=[types.Tool(function_declarations=[declared])])
    reply = gemini.models.generate_content(
        model="gemini-2.0-flash", contents="How long?", config=config
    )
    assert [(call.name, call.args) for call in reply.function_calls] == list(CALLS)


def test_clients_can_list_models(client, claude):
    listed = {model.id for model in client.models.list()}
    assert {"gpt-4o", "gpt-4o-2024-08-06"} <= listed
    assert claude.models.retrieve("claude-haiku-4-5").id == "claude-haiku-4-5-20251001"


# What a question says


def test_the_answer_function_sees_the_whole_question(server):
    seen = []
    server.answer = lambda question: seen.append(question) or "ok"
    body = {
        "model": "claude-haiku-4-5",
        "system": [{"type": "text", "text": "Be brief."}],
        "messages": [
            {"role": "user", "content": "Add."},
            {"role": "user", "content": [{"type": "tool_result", "content": "3"}]},
        ],
        "tools": CLAUDE_TOOLS,
    }
    httpx2.post(f"{server.url}/v1/messages", json=body)
    (question,) = seen
    assert question.text == "Be brief.\nAdd.\n3"
    assert (question.provider, question.tools) == ("anthropic", ("add",))
    assert (question.asked, question.served) == (
        "claude-haiku-4-5",
        "claude-haiku-4-5-20251001",
    )
    assert question.body == body


def test_geminis_question_is_read_alike(server):
    seen = []
    server.answer = lambda question: seen.append(question) or "ok"
    result = {"functionResponse": {"name": "add", "response": {"result": 3}}}
    body = {
        "systemInstruction": {"parts": [{"text": "Be brief."}]},
        "contents": [{"role": "user", "parts": [{"text": "Add."}, result]}],
        "tools": [{"functionDeclarations": [{"name": "add"}]}],
    }
    httpx2.post(f"{server.url}/v1beta/models/gemini-x:generateContent", json=body)
    assert seen[0].text == 'Be brief.\nAdd.\n{"result": 3}'
    assert (seen[0].provider, seen[0].tools) == ("google", ("add",))


def test_a_failing_answer_function_is_told_to_the_client(server, client):
    server.answer = lambda question: {}["missing"]
    with pytest.raises(openai.BadRequestError, match="KeyError"):
        ask(client)


# Behaviour on the wire


def test_an_alias_rolls_over(server, client):
    server.roll("gpt-4o", "gpt-4o-2024-11-20")
    assert ask(client).model == "gpt-4o-2024-11-20"


def test_requests_are_noted_without_their_keys(server, client):
    ask(client)
    post(server, model="other")
    first, second = server.requests
    assert (first.model, first.served, first.has_key) == ("gpt-4o", "gpt-4o-2024-08-06", True)
    assert (second.model, second.has_key, second.status) == ("other", False, 200)


def test_a_stream_comes_chunk_by_chunk(server, client):
    server.delay = 600
    # Held back until the second chunk, the first would come too late for the client's patience.
    with ask(client.with_options(timeout=20), stream=True) as chunks:
        assert next(iter(chunks)).model == "gpt-4o-2024-08-06"


def test_latency_holds_the_reply_back(server, client):
    server.latency = 0.05
    began = time.monotonic()
    ask(client)
    assert time.monotonic() - began >= 0.05


def test_a_fault_is_suffered_once(server, client):
    server.faults.append(Fault(status=429, headers={"retry-after": "7"}, message="Slow down."))
    with pytest.raises(openai.RateLimitError, match=r"Slow down\.") as caught:
        ask(client)
    assert caught.value.response.headers["retry-after"] == "7"
    assert ask(client).choices[0].message.content == TEXT


@pytest.mark.parametrize("status", [400, 404, 500, 503, 529])
def test_errors_are_worded_in_each_dialect(server, claude, status):
    server.faults.append(Fault(status=status, message="No luck."))
    with pytest.raises(anthropic.APIStatusError, match=r"No luck\.") as caught:
        claude.messages.create(**QUESTION)
    assert caught.value.status_code == status


def test_a_stream_can_break_off(server, client):
    server.faults.append(Fault(disconnect_after=3))
    chunks = ask(client, stream=True)
    with pytest.raises((httpx2.RemoteProtocolError, openai.APIConnectionError)):
        list(chunks)


def test_a_plain_reply_can_break_off(server):
    server.faults.append(Fault(disconnect_after=0))
    with pytest.raises(httpx2.RemoteProtocolError):
        post(server)


def test_a_client_can_be_kept_waiting_past_its_patience(server, client):
    server.faults.append(Fault(seconds=30))
    with pytest.raises(openai.APITimeoutError):
        ask(client.with_options(timeout=0.05))


def test_above_the_rate_limit_the_server_says_when_to_come_back(server):
    server.rate_limit = 2
    replies = [post(server) for _ in range(12)]
    refused = [reply for reply in replies if reply.status_code == 429]
    assert refused
    assert all(int(reply.headers["retry-after-ms"]) <= 1001 for reply in refused)


def test_elsewhere_there_is_nothing(server):
    assert httpx2.get(f"{server.url}/nowhere").status_code == 404
    assert post(server, "/v1/moderations").status_code == 404


def test_fifty_clients_at_once_over_kept_connections(server):
    together = threading.Barrier(50)

    def answer_together(question):
        together.wait(20)  # one after the other, nobody would get past
        return TEXT

    server.answer = answer_together

    async def ask_all():
        limits = httpx2.Limits(max_connections=50, max_keepalive_connections=50)
        async with httpx2.AsyncClient(limits=limits, timeout=20) as client:
            body = {"model": "gpt-4o", "messages": []}
            url = f"{server.url}/v1/chat/completions"
            for _ in range(2):
                replies = await asyncio.gather(*(client.post(url, json=body) for _ in range(50)))
                assert {reply.status_code for reply in replies} == {200}

    asyncio.run(ask_all())
    assert len(server.requests) == 100


def test_a_closed_server_is_gone_for_kept_connections_too(server):
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=5)

    def ask_again():
        connection.request("GET", "/v1/models")
        return connection.getresponse().read()

    assert ask_again()
    server.close()
    server.close()
    with pytest.raises(OSError):
        ask_again()
    connection.close()
