"""Sound and images that a provider answers: beside the recording, and replayed from there."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest

SOUND = hashlib.shake_256(b"sound").digest(100_000)
IMAGE = hashlib.shake_256(b"image").digest(50_000)
KEY = "sk-planted-0123456789abcdef0123"


def client(url: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{url}/v1", api_key="sk-any", max_retries=0)


def spoken(url: str) -> bytes:
    with client(url) as its:
        reply = its.audio.speech.create(model="tts-1", voice="alloy", input="Good morning")
        return reply.content


def streamed(url: str) -> bytes:
    with client(url) as its:
        speech = its.audio.speech.with_streaming_response
        with speech.create(model="tts-1", voice="alloy", input="Good morning") as reply:
            return b"".join(reply.iter_bytes(4096))


def drawn(url: str) -> bytes:
    with client(url) as its:
        reply = its.images.generate(model="gpt-image-1", prompt="a cat")
    assert reply.data
    assert reply.data[0].b64_json
    return base64.b64decode(reply.data[0].b64_json)


def sound(words: Any, content: bytes = SOUND) -> Any:
    return words.Script(body=content, content_type="audio/mpeg")


def image(words: Any) -> Any:
    text = base64.b64encode(IMAGE).decode()
    return words.Script(body=json.dumps({"created": 1, "data": [{"b64_json": text}]}).encode())


def beside(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.bin"))


@pytest.mark.parametrize(
    ("ask", "answer", "expected"),
    [(spoken, sound, SOUND), (streamed, sound, SOUND), (drawn, image, IMAGE)],
)
def test_it_is_recorded_beside_and_replayed_without_the_provider(
    server: Any, stage: Any, words: Any, monkeypatch: pytest.MonkeyPatch,
    ask: Any, answer: Any, expected: bytes,
) -> None:  # fmt: skip
    monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/v1")
    server.scripts = [answer(words)]
    heard, _ = stage.play(words.production("new"), lambda: ask(server.url))
    assert heard == expected
    [file] = beside(stage.folder)
    assert file.read_bytes() == expected
    assert len(stage.text()) < 2000
    server.stop()
    replayed, _ = stage.play(words.production("none"), lambda: ask(server.url))
    assert replayed == expected


def test_a_changed_file_fails_the_replay_and_says_what_to_do(
    server: Any, stage: Any, words: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/v1")
    server.scripts = [sound(words)]
    stage.play(words.production("new"), lambda: spoken(server.url))
    [file] = beside(stage.folder)
    file.write_bytes(SOUND[:-1])
    told = stage.miss(words.production("none"), lambda: spoken(server.url))
    assert file.name in told
    assert "is not what was recorded" in told
    file.unlink()
    assert "is missing" in stage.miss(words.production("none"), lambda: spoken(server.url))


def test_no_secret_is_in_the_file(
    server: Any, stage: Any, words: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In bytes as they are, and in base64 of which a file would be made."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/v1")
    content = SOUND[:50_000] + KEY.encode() + SOUND[50_000:]
    server.scripts = [sound(words, content)]
    stage.play(words.production("new"), lambda: spoken(server.url))
    hidden = base64.b64encode(content).decode()
    server.scripts = [server.plain({"created": 1, "data": [{"b64_json": hidden}]})]
    url = f"{server.url}/v1/images/generations"
    stage.play(
        words.production("new"),
        lambda: httpx.post(url, json={"model": "gpt-image-1", "prompt": "a cat"}),
    )
    written = [path.read_bytes() for path in stage.folder.rglob("*") if path.is_file()]
    assert b"REDACTED" in b"".join(written)
    for each in written:
        assert KEY.encode() not in each
        for at in range(3):
            spelt = base64.b64encode(b"x" * at + KEY.encode())[4:-4]
            assert spelt not in each
