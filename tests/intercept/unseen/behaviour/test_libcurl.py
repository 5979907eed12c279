"""What libcurl asks in the tests' own process is seen, and what it asks of others left alone."""

from __future__ import annotations

from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from pytest_modelpin.intercept.hooks import Hooks
from pytest_modelpin.intercept.model_call_failed import ModelCallFailed
from pytest_modelpin.intercept.unseen.monitor import NetworkMonitor
from pytest_modelpin.intercept.unseen.native_clients import patch
from pytest_modelpin.providers.model_hosts import ModelHosts

GATEWAY = {"OPENAI_BASE_URL": "http://127.0.0.1:4000/v1"}
URL = 10002


def library(name: str) -> Any:
    """Stands for pycurl or curl_cffi, where neither is installed; it says what it was given."""

    class Curl:
        def setopt(self, option: int, value: Any) -> Any:
            return option, value

        def setopt_string(self, option: int, value: Any) -> Any:
            return option, value

    module: Any = ModuleType(name)
    module.Curl = Curl
    return module


@pytest.fixture(params=["pycurl", "curl_cffi.curl"])
def curl(request):
    hooks: Any = Hooks(SimpleNamespace(sends=False))  # type: ignore[arg-type]
    module = library(request.param)
    original = module.Curl
    patch(module, hooks)
    monitor = NetworkMonitor(ModelHosts(GATEWAY), live=False)
    monitor.install()
    monitor.begin("test_a")
    try:
        yield module.Curl()
    finally:
        monitor.end()
        monitor.uninstall()
        hooks.uninstall()
        assert module.Curl is original
        assert original().setopt(URL, "https://api.openai.com/") == (URL, "https://api.openai.com/")


@pytest.mark.parametrize(
    "url",
    [
        "https://api.openai.com/v1/chat/completions",
        b"https://api.anthropic.com/v1/messages",
        "api.openai.com/v1",
        "http://127.0.0.1:4000/v1/models",
    ],
)
def test_a_models_address_is_refused_before_anything_is_sent(curl: Any, url: Any) -> None:
    with pytest.raises(ModelCallFailed, match=r"test_a asked .*/v1.* through (pycurl|curl_cffi)"):
        curl.setopt(URL, url)


@pytest.mark.parametrize(
    "url", ["https://example.com/", "http://127.0.0.1:4001/v1", "http://[", "http://a:b/", None]
)
def test_other_addresses_and_options_are_set(curl: Any, url: Any) -> None:
    assert curl.setopt(URL, url) == (URL, url)
    assert curl.setopt(URL + 2, "https://api.openai.com/") == (URL + 2, "https://api.openai.com/")
