"""Applications that a test starts and asks, and what they ask of models while it waits."""

from __future__ import annotations

import json
import shutil
import socket
import threading

import pytest

# Clients of others leave connections to the garbage collector, in whichever test that comes.
pytestmark = [pytest.mark.long, pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")]

APPLICATION = """
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer

BODY = b'{{"model": "gpt-4o-2024-08-06", "messages": [{{"role": "user", "content": "fee?"}}]}}'
MODEL = urllib.request.Request(
    "{url}/v1/chat/completions", BODY, {{"content-type": "application/json"}}
)

class Application(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        try:
            said = urllib.request.urlopen(MODEL).read()
        except OSError as error:
            said = str(error).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

with HTTPServer(("127.0.0.1", 0), Application) as server:
    print(server.server_port, flush=True)
    server.serve_forever()
"""

TEST = """
import asyncio, subprocess, sys
import aiohttp, httpx, pytest, requests

@pytest.fixture
def application():
    words = [sys.executable, "application.py"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as service:
        yield f"http://127.0.0.1:{service.stdout.readline().strip()}/ask"
        service.kill()

async def by_httpx(url):
    async with httpx.AsyncClient() as client:
        await client.post(url, json={})

async def by_aiohttp(url):
    async with aiohttp.ClientSession() as session, session.post(url, json={}) as reply:
        await reply.read()
"""

ASKS = {
    "httpx": "httpx.post(application, json={})",
    "httpx, awaited": "asyncio.run(by_httpx(application))",
    "requests": "requests.post(application, json={})",
    "aiohttp": "asyncio.run(by_aiohttp(application))",
}


@pytest.fixture
def suite(project, monkeypatch):
    """A project with an application that has its model's address written into it."""
    monkeypatch.setenv("OPENAI_BASE_URL", project.server.url + "/v1")
    project.write("application.py", APPLICATION.format(url=project.server.url))
    return project


def run(suite, *options):
    return suite.pytester.runpytest_subprocess("-p", "no:cacheprovider", *options, timeout=120)


def test_what_an_application_asks_while_a_hooked_client_waits_for_it_is_seen(suite):
    tests = [f"def test_{n}(application): {ask}" for n, ask in enumerate(ASKS.values())]
    suite.write("tests/test_plain.py", "\n".join([TEST, *tests]))
    result = run(suite, "tests/test_plain.py")
    result.assert_outcomes(failed=len(ASKS))
    for n in range(len(ASKS)):
        result.stdout.fnmatch_lines(
            [f"*test_{n} asked 127.0.0.1:*a child process (urllib.request)*"]
        )
    assert suite.server.requests == []
    result = run(suite, "--model=candidate", "--model-report=run.json", "tests/test_plain.py")
    result.assert_outcomes(passed=len(ASKS))
    cases = json.loads((suite.folder / "run.json").read_text())["cases"]
    assert len(cases) == len(ASKS)
    assert all("(urllib.request)" in case["left_out"] for case in cases)


BY_A_PROXY = """
import asyncio, socket, ssl
import pytest

def tunnel(port):
    connection = socket.create_connection(("127.0.0.1", port))
    connection.sendall(b"CONNECT api.openai.com:443 HTTP/1.1\\r\\n\\r\\n")
    connection.recv(100)
    return connection

def test_socket():
    with tunnel({port}) as connection, pytest.raises(BaseException):
        ssl.create_default_context().wrap_socket(connection, server_hostname="api.openai.com")

async def by_asyncio():
    with tunnel({port}) as connection:  # which nobody closes where the handshake is refused
        await asyncio.open_connection(
            sock=connection, ssl=ssl.create_default_context(), server_hostname="api.openai.com"
        )

def test_asyncio():
    with pytest.raises(BaseException):
        asyncio.run(by_asyncio())

def test_another_host():
    with tunnel({port}) as connection, pytest.raises(OSError):
        ssl.create_default_context().wrap_socket(connection, server_hostname="other.test")
"""


def test_whoever_goes_by_a_proxy_of_its_own_is_seen_as_it_shakes_hands(suite):
    """As websockets and PySocks do: Python's sockets only hear of the proxy."""
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        heard = []

        def serve():
            for _ in range(3):
                connection, _ = proxy.accept()
                with connection:
                    connection.recv(1000)
                    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                    heard.append(connection.recv(1000))

        threading.Thread(target=serve, daemon=True).start()
        suite.write("tests/test_plain.py", BY_A_PROXY.format(port=proxy.getsockname()[1]))
        result = run(suite, "tests/test_plain.py", "-p", "no:randomly")
    result.assert_outcomes(passed=1, failed=2)
    said = "asked api.openai.com through"
    assert len({line for line in result.outlines if said in line and "::test_" in line}) >= 2
    assert [bool(each) for each in heard] == [False, False, True]


CLEARED = """
import os
from unittest import mock
with mock.patch.dict(os.environ, clear=True):
    import urllib.request
    urllib.request.urlopen("{url}/v1/models")
"""


def test_a_child_that_clears_its_environment_is_seen_all_the_same(suite):
    suite.write("ask.py", CLEARED.format(url=suite.server.url))
    suite.write(
        "tests/test_plain.py",
        """
        import subprocess, sys
        def test_plain(): assert subprocess.run([sys.executable, "ask.py"]).returncode
        """,
    )
    result = run(suite, "tests/test_plain.py")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*test_plain asked 127.0.0.1:*a child process (urllib.request)*"])
    assert suite.server.requests == []


WORKER = """
import { Worker } from "worker_threads";
const ask = 'fetch("https://api." + "openai.com/v1/models").catch(() => 0)';
new Worker(ask, { eval: true, env: { NODE_OPTIONS: "--no-warnings" } });
"""


@pytest.mark.skipif(not shutil.which("node"), reason="there is no Node")
def test_a_thread_of_node_with_an_environment_of_its_own_is_seen(suite):
    suite.write("ask.mjs", WORKER)
    suite.write(
        "tests/test_plain.py",
        """
        import subprocess
        def test_plain(): subprocess.run(["node", "ask.mjs"], check=True)
        """,
    )
    result = run(suite, "tests/test_plain.py")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*test_plain asked api.openai.com*a child process (Node.js)*"])
