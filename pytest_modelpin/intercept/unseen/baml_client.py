"""What BAML asks, which sends by a client in Rust within the tests' own process.

It answers nothing, and tells the network monitor of each call before it is made: BAML itself is
asked for the request. Of several clients (fallback, round robin) BAML tells the first alone. Where
that one is a server of the tests' own, which may fail, the others are asked for by their names,
which stand in the sources that a runtime is made of.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial, wraps
from inspect import signature
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pytest_modelpin.intercept.driving import installed_monitor
from pytest_modelpin.intercept.hooks import Hooks
from pytest_modelpin.intercept.unseen.alarm import Alarm
from pytest_modelpin.intercept.unseen.events import named, said
from pytest_modelpin.providers.model_hosts import is_here

if TYPE_CHECKING:
    from pytest_modelpin.intercept.unseen.monitor import NetworkMonitor

_CALLS = (
    "call_function", "call_function_sync", "stream_function", "stream_function_sync",
)  # fmt: skip
"""What of BAML's runtime asks a model; all that it generates for a project ends in one of them."""
_PARAMETERS = ("function_name", "args", "ctx", "tb", "cb", "cr", "env_vars")
_SEVERAL = re.compile(r"\bclient\b(?:<llm>)?\s+(\w+)\s*\{[^}]*?\bstrategy\s*\[([^\]]*)\]")
_FUNCTION = re.compile(r"\bfunction\s+(\w+)\s*\([^{]*\{[^}]*?\bclient\s+\"?([^\s\"]+)")
_UNKNOWN = Alarm("a host that BAML could not tell", "BAML")


class _Sources:
    """What the sources say of clients."""

    def __init__(self) -> None:
        self._several: dict[str, list[str]] = {}
        self._of_function: dict[str, str] = {}

    def learn(self, text: str) -> None:
        """Read one of the files."""
        for name, others in _SEVERAL.findall(text):
            self._several[name] = re.findall(r"[^\s,\"]+", others)
        self._of_function.update(_FUNCTION.findall(text))

    def learn_client(self, name: str, others: Any) -> None:
        """Of a client that the code itself makes, which no other registry knows."""
        self._several[name] = [str(each) for each in others]

    def asked_by(self, function: str, *, otherwise: bool) -> list[str]:
        """The clients that a function may ask: of several, each; where it may ask otherwise than
        its source says, whichever is one of several.
        """
        first = [*self._several] if otherwise else [self._of_function.get(function, "")]
        found: dict[str, None] = {}
        left = [each for name in first for each in self._several.get(name, ())]
        while left:
            name = left.pop(0)
            if name not in found:
                found[name] = None
                left += self._several.get(name, ())
        return [name for name in found if name not in self._several]


def patch(module: ModuleType, hooks: Hooks) -> None:
    """Stand in what asks by BAML, and in what reads its sources."""
    runtime, sources = getattr(module, "BamlRuntime", None), _Sources()
    for name in _CALLS:
        if hasattr(runtime, name):
            hooks.patch(runtime, name, partial(_asking, module, sources))
    for name in ("from_files", "from_directory"):
        if hasattr(runtime, name):
            hooks.patch(runtime, name, partial(_reading, sources))
    if hasattr(module, "ClientRegistry"):
        hooks.patch(module.ClientRegistry, "add_llm_client", partial(_adding, sources))


def _reading(sources: _Sources, original: Callable[..., Any]) -> Callable[..., Any]:
    def read(*arguments: Any, **options: Any) -> Any:
        made = original(*arguments, **options)
        for each in (*arguments, *options.values()):
            if isinstance(each, dict):
                for text in each.values():
                    sources.learn(str(text))
            elif isinstance(each, str) and Path(each).is_dir():
                for path in Path(each).rglob("*.baml"):
                    sources.learn(path.read_text(errors="replace"))
        return made

    return read


def _adding(sources: _Sources, original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def add(registry: Any, name: str, *arguments: Any, **named: Any) -> Any:
        for each in (*arguments, *named.values()):
            if isinstance(each, dict) and isinstance(each.get("strategy"), list | tuple):
                sources.learn_client(name, each["strategy"])
        return original(registry, name, *arguments, **named)

    return add


def _asking(module: Any, sources: _Sources, original: Callable[..., Any]) -> Callable[..., Any]:
    # What BAML raises of arguments that are the caller's mistake.
    wrong = getattr(module, "BamlInvalidArgumentError", ())

    @wraps(original)
    def asked(self: Any, *arguments: Any, **options: Any) -> Any:
        if (monitor := installed_monitor()) is not None:
            try:
                # None of arguments that the call does not take: it will say so.
                call = dict(signature(original).bind(self, *arguments, **options).arguments)
            except TypeError:
                call = {}
            if call:
                stream = original.__name__.startswith("stream")
                _ask(monitor, partial(_request, self, call, stream), wrong)
                for request in _others(module, sources, self, call, stream):
                    if not monitor.so_far():
                        _ask(monitor, request, wrong)
        return original(self, *arguments, **options)

    return asked


def _others(
    module: Any, sources: _Sources, runtime: Any, call: dict[str, Any], stream: bool
) -> Iterator[Callable[[], tuple[str, str, bytes]]]:
    """What tells of the requests that follow where the first fails, or the next time."""
    otherwise = call.get("cb") is not None  # the registry of clients
    for name in sources.asked_by(str(call.get("function_name")), otherwise=otherwise):
        ours = module.ClientRegistry()
        ours.set_primary(name)
        yield partial(_request, runtime, {**call, "cb": ours}, stream)


def _request(runtime: Any, call: dict[str, Any], stream: bool) -> tuple[str, str, bytes]:
    """Method, URL and body of what BAML is about to send, by its own word. Raises what it does."""
    built = runtime.build_request_sync(
        *(call[name] for name in _PARAMETERS if name in call), stream
    )
    return built.method, built.url, bytes(built.body.raw())


def _ask(
    monitor: NetworkMonitor,
    request: Callable[[], tuple[str, str, bytes]],
    wrong: type[Exception] | tuple[()],
) -> None:
    """Raises what refuses it."""
    try:
        method, url, body = request()
    except wrong:
        return  # the call will say so
    except Exception:
        # Unknown function, missing key, or a release with other arguments: of these the last
        # would send it, and a fallback's next client might.
        monitor.raise_alarm(_UNKNOWN)
        return
    parts = urlsplit(url)
    host = parts.hostname or ""
    if monitor.asked_model(method, url, body) and not is_here(host):
        monitor.raise_alarm(Alarm(named(host, parts.port), "BAML", said(method, parts.path)))
    else:
        monitor.request(method, url, client="BAML")
