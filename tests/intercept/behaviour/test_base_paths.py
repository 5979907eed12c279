"""Base URLs that have a path: a gateway's, a proxy's below which several providers are."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from pytest_modelpin.registry.selection import Selected

HI = [{"role": "user", "content": "hi"}]
GPT, CLAUDE, GEMINI = "gpt-4o-2024-08-06", "claude-sonnet-4-5-20250929", "gemini-2.5-flash"
BEDROCK, LLAMA = "anthropic.claude-sonnet-4-5-20250929-v1:0", "llama3.2:1b"
CHAT = {"choices": [{"index": 0, "finish_reason": "stop", "message": {"content": "hello"}}]}
MESSAGE = {
    "type": "message", "role": "assistant", "content": [{"type": "text", "text": "hello"}],
    "stop_reason": "end_turn",
}  # fmt: skip
RESPONSE = {
    "status": "completed",
    "output": [{"type": "message", "content": [{"type": "output_text", "text": "hello"}]}],
}
GENERATED = {"candidates": [{"content": {"parts": [{"text": "hello"}]}, "finishReason": "STOP"}]}
CONVERSED = {"output": {"message": {"content": [{"text": "hello"}]}}, "stopReason": "end_turn"}
WIRES: dict[str, tuple[str, str, str, dict[str, Any], Any]] = {
    "openai": (GPT, "gpt-4o", "/v1/chat/completions", {"model": GPT, "messages": HI}, CHAT),
    "responses": (GPT, "gpt-4o", "/v1/responses", {"model": GPT, "input": "hi"}, RESPONSE),
    "azure": (
        GPT, "gpt-4.1", f"/openai/deployments/{GPT}/chat/completions?api-version=1",
        {"messages": HI}, CHAT,
    ),
    "anthropic": (
        CLAUDE, "claude-opus-4-8", "/v1/messages", {"model": CLAUDE, "messages": HI}, MESSAGE,
    ),
    "google": (
        GEMINI, "gemini-3.5-flash", f"/v1beta/models/{GEMINI}:generateContent",
        {"contents": [{"parts": [{"text": "hi"}]}]}, GENERATED,
    ),
    "bedrock": (
        BEDROCK, "amazon.nova-pro-v1:0", f"/model/{BEDROCK}/converse",
        {"messages": [{"role": "user", "content": [{"text": "hi"}]}]}, CONVERSED,
    ),
    "ollama": (
        LLAMA, "llama3.2:3b", "/api/chat", {"model": LLAMA, "messages": HI, "stream": False},
        {"message": {"role": "assistant", "content": "hello"}, "done": True},
    ),
}  # fmt: skip
"""By provider or wire: pin, candidate, path, body and answer."""


@pytest.mark.long
@pytest.mark.parametrize("base", ["/gateway", "/eu/team-a/openai/v1", "/of/{pin}"])
@pytest.mark.parametrize("wire", WIRES)
def test_what_stands_before_a_providers_path_changes_nothing(
    wire: str, base: str, server: Any, stage: Any, words: Any
) -> None:
    pin, candidate, path, body, answer = WIRES[wire]
    base = base.format(pin=pin)
    provider = "openai" if wire == "responses" else wire

    def ask() -> Any:
        return httpx.post(server.url + base + path, json=body).json()

    def selected(which: Any, id: str, record: Any) -> Any:
        return words.selection_of(Selected("it", pin, which, id, record, provider=provider))

    server.scripts = [server.plain(answer), server.plain(answer)]
    recorded, capture = stage.play(selected("production", pin, "new"), ask)
    assert len(capture.calls) == 1
    stage.play(selected("candidate", candidate, "all"), ask)
    first, second = server.arrived
    assert first.path == base + path
    wanted = base + path.replace(pin, candidate)
    assert second.path.replace("%3A", ":") == wanted
    assert second.body == ({**body, "model": candidate} if "model" in body else body)
    server.stop()
    replayed, _ = stage.play(selected("production", pin, "none"), ask)
    assert replayed == recorded == answer
