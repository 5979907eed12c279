"""Clients whose sockets Python does not see are heard by the address that they are called with."""

from __future__ import annotations

from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from pytest_modelpin.intercept.hooks import Hooks
from pytest_modelpin.intercept.model_call_failed import ModelCallFailed
from pytest_modelpin.intercept.unseen.monitor import NetworkMonitor
from pytest_modelpin.intercept.unseen.native_clients import patch
from pytest_modelpin.providers.model_hosts import ModelHosts

CHAT = "https://api.openai.com/v1/chat/completions"


class Client:
    """Stands for that of primp, wreq, rnet, impit, httpr and pyqwest; it says what it was given."""

    def __init__(self, base_url: str | None = None) -> None:
        self.base_url = base_url

    def request(self, method: str, url: str, **options: Any) -> Any:
        return method, url

    def post(self, url: str, **options: Any) -> Any:
        return url

    def websocket(self, url: str) -> Any:
        return url


class HTTPTransport:
    """Stands for pyqwest's."""

    def execute(self, request: Any) -> Any:
        return request.url


@pytest.fixture
def library():
    hooks: Any = Hooks(SimpleNamespace(sends=False))  # type: ignore[arg-type]
    module: Any = ModuleType("primp")
    module.Client, module.HTTPTransport = Client, HTTPTransport
    module.post = lambda url, **options: url
    patch(module, hooks)
    monitor = NetworkMonitor(ModelHosts({}), live=False)
    monitor.install()
    monitor.begin("test_a")
    try:
        yield module
    finally:
        monitor.end()
        monitor.uninstall()
        hooks.uninstall()
    assert Client().post(CHAT) == CHAT


def calls(library: Any, url: str) -> list[Any]:
    """Each way to ask for an address, to be called."""
    client, request = library.Client(), SimpleNamespace(method="POST", url=url)
    return [
        lambda: client.post(url, json={}),
        lambda: client.post(url=url),
        lambda: client.request("POST", url),
        lambda: client.request(method="POST", url=url),
        lambda: client.request("POST", url=url),
        lambda: client.websocket(url),
        lambda: library.post(url, json={}),
        lambda: library.HTTPTransport().execute(request),
        lambda: library.HTTPTransport().execute(request=request),
    ]


def test_a_models_address_is_refused_however_it_is_given(library: Any) -> None:
    for call in calls(library, CHAT):
        with pytest.raises(ModelCallFailed, match=r"test_a asked api\.openai\.com .*through primp"):
            call()


@pytest.mark.parametrize("path", ["chat/completions", "/v1/chat/completions", CHAT])
def test_an_address_is_taken_from_the_base_of_its_client(library: Any, path: str) -> None:
    client = library.Client(base_url="https://api.openai.com/v1/")
    with pytest.raises(ModelCallFailed, match="/v1/chat/completions"):
        client.post(path)


@pytest.mark.parametrize("url", ["https://example.com/", "http://127.0.0.1:9/", "http://[", ""])
def test_other_addresses_are_asked(library: Any, url: str) -> None:
    for call in calls(library, url):
        assert url in call()


def test_a_wrong_call_is_the_clients_to_refuse(library: Any) -> None:
    with pytest.raises(TypeError):
        library.Client().post()
    with pytest.raises(TypeError):
        library.Client().request()
    with pytest.raises(TypeError):
        library.HTTPTransport().execute()


@pytest.mark.parametrize(
    "name",
    ["awscrt.http", "baml_py.baml_py", "litellm.rust_bridge.configuration",
     "litellm.rust_bridge._native", "primp"],
)  # fmt: skip
def test_a_library_that_has_moved_what_is_hooked_is_imported_all_the_same(name: str) -> None:
    hooks: Any = Hooks(SimpleNamespace(sends=False))  # type: ignore[arg-type]
    module = ModuleType(name)
    before = dict(vars(module))
    patch(module, hooks)
    assert vars(module) == before
    hooks.uninstall()
