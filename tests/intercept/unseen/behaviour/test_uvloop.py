"""What uvloop connects to by itself is seen, and what hooks and others reach is left alone."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_modelpin.intercept.driving import hooked
from pytest_modelpin.intercept.hooks import Hooks
from pytest_modelpin.intercept.model_call_failed import ModelCallFailed
from pytest_modelpin.intercept.unseen.monitor import NetworkMonitor
from pytest_modelpin.intercept.unseen.monitor_hooks import patch
from pytest_modelpin.providers.model_hosts import ModelHosts

GATEWAY = {"OPENAI_BASE_URL": "http://127.0.0.1:4000/v1"}


@pytest.fixture
def loop():
    """Stands for uvloop's, which is compiled; it says what it was given."""

    class Loop:
        async def create_connection(self, *given: Any, **options: Any) -> Any:
            return given

        async def sock_connect(self, *given: Any) -> Any:
            return given

        async def create_datagram_endpoint(self, *given: Any, **options: Any) -> Any:
            return given

    hooks: Any = Hooks(SimpleNamespace(sends=False))  # type: ignore[arg-type]
    patch(SimpleNamespace(__name__="uvloop", Loop=Loop), hooks)  # type: ignore[arg-type]
    monitor = NetworkMonitor(ModelHosts(GATEWAY), live=False)
    monitor.install()
    monitor.begin("test_a")
    try:
        yield Loop()
    finally:
        monitor.end()
        monitor.uninstall()
        hooks.uninstall()


def ways(loop: Any, host: str, port: int) -> list[Any]:
    return [
        lambda: loop.create_connection(None, host, port),
        lambda: loop.create_connection(None, host=host, port=str(port)),
        lambda: loop.sock_connect(None, (host, port)),
        lambda: loop.create_datagram_endpoint(None, remote_addr=(host, port)),
    ]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "api.openai.com"])
def test_a_models_address_is_refused_by_an_ordinary_exception(loop: Any, host: str) -> None:
    for way in ways(loop, host, 443 if "." in host and host[0] == "a" else 4000):
        with pytest.raises(ModelCallFailed, match="test_a asked"):
            asyncio.run(way())


def test_all_else_is_left_alone(loop: Any) -> None:
    for way in ways(loop, "127.0.0.1", 5432):
        assert asyncio.run(way())
    assert asyncio.run(loop.create_connection(None, sock=object())) == (None, None, None)
    assert asyncio.run(loop.sock_connect(None, "/run/socket"))
    with hooked("127.0.0.1"):
        assert asyncio.run(loop.create_connection(None, "127.0.0.1", 4000))
