"""What the embedded provider says on further wires, and whose AWS signature it takes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import anthropic
import boto3
import httpx2
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from every_wire import EveryWire

from pytest_modelpin.demo.provider_server import Question
from pytest_modelpin.providers import Reply, ToolCall, Usage, read_reply

# Clients of others leave connections to the garbage collector, in whichever test that comes.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")

CLAUDE = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
TEXT = "Refunds take 14 days, wie üblich 😀."
CALL = ToolCall("add", {"a": 1, "b": "ü"})
KEY, SECRET = "AKIAEXAMPLE000000001", "aVery0Long1Secret2Access3Key4of5Amazon6x"
ASKED: Any = [{"role": "user", "content": [{"text": "How long?"}]}]
TOOLS: Any = {"tools": [{"toolSpec": {"name": "add", "inputSchema": {"json": {"type": "object"}}}}]}


def answer(question: Question) -> Reply:
    if question.tools == ("add",):
        return Reply(tools=(CALL,), usage=Usage(7, 3))
    return Reply(text=TEXT, usage=Usage(7, 3))


@pytest.fixture
def server() -> Iterator[EveryWire]:
    with EveryWire(answer, aws_secrets={KEY: SECRET}) as running:
        yield running


def bedrock(server: EveryWire, key: str = KEY, secret: str = SECRET) -> Any:
    return boto3.session.Session().client(
        "bedrock-runtime", region_name="us-east-1", endpoint_url=server.url,
        aws_access_key_id=key, aws_secret_access_key=secret,
        config=Config(retries={"total_max_attempts": 1}),
    )  # fmt: skip


def test_converse(server: EveryWire) -> None:
    reply = bedrock(server).converse(modelId=CLAUDE, messages=ASKED)
    assert reply["output"]["message"]["content"] == [{"text": TEXT}]
    assert reply["usage"]["inputTokens"] == 7
    reply = bedrock(server).converse(modelId=CLAUDE, messages=ASKED, toolConfig=TOOLS)
    assert reply["output"]["message"]["content"][0]["toolUse"]["input"] == CALL.arguments
    assert reply["stopReason"] == "tool_use"


def test_converse_streamed(server: EveryWire) -> None:
    def events(**more: Any) -> list[Any]:
        reply = bedrock(server).converse_stream(modelId=CLAUDE, messages=ASKED, **more)
        return list(reply["stream"])

    def deltas(found: list[Any]) -> list[Any]:
        return [each["contentBlockDelta"]["delta"] for each in found if "contentBlockDelta" in each]

    plain = events()
    assert "".join(delta["text"] for delta in deltas(plain)) == TEXT
    assert plain[-1]["metadata"]["usage"]["outputTokens"] == 3
    called = "".join(delta["toolUse"]["input"] for delta in deltas(events(toolConfig=TOOLS)))
    assert json.loads(called) == CALL.arguments


@pytest.mark.parametrize("stream", [False, True])
def test_invoke_by_anthropics_client(server: EveryWire, stream: bool) -> None:
    with anthropic.AnthropicBedrock(
        base_url=server.url, aws_region="us-east-1", aws_access_key=KEY, aws_secret_key=SECRET,
        max_retries=0,
    ) as client:  # fmt: skip
        asked: Any = [{"role": "user", "content": "How long?"}]
        if stream:
            with client.messages.create(
                model=CLAUDE, max_tokens=9, messages=asked, stream=True
            ) as events:
                said = [e.delta.text for e in events if e.type == "content_block_delta"]
            assert "".join(said) == TEXT
        else:
            reply = client.messages.create(model=CLAUDE, max_tokens=9, messages=asked)
            assert (reply.content[0].text, reply.model) == (TEXT, "claude-sonnet-4-5-20250929")


@pytest.mark.parametrize(
    ("key", "secret", "why"),
    [(KEY, "another", "does not match"), ("AKIAEXAMPLE000000002", SECRET, "is invalid")],
)
def test_what_is_signed_otherwise_is_refused(
    server: EveryWire, key: str, secret: str, why: str
) -> None:
    with pytest.raises(ClientError, match=why) as refused:
        bedrock(server, key, secret).converse(modelId=CLAUDE, messages=ASKED)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert [request.status for request in server.requests] == [403]


def test_what_was_changed_after_it_was_signed_is_refused(server: EveryWire) -> None:
    client = bedrock(server)
    url = f"{server.url}/model/another.model-v1%3A0/converse"
    client.meta.events.register(
        "before-send.bedrock-runtime.Converse", lambda request, **_: setattr(request, "url", url)
    )
    with pytest.raises(ClientError, match="does not match"):
        client.converse(modelId=CLAUDE, messages=ASKED)


def test_what_bears_no_signature_is_refused(server: EveryWire) -> None:
    reply = httpx2.post(f"{server.url}/model/{CLAUDE}/converse", json={"messages": ASKED})
    assert (reply.status_code, "no AWS signature" in reply.text) == (403, True)


@pytest.mark.parametrize("stream", [{}, {"stream": False}])
@pytest.mark.parametrize("offered", [False, True], ids=["text", "tools"])
def test_ollamas_chat(server: EveryWire, stream: dict[str, bool], offered: bool) -> None:
    tools = [{"type": "function", "function": {"name": "add", "parameters": {}}}]
    body = {"model": "llama3.2:1b", "messages": [{"role": "user", "content": "How long?"}],
            "tools": tools if offered else [], **stream}  # fmt: skip
    reply = httpx2.post(f"{server.url}/api/chat", json=body)
    assert len(reply.content.splitlines()) == (1 if stream else 2 if offered else 8)
    read = read_reply(f"{server.url}/api/chat", body, 200, dict(reply.headers), reply.content)
    assert (read.text, read.tools) == (("", (CALL,)) if offered else (TEXT, ()))
    assert (read.served_model, read.usage.output_tokens) == ("llama3.2:1b", 3)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("offered", [False, True], ids=["text", "tools"])
def test_coheres_chat(server: EveryWire, stream: bool, offered: bool) -> None:
    tools = [{"type": "function", "function": {"name": "add", "parameters": {}}}]
    body = {"model": "command-a-03-2025", "messages": [{"role": "user", "content": "How long?"}],
            "tools": tools if offered else [], "stream": stream}  # fmt: skip
    reply = httpx2.post(f"{server.url}/v2/chat", json=body)
    read = read_reply(f"{server.url}/v2/chat", body, 200, dict(reply.headers), reply.content)
    assert (read.text, read.tools) == (("", (CALL,)) if offered else (TEXT, ()))
    assert (read.served_model, read.usage.output_tokens) == (None, 3)
    assert read.complete
