"""LiteLLM's client in Rust: not used where its Python one can be, and else seen."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_modelpin.intercept.hooks import Hooks
from pytest_modelpin.intercept.model_call_failed import ModelCallFailed
from pytest_modelpin.intercept.unseen.monitor import NetworkMonitor
from pytest_modelpin.intercept.unseen.native_clients import patch
from pytest_modelpin.providers.model_hosts import ModelHosts

pytestmark = pytest.mark.long  # importing LiteLLM takes seconds
DOCUMENT = {"type": "document_url", "document_url": "https://example.com/a.pdf"}
OCR: Any = {"model": "mistral/mistral-ocr-2512", "document": DOCUMENT, "api_key": "x"}


@pytest.fixture
def litellm() -> Iterator[Any]:
    import litellm

    hooks: Any = Hooks(SimpleNamespace(sends=False))  # type: ignore[arg-type]
    for name in ("configuration", "_native"):
        patch(import_module(f"litellm.rust_bridge.{name}"), hooks)
    monitor = NetworkMonitor(ModelHosts({}), live=False)
    monitor.install()
    monitor.begin("test_a")
    try:
        yield litellm
    finally:
        monitor.end()
        monitor.uninstall()
        hooks.uninstall()


@pytest.mark.parametrize("base", [None, "https://llm.example.com/v1", "https://api.mistral.ai/v1"])
def test_what_only_rust_can_send_is_refused_before_it_is_sent(litellm: Any, base: Any) -> None:
    """`litellm.ocr` went live in a replay."""
    told = r"test_a asked .*(mistral|llm.example.com).*through LiteLLM's client in Rust"
    with pytest.raises(ModelCallFailed, match=told):
        litellm.ocr(**OCR, api_base=base)
    with pytest.raises(ModelCallFailed, match=told):
        asyncio.run(litellm.aocr(**OCR, api_base=base))


def test_a_server_of_the_tests_own_is_asked(litellm: Any) -> None:
    with pytest.raises(litellm.exceptions.APIConnectionError):
        litellm.ocr(**OCR, api_base="http://127.0.0.1:9/v1", timeout=2)


@pytest.mark.parametrize("moved", [False, True])
def test_whatever_calls_rust_is_heard(litellm: Any, moved: bool) -> None:
    """By LiteLLM's own way to it, which a release may move, a call was heard by nobody then."""
    native: Any = import_module("litellm.rust_bridge._native")
    given = {} if moved else {"model": "openai/gpt-4o"}
    call = SimpleNamespace() if moved else SimpleNamespace(resolved=given)
    for name in ("completion", "acompletion", "messages", "embedding", "aresponses"):
        host = "a host of its own" if moved else "openai"
        with pytest.raises(ModelCallFailed, match=f"asked {host} .*{name.removeprefix('a')}"):
            getattr(native, name)(call)


def test_the_websocket_in_rust_is_heard(litellm: Any) -> None:
    native: Any = import_module("litellm.rust_bridge._native")
    with pytest.raises(ModelCallFailed, match=r"asked api.openai.com .*LiteLLM's client in Rust"):
        native.ResponsesWebSocketConnection.connect(url="wss://api.openai.com/v1/responses")


def test_what_python_can_send_too_is_sent_by_it(
    litellm: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With LITELLM_RUST=1 the messages of Anthropic's were asked by Rust, live in a replay."""
    monkeypatch.setenv("LITELLM_RUST", "1")
    rust = import_module("litellm.rust_bridge.configuration")
    catalog = import_module("litellm.rust_bridge.catalog")
    context = catalog.RouteContext(catalog.Route.MESSAGES, provider="anthropic", model="claude")
    assert catalog.decision(context) is rust.Decision.PYTHON
    context = catalog.RouteContext(catalog.Route.OCR, provider="mistral")
    assert catalog.decision(context) is rust.Decision.RUST_REQUIRED
