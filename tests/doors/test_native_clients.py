"""HTTP clients in C, Rust and Go, as published: what they ask of a model is refused by name.

They open sockets that Python does not see. Without the plugin each of these tests reaches the
provider, so that none is refused for want of a call.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from every_wire import EveryWire
from framework_environments import REPOSITORY, python_of

from pytest_modelpin.demo.provider_server import Question

SUITE = '''
import asyncio
import io
import os

BASE = os.environ["OPENAI_BASE_URL"] + "/"
CHAT = BASE + "chat/completions"
ASKED = {"model": "gpt-4o-2024-08-06", "messages": [{"role": "user", "content": "say"}]}
BAML = """
client<llm> Gateway {
  provider openai-generic
  options {
    model "gpt-4o-2024-08-06"
    base_url "%s"
    api_key "none"
  }
}
function Say(what: string) -> string {
  client Gateway
  prompt #"{{ what }}"#
}
"""

def awaited(call):
    async def asking():
        return await call()
    return asyncio.run(asking())

def test_primp():
    from primp import Client
    Client().post(CHAT, json=ASKED)

def test_primp_by_its_base():
    from primp import Client
    Client(base_url=BASE).post("chat/completions", json=ASKED)

def test_primp_by_function():
    import primp
    primp.request(method="POST", url=CHAT, json=ASKED)

def test_primp_async():
    from primp import AsyncClient
    awaited(lambda: AsyncClient().post(CHAT, json=ASKED))

def test_wreq_async():
    import wreq
    awaited(lambda: wreq.request(wreq.Method.POST, CHAT, json=ASKED))

def test_wreq():
    from wreq.blocking import Client
    Client().post(CHAT, json=ASKED)

def test_rnet_async():
    from rnet import Client
    awaited(lambda: Client().post(CHAT, json=ASKED))

def test_rnet():
    from rnet.blocking import BlockingClient
    BlockingClient().post(CHAT, json=ASKED)

def test_impit():
    from impit import Client
    Client().post(CHAT, content=b"{}")

def test_impit_async():
    from impit import AsyncClient
    awaited(lambda: AsyncClient().post(CHAT, content=b"{}"))

def test_httpr():
    import httpr
    httpr.post(CHAT, json=ASKED)

def test_httpr_async():
    from httpr import AsyncClient
    awaited(lambda: AsyncClient().request("POST", CHAT, json=ASKED))

def test_pyqwest():
    from pyqwest import SyncClient
    SyncClient().post(CHAT)

def test_pyqwest_async():
    from pyqwest import Client
    awaited(lambda: Client().execute("POST", CHAT))

def test_pyqwest_below_httpx():
    import httpx
    from pyqwest import SyncHTTPTransport
    from pyqwest.httpx import PyqwestTransport
    with httpx.Client(transport=PyqwestTransport(SyncHTTPTransport())) as client:
        client.post(CHAT, json=ASKED)

def test_pyreqwest():
    from pyreqwest.client import SyncClientBuilder
    with SyncClientBuilder().base_url(BASE).build() as client:
        client.post("chat/completions").body_json(ASKED).build().send()

def test_pyreqwest_stream():
    from pyreqwest.client import SyncClientBuilder
    with SyncClientBuilder().build() as client:
        with client.post(CHAT).body_json(ASKED).build_streamed():
            pass

def test_pyreqwest_async():
    from pyreqwest.client import ClientBuilder
    async def ask():
        async with ClientBuilder().build() as client:
            await client.post(CHAT).body_json(ASKED).build().send()
            async with client.post(CHAT).body_json(ASKED).build_streamed():
                pass
    awaited(ask)

def test_pyreqwest_at_once():
    from pyreqwest.simple.sync_request import pyreqwest_post
    pyreqwest_post(CHAT).body_json(ASKED).send()

def test_pyreqwest_below_httpx():
    import httpx
    from pyreqwest.compatibility.httpx import SyncHttpxTransport
    with httpx.Client(transport=SyncHttpxTransport()) as client:
        client.post(CHAT, json=ASKED)

def test_tls_client():
    from tls_client import Session
    Session().post(CHAT, json=ASKED)

def test_curl_cffi():
    from curl_cffi import requests
    requests.post(CHAT, json=ASKED)

def test_pycurl():
    import pycurl
    curl = pycurl.Curl()
    curl.setopt(pycurl.URL, CHAT)
    curl.setopt(pycurl.POSTFIELDS, "{}")
    curl.setopt(pycurl.WRITEFUNCTION, len)
    curl.perform()

def test_awscrt():
    from urllib.parse import urlsplit
    from awscrt.http import HttpClientConnection, HttpRequest
    there = urlsplit(CHAT)
    body = b'{"model": "gpt-4o-2024-08-06", "messages": [{"role": "user", "content": "say"}]}'
    request = HttpRequest("POST", there.path, body_stream=io.BytesIO(body))
    request.headers.add("host", there.netloc)
    request.headers.add("content-length", str(len(body)))
    connection = HttpClientConnection.new(there.hostname, there.port).result(10)
    stream = connection.request(request)
    stream.activate()
    stream.completion_future.result(10)

def test_baml_fallback():
    from baml_py import BamlCtxManager, BamlRuntime
    both = """
client<llm> Dead {
  provider openai-generic
  options {
    model "gpt-4o-2024-08-06"
    base_url "http://127.0.0.1:9/v1"
    api_key "none"
  }
}
client<llm> Both {
  provider fallback
  options {
    strategy [Dead, Gateway]
  }
}
"""
    sources = {"main.baml": (BAML % BASE[:-1] + both).replace("client Gateway", "client Both")}
    runtime = BamlRuntime.from_files("baml_src", sources, {})
    context = BamlCtxManager(runtime).get()
    runtime.call_function_sync("Say", {"what": "say"}, context, None, None, [], {}, {})

def test_baml():
    from baml_py import BamlCtxManager, BamlRuntime
    runtime = BamlRuntime.from_files("baml_src", {"main.baml": BAML % BASE[:-1]}, {})
    context = BamlCtxManager(runtime).get()
    runtime.call_function_sync("Say", {"what": "say"}, context, None, None, [], {}, {})
'''
MODELS = "models: {gpt: {production: gpt-4o-2024-08-06, staging: gpt-4o}}\n"
TESTS = SUITE.count("\ndef test_")
ASKED = TESTS + 1  # one asks twice
CLIENTS = (
    "primp", "wreq", "rnet", "impit", "httpr", "pyqwest", "pyreqwest", "tls_client", "curl_cffi",
    "pycurl", "awscrt", "BAML",
)  # fmt: skip


def answer(_question: Question) -> str:
    return "four words of answer"


def run(project: Path, provider: EveryWire, *options: str) -> str:
    """What pytest prints of the suite."""
    ours = os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "runtime")])
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "TMPDIR")}
    base = f"{provider.url}/v1"
    told = {"PYTHONPATH": ours, "OPENAI_BASE_URL": base, "OTEL_SDK_DISABLED": "true"}
    command = [python_of("native"), "-m", "pytest", "-q", "--tb=short", *options]
    done = subprocess.run(
        command, cwd=project, env=kept | told, capture_output=True, text=True, timeout=300,
        check=False,
    )  # fmt: skip
    return done.stdout + done.stderr


@pytest.mark.long
def test_what_a_client_in_c_rust_or_go_asks_is_refused_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "models.yml").write_text(MODELS)
    (tmp_path / "test_native.py").write_text(SUITE)
    with EveryWire(answer) as provider:
        plain = run(tmp_path, provider)
        assert f"{TESTS} passed" in plain, plain
        assert len(provider.requests) == ASKED

        replayed = run(tmp_path, provider, "-p", "pytest_modelpin.plugin")
        assert f"{TESTS} failed" in replayed, replayed
        assert len(provider.requests) == ASKED, "sent in a replay"
    refused = dict(re.findall(r"^\S+::test_(\w+) asked \S+ .*?through (\w+),", replayed, re.M))
    for name in re.findall(r"\ndef test_(\w+)", SUITE):
        client = next(each for each in CLIENTS if name.startswith(each.lower()))
        assert refused[name] == client
