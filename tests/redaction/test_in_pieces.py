from __future__ import annotations

import json
from typing import Any

import pytest

from pytest_modelpin.recordings.reply_content import redact_reply
from pytest_modelpin.redaction.in_pieces import redact_across

KEY = "sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789"
OPAQUE = "Zq7xOpaqueBearer4411kk"
TOLD = f"It is {KEY} and {OPAQUE}."
TOKENS = [TOLD[at : at + 3] for at in range(0, len(TOLD), 3)]


def entry(token: str) -> dict[str, Any]:
    spelt = {"token": token, "bytes": [*token.encode()], "logprob": -0.1}
    return {**spelt, "top_logprobs": [spelt]}


def gemini(token: str) -> dict[str, Any]:
    return {"token": token, "tokenId": 17, "logProbability": -0.1}


ENTRIES = [entry(token) for token in TOKENS]
CHAT = {"choices": [{"message": {"content": TOLD}, "logprobs": {"content": ENTRIES}}]}
RESPONSES = {"output": [{"content": [{"text": TOLD, "logprobs": ENTRIES}]}]}
LEGACY = {"choices": [{"text": TOLD, "logprobs": {"tokens": TOKENS, "token_logprobs": [-0.1]}}]}
OLLAMA = {"message": {"content": TOLD}, "logprobs": ENTRIES}
GEMINI = {"candidates": [{"logprobsResult": {"chosenCandidates": [*map(gemini, TOKENS)]}}]}


def spelt_by(value: Any) -> str:
    """All texts of a value, and what its numbers stand for as bytes, one after another."""
    if isinstance(value, dict):
        return "".join(map(spelt_by, value.values()))
    if isinstance(value, list):
        numbers = [each for each in value if isinstance(each, int)]
        return bytes(numbers).decode() + "".join(map(spelt_by, value))
    return value if isinstance(value, str) else ""


def holds(value: Any) -> bool:
    """Whether a secret can be read out of it, by one kind of field or another."""
    fields = (only(value, name) for name in ("token", "bytes", "tokens"))
    return any(secret in text for text in (*fields, spelt_by(value)) for secret in (KEY, OPAQUE))


def only(value: Any, name: str, *, within: bool = False) -> str:
    if isinstance(value, dict):
        return "".join(only(item, name, within=key == name) for key, item in value.items()
                       if key != "top_logprobs")  # fmt: skip
    if isinstance(value, list):
        if within and all(isinstance(each, int) for each in value):
            return bytes(value).decode()
        return "".join(only(item, name, within=within) for item in value)
    return value if within and isinstance(value, str) else ""


@pytest.mark.parametrize("reply", [CHAT, RESPONSES, LEGACY, OLLAMA, GEMINI])
def test_what_repeats_an_answer_token_by_token_spells_no_secret(reply):
    """The answer was redacted, and its log probabilities spelt the key beside it."""
    assert holds(reply)
    content = json.dumps(reply).encode()
    _, clean = redact_reply({"content-type": "application/json"}, (), content, (OPAQUE,))
    assert not holds(json.loads(clean))
    assert "It is REDACTED and REDACTED." in spelt_by(json.loads(clean))


@pytest.mark.parametrize("size", [1, 3])
def test_nor_does_a_stream_of_them(size):
    events = [
        {"choices": [{"delta": {}, "logprobs": {"content": ENTRIES[at : at + size]}}]}
        for at in range(0, len(ENTRIES), size)
    ]
    content = "".join(f"data: {json.dumps(event)}\n\n" for event in events).encode()
    _, clean = redact_reply({"content-type": "text/event-stream"}, (), content, (OPAQUE,))
    told = [json.loads(line[6:]) for line in clean.decode().splitlines() if line]
    assert holds(events)
    assert not holds(told)


def test_tokens_without_a_secret_stay_as_they_are():
    for reply in ({"logprobs": {"content": [entry("Hel"), entry("lo")]}}, {"logprobs": None}):
        content = json.dumps(reply, separators=(",", ":")).encode()
        assert redact_reply({"content-type": "application/json"}, (), content, ())[1] == content


def test_what_is_said_in_another_place_between_belongs_to_no_secret():
    documents = [{"a": KEY[:20]}, {"b": "no"}, {"a": KEY[20:]}]
    assert redact_across(documents, ()) == {0, 2}
    assert documents == [{"a": "REDACTED"}, {"b": "no"}, {"a": ""}]
