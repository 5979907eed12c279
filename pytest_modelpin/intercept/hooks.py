"""The hooks of client libraries: which there are, and putting them in and taking them out.

A library is patched when somebody else imports it, and its hook is loaded only then: most test
suites need one of them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import FrameType, ModuleType
from typing import Any, Protocol

from pytest_modelpin.intercept.door import Flow, Way
from pytest_modelpin.recordings.exchange import RawHeaders

_HOOKS = {
    "httpx._transports.default": "httpx_hook",
    "httpx2._transports.default": "httpx_hook",
    "urllib3.connectionpool": "urllib3_hook",
    "aiohttp.connector": "aiohttp_hook",
    "azure.identity": "azure_identity_hook",
    "azure.identity.aio": "azure_identity_hook",
    "botocore.auth": "botocore_hook",
    "botocore.session": "botocore_hook",
    "botocore.signers": "botocore_hook",
    "google.auth": "google_auth_hook",
    "google.auth.transport.requests": "google_auth_hook",
    "httpx._transports.base": "unseen.caching_transports",
    "httpx2._transports.base": "unseen.caching_transports",
    "requests.adapters": "unseen.caching_transports",
    "vcr.cassette": "unseen.monitor_hooks",
    # Where processes are started, or calls are made that no event tells of
    "multiprocessing.process": "unseen.child_processes",
    "os": "unseen.child_processes",
    "subprocess": "unseen.child_processes",
    "grpc": "unseen.monitor_hooks",
    "ssl": "unseen.monitor_hooks",
    "uvloop": "unseen.monitor_hooks",
    "awscrt.aio.http": "unseen.native_clients",
    "awscrt.http": "unseen.native_clients",
    "baml_py.baml_py": "unseen.baml_client",
    "curl_cffi.curl": "unseen.native_clients",
    "hrequests.client": "unseen.native_clients",
    "httpr": "unseen.native_clients",
    "impit": "unseen.native_clients",
    "litellm.rust_bridge._native": "unseen.native_clients",
    "litellm.rust_bridge.configuration": "unseen.native_clients",
    "primp": "unseen.native_clients",
    "pycurl": "unseen.native_clients",
    "pyqwest": "unseen.native_clients",
    "pyreqwest.client": "unseen.native_clients",
    "pyreqwest.simple.request": "unseen.native_clients",
    "pyreqwest.simple.sync_request": "unseen.native_clients",
    "rnet": "unseen.native_clients",
    "tls_client.sessions": "unseen.native_clients",
    "wreq": "unseen.native_clients",
    # Caches that answer before any client is asked
    "agno.models.base": "answer_cache_hook",
    "aiohttp_client_cache.session": "answer_cache_hook",
    "autogen_ext.models.cache._chat_completion_cache": "answer_cache_hook",
    "diskcache.core": "answer_cache_hook",
    "dspy.clients.cache": "answer_cache_hook",
    "gptcache.adapter.adapter": "answer_cache_hook",
    "instructor.cache": "answer_cache_hook",
    "joblib._store_backends": "answer_cache_hook",
    "langchain.embeddings.cache": "answer_cache_hook",
    "langchain_classic.embeddings.cache": "answer_cache_hook",
    "langchain_core.caches": "answer_cache_hook",
    "langgraph.cache.base": "answer_cache_hook",
    "litellm.caching.caching": "answer_cache_hook",
    "llama_index.core.base.embeddings.base": "answer_cache_hook",
    "llama_index.core.ingestion.cache": "answer_cache_hook",
    "ragas.cache": "answer_cache_hook",
    "redisvl.extensions.cache.llm.base": "answer_cache_hook",
    "requests_cache.session": "answer_cache_hook",
    "streamlit.runtime.caching.storage.local_disk_cache_storage": "answer_cache_hook",
}
"""The module that is patched, by whose name a hook knows its library, and the hook: each has
`patch(module, hooks)`."""


NEVER_ASK = frozenset({"HEAD", "OPTIONS", "TRACE"})
"""Methods by which no model is asked: such a request passes without a door."""


class Decides(Protocol):
    """What the hooks ask about each request: the interceptor, or in a child its stand-in."""

    @property
    def sends(self) -> bool:
        """Whether any request may be sent."""

    def flow(self, door: Way) -> Flow:
        """What is to be done about one request."""

    def may_concern(self, method: str, url: str, headers: RawHeaders) -> bool:
        """Whether a model may be asked by such a request."""


installed: Hooks | None = None
"""Those that are in; None where there are none."""


def install(interceptor: Decides) -> None:
    """From now on every request of the libraries that have a hook goes through `interceptor`.

    One decides at a time. Where another does already, whose session this one runs in (a test may
    run tests), that one's turn comes again once this one is taken out.
    """
    global installed
    if installed is not None and installed.only:  # a child's that runs tests itself
        uninstall()
    if installed is None:
        installed = Hooks(interceptor)
        installed.install()
    else:
        installed.outer.append(installed.interceptor)
        installed.interceptor = interceptor


def uninstall(interceptor: Decides | None = None) -> None:
    """Take out this one, and without any left, or without a name, put everything back.

    What others patched on top of us stays, and passes through us.
    """
    global installed
    if installed is None or (interceptor is not None and installed.leave(interceptor)):
        return
    installed.uninstall()
    installed = None


STAND_IN = "modelpin-replay"
"""Credentials of a replay where they would have to be looked for; its requests leave no process."""


def only_replays() -> bool:
    """Whether the hooks are in, and nothing may be sent."""
    return installed is not None and not installed.interceptor.sends


def modules_above(frame: FrameType | None, most: int) -> list[str]:
    """The modules of up to so many frames, this one and its callers, each with a dot behind it."""
    names: list[str] = []
    while frame is not None and len(names) < most:
        names.append(f"{frame.f_globals.get('__name__', '')}.")
        frame = frame.f_back
    return names


def stands_in_for(clients: tuple[str, ...], frame: FrameType | None, most: int) -> bool:
    """Whether a model's client asks for a login, so many frames below at most, to be replayed.

    `clients` are how the modules' names begin.
    """
    above = modules_above(frame, most) if only_replays() else ()
    return any(name.startswith(clients) for name in above)


class Hooks:
    """What is patched, and how it was before."""

    def __init__(self, interceptor: Decides, only: str = "") -> None:
        self.interceptor = interceptor
        self.only = only
        """The one hook that is put in; empty for all of them."""
        self.outer: list[Decides] = []
        """Those of the sessions that this one runs in, the outermost first."""
        self.originals: dict[Any, Callable[..., Any]] = {}
        """By class: how it sends without us and without what others put on top of us."""
        self._undo: list[Callable[[], None]] = []
        self._at_leaving: list[tuple[Decides, Callable[[], None]]] = []

    def install(self) -> AfterImport:
        """Patch what is imported already, and the rest once it is."""
        when_imported: dict[str, Callable[[ModuleType], None]] = {
            name: partial(self._load, hook)
            for name, hook in _HOOKS.items()
            if self.only in ("", hook)
        }
        finder = AfterImport(when_imported)
        sys.meta_path.insert(0, finder)
        self._undo.append(lambda: sys.meta_path.remove(finder))
        for name, act in when_imported.items():
            if (module := sys.modules.get(name)) is not None:
                act(module)
        return finder

    def uninstall(self) -> None:
        """Put everything back."""
        while self._at_leaving:
            self._at_leaving.pop()[1]()
        while self._undo:
            self._undo.pop()()

    def leave(self, interceptor: Decides) -> bool:
        """Take out one of several; False where it is the only one."""
        if interceptor is self.interceptor and not self.outer:
            return False
        for leaving in [each for each in self._at_leaving if each[0] is interceptor]:
            self._at_leaving.remove(leaving)
            leaving[1]()
        if interceptor is self.interceptor:
            self.interceptor = self.outer.pop()
        else:
            self.outer = [each for each in self.outer if each is not interceptor]
        return True

    def patch(self, owner: Any, name: str, hook: Callable[[Any], Any]) -> None:
        """Put what `hook` makes of a class's method, or a module's function, in its place."""
        original = getattr(owner, name)
        # One of an earlier session, left under another's patch, is still ours.
        if (before := getattr(original, "_modelpin_stands_before", None)) is not None:
            self.originals[owner] = before
            return
        self.originals[owner] = original
        ours = hook(original)
        ours._modelpin_stands_before = original
        setattr(owner, name, ours)

        def restore() -> None:
            if getattr(owner, name) is ours:
                setattr(owner, name, original)

        self._undo.append(restore)

    def patch_classes(self, base: Any, patch_one: Callable[[Any], None]) -> None:
        """Patch a class and all that are derived from it, also those that are defined later."""

        def patch_all(owner: Any) -> None:
            patch_one(owner)
            for each in owner.__subclasses__():
                patch_all(each)

        patch_all(base)
        own, before = vars(base).get("__init_subclass__"), base.__init_subclass__

        def defined(cls: Any, /, **named: Any) -> None:
            getattr(before, "__func__", lambda _, **named: before(**named))(cls, **named)
            if installed is self:
                patch_one(cls)

        base.__init_subclass__ = classmethod(defined)

        def restore() -> None:
            if own is None:
                del base.__init_subclass__
            else:
                base.__init_subclass__ = own

        self.when_undone(restore)

    def when_undone(self, act: Callable[[], None]) -> None:
        """Have this done, too, when everything is put back."""
        self._undo.append(act)

    def when_left(self, interceptor: Decides, act: Callable[[], None]) -> None:
        """Have this done when that interceptor is taken out."""
        self._at_leaving.append((interceptor, act))

    def _load(self, hook: str, module: ModuleType) -> None:
        import_module(f"pytest_modelpin.intercept.{hook}").patch(module, self)


class AfterImport(MetaPathFinder):
    """Acts on modules right after they are imported for the first time."""

    def __init__(self, actions: dict[str, Callable[[ModuleType], None]]) -> None:
        self._actions = actions

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The module's own spec, with a loader that acts; None for all others."""
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
