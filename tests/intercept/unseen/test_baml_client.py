"""What BAML asks, whose client is in Rust, is seen in the tests' own process."""

from __future__ import annotations

import asyncio
import json
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from pytest_modelpin.intercept.hooks import Hooks
from pytest_modelpin.intercept.model_call_failed import ModelCallFailed
from pytest_modelpin.intercept.unseen.baml_client import patch
from pytest_modelpin.intercept.unseen.monitor import NetworkMonitor
from pytest_modelpin.providers.model_hosts import ModelHosts

OPENAI = "https://api.openai.com/v1/chat/completions"
CALLS = ("call_function", "call_function_sync", "stream_function", "stream_function_sync")


SOURCES = """
client<llm> Here { provider openai-generic
  options { base_url "http://127.0.0.1:9/v1" } }
client<llm> There { provider openai
  options { model "gpt-4o" } }
client<llm> Both { provider fallback
  options { strategy [Here, "Turns"] } }
client<llm> Turns { provider round-robin
  options { strategy [Here, There] } }
function Say(what: string) -> string { client Both prompt #"{{ what }}"# }
function Here(what: string) -> string { client Here prompt #"{{ what }}"# }
"""


class ClientRegistry:
    """Stands for BAML's."""

    primary = ""

    def add_llm_client(self, name, provider, options):
        pass

    def set_primary(self, name):
        self.primary = name


class Body:
    def raw(self) -> bytes:
        return json.dumps({"model": "gpt-4o", "messages": []}).encode()


class WrongArgument(Exception):
    """Stands for `BamlInvalidArgumentError`."""


class BamlRuntime:
    """Stands for BAML's runtime, which needs its own source files; signatures as in its 0.226."""

    def build_request_sync(self, function_name, args, ctx, tb, cb, env_vars, stream):
        if cb is not None and cb.primary not in ("Here", "There"):
            raise RuntimeError(f"no client {cb.primary}")
        if cb is not None and cb.primary == "There":
            args = {"url": OPENAI}
        if args is None:
            raise WrongArgument("Missing required parameter: url")
        if "url" not in args:
            raise RuntimeError("environment variable OPENAI_API_KEY not set")
        url = args["url"]
        return SimpleNamespace(method="POST", url=url, body=Body(), streams=stream)

    def from_files(root, files, env_vars):
        return BamlRuntime()

    async def call_function(
        self, function_name, args, ctx, tb, cb, collectors, env_vars, tags, abort_controller=None
    ):
        return "sent"

    def call_function_sync(
        self, function_name, args, ctx, tb, cb, collectors, env_vars, tags, abort_controller=None
    ):
        return "sent"

    def stream_function(
        self, function_name, args, on_event, ctx, tb, cb, collectors, env_vars, tags=None
    ):
        return "sent"

    stream_function_sync = stream_function


@pytest.fixture
def runtime():
    hooks: Any = Hooks(SimpleNamespace(sends=False))  # type: ignore[arg-type]
    module: Any = ModuleType("baml_py.baml_py")
    module.BamlRuntime, module.BamlInvalidArgumentError = BamlRuntime, WrongArgument
    module.ClientRegistry = ClientRegistry
    patch(module, hooks)
    monitor = NetworkMonitor(ModelHosts({}), live=False)
    monitor.install()
    monitor.begin("test_a")
    try:
        yield BamlRuntime()
    finally:
        monitor.end()
        monitor.uninstall()
        hooks.uninstall()


def ask(runtime: Any, name: str, args: Any, function: str = "Say", registry: Any = None) -> Any:
    """As the code asks that BAML generates: by position."""
    before = (None,) if name.startswith("stream") else ()
    answer = getattr(runtime, name)(function, args, *before, None, None, registry, [], {}, {})
    return asyncio.run(answer) if asyncio.iscoroutine(answer) else answer


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("url", [OPENAI, "https://llm.example.com/v1/chat/completions"])
def test_a_call_is_refused_before_it_is_sent(runtime: Any, name: str, url: str) -> None:
    with pytest.raises(ModelCallFailed, match=r"test_a asked (api.openai|llm.example).com.*BAML"):
        ask(runtime, name, {"url": url})


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("args", [{"url": "http://127.0.0.1:9/v1/chat/completions"}, None])
def test_a_server_of_the_tests_own_and_a_wrong_call_are_bamls(
    runtime: Any, name: str, args: Any
) -> None:
    assert ask(runtime, name, args) == "sent"
    with pytest.raises(TypeError):
        getattr(runtime, name)("Say")


@pytest.mark.parametrize("name", CALLS)
def test_a_call_of_which_baml_cannot_tell_the_request_is_refused(runtime: Any, name: str) -> None:
    # Its next client, or a release that builds requests by other arguments, would send it.
    with pytest.raises(ModelCallFailed, match="asked a host that BAML could not tell through BAML"):
        ask(runtime, name, {})


@pytest.mark.parametrize("name", CALLS)
def test_the_clients_that_follow_a_server_of_the_tests_own_are_seen(
    runtime: Any, name: str
) -> None:
    """BAML tells the first alone, and the next one went live in a replay."""
    runtime = type(runtime).from_files("baml_src", {"main.baml": SOURCES}, {})
    here = {"url": "http://127.0.0.1:9/v1/chat/completions"}
    assert ask(runtime, name, here, "Here") == "sent"
    with pytest.raises(ModelCallFailed, match=r"asked api.openai.com \(POST .*through BAML"):
        ask(runtime, name, here)


def test_of_clients_that_the_code_makes_nobody_can_tell(runtime: Any) -> None:
    here = {"url": "http://127.0.0.1:9/v1/chat/completions"}
    registry = ClientRegistry()
    registry.set_primary("Here")
    assert ask(runtime, CALLS[0], here, registry=registry) == "sent"
    registry.add_llm_client("Mine", "fallback", {"strategy": ["Here", "Another"]})
    with pytest.raises(ModelCallFailed, match="a host that BAML could not tell"):
        ask(runtime, CALLS[0], here, registry=registry)
