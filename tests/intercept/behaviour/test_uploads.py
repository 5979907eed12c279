"""Large files on their way to a provider: by hash in recordings, whichever client sends them."""

from __future__ import annotations

import asyncio
import json
import tracemalloc
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
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


def by_httpx_streamed(url: str, large: Path) -> Any:
    import httpx

    def pieces() -> Iterator[bytes]:
        with large.open("rb") as file:
            while piece := file.read(65536):
                yield piece

    kind = {"content-type": "application/octet-stream"}
    return httpx.post(f"{url}/v1/files", content=pieces(), headers=kind).json()["id"]


def by_async_httpx(url: str, large: Path) -> Any:
    import httpx

    async def upload() -> Any:
        with large.open("rb") as file:
            content = file.read()
        async with httpx.AsyncClient() as client:
            files, about = {"file": content}, {"purpose": "batch"}
            reply = await client.post(f"{url}/v1/files", files=files, data=about)
        return reply.json()["id"]

    return asyncio.run(upload())


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


@pytest.fixture
def sink() -> Iterator[str]:
    """The address of a server that keeps nothing of what it reads."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

        def do_POST(self) -> None:
            if "content-length" in self.headers:
                self._skip(int(self.headers["content-length"]))
            else:
                while size := int(self.rfile.readline(), 16):
                    self._skip(size)
                    self.rfile.readline()
                self.rfile.readline()
            body = json.dumps(UPLOADED).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _skip(self, size: int) -> None:
            while size > 0:
                size -= len(self.rfile.read(min(size, 65536)))

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def most_held(work: Callable[[], Any]) -> int:
    """The most bytes that were held at once for `work`, beyond what was held before."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


LARGE = 16 * 2**20
MORE = 3 * 2**20
"""What a client, the server and the modules that are loaded first may need beside the upload."""


@pytest.mark.parametrize(
    ("upload", "own"),
    [
        pytest.param(by_httpx, 0, id="httpx"),
        pytest.param(by_httpx_streamed, 0, id="httpx, a generator"),
        pytest.param(by_async_httpx, 1, id="httpx, asynchronous, of bytes"),
        pytest.param(by_requests, 2, id="requests"),
        pytest.param(by_aiohttp, 0, id="aiohttp"),
        pytest.param(by_openai, 1, id="openai"),
    ],
)
def test_a_large_upload_is_held_once_beside_what_its_client_holds(
    upload: Callable[[str, Path], Any],
    own: int,
    sink: str,
    stage: Any,
    words: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Once, since it is sent after it was looked at; not once more for each who passes it on."""
    monkeypatch.setenv("OPENAI_BASE_URL", f"{sink}/v1")
    large = tmp_path / "large"
    large.write_bytes(b"0123456789abcde\n" * 2**10)
    stage.play(words.production("all"), lambda: upload(sink, large))  # loads what is loaded once
    large.write_bytes(b"0123456789abcde\n" * 2**20)
    most = (own + 1) * LARGE * 9 // 8 + MORE  # what grows to an unknown length is given an eighth

    def held(record: Any) -> int:
        selection = words.production(record)
        return most_held(lambda: stage.play(selection, lambda: upload(sink, large)))

    assert held("all") < most
    assert held("none") < most
