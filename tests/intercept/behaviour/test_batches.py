"""Batches of OpenAI and Anthropic: made, polled and read, recorded and replayed as they are."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from own_server import Handler, serving

from pytest_modelpin.registry.selection import Selected

# Clients of others leave connections to the garbage collector, in whichever test that comes.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")

GPT, CLAUDE = "gpt-4o-2024-08-06", "claude-sonnet-4-5-20250929"
KEY = "sk-planted-0123456789abcdef0123"
CITIES = ("Oslo", "Rome")
ASKED = [{"role": "user", "content": "capital?"}]


class Batches(Handler):
    """Both APIs' batches: each is done when it is looked at for the third time."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.content()
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        self.server.asked.append(f"{self.command} {self.path}")
        if self.path.endswith(("/content", "/results")):
            made = claude_result if "messages" in self.path else gpt_result
            lines = "".join(json.dumps(made(city)) + "\n" for city in CITIES)
            return self.give(lines.encode(), kind="application/x-jsonl")
        if self.command == "GET":
            self.server.looks += 1
        done = self.server.looks >= 3
        if self.path == "/v1/files":
            made_file = {
                "id": "file-in", "object": "file", "bytes": 9, "created_at": 1,
                "filename": "in.jsonl", "purpose": "batch", "status": "processed",
            }  # fmt: skip
            return self.give(made_file)
        if "messages" in self.path:
            url = f"{self.server.url}/v1/messages/batches/msgbatch_1/results"
            return self.give(claude_batch(url if done else None))
        return self.give(gpt_batch(done))


def gpt_batch(done: bool) -> dict[str, Any]:
    return {
        "id": "batch_1", "object": "batch", "endpoint": "/v1/chat/completions", "created_at": 1,
        "input_file_id": "file-in", "completion_window": "24h",
        "status": "completed" if done else "in_progress",
        "output_file_id": "file-out" if done else None,
    }  # fmt: skip


def gpt_result(city: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": city}
    body = {"model": GPT, "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
    return {"custom_id": city, "response": {"status_code": 200, "body": body}, "error": None}


def claude_batch(results: str | None) -> dict[str, Any]:
    counts = {"processing": 0, "succeeded": 2, "errored": 0, "canceled": 0, "expired": 0}
    return {
        "id": "msgbatch_1", "type": "message_batch", "request_counts": counts,
        "processing_status": "ended" if results else "in_progress", "results_url": results,
        "created_at": "2026-11-29T00:00:00Z", "expires_at": "2026-11-30T00:00:00Z",
    }  # fmt: skip


def claude_result(city: str) -> dict[str, Any]:
    message = {
        "id": "msg_1", "type": "message", "role": "assistant", "model": CLAUDE,
        "content": [{"type": "text", "text": city}], "stop_reason": "end_turn",
        "stop_sequence": None, "usage": {"input_tokens": 3, "output_tokens": 1},
    }  # fmt: skip
    return {"custom_id": city, "result": {"type": "succeeded", "message": message}}


def by_openai(url: str) -> list[str]:
    from openai import OpenAI

    line = {"custom_id": "1", "method": "POST", "url": "/v1/chat/completions",
            "body": {"model": GPT, "messages": ASKED}}  # fmt: skip
    with OpenAI(base_url=f"{url}/v1", api_key=KEY, max_retries=0) as client:
        file = client.files.create(file=("in.jsonl", json.dumps(line).encode()), purpose="batch")
        batch = client.batches.create(
            input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h"
        )
        while batch.status != "completed":
            batch = client.batches.retrieve(batch.id)
        assert batch.output_file_id is not None
        lines = client.files.content(batch.output_file_id).text.splitlines()
    bodies = [json.loads(each)["response"]["body"] for each in lines]
    return [body["choices"][0]["message"]["content"] for body in bodies]


def by_anthropic(url: str) -> list[str]:
    from anthropic import Anthropic

    requests: Any = [
        {"custom_id": city, "params": {"model": CLAUDE, "max_tokens": 9, "messages": ASKED}}
        for city in CITIES
    ]
    with Anthropic(base_url=url, api_key=KEY, max_retries=0) as client:
        batch = client.messages.batches.create(requests=requests)
        while batch.processing_status != "ended":
            batch = client.messages.batches.retrieve(batch.id)
        results: Any = list(client.messages.batches.results(batch.id))
    return [each.result.message.content[0].text for each in results]


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with serving(Batches, asked=[], looks=0) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/v1")
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        yield server


def models(words: Any, record: str, *, candidate: bool = False) -> Any:
    ids = {"gpt": (GPT, "gpt-4o"), "claude": (CLAUDE, "claude-opus-4-8")}
    return words.selection_of(
        *(
            Selected(name, pin, "candidate", other, record)
            if candidate
            else Selected(name, pin, "production", pin, record)
            for name, (pin, other) in ids.items()
        )
    )


@pytest.mark.parametrize("ask", [by_openai, by_anthropic])
def test_a_batch_is_recorded_as_it_is_and_replayed_in_every_run(
    provider: Any, stage: Any, words: Any, ask: Callable[[str], list[str]]
) -> None:
    recorded, capture = stage.play(models(words, "new"), lambda: ask(provider.url))
    asked = list(provider.asked)
    assert recorded == list(CITIES)
    assert len(capture.calls) == len(asked)
    assert KEY not in stage.text()
    assert all(city in stage.text() for city in CITIES)  # its lines can be read in a review

    provider.asked.clear()
    for other in (models(words, "none"), models(words, "all", candidate=True)):
        replayed, again = stage.play(other, lambda: ask(provider.url))
        assert replayed == recorded
        assert [call.fresh for call in again.calls] == [False] * len(asked)
    assert provider.asked == []
