"""Ollama's own `/api/generate`: recorded, swapped, replayed without a server."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from pytest_modelpin.providers import read_reply
from pytest_modelpin.registry.selection import Selected

PIN, NEXT = "llama3.2:1b", "llama3.2:3b"
COUNTS = {"done": True, "done_reason": "stop", "prompt_eval_count": 3, "eval_count": 4}


def generate(url: str) -> str:
    body = {"model": PIN, "prompt": "say", "stream": False}
    return str(httpx.post(f"{url}/api/generate", json=body).json()["response"])


def generate_stream(url: str) -> str:
    body = {"model": PIN, "prompt": "say"}
    with httpx.stream("POST", f"{url}/api/generate", json=body) as reply:
        return "".join(json.loads(line)["response"] for line in reply.iter_lines())


def answer(model: str, words: Any, *, streamed: bool) -> Any:
    """As ollama 0.6.3 gives it: an object, or one for each piece and a last one with the counts."""
    if not streamed:
        whole = {"model": model, "response": "four words of answer", **COUNTS}
        return words.Script(body=json.dumps(whole).encode())
    pieces = [
        {"model": model, "response": each, "done": False} for each in ("four words ", "of answer")
    ]
    lines = [*pieces, {"model": model, "response": "", **COUNTS}]
    events = [f"{json.dumps(line)}\n".encode() for line in lines]
    return words.Script(content_type="application/x-ndjson", events=events)


@pytest.mark.parametrize("ask", [generate, generate_stream])
def test_generate_is_recorded_swapped_and_replayed_without_a_server(
    server: Any, stage: Any, words: Any, ask: Callable[[str], str]
) -> None:
    streamed = ask is generate_stream

    def selected(which: Any, id: str, record: Any) -> Any:
        return words.selection_of(Selected("it", PIN, which, id, record, provider="ollama"))

    server.scripts = [answer(PIN, words, streamed=streamed)]
    recorded, capture = stage.play(selected("production", PIN, "new"), lambda: ask(server.url))
    assert recorded == "four words of answer"
    exchange = capture.calls[0].exchange
    request, response = exchange.request, exchange.response
    read = read_reply(
        request.url, request.body, response.status, response.headers, response.content
    )
    assert (read.text, read.served_model, read.complete) == (recorded, PIN, True)
    assert (read.usage.input_tokens, read.usage.output_tokens) == (3, 4)

    server.scripts = [answer(NEXT, words, streamed=streamed)]
    tried, capture = stage.play(selected("candidate", NEXT, "all"), lambda: ask(server.url))
    assert tried == recorded
    assert server.arrived[-1].body["model"] == NEXT
    assert capture.calls[0].exchange.served == NEXT

    server.stop()
    replayed, _ = stage.play(selected("production", PIN, "none"), lambda: ask(server.url))
    assert replayed == recorded
