"""Large files on their way to a provider: by hash in recordings, whichever client sends them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

# Clients of others leave connections to the garbage collector, in whichever test that comes.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")

UPLOADED = {"id": "file-1", "object": "file", "bytes": 3, "purpose": "batch", "filename": "large"}
KEY = "sk-proj-aVery0Long1Secret2Key3456789abcdef"


def by_httpx(url: str, large: Path) -> Any:
    import httpx

    with large.open("rb") as file:
        reply = httpx.post(f"{url}/v1/files", files={"file": file}, data={"purpose": "batch"})
    return reply.json()["id"]


def by_requests(url: str, large: Path) -> Any:
    import requests

    with large.open("rb") as file:
        reply = requests.post(f"{url}/v1/files", files={"file": file}, data={"purpose": "batch"})
    return reply.json()["id"]


def by_aiohttp(url: str, large: Path) -> Any:
    import aiohttp

    async def upload() -> Any:
        with large.open("rb") as file:
            form = aiohttp.FormData({"purpose": "batch", "file": file})
            async with (
                aiohttp.ClientSession() as session,
                session.post(f"{url}/v1/files", data=form) as reply,
            ):
                return (await reply.json())["id"]

    return asyncio.run(upload())


def by_openai(url: str, large: Path) -> Any:
    from openai import OpenAI

    with OpenAI(base_url=f"{url}/v1", api_key=KEY) as client:
        return client.files.create(file=large, purpose="batch").id


@pytest.mark.parametrize("upload", [by_httpx, by_requests, by_aiohttp, by_openai])
def test_a_large_file_is_recorded_by_its_hash_and_replays(
    upload: Callable[[str, Path], Any],
    server: Any,
    stage: Any,
    words: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/v1")  # says that a model host is there
    large = tmp_path / "large"
    large.write_bytes(b"0123456789abcdef" * 2**18)
    server.scripts = [server.plain(UPLOADED)]
    recorded, capture = stage.play(words.production("new"), lambda: upload(server.url, large))
    assert recorded == "file-1"
    assert len(capture.calls) == 1
    [arrived] = server.arrived
    assert large.read_bytes() in arrived.content
    assert len(stage.text()) < 2_000
    assert '"bytes": 4194304' in stage.text()
    server.stop()
    replayed, _ = stage.play(words.production(), lambda: upload(server.url, large))
    assert replayed == recorded
    large.write_bytes(b"0123456789abcdee" * 2**18)
    assert "Not recorded" in stage.miss(words.production(), lambda: upload(server.url, large))
