"""Caches of answers that stand before any HTTP client: each test finds them empty.

What such a cache gives was said in another test, or by another run, whichever model that asked: its
key holds the pin's id, since the candidate's is put in its place on the wire. So a candidate would
be judged by what the pin said, and plain pytest would replay what the candidate said; a recording
would lack what was not asked; and production, where it reads the same cache, would be told what the
candidate said. Within a test a cache answers as ever, from memory, what the test asked before.
"""

from __future__ import annotations

import inspect
import sys
import threading
from collections.abc import Callable
from functools import wraps
from types import ModuleType
from typing import Any
from weakref import WeakKeyDictionary

from pytest_modelpin.intercept import hooks as installation
from pytest_modelpin.intercept.answer_caches import KINDS, MEMOS, Kind, memo_named
from pytest_modelpin.intercept.door import Flow, Pass, Way
from pytest_modelpin.intercept.handing_over import is_under
from pytest_modelpin.intercept.hooks import AfterImport, Hooks
from pytest_modelpin.recordings.capture import OpenCapture
from pytest_modelpin.recordings.exchange import RawHeaders

_GPTCACHE = "gptcache.adapter.adapter"
_REQUESTS_CACHE = "requests_cache.session"
_AIOHTTP_CACHE = "aiohttp_client_cache.session"


def patch(module: ModuleType, hooks: Hooks) -> None:
    """Have a library's caches begin empty with each test.

    A release may keep them elsewhere: then they are as any that is not known, and the library is
    imported all the same.
    """
    if module.__name__ == _GPTCACHE:
        for name in ("adapt", "aadapt"):
            if hasattr(module, name):
                hooks.patch(module, name, _without_gptcache)
    elif module.__name__ == _REQUESTS_CACHE:
        if hasattr(module, "CacheMixin"):
            hooks.patch(module.CacheMixin, "send", _sending(module))
    elif module.__name__ == _AIOHTTP_CACHE:
        if hasattr(module, "CacheMixin"):
            hooks.patch(module.CacheMixin, "_request", _requesting(module))
    elif module.__name__ in MEMOS:
        name, reads, writes = MEMOS[module.__name__]
        if (base := getattr(module, name, None)) is not None:
            hooks.patch(base, reads, _reading)
            hooks.patch(base, writes, _writing)
    else:
        kind = KINDS[module.__name__]
        if (base := getattr(module, kind.name, None)) is not None:
            _patch_classes(base, _StandIns(module, kind), hooks)


def in_child(address: str) -> AfterImport:
    """Have them begin empty in a Python that a test started, too, of which `address` knows.

    Gives what acts on those that are imported from now on.
    """
    installation.installed = Hooks(_Child(address), only="answer_cache_hook")
    return installation.installed.install()


class _Child:
    """Stands for the running test in such a Python, which has no other hook."""

    sends = True

    def __init__(self, address: str) -> None:
        self._address = address

    def flow(self, door: Way) -> Flow:
        yield from ()
        return Pass()

    def may_concern(self, method: str, url: str, headers: RawHeaders) -> bool:
        if is_under(self._address, url):
            return True
        from pytest_modelpin.intercept.recognising import Recogniser
        from pytest_modelpin.registry.selection import Selection

        return Recogniser(Selection({})).may_concern(method, url, headers)


class _StandIns:
    """The caches of one kind that tests find instead of those that their code has made."""

    def __init__(self, module: ModuleType, kind: Kind) -> None:
        self.kind = kind
        self._module = module

    def hooked(self, original: Callable[..., Any]) -> Any:
        """A method, as it is called on the stand-in."""
        name = original.__name__
        if inspect.iscoroutinefunction(original):

            @wraps(original)
            async def asking(cache: Any, *places: Any, **named: Any) -> Any:
                return await self._call(original, name, cache, places, named)

            return asking

        @wraps(original)
        def ask(cache: Any, *places: Any, **named: Any) -> Any:
            return self._call(original, name, cache, places, named)

        return ask

    def making(self, original: Callable[..., Any]) -> Any:
        """What makes a cache: one that the test makes for itself alone needs no stand-in, nor does
        the next one in its folder.
        """

        @wraps(original)
        def made(cache: Any, *places: Any, **named: Any) -> None:
            original(cache, *places, **named)
            whose = _who_asks()
            if not isinstance(whose, OpenCapture):
                return
            folder = str(self.kind.folder(cache) or "")
            with _lock:
                own = _made.setdefault(whose, {})
                if (folder and folder in own) or self.kind.own(cache):
                    own[id(cache)] = own[folder or id(cache)] = cache, cache

        return made

    def _call(
        self, original: Callable[..., Any], name: str, cache: Any, places: Any, named: Any
    ) -> Any:
        stand_in = self._of(cache)
        if stand_in is cache:
            return original(cache, *places, **named)
        named.pop(self.kind.without, None)
        return getattr(stand_in, name)(*places, **named)

    def _of(self, cache: Any) -> Any:
        """The running test's own; the cache itself where that is one, or no hooks are in."""
        if (whose := _who_asks()) is None:
            return cache
        with _lock:
            own = _made.setdefault(whose, {})
            if (found := own.get(id(cache))) is not None:
                return found[1]
            stand_in = self.kind.empty(self._module, cache)
            if stand_in is not cache:
                # With the cache itself, whose id would else be another's once it is gone.
                own[id(cache)] = cache, stand_in
                own[id(stand_in)] = stand_in, stand_in
            return stand_in


_lock = threading.RLock()
_made: WeakKeyDictionary[Any, dict[int | str, tuple[Any, Any]]] = WeakKeyDictionary()
"""By who asks and the cache's id, or the folder of one that is the test's own: the cache, and what
stands in for it.
"""


def _who_asks() -> Any:
    """What the running test hears into; outside of any, and in a child, all that asks there."""
    if (ours := installation.installed) is None:
        return None
    running = getattr(ours.interceptor, "running", lambda: None)
    return running() or ours.interceptor


def _patch_classes(base: Any, stand_ins: _StandIns, hooks: Hooks) -> None:
    """Patch each class that has a method of its own, also one that is defined later."""

    def patch_one(owner: Any) -> None:
        for name in stand_ins.kind.methods:
            if name in vars(owner):
                hooks.patch(owner, name, stand_ins.hooked)
        for name in ("__init__", "__post_init__"):  # a dataclass gets the first once it is there
            if name in vars(owner):
                hooks.patch(owner, name, stand_ins.making)

    hooks.patch_classes(base, patch_one)


def _without_gptcache(original: Callable[..., Any]) -> Any:
    """Both of GPTCache's ways to a model. What it keeps is found by likeness, so that there is
    no empty one to be made without what it compares by: it keeps and finds nothing.
    """

    def off(named: dict[str, Any]) -> dict[str, Any]:
        if installation.installed is None:
            return named
        default = sys.modules[_GPTCACHE].cache
        return {**named, "cache_obj": _Off(named.get("cache_obj", default))}

    if inspect.iscoroutinefunction(original):

        @wraps(original)
        async def asking(*places: Any, **named: Any) -> Any:
            return await original(*places, **off(named))

        return asking

    @wraps(original)
    def ask(*places: Any, **named: Any) -> Any:
        return original(*places, **off(named))

    return ask


class _Off:
    """One of GPTCache's, switched off, and all behind it."""

    next_cache = None

    def __init__(self, cache: Any) -> None:
        self._cache = cache

    def cache_enable_func(self, *_places: Any, **_named: Any) -> bool:
        """Whether to look there at all."""
        return False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cache, name)


_OF_A_CACHED_SESSION = ("expire_after", "only_if_cached", "refresh", "force_refresh")
"""Options of requests-cache's `send` that its base knows nothing of."""


def _sending(module: ModuleType) -> Callable[[Callable[..., Any]], Any]:
    """requests-cache keeps whatever is asked by HTTP: only a model's answers pass it by."""

    def hook(original: Callable[..., Any]) -> Any:
        @wraps(original)
        def send(session: Any, request: Any, *places: Any, **named: Any) -> Any:
            if not _may_concern(request.method, request.url, request.headers):
                return original(session, request, *places, **named)
            for option in _OF_A_CACHED_SESSION:
                named.pop(option, None)
            reply = super(module.CacheMixin, session).send(request, **named)
            reply.from_cache = False
            return reply

        return send

    return hook


def _requesting(module: ModuleType) -> Callable[[Callable[..., Any]], Any]:
    """aiohttp-client-cache, as requests-cache."""

    def hook(original: Callable[..., Any]) -> Any:
        @wraps(original)
        async def request(session: Any, method: str, url: Any, *places: Any, **named: Any) -> Any:
            headers = {**session.headers, **dict(named.get("headers") or ())}
            if not _may_concern(method, str(getattr(session, "_build_url", str)(url)), headers):
                return await original(session, method, url, *places, **named)
            for option in _OF_A_CACHED_SESSION:
                named.pop(option, None)
            sends = super(module.CacheMixin, session)._request
            return module.set_response_defaults(await sends(method, url, **named))

        return request

    return hook


def _may_concern(method: str, url: str, headers: Any) -> bool:
    ours = installation.installed
    if ours is None:
        return False
    raw = [(_bytes(name), _bytes(value)) for name, value in headers.items()]
    return ours.interceptor.may_concern(method, url, raw)


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("latin-1", "replace")


_written: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()
"""By the test that runs: what it has put where any function's results are kept."""


def _asks_live() -> OpenCapture | None:
    running = _who_asks()
    is_live = installation.installed is not None and installation.installed.interceptor.sends
    return running if isinstance(running, OpenCapture) and is_live else None


def _place(cache: Any, key: Any) -> str:
    return f"{getattr(cache, 'location', '') or getattr(cache, 'directory', '')} {key!r}"


def _writing(original: Callable[..., Any]) -> Any:
    @wraps(original)
    def write(cache: Any, key: Any, *places: Any, **named: Any) -> Any:
        if (running := _asks_live()) is not None:
            _written.setdefault(running, set()).add(_place(cache, key))
        return original(cache, key, *places, **named)

    return write


def _reading(original: Callable[..., Any]) -> Any:
    """Such a cache can't begin empty: it may keep what takes hours and no model said."""

    @wraps(original)
    def read(cache: Any, key: Any, *places: Any, **named: Any) -> Any:
        running = _asks_live()
        is_there = running is not None and (not hasattr(cache, "__contains__") or key in cache)
        found = original(cache, key, *places, **named)
        if running and is_there and _place(cache, key) not in _written.get(running, ()):
            running.kept[memo_named(cache, key)] = None
        return found

    return read
