"""Slack for tests: a webhook that keeps what it is sent, and the service of the emulator.

The webhook answers a message that breaks Slack's rules for blocks as Slack does, and can be told
to answer otherwise. Rules: https://docs.slack.dev/reference/block-kit/blocks.
"""

import json
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from github_emulator import _free_port, _wait_for, counterparts

SECRET = "plantedsecret0123456789"
PATH = f"/services/T00000001/B00000001/{SECRET}"


@dataclass
class Slack:
    """A webhook, seen by a test."""

    url: str = ""
    messages: list[dict] = field(default_factory=list)
    requests: int = 0
    answers: list[tuple[int, str, dict[str, str]]] = field(default_factory=list)
    """What to say to the next requests, instead of looking at them: status, text, headers."""
    delay: float = 0.0
    """Seconds behind each byte of an answer."""

    def texts(self) -> str:
        """All that the messages show."""
        return "\n".join(text for message in self.messages for text in _texts(message))


@pytest.fixture
def slack() -> Iterator[Slack]:
    """A webhook on this machine."""
    seen = Slack()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *arguments) -> None:
            """Tests print nothing."""

        def do_POST(self) -> None:
            message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            seen.requests += 1
            status, text, headers = seen.answers.pop(0) if seen.answers else _judged(message)
            if status == 200:
                seen.messages.append(message)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            for byte in text.encode():
                self.wfile.write(bytes([byte]))
                time.sleep(seen.delay)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    seen.url = f"http://127.0.0.1:{server.server_address[1]}{PATH}"
    yield seen
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def slack_emulator(tmp_path) -> Iterator[str]:
    """The address of a running emulator of Slack."""
    program = counterparts() / "node_modules" / ".bin" / "emulate"
    (tmp_path / "seed.json").write_text(
        json.dumps({"tokens": {"owner-token": {"login": "admin", "scopes": ["channels:history"]}}})
    )
    port = _free_port()
    command = [program, "start", "-p", str(port), "-s", "slack", "--seed", tmp_path / "seed.json"]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        _wait_for(port, process, tmp_path / "log")
        yield f"http://localhost:{port}"
    finally:
        process.terminate()
        process.wait(10)


def wrong(message: dict) -> list[str]:
    """What Slack would refuse of a message; empty where nothing."""
    blocks = message.get("blocks", [])
    found = [] if 0 < len(blocks) <= 50 else [f"{len(blocks)} blocks"]
    found += [] if message.get("text") else ["no text for the notification"]
    for block in blocks:
        match block["type"]:
            case "header":
                found += _wrong_text(block["text"], 150, ("plain_text",))
            case "section" if "text" in block:
                found += _wrong_text(block["text"], 3000)
            case "section":
                found += [] if 0 < len(block["fields"]) <= 10 else ["number of fields"]
                found += [w for one in block["fields"] for w in _wrong_text(one, 2000)]
            case "context":
                found += [] if 0 < len(block["elements"]) <= 10 else ["number of elements"]
                found += [w for one in block["elements"] for w in _wrong_text(one, 3000)]
            case other:
                found.append(f"block {other}")
    return found


def _wrong_text(text: dict, longest: int, kinds=("plain_text", "mrkdwn")) -> list[str]:
    allowed = {"plain_text": {"emoji"}, "mrkdwn": {"verbatim"}}.get(text["type"], set())
    found = [] if text["type"] in kinds else [f"{text['type']} is not allowed here"]
    found += [f"unknown {key}" for key in set(text) - {"type", "text"} - allowed]
    length = len(text["text"].encode("utf-16-le")) // 2
    return found if 0 < length <= longest else [*found, f"a text of {length}"]


def _judged(message: dict) -> tuple[int, str, dict[str, str]]:
    return (400, "invalid_blocks", {}) if wrong(message) else (200, "ok", {})


def _texts(content: object) -> Iterator[str]:
    if isinstance(content, dict):
        if isinstance(content.get("text"), str):
            yield content["text"]
        for value in content.values():
            yield from _texts(value)
    elif isinstance(content, list):
        for value in content:
            yield from _texts(value)
