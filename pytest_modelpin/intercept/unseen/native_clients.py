"""Hooks on HTTP clients in C, Rust or Go, of whose sockets no audit event of Python's tells.

They answer nothing, and tell the network monitor of each request before it is sent: the address
stands among the arguments (primp, wreq, rnet, impit, httpr, pyqwest, tls_client, hrequests), in
the request (pyreqwest, awscrt) or an option (libcurl by pycurl and curl_cffi). LiteLLM's own in
Rust is used only for what its Python one can't ask.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial, wraps
from importlib import import_module
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from pytest_modelpin.intercept.driving import installed_monitor
from pytest_modelpin.intercept.hooks import Hooks
from pytest_modelpin.intercept.unseen.alarm import Alarm
from pytest_modelpin.intercept.unseen.events import named
from pytest_modelpin.providers.model_hosts import is_here

if TYPE_CHECKING:
    from pytest_modelpin.intercept.unseen.monitor import NetworkMonitor


def patch(module: ModuleType, hooks: Hooks) -> None:
    """Stand in what sends requests there."""
    name = module.__name__
    if name in ("pycurl", "curl_cffi.curl"):
        _patch_libcurl(module, hooks)
    elif name == "pyreqwest.client":
        _patch_pyreqwest(module, hooks)
    elif name in ("awscrt.http", "awscrt.aio.http"):
        _patch_awscrt(module, hooks)
    elif name.startswith("litellm."):
        _patch_litellm(module, hooks)
    else:
        _patch_by_arguments(module, hooks)


_CLIENTS = (
    "Client", "AsyncClient", "BlockingClient", "SyncClient", "RClient", "Session", "TLSClient",
)  # fmt: skip
_TRANSPORTS = {"HTTPTransport": "execute", "SyncHTTPTransport": "execute_sync"}
"""pyqwest's, each with the method that is given a request: a client of httpx may send by them."""
_VERBS = ("get", "post", "put", "patch", "delete")
"""Called with the address first."""
_GENERAL = ("request", "stream", "execute", "execute_request")
"""Called with the method and the address."""


def _patch_by_arguments(module: ModuleType, hooks: Hooks) -> None:
    """Stand in each function and method that is called with an address, or a request."""
    client = module.__name__.partition(".")[0]
    # wreq's lies in no file of its own: it is there once the package is.
    blocking = getattr(module, "blocking", None)
    owners = [
        owner
        for part in (module, blocking)
        for owner in (part, *(getattr(part, name, None) for name in _CLIENTS))
        if owner is not None
    ]
    for owner in dict.fromkeys(owners):
        for verb in (*_VERBS, *_GENERAL, "websocket"):
            for name in (verb, f"{client}_{verb}"):
                if callable(getattr(owner, name, None)):
                    of_class = isinstance(owner, type)
                    hooks.patch(owner, name, partial(_called, client, verb, of_class))
    for name, method in _TRANSPORTS.items():
        if hasattr(module, name):
            hooks.patch(getattr(module, name), method, partial(_sending, client, 1))


def _called(
    client: str, name: str, is_method: bool, original: Callable[..., Any]
) -> Callable[..., Any]:
    @wraps(original)
    def asked(*arguments: Any, **options: Any) -> Any:
        given = iter(arguments[is_method:])
        method = options.get("method") or next(given, "") if name in _GENERAL else name
        base = getattr(arguments[0], "base_url", None) if is_method and arguments else None
        _asks(client, method, options.get("url") or next(given, ""), base)
        return original(*arguments, **options)

    return asked


def _asks(client: str, method: object, url: object, base: object = None) -> None:
    """Raises what refuses it."""
    if (monitor := installed_monitor()) is None:
        return
    address = urljoin(str(base), str(url)) if base else str(url)
    with suppress(ValueError):  # no address: the client will say so
        monitor.request(str(method).rpartition(".")[2].upper(), address, client=client)


def _patch_pyreqwest(module: ModuleType, hooks: Hooks) -> None:
    """Stand in what sends a request that was built: by a client, in one call, or for httpx."""
    requests = import_module("pyreqwest.request")
    for kind, method in (
        ("ConsumedRequest", "send"), ("SyncConsumedRequest", "send"),
        ("StreamRequest", "__aenter__"), ("SyncStreamRequest", "__enter__"),
    ):  # fmt: skip
        if hasattr(requests, kind):
            hooks.patch(getattr(requests, kind), method, partial(_sending, "pyreqwest", 0))


def _patch_awscrt(module: ModuleType, hooks: Hooks) -> None:
    """Stand in what sends a request by a connection, which may have been open for long."""
    for kind in tuple(vars(module).values()):
        if isinstance(kind, type) and "request" in vars(kind):
            hooks.patch(kind, "request", _by_connection)


def _by_connection(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def sent(connection: Any, request: Any, *arguments: Any, **options: Any) -> Any:
        url = f"https://{connection.host_name}:{connection.port}{request.path}"
        _asks("awscrt", request.method, url)
        return original(connection, request, *arguments, **options)

    return sent


def _sending(client: str, place: int, original: Callable[..., Any]) -> Callable[..., Any]:
    """`place` is the request's among the arguments, of which it is the first that is named."""

    @wraps(original)
    def sent(*arguments: Any, **options: Any) -> Any:
        request = arguments[place] if len(arguments) > place else options.get("request")
        if request is not None:
            _asks(client, request.method, request.url)
        return original(*arguments, **options)

    return sent


_CURLOPT_URL = 10002
"""The option that holds each request's address; no release of libcurl can change its number."""


def _patch_libcurl(module: ModuleType, hooks: Hooks) -> None:
    """Stand in what sets an option: of pycurl by a class of ours, since its own takes no patch."""
    if module.__name__ == "pycurl":
        hooks.patch(module, "Curl", _curl_class)
    else:
        hooks.patch(module.Curl, "setopt", _setting("curl_cffi"))


def _curl_class(original: type) -> type:
    own = {
        name: _setting("pycurl")(getattr(original, name))
        for name in ("setopt", "setopt_string")
        if hasattr(original, name)
    }
    about = {"__module__": original.__module__, "__doc__": original.__doc__}
    return type(original.__name__, (original,), about | own)


def _setting(client: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def listened(original: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(original)
        def setopt(self: Any, option: Any, value: Any) -> Any:
            if option == _CURLOPT_URL:
                _asks_by_curl(value, client)
            return original(self, option, value)

        return setopt

    return listened


def _asks_by_curl(url: Any, client: str) -> None:
    """Raises what refuses it."""
    monitor = installed_monitor()
    if isinstance(url, bytes | bytearray):
        url = bytes(url).decode("utf-8", "replace")
    if monitor is None or not isinstance(url, str):
        return
    with suppress(ValueError):  # no address: libcurl will say so
        monitor.request("", url if "://" in url else f"http://{url}", client=client)


def _patch_litellm(module: ModuleType, hooks: Hooks) -> None:
    """Stand in what decides between Python and Rust, and all of Rust's that asks a model.

    These are LiteLLM's internals, which a release may move: importing it must not fail by that.
    """
    if module.__name__.endswith("._native"):
        # Each in two kinds, `ocr` and `aocr`: whatever of LiteLLM's calls them, and what is new.
        pairs = [name for name in vars(module) if callable(vars(module).get(f"a{name}"))]
        for name in pairs:
            for each in (name, f"a{name}"):
                hooks.patch(module, each, partial(_asking_by_rust, name))
        if hasattr(module, _SOCKET):
            hooks.patch(module, _SOCKET, _rusts_socket)
    elif hasattr(module, "decide") and hasattr(module, "Decision"):
        hooks.patch(module, "decide", partial(_in_python, module.Decision))


_RUST = "LiteLLM's client in Rust"
_SOCKET = "ResponsesWebSocketConnection"


def _in_python(decisions: Any, original: Callable[..., Any]) -> Callable[..., Any]:
    """What Rust sends where it may (`LITELLM_RUST`) is sent by Python, and so recorded."""

    @wraps(original)
    def decide(*arguments: Any, **options: Any) -> Any:
        decided = original(*arguments, **options)
        return decisions.PYTHON if decided is decisions.RUST_WITH_FALLBACK else decided

    return decide


def _asking_by_rust(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
    """What Rust alone can send: OCR, Bedrock's transcription."""

    @wraps(original)
    def ask(*arguments: Any, **options: Any) -> Any:
        if (monitor := installed_monitor()) is not None:
            call = next((each for each in arguments if hasattr(each, "resolved")), None)
            _asks_by_rust(monitor, name, getattr(call, "resolved", {}))
        return original(*arguments, **options)

    return ask


def _asks_by_rust(monitor: NetworkMonitor, name: str, given: Mapping[str, Any]) -> None:
    """Raises what refuses it."""
    base = given.get("api_base")
    parts = urlsplit(str(base or ""))
    if is_here(parts.hostname or ""):
        monitor.request("POST", str(base), client=_RUST)
        return
    provider = given.get("custom_llm_provider") or str(given.get("model") or "").partition("/")[0]
    host = named(parts.hostname, parts.port) if parts.hostname else str(provider)
    monitor.raise_alarm(Alarm(host or "a host of its own", _RUST, name))


def _rusts_socket(original: Any) -> Any:
    """Its websocket of OpenAI's responses; its class takes no patch."""

    def connect(*places: Any, **named: Any) -> Any:
        url = str(named.get("url") or next(iter(places), ""))
        _asks(_RUST, "GET", url.replace("ws", "http", 1))
        return original.connect(*places, **named)

    return SimpleNamespace(connect=connect)
