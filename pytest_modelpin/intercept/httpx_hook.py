"""Standing between HTTP clients and the network: class patches of httpx and httpx2.

The classes are patched, not their objects, so that clients built before, mounts and proxies are
covered; and neither library is imported for it, since most test suites don't need both.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from functools import partial, wraps
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from pytest_modelpin.intercept.interceptor import Interceptor

_TRANSPORTS = {
    "httpx._transports.default": "httpx",
    "httpx2._transports.default": "httpx2",
}
# LiteLLM's asynchronous client uses aiohttp unless this is set when it is built.
_LITELLM_SWITCH = "DISABLE_AIOHTTP_TRANSPORT"
# google-genai's asynchronous client looks at this module's `has_aiohttp` at every request.
_GENAI_CLIENT = "google.genai._api_client"

_installed: _Hooks | None = None


def install(interceptor: Interceptor) -> None:
    """From now on every request of httpx and httpx2 goes through `interceptor`.

    One interceptor at a time: installing another replaces it.
    """
    global _installed
    uninstall()
    _installed = _Hooks(interceptor)
    _installed.install()


def uninstall() -> None:
    """Put everything back. What others patched on top of us stays, and passes through us."""
    global _installed
    if _installed is not None:
        _installed.uninstall()
        _installed = None


class _Hooks:
    """What is patched, and how it was before."""

    def __init__(self, interceptor: Interceptor) -> None:
        self.interceptor = interceptor
        self._undo: list[Callable[[], None]] = []

    def install(self) -> None:
        when_imported: dict[str, Callable[[ModuleType], None]] = {
            name: partial(self._patch_transports, library) for name, library in _TRANSPORTS.items()
        }
        when_imported[_GENAI_CLIENT] = self._switch_genai_to_httpx
        finder = _AfterImport(when_imported)
        sys.meta_path.insert(0, finder)
        self._undo.append(lambda: sys.meta_path.remove(finder))
        for name, act in when_imported.items():
            if (module := sys.modules.get(name)) is not None:
                act(module)
        self._switch_litellm_to_httpx()

    def uninstall(self) -> None:
        while self._undo:
            self._undo.pop()()

    def _patch_transports(self, library: str, module: ModuleType) -> None:
        self._patch(module.HTTPTransport, "handle_request", partial(_hooked, library))
        self._patch(
            module.AsyncHTTPTransport, "handle_async_request", partial(_hooked_async, library)
        )

    def _patch(self, owner: type, name: str, hook: Callable[[Any], Any]) -> None:
        original = getattr(owner, name)
        if getattr(original, "_passes_modelpin", False):  # left under another's patch, still ours
            return
        ours = hook(original)
        ours._passes_modelpin = True
        setattr(owner, name, ours)

        def restore() -> None:
            if getattr(owner, name) is ours:
                setattr(owner, name, original)

        self._undo.append(restore)

    def _switch_genai_to_httpx(self, module: Any) -> None:
        before = getattr(module, "has_aiohttp", None)
        if before:
            module.has_aiohttp = False
            self._undo.append(lambda: setattr(module, "has_aiohttp", before))

    def _switch_litellm_to_httpx(self) -> None:
        before = os.environ.get(_LITELLM_SWITCH)
        os.environ[_LITELLM_SWITCH] = "True"

        def restore() -> None:
            if before is None:
                os.environ.pop(_LITELLM_SWITCH, None)
            else:
                os.environ[_LITELLM_SWITCH] = before

        self._undo.append(restore)


def _hooked(library: str, original: Callable[[Any, Any], Any]) -> Any:
    @wraps(original)
    def handle_request(transport: Any, request: Any) -> Any:
        hooks = _installed
        if hooks is None:
            return original(transport, request)
        send = partial(original, transport)
        return hooks.interceptor.handle(request, send, sys.modules[library], transport)

    return handle_request


def _hooked_async(library: str, original: Callable[[Any, Any], Any]) -> Any:
    @wraps(original)
    async def handle_async_request(transport: Any, request: Any) -> Any:
        hooks = _installed
        if hooks is None:
            return await original(transport, request)
        send = partial(original, transport)
        return await hooks.interceptor.handle_async(request, send, sys.modules[library], transport)

    return handle_async_request


class _AfterImport(MetaPathFinder):
    """Acts on modules right after they are imported for the first time."""

    def __init__(self, actions: dict[str, Callable[[ModuleType], None]]) -> None:
        self._actions = actions

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        act = self._actions.get(fullname)
        if act is None:
            return None
        for finder in sys.meta_path:
            if finder is self:
                continue
            spec = finder.find_spec(fullname, path, target)
            if spec is not None and spec.loader is not None:
                spec.loader = _ActingLoader(spec.loader, act)
                return spec
        return None


class _ActingLoader(Loader):
    """The module's own loader, with something to do after it."""

    def __init__(self, loader: Loader, act: Callable[[ModuleType], None]) -> None:
        self._loader = loader
        self._act = act

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        # Whoever asks the module for its loader (inspect, importlib.resources) gets its own.
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        self._act(module)
