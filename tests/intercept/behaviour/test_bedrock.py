"""boto3 and Anthropic's client on Bedrock: signed, swapped, signed anew, replayed without a key."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from aws_signing import forget_credentials, signature_holds
from botocore.config import Config
from botocore.credentials import Credentials

from pytest_modelpin.providers import read_reply

# Clients of others leave connections to the garbage collector, in whichever test that comes.
pytestmark = [pytest.mark.long, pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")]

PIN = "anthropic.claude-sonnet-4-5-20250929-v1:0"
NEXT = "us.anthropic.claude-opus-4-8-20261001-v1:0"
KEY, SECRET = "AKIAEXAMPLE000000001", "aVery0Long1Secret2Access3Key4of5Amazon6x"
ACCOUNT = Credentials(KEY, SECRET)
QUESTION: Any = [{"role": "user", "content": [{"text": "hi"}]}]
CLAUDES = {
    "anthropic_version": "bedrock-2023-05-31",
    "max_tokens": 9,
    "messages": [{"role": "user", "content": "hi"}],
}
CONVERSED = {
    "output": {"message": {"role": "assistant", "content": [{"text": "four words of answer"}]}},
    "stopReason": "end_turn",
    "usage": {"inputTokens": 3, "outputTokens": 4, "totalTokens": 7},
    "metrics": {"latencyMs": 1},
}
CALL = {"toolUse": {"toolUseId": "1", "name": "say", "input": {"text": "four words of answer"}}}
CALLED = {
    **CONVERSED, "output": {"message": {"role": "assistant", "content": [CALL]}},
    "stopReason": "tool_use",
}  # fmt: skip
MESSAGE = {
    "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5-20250929",
    "content": [{"type": "text", "text": "four words of answer"}], "stop_reason": "end_turn",
    "stop_sequence": None, "usage": {"input_tokens": 3, "output_tokens": 4},
}  # fmt: skip


SAYING = {
    **MESSAGE, "stop_reason": "tool_use",
    "content": [
        {"type": "tool_use", "id": "1", "name": "say", "input": {"text": "four words of answer"}}
    ],
}  # fmt: skip
SHAPED = {
    **CONVERSED,
    "output": {"message": {"role": "assistant",
                           "content": [{"text": '{"text": "four words of answer"}'}]}},
}  # fmt: skip
SCHEMA = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}


def message(kind: str, document: Any) -> bytes:
    """One message of AWS's event stream."""
    named = {":event-type": kind, ":content-type": "application/json", ":message-type": "event"}
    headers = b"".join(
        struct.pack(">B", len(name)) + name.encode() + b"\x07" + struct.pack(">H", len(value))
        + value.encode()
        for name, value in named.items()
    )  # fmt: skip
    payload = json.dumps(document).encode()
    prelude = struct.pack(">II", 16 + len(headers) + len(payload), len(headers))
    whole = prelude + struct.pack(">I", zlib.crc32(prelude)) + headers + payload
    return whole + struct.pack(">I", zlib.crc32(whole))


def conversed() -> list[bytes]:
    words = ["four ", "words ", "of ", "answer"]
    return [
        message("messageStart", {"role": "assistant"}),
        *(message("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": word}})
          for word in words),
        message("contentBlockStop", {"contentBlockIndex": 0}),
        message("messageStop", {"stopReason": "end_turn"}),
        message("metadata", {"usage": CONVERSED["usage"], "metrics": {"latencyMs": 1}}),
    ]  # fmt: skip


def invoked() -> list[bytes]:
    begun = {**MESSAGE, "content": [], "stop_reason": None}
    delta = {"type": "text_delta", "text": "four words of answer"}
    documents = [
        {"type": "message_start", "message": begun},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": delta},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"},
         "usage": {"output_tokens": 4}},
        {"type": "message_stop"},
    ]  # fmt: skip
    return [
        message("chunk", {"bytes": base64.b64encode(json.dumps(each).encode()).decode()})
        for each in documents
    ]


def bedrock(url: str, **options: Any) -> Any:
    config = Config(retries={"total_max_attempts": 1})
    return boto3.session.Session().client(
        "bedrock-runtime", region_name="us-east-1", endpoint_url=url, config=config, **options
    )


def converse(url: str) -> str:
    reply = bedrock(url).converse(modelId=PIN, messages=QUESTION)
    return str(reply["output"]["message"]["content"][0]["text"])


def converse_stream(url: str) -> str:
    reply = bedrock(url).converse_stream(modelId=PIN, messages=QUESTION)
    deltas = [event["contentBlockDelta"] for event in reply["stream"] if len(event) == 1
              and "contentBlockDelta" in event]  # fmt: skip
    return "".join(each["delta"]["text"] for each in deltas)


def converse_tools(url: str) -> str:
    tool = {"name": "say", "inputSchema": {"json": {"type": "object"}}}
    reply = bedrock(url).converse(
        modelId=PIN, messages=QUESTION, toolConfig={"tools": [{"toolSpec": tool}]}
    )
    return str(reply["output"]["message"]["content"][0]["toolUse"]["input"]["text"])


def converse_structured(url: str) -> str:
    shape = {"name": "said", "schema": json.dumps(SCHEMA)}
    form = {"type": "json_schema", "structure": {"jsonSchema": shape}}
    reply = bedrock(url).converse(modelId=PIN, messages=QUESTION, outputConfig={"textFormat": form})
    return str(json.loads(reply["output"]["message"]["content"][0]["text"])["text"])


def invoke(url: str) -> str:
    reply = bedrock(url).invoke_model(
        modelId=PIN, body=json.dumps(CLAUDES), contentType="application/json"
    )
    return str(json.loads(reply["body"].read())["content"][0]["text"])


def invoke_tools(url: str) -> str:
    tools = [{"name": "say", "input_schema": SCHEMA}]
    reply = bedrock(url).invoke_model(
        modelId=PIN, body=json.dumps({**CLAUDES, "tools": tools}), contentType="application/json"
    )
    return str(json.loads(reply["body"].read())["content"][0]["input"]["text"])


def invoke_stream(url: str) -> str:
    reply = bedrock(url).invoke_model_with_response_stream(
        modelId=PIN, body=json.dumps(CLAUDES), contentType="application/json"
    )
    documents = [json.loads(event["chunk"]["bytes"]) for event in reply["body"]]
    return "".join(each["delta"].get("text", "") for each in documents if "index" in each
                   and "delta" in each)  # fmt: skip


def anthropics_client(url: str) -> str:
    import anthropic

    with anthropic.AnthropicBedrock(base_url=url, aws_region="us-east-1", max_retries=0) as client:
        reply = client.messages.create(
            model=PIN, max_tokens=9, messages=[{"role": "user", "content": "hi"}]
        )
    return str(reply.content[0].text)


def anthropics_async(url: str) -> str:
    import anthropic

    async def ask() -> str:
        async with anthropic.AsyncAnthropicBedrock(
            base_url=url, aws_region="us-east-1", max_retries=0
        ) as client:
            reply = await client.messages.create(
                model=PIN, max_tokens=9, messages=[{"role": "user", "content": "hi"}]
            )
        return str(reply.content[0].text)

    return asyncio.run(ask())


def anthropics_tools(url: str) -> str:
    import anthropic

    with anthropic.AnthropicBedrock(base_url=url, aws_region="us-east-1", max_retries=0) as client:
        reply = client.messages.create(
            model=PIN, max_tokens=9, messages=[{"role": "user", "content": "hi"}],
            tools=[{"name": "say", "input_schema": SCHEMA}],
        )  # fmt: skip
    return str(reply.content[0].input["text"])


def litellms_client(url: str) -> str:
    import litellm

    reply = litellm.completion(
        model=f"bedrock/converse/{PIN}",
        messages=[{"role": "user", "content": "hi"}],
        aws_region_name="us-east-1",
        aws_bedrock_runtime_endpoint=url,
    )
    return str(reply.choices[0].message.content)


def anthropics_stream(url: str) -> str:
    import anthropic

    with (
        anthropic.AnthropicBedrock(base_url=url, aws_region="us-east-1", max_retries=0) as client,
        client.messages.create(
            model=PIN, max_tokens=9, messages=[{"role": "user", "content": "hi"}], stream=True
        ) as events,
    ):
        deltas = [event.delta.text for event in events if event.type == "content_block_delta"]
    return "".join(deltas)


WAYS: dict[Callable[[str], str], Any] = {
    converse: CONVERSED,
    converse_stream: conversed(),
    converse_tools: CALLED,
    converse_structured: SHAPED,
    invoke: MESSAGE,
    invoke_tools: SAYING,
    invoke_stream: invoked(),
    anthropics_client: MESSAGE,
    anthropics_async: MESSAGE,
    anthropics_tools: SAYING,
    anthropics_stream: invoked(),
    litellms_client: CONVERSED,
}
DOORS = {
    "boto3, Converse": {
        "sync": converse,
        "stream": converse_stream,
        "tools": converse_tools,
        "structured": converse_structured,
    },
    "boto3, Invoke": {"sync": invoke, "stream": invoke_stream, "tools": invoke_tools},
    "AnthropicBedrock": {
        "sync": anthropics_client,
        "async": anthropics_async,
        "stream": anthropics_stream,
        "tools": anthropics_tools,
    },
    "litellm, Bedrock's route": {"sync": litellms_client},
}
"""What docs/providers.md is made of. Converse names no version: its id is all there is."""

EACH_WAY = pytest.mark.parametrize("ask", WAYS, ids=lambda way: way.__name__)


def output_tokens(exchange: Any) -> int | None:
    request, response = exchange.request, exchange.response
    return read_reply(
        request.url, request.body, response.status, response.headers, response.content
    ).usage.output_tokens


def script(server: Any, words: Any, ask: Callable[[str], str]) -> Any:
    answer = WAYS[ask]
    if isinstance(answer, dict):
        return server.plain(answer)
    return words.Script(content_type="application/vnd.amazon.eventstream", events=answer)


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Credentials in the environment, and none anywhere else."""
    nowhere = tmp_path_factory.mktemp("aws") / "none"
    monkeypatch.setenv("AWS_CONFIG_FILE", str(nowhere))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(nowhere))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    forget_credentials()
    return monkeypatch


@EACH_WAY
def test_recorded_on_the_pin_then_replayed_without_a_server_and_a_key(
    server: Any, stage: Any, words: Any, account: Any, ask: Callable[[str], str]
) -> None:
    server.scripts = [script(server, words, ask)]
    recorded, capture = stage.play(words.production("new", pin=PIN), lambda: ask(server.url))
    assert recorded == "four words of answer"
    assert [each.version for each in capture.calls] == [PIN]
    assert output_tokens(capture.calls[0].exchange) == 4
    names_it = not ask.__name__.startswith(("converse", "litellm"))
    assert (capture.calls[0].exchange.served is not None) == names_it
    assert signature_holds(server, server.arrived[0], ACCOUNT)
    assert KEY not in stage.text()
    assert SECRET not in stage.text()
    assert "Signature=" not in stage.text()
    server.stop()
    account.delenv("AWS_ACCESS_KEY_ID")
    account.delenv("AWS_SECRET_ACCESS_KEY")
    forget_credentials()
    replayed, _ = stage.play(words.production(pin=PIN), lambda: ask(server.url))
    assert replayed == recorded


@EACH_WAY
def test_the_candidate_is_put_into_the_url_and_signed_anew(
    server: Any, stage: Any, words: Any, ask: Callable[[str], str]
) -> None:
    server.scripts = [script(server, words, ask)]
    selection = words.candidate(id=NEXT, pin=PIN)
    answer, capture = stage.play(selection, lambda: ask(server.url))
    assert answer == "four words of answer"
    [arrived] = server.arrived
    assert arrived.path.startswith("/model/us.anthropic.claude-opus-4-8-20261001-v1%3A0/")
    assert signature_holds(server, arrived, ACCOUNT)
    assert len(capture.calls) == 1


PROFILES = """
[profile sso]
sso_start_url = https://example.awsapps.com/start
sso_region = us-east-1
sso_account_id = 123456789012
sso_role_name = tests
[profile role]
role_arn = arn:aws:iam::123456789012:role/tests
source_profile = account
[profile account]
aws_access_key_id = AKIAEXAMPLE000000001
aws_secret_access_key = aVery0Long1Secret2Access3Key4of5Amazon6x
[profile process]
credential_process = /nowhere
"""


@pytest.mark.parametrize("profile", ["sso", "role", "process", None])
def test_a_replay_fetches_no_credentials(
    server: Any, stage: Any, words: Any, account: Any, profile: str | None, tmp_path: Path
) -> None:
    """A login that has run out, a role that STS gives, the machine's own: each is to be asked for,
    or can't be had.
    """
    server.scripts = [script(server, words, converse)]
    recorded, _ = stage.play(words.production("new", pin=PIN), lambda: converse(server.url))
    server.stop()
    account.delenv("AWS_ACCESS_KEY_ID")
    account.delenv("AWS_SECRET_ACCESS_KEY")
    account.delenv("AWS_EC2_METADATA_DISABLED")
    if profile is not None:
        (tmp_path / "aws.ini").write_text(PROFILES)
        account.setenv("AWS_CONFIG_FILE", str(tmp_path / "aws.ini"))
        account.setenv("AWS_PROFILE", profile)
    forget_credentials()
    reached = []
    account.setattr(socket.socket, "connect", lambda _, address: reached.append(address))
    replayed, _ = stage.play(words.production(pin=PIN), lambda: converse(server.url))
    assert (replayed, reached) == (recorded, [])


def test_a_recording_run_without_credentials_stays_botocores_error(
    server: Any, stage: Any, words: Any, account: Any
) -> None:
    account.delenv("AWS_ACCESS_KEY_ID")
    account.delenv("AWS_SECRET_ACCESS_KEY")
    from botocore.exceptions import NoCredentialsError

    with pytest.raises(NoCredentialsError):
        stage.play(words.production("new", pin=PIN), lambda: converse(server.url))
    assert server.arrived == []


def test_credentials_are_looked_for_as_ever_by_what_is_no_hooked_door(
    stage: Any, words: Any, account: Any
) -> None:
    account.delenv("AWS_ACCESS_KEY_ID")
    account.delenv("AWS_SECRET_ACCESS_KEY")
    found, _ = stage.play(words.production(), lambda: boto3.session.Session().get_credentials())
    assert found is None
