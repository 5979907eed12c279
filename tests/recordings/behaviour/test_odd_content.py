"""Odd content: a valid file that replays the very bytes, or a sentence; never a traceback."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import httpx
import pytest

from pytest_modelpin.errors import RecordingError
from pytest_modelpin.recordings.recording_file import read_recording

PIN = "gpt-4o-2024-08-06"
DEEP = b"[" * 100_000 + b"]" * 100_000


def ask(url: str, text: str = '"hi"') -> bytes:
    content = f'{{"model": "{PIN}", "messages": [{{"role": "user", "content": {text}}}]}}'
    headers = {"content-type": "application/json"}
    path = f"{url}/v1/chat/completions"
    return httpx.post(path, content=content.encode(), headers=headers).content


def the_file(stage: Any) -> Path:
    (found,) = (stage.folder / "__recordings__").rglob("*.json")
    return Path(found)


REPLIES = {
    "deep": b'{"id": "a", "choices": ' + DEEP + b"}",
    "half a character": json.dumps({"choices": [{"message": {"content": "\ud83d"}}]}).encode(),
    **{
        f"{levels} levels, {made}": begin + b"[" * levels + b"]" * levels + end
        for levels in (300, 600, 900, 5000)  # Python 3.12 and later parse the last, too
        for made, begin, end in (
            ("an object", b'{"choices": ', b"}"),
            ("a list", b"[", b"]"),
            ("an event", b'data: {"choices": ', b"}\n\n"),
        )
    },
}


@pytest.mark.parametrize("content", REPLIES.values(), ids=list(REPLIES))
def test_an_odd_reply_is_replayed_byte_for_byte(
    server: Any, stage: Any, words: Any, content: bytes
) -> None:
    server.scripts = [words.Script(body=content)]
    heard, _ = stage.play(words.production("new"), lambda: ask(server.url))
    assert heard == content
    path = the_file(stage)
    read_recording(path.read_bytes().decode(), path)
    server.stop()
    assert stage.play(words.production(), lambda: ask(server.url))[0] == content


NESTED = {f"{levels} levels": "[" * levels + "]" * levels for levels in (150, 600, 900)}


@pytest.mark.parametrize("text", [r'"\ud83d"', r'"a\udc00b"', *NESTED.values()])
def test_an_odd_request_is_recorded_and_found_again(
    server: Any, stage: Any, words: Any, text: str
) -> None:
    heard, _ = stage.play(words.production("new"), lambda: ask(server.url, text))
    path = the_file(stage)
    read_recording(path.read_bytes().decode(), path)
    server.stop()
    replayed, _ = stage.play(words.production(), lambda: ask(server.url, text))
    assert json.loads(replayed) == json.loads(heard)


def test_a_request_nested_without_end_breaks_nothing(server: Any, stage: Any, words: Any) -> None:
    said, _ = stage.play(words.production("new"), lambda: ask(server.url, DEEP.decode()))
    assert json.loads(said)["choices"]
    assert len(server.arrived) == 1
    for path in stage.folder.rglob("*.json"):
        read_recording(path.read_bytes().decode(), path)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_recording_that_cannot_be_written_is_named_in_one_sentence(
    server: Any, stage: Any, words: Any, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    stage.play(words.production("new"), lambda: ask(server.url))
    path = the_file(stage)
    before = path.read_bytes()

    def refuse(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(RecordingError) as failure:
        stage.play(words.production("all"), lambda: ask(server.url))
    assert str(path) in str(failure.value)
    assert os.strerror(number) in str(failure.value)
    assert "\n" not in str(failure.value)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]
