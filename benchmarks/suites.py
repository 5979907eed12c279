"""The projects that are measured: the same tests, answered in different ways.

Every test asks one question of a chat-completions API with a plain client, of httpx mostly.
Recordings are written in each tool's own form instead of being recorded, so that no replay needs a
network; request, reply and headers are what OpenAI's API takes and gives.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Literal

import yaml

from pytest_modelpin.recordings.exchange import Exchange, Request, Response
from pytest_modelpin.recordings.owner import Owner
from pytest_modelpin.recordings.recording_file import Recording, write_recording

PIN = "gpt-4o-2024-08-06"
URL = "https://api.openai.com/v1/chat/completions"
TESTS_A_MODULE = 50
SYSTEM = "You answer customers of a bank, in one sentence, and never promise a refund."

MODELS = f"models:\n  support:\n    production: {PIN}\n    staging: gpt-4o\n    provider: openai\n"

Client = Literal["shared", "own"]
"""`shared`: one client for all tests. `own`: one a test, as `httpx.post` builds it."""

_SEND = f'client.post("{URL}", json=body, headers={{"authorization": "Bearer key"}}).json()'
_HARD_CODED = '{"choices": [{"message": {"content": f"The answer to {question}"}}]}'
_IN_MEMORY = """\
httpx.MockTransport(lambda request: httpx.Response(200, json={"choices": [{"message": {
    "content": "The answer to " + json.loads(request.content)["messages"][1]["content"]
}}]}))"""

Library = Literal["requests", "aiohttp"]

_BODY = f"""\
    body = {{{{"model": "{PIN}", "temperature": 0, "messages": [
        {{{{"role": "system", "content": "{SYSTEM}"}}}},
        {{{{"role": "user", "content": question}}}},
    ]}}}}
    headers = {{{{"authorization": "Bearer key"}}}}
"""
_ASKING: dict[Library, str] = {
    "requests": f"""\
import io, json
import requests, urllib3

{{inside}}
session = requests.Session()
{{used}}

def ask(question):
{_BODY}
    reply = session.post("{URL}", json=body, headers=headers).json()
    return reply["choices"][0]["message"]["content"]
""",
    "aiohttp": f"""\
import asyncio, json
import aiohttp

{{inside}}
loop = asyncio.new_event_loop()

async def opened():
    return aiohttp.ClientSession({{used}})

session = loop.run_until_complete(opened())

async def asked(question):
{_BODY}
    async with session.post("{URL}", json=body, headers=headers) as reply:
        return (await reply.json())["choices"][0]["message"]["content"]

def ask(question):
    return loop.run_until_complete(asked(question))
""",
}
_INSIDE: dict[Library, str] = {
    "requests": """\
class InMemory(requests.adapters.HTTPAdapter):
    def send(self, request, *places, **named):
        question = json.loads(request.body)["messages"][1]["content"]
        answer = {"choices": [{"message": {"content": "The answer to " + question}}]}
        body = io.BytesIO(json.dumps(answer).encode())
        headers = {"content-type": "application/json"}
        native = urllib3.HTTPResponse(body, headers, 200, preload_content=False)
        return self.build_response(request, native)
""",
    "aiohttp": """\
from aiohttp.client_proto import ResponseHandler

class Socket(asyncio.Transport):
    def __init__(self, protocol):
        super().__init__()
        self.protocol = protocol

    def write(self, data):
        head, _, content = bytes(data).partition(b"\\r\\n\\r\\n")
        if content:
            question = json.loads(content)["messages"][1]["content"]
            answer = {"choices": [{"message": {"content": "The answer to " + question}}]}
            body = json.dumps(answer).encode()
            self.protocol.data_received(
                b"HTTP/1.1 200 OK\\r\\ncontent-type: application/json\\r\\n"
                b"content-length: %d\\r\\n\\r\\n%b" % (len(body), body)
            )

    def writelines(self, parts):
        self.write(b"".join(parts))

    def is_closing(self):
        return False

    def close(self):
        pass

class InMemory(aiohttp.BaseConnector):
    async def _create_connection(self, req, traces, timeout):
        protocol = ResponseHandler(asyncio.get_running_loop())
        protocol.connection_made(Socket(protocol))
        return protocol
""",
}
_USED: dict[Library, str] = {
    "requests": 'session.mount("https://", InMemory())\n',
    "aiohttp": "connector=InMemory()",
}

_REQUEST_HEADERS = {
    "accept": "*/*",
    "accept-encoding": "gzip, deflate",
    "connection": "keep-alive",
    "content-length": "217",
    "content-type": "application/json",
    "host": "api.openai.com",
    "user-agent": "python-httpx/0.28.1",
}
_REPLY_HEADERS = {
    "access-control-expose-headers": "X-Request-ID",
    "alt-svc": 'h3=":443"; ma=86400',
    "cf-cache-status": "DYNAMIC",
    "cf-ray": "8e122593ff368bc8-SIN",
    "connection": "keep-alive",
    "content-type": "application/json",
    "date": "Mon, 11 Nov 2024 23:43:50 GMT",
    "openai-processing-ms": "287",
    "openai-version": "2020-10-01",
    "server": "cloudflare",
    "strict-transport-security": "max-age=31536000; includeSubDomains; preload",
    "x-content-type-options": "nosniff",
    "x-ratelimit-limit-requests": "10000",
    "x-ratelimit-limit-tokens": "200000",
    "x-ratelimit-remaining-requests": "9999",
    "x-ratelimit-remaining-tokens": "199977",
    "x-ratelimit-reset-requests": "8.64s",
    "x-ratelimit-reset-tokens": "6ms",
    "x-request-id": "req_58cff97afd0e7c0bba910ccf0b044a6f",
}


def empty(folder: Path, *, pinned: bool = False) -> None:
    """One test that asks nothing; with a models.yml where `pinned`."""
    folder.mkdir(parents=True)
    (folder / "test_nothing.py").write_text("def test_nothing():\n    pass\n")
    if pinned:
        (folder / "models.yml").write_text(MODELS)


def hard_coded(folder: Path, tests: int, client: Client = "shared") -> None:
    """The client is built and sends nothing: the answer stands in the code."""
    _write_tests(folder, tests, _asking(client, _HARD_CODED))


def in_memory(folder: Path, tests: int) -> None:
    """The client sends, to an in-memory transport of httpx's own."""
    _write_tests(folder, tests, _asking("shared", _SEND, transport=_IN_MEMORY))


def replayed(folder: Path, tests: int, client: Client = "shared") -> None:
    """pytest-modelpin replays the pin's recordings."""
    _write_tests(folder, tests, _asking(client, _SEND))
    _write_recordings(folder, tests)


def in_memory_by(library: Library, folder: Path, tests: int) -> None:
    """The client of another library sends, to what answers within that library."""
    _write_tests(
        folder, tests, _ASKING[library].format(inside=_INSIDE[library], used=_USED[library])
    )


def replayed_by(library: Library, folder: Path, tests: int) -> None:
    """pytest-modelpin replays the pin's recordings to the client of another library."""
    _write_tests(folder, tests, _ASKING[library].format(inside="", used=""))
    _write_recordings(folder, tests)


def cassettes(folder: Path, tests: int) -> None:
    """pytest-recording replays one cassette a test."""
    _write_tests(folder, tests, _asking("shared", _SEND), mark="@pytest.mark.vcr\n")
    for number in range(tests):
        write_cassette(folder / "cassettes" / _module(number) / f"test_{number}.yaml", [number])


def one_test(folder: Path, calls: int, *, vcr: bool) -> None:
    """A single test that asks `calls` different questions."""
    mark = "@pytest.mark.vcr\n" if vcr else ""
    folder.mkdir(parents=True)
    (folder / "asking.py").write_text(_asking("shared", _SEND))
    (folder / "conftest.py").touch()
    (folder / "test_0.py").write_text(
        f"import pytest\nfrom asking import ask\n\n{mark}def test_all():\n"
        f"    for n in range({calls}):\n"
        "        assert ask(f'question {n}') == f'The answer to question {n}'\n"
    )
    if vcr:
        write_cassette(folder / "cassettes" / "test_0" / "test_all.yaml", range(calls))
        return
    (folder / "models.yml").write_text(MODELS)
    if calls:  # one that nobody asks for is told at the end, by modules that a replay never loads
        record(folder, "test_0", "test_all", range(calls))


def snapshots(folder: Path, tests: int, fixture: str) -> None:
    """Every test holds a three-line answer against its snapshot."""
    folder.mkdir(parents=True)
    for module, numbers in _modules(tests).items():
        (folder / f"{module}.py").write_text(
            "\n\n".join(
                f"def test_{n}({fixture}):\n"
                f"    assert 'The answer to {n}.\\nTake the form.\\nSign it.' == {fixture}\n"
                for n in numbers
            )
        )


def long_answer(folder: Path, fixture: str) -> None:
    """One test whose 300-line answer is changed in every third line where `CHANGED` is set."""
    folder.mkdir(parents=True)
    (folder / "test_long.py").write_text(
        "import os\n\n"
        f"def test_long({fixture}):\n"
        "    word = 'late' if os.path.exists('CHANGED') else 'soon'\n"
        "    lines = [f'Line {n} of the answer comes {word if n % 3 == 0 else n}, as agreed.'\n"
        "             for n in range(300)]\n"
        f"    assert '\\n'.join(lines) == {fixture}\n"
    )


def asking_a_provider(folder: Path, tests: int) -> None:
    """Tests that ask the provider at PROVIDER_URL, for which nothing is recorded yet."""
    folder.mkdir(parents=True)
    (folder / "models.yml").write_text(MODELS)
    (folder / "test_night.py").write_text(
        "import os\n\nimport httpx\nimport pytest\n\n"
        "client = httpx.Client(timeout=60)\n\n\n"
        f'@pytest.mark.parametrize("number", range({tests}))\n'
        "def test_answer(number):\n"
        '    question = f"Question {number}?"\n'
        "    reply = client.post(\n"
        '        os.environ["PROVIDER_URL"] + "/v1/chat/completions",\n'
        '        headers={"authorization": "Bearer " + os.environ["OPENAI_API_KEY"]},\n'
        f'        json={{"model": "{PIN}", "messages": [\n'
        '            {"role": "user", "content": question}\n'
        "        ]},\n"
        "    ).raise_for_status()\n"
        '    assert reply.json()["choices"][0]["message"]["content"] == question\n'
    )


def record(folder: Path, module: str, test: str, questions: Iterable[int]) -> None:
    """Write what pytest-modelpin would have recorded of a test."""
    path = Owner(folder, module, test).file(PIN)
    path.parent.mkdir(parents=True, exist_ok=True)
    exchanges = tuple(_exchange(number) for number in questions)
    recording = Recording(f"{module}::{test}", PIN, date(2026, 11, 20), exchanges)
    path.write_text(write_recording(recording))


def write_cassette(path: Path, questions: Iterable[int]) -> None:
    """Write what vcrpy would have recorded, the key left out."""
    interactions = [
        {
            "request": {
                "body": json.dumps(_body(number), separators=(",", ":")),
                "headers": {name: [value] for name, value in _REQUEST_HEADERS.items()},
                "method": "POST",
                "uri": URL,
            },
            "response": {
                "body": {"string": json.dumps(_reply(number))},
                "headers": {name: [value] for name, value in _REPLY_HEADERS.items()},
                "status": {"code": 200, "message": "OK"},
            },
        }
        for number in questions
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    path.write_text(yaml.dump({"interactions": interactions, "version": 1}, Dumper=dumper))


def _asking(client: Client, reply: str, transport: str = "None") -> str:
    """The module with the function that the tests call."""
    body = (
        f'    body = {{"model": "{PIN}", "temperature": 0, "messages": [\n'
        f'        {{"role": "system", "content": "{SYSTEM}"}},\n'
        '        {"role": "user", "content": question},\n'
        "    ]}\n"
    )
    if client == "own":
        used = f"    with httpx.Client() as client:\n        reply = {reply}\n"
        built = ""
    else:
        used = f"    reply = {reply}\n"
        built = f"client = httpx.Client(transport={transport})\n\n"
        if transport != "None":  # what the clients of the other suites load
            built = f"httpx.HTTPTransport()\n{built}"
    return (
        f"import json\n\nimport httpx\n\n{built}def ask(question):\n{body}{used}"
        '    return reply["choices"][0]["message"]["content"]\n'
    )


def _write_recordings(folder: Path, tests: int) -> None:
    (folder / "models.yml").write_text(MODELS)
    for number in range(tests):
        record(folder, _module(number), f"test_{number}", [number])


def _write_tests(folder: Path, tests: int, asking: str, mark: str = "") -> None:
    folder.mkdir(parents=True)
    (folder / "asking.py").write_text(asking)
    (folder / "conftest.py").touch()
    for module, numbers in _modules(tests).items():
        functions = "\n\n".join(
            f"{mark}def test_{n}():\n"
            f"    assert ask('question {n}') == 'The answer to question {n}'\n"
            for n in numbers
        )
        (folder / f"{module}.py").write_text(
            f"import pytest\nfrom asking import ask\n\n{functions}"
        )


def _modules(tests: int) -> dict[str, list[int]]:
    modules: dict[str, list[int]] = {}
    for number in range(tests):
        modules.setdefault(_module(number), []).append(number)
    return modules


def _module(number: int) -> str:
    return f"test_{number // TESTS_A_MODULE}"


def _body(number: int) -> dict[str, object]:
    return {
        "model": PIN,
        "temperature": 0,
        "messages": [
            {"role": "system", "content": SYSTEM},
            {"role": "user", "content": f"question {number}"},
        ],
    }


def _reply(number: int) -> dict[str, object]:
    message = {
        "role": "assistant",
        "content": f"The answer to question {number}",
        "refusal": None,
    }
    return {
        "id": "chatcmpl-ASYMQRl3A3DXL9FWCK9tnGRcKIO7q",
        "object": "chat.completion",
        "created": 1731368630,
        "model": PIN,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
        "usage": {
            "prompt_tokens": 31,
            "completion_tokens": 12,
            "total_tokens": 43,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
        },
        "system_fingerprint": "fp_0ba0d124f1",
    }


def _exchange(number: int) -> Exchange:
    content = json.dumps(_reply(number), separators=(",", ":")).encode()
    headers = {
        name: _REPLY_HEADERS[name]
        for name in ("content-type", "openai-processing-ms", "x-request-id")
    }
    return Exchange(
        Request("POST", URL, _body(number)),
        Response(200, headers, content),
        asked=PIN,
        served=PIN,
        seconds=1.2,
    )
