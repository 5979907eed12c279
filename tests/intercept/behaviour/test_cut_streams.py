"""Streams that end in the middle, and well by HTTP's lights: a gateway's timeout, a proxy's limit.

Whatever the wire, such a reply is no answer: a test that fails on it is lost, not failed.
"""

from __future__ import annotations

import struct
from typing import Any

import httpx
import pytest
from every_wire import EveryWire

from pytest_modelpin.registry.selection import Selected

GPT, CLAUDE, GEMINI = "gpt-4o-2024-08-06", "claude-sonnet-4-5-20250929", "gemini-2.5-flash"
BEDROCK, LLAMA = "anthropic.claude-sonnet-4-5-20250929-v1:0", "llama3.2:1b"
HI = [{"role": "user", "content": "hi"}]
GEMINI_PATH = f"/v1beta/models/{GEMINI}:streamGenerateContent?alt=sse"
CONTENTS = [{"parts": [{"text": "hi"}]}]
CONVERSED = {"messages": [{"role": "user", "content": [{"text": "hi"}]}]}
WIRES: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "chat": ("/v1/chat/completions", {"model": GPT, "stream": True, "messages": HI}, GPT, "openai"),
    "responses": ("/v1/responses", {"model": GPT, "stream": True, "input": "hi"}, GPT, "openai"),
    "messages": (
        "/v1/messages",
        {"model": CLAUDE, "stream": True, "max_tokens": 9, "messages": HI},
        CLAUDE,
        "anthropic",
    ),
    "gemini": (GEMINI_PATH, {"contents": CONTENTS}, GEMINI, "google"),
    "ollama": ("/api/chat", {"model": LLAMA, "messages": HI}, LLAMA, "ollama"),
    "converse": (f"/model/{BEDROCK}/converse-stream", CONVERSED, BEDROCK, "bedrock"),
}
"""Path, body, pin and provider: server-sent events, lines of JSON, and AWS's event stream."""


def whole(path: str, body: dict[str, Any]) -> tuple[bytes, str]:
    """The stream as a provider sends it, and its content type."""
    with EveryWire(lambda _: "four words of answer") as provider:
        reply = httpx.post(provider.url + path, json=body)
    assert reply.status_code == 200
    return reply.content, reply.headers["content-type"]


def ends(content: bytes, wire: str) -> list[int]:
    """Where its events end."""
    if wire == "converse":
        found = [0]
        while found[-1] < len(content):
            found.append(found[-1] + int(struct.unpack_from(">I", content, found[-1])[0]))
        return found[1:]
    separator = b"\n" if wire == "ollama" else b"\n\n"
    at, found = -1, []
    while (at := content.find(separator, at + 1)) >= 0:
        found.append(at + len(separator))
    return found


@pytest.mark.parametrize("where", ["between two events", "within an event"])
@pytest.mark.parametrize("wire", WIRES)
def test_a_stream_that_is_cut_and_ends_well_is_no_answer(
    wire: str, where: str, server: Any, stage: Any, words: Any
) -> None:
    path, body, pin, provider = WIRES[wire]
    content, kind = whole(path, body)
    first, *others = ends(content, wire)
    assert others
    cut = first if where == "between two events" else first + 5
    server.scripts = [words.Script(content_type=kind, events=[content[:cut]])]
    selection = words.selection_of(Selected("it", pin, "production", pin, "new", provider=provider))

    def test() -> bytes:
        with httpx.stream("POST", server.url + path, json=body) as reply:
            return b"".join(reply.iter_raw())

    heard, capture = stage.play(selection, test)
    assert heard == content[:cut], "the client hears what came"
    [refused] = capture.refused
    assert refused.what == "no answer:"
    assert not capture.calls[0].exchange.response.complete
