"""Caches of answers that stand before any HTTP client: each test finds them empty."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType, ModuleType, SimpleNamespace
from typing import Any, ClassVar

import pytest

from pytest_modelpin.intercept import hooks
from pytest_modelpin.intercept.answer_caches import KINDS, MEMOS
from pytest_modelpin.intercept.interceptor import Interceptor
from pytest_modelpin.recordings.owner import Owner
from pytest_modelpin.recordings.store import Recordings
from pytest_modelpin.registry.selection import Selected, Selection


@pytest.fixture
def interceptor(tmp_path: Path) -> Iterator[Interceptor]:
    made = Interceptor(Selection({}), recordings=Recordings(root=tmp_path))
    yield made
    hooks.uninstall(made)


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Puts a module in the place of one of a library."""

    def put(name: str, **contents: Any) -> ModuleType:
        module = ModuleType(name)
        vars(module).update(contents)
        monkeypatch.setitem(sys.modules, name, module)
        return module

    return put


class Test:
    """The running test, from `with` to the end of the block."""

    __test__ = False

    def __init__(self, interceptor: Interceptor, folder: Path) -> None:
        self._interceptor = interceptor
        self._owner = Owner(folder, "test_a", "test_a")

    def __enter__(self) -> None:
        self._interceptor.begin(self._owner)

    def __exit__(self, *_: object) -> None:
        self._interceptor.end()


class Simple:
    """A cache whose methods are `get` and `set`, as instructor's and ragas' bases are."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def get(self, key: str) -> str | None:
        return self.kept.get(key)

    def set(self, key: str, value: str) -> None:
        self.kept[key] = value

    def has_key(self, key: str) -> bool:
        return key in self.kept


@pytest.mark.parametrize(
    ("module", "base"), [("instructor.cache", "BaseCache"), ("ragas.cache", "CacheInterface")]
)
def test_what_others_have_kept_is_found_by_no_test_and_what_it_keeps_by_nobody_else(
    module: str, base: str, library: Any, interceptor: Interceptor, tmp_path: Path
) -> None:
    class Base:
        """What a library has its caches derived from."""

    class Before(Simple, Base):
        """Defined before the hooks are in."""

        def get(self, key: str) -> str | None:
            return super().get(key)

        def set(self, key: str, value: str) -> None:
            super().set(key, value)

    library(module, **{base: Base})
    hooks.install(interceptor)

    class After(Before):
        """Defined afterwards, with a method of its own."""

        def get(self, key: str) -> str | None:
            return super().get(key)

    for cache in (Before(), After()):
        cache.kept["fee?"] = "the pin's"
        for _ in range(2):
            with Test(interceptor, tmp_path):
                assert cache.get("fee?") is None
                cache.set("fee?", "the candidate's")
                assert cache.get("fee?") == "the candidate's"
        assert cache.get("fee?") is None, "outside of any test"
        assert cache.kept == {"fee?": "the pin's"}
    hooks.uninstall(interceptor)
    assert [cache.get("fee?") for cache in (Before(), cache)] == [None, "the pin's"]
    assert "__init_subclass__" not in vars(Base)


def test_one_that_a_test_makes_in_memory_is_its_own(
    library: Any, interceptor: Interceptor, tmp_path: Path
) -> None:
    class AutoCache(Simple):
        def __init__(self) -> None:
            super().__init__()

        def get(self, key: str) -> str | None:
            return super().get(key)

        def set(self, key: str, value: str) -> None:
            super().set(key, value)

    library("instructor.cache", BaseCache=AutoCache)
    hooks.install(interceptor)
    with Test(interceptor, tmp_path):
        cache = AutoCache()
        cache.set("fee?", "$42")
        assert cache.kept == {"fee?": "$42"}
    with Test(interceptor, tmp_path):
        assert cache.get("fee?") is None


def test_a_new_folder_of_a_tests_own_is_its_own(
    library: Any, interceptor: Interceptor, tmp_path: Path
) -> None:
    """As agno's own tests have it, which look at the files."""

    @dataclass
    class Model:
        cache_dir: Path | None

        def __post_init__(self) -> None: ...

        def _get_cached_model_response(self, key: str) -> str:
            return f"{key} of {self.cache_dir}"

    library("agno.models.base", Model=Model)
    hooks.install(interceptor)

    @dataclass
    class OpenAI(Model):
        """Defined afterwards."""

    filled = tmp_path / "filled"
    filled.mkdir()
    (filled / "fee.json").write_text("the pin's")
    with Test(interceptor, tmp_path):
        for folder in (filled, None, Path("/elsewhere")):
            assert OpenAI(folder)._get_cached_model_response("fee") is None
        new = tmp_path / "new"
        assert OpenAI(new)._get_cached_model_response("fee") == f"fee of {new}"


def test_two_caches_in_a_folder_of_a_tests_own_are_one(
    library: Any, interceptor: Interceptor, tmp_path: Path
) -> None:
    """As ragas' and DSPy's own tests have it, which look whether what is kept outlives a cache."""

    class Folder:
        def __init__(self, directory: Path) -> None:
            self.directory = directory
            directory.mkdir(exist_ok=True)

        def __len__(self) -> int:
            return len([*self.directory.iterdir()])

    class Base:
        """What a library has its caches derived from."""

    library("ragas.cache", CacheInterface=Base)
    hooks.install(interceptor)

    class OnDisk(Base):
        def __init__(self, directory: Path) -> None:
            self.cache = Folder(directory)

        def get(self, key: str) -> str | None:
            path = self.cache.directory / key
            return path.read_text() if path.exists() else None

        def set(self, key: str, value: str) -> None:
            (self.cache.directory / key).write_text(value)

        def has_key(self, key: str) -> bool:
            return self.get(key) is not None

    with Test(interceptor, tmp_path):
        OnDisk(tmp_path / "new").set("fee", "$42")
        assert OnDisk(tmp_path / "new").get("fee") == "$42"
        assert OnDisk(tmp_path / "other").get("fee") is None
    with Test(interceptor, tmp_path):
        assert OnDisk(tmp_path / "new").get("fee") is None, "what another test has kept"


CANDIDATES = {"text": "the candidate's"}


@pytest.mark.long
def test_litellms(interceptor: Interceptor, tmp_path: Path) -> None:
    import litellm

    cache = litellm.Cache(type=litellm.types.caching.LiteLLMCacheType.LOCAL)
    asked: dict[str, Any] = {"model": "gpt-4o", "messages": [{"role": "user", "content": "fee?"}]}
    cache.add_cache({"text": "the pin's"}, **asked)
    assert cache.get_cache(**asked) == {"text": "the pin's"}
    hooks.install(interceptor)
    with Test(interceptor, tmp_path):
        assert cache.get_cache(**asked) is None
        assert asyncio.run(cache.async_get_cache(**asked)) is None
        asyncio.run(cache.async_add_cache(CANDIDATES, dynamic_cache_object=None, **asked))
        assert cache.get_cache(**asked) == CANDIDATES
        assert asyncio.run(cache.async_get_cache(**asked)) == CANDIDATES
    hooks.uninstall(interceptor)
    assert cache.get_cache(**asked) == {"text": "the pin's"}


def test_requests_cache_keeps_what_is_no_models(
    library: Any, interceptor: Interceptor, tmp_path: Path
) -> None:
    class Session:
        def send(self, request: Any, **named: Any) -> Any:
            assert named == {"timeout": 5}
            return SimpleNamespace(text="sent")

    class CacheMixin:
        def send(self, request: Any, expire_after: Any = None, **named: Any) -> Any:
            return SimpleNamespace(text="kept", from_cache=True)

    class CachedSession(CacheMixin, Session):
        """As requests-cache has it."""

    library("requests_cache.session", CacheMixin=CacheMixin)
    hooks.install(interceptor)
    headers: dict[str, Any] = {"content-type": b"application/json", "accept": "*/*"}
    url = "https://api.openai.com/v1/chat/completions"
    model = SimpleNamespace(method="POST", url=url, headers=headers)
    other = SimpleNamespace(method="GET", url="https://example.com/a.json", headers={})
    with Test(interceptor, tmp_path):
        sent = CachedSession().send(model, expire_after=3, timeout=5)
        assert (sent.text, sent.from_cache) == ("sent", False)
        assert CachedSession().send(other).text == "kept"


def test_aiohttp_client_cache_keeps_what_is_no_models(
    library: Any, interceptor: Interceptor, tmp_path: Path
) -> None:
    class Session:
        headers = MappingProxyType({"accept": "*/*"})

        async def _request(self, method: str, url: str, **named: Any) -> Any:
            assert named == {"json": {}}
            return "sent"

    class CacheMixin:
        async def _request(self, method: str, url: str, expire_after: Any = None, **_: Any) -> Any:
            return "kept"

    class CachedSession(CacheMixin, Session):
        """As aiohttp-client-cache has it."""

    def with_defaults(reply: str) -> str:
        return f"{reply} by itself"

    name = "aiohttp_client_cache.session"
    library(name, CacheMixin=CacheMixin, set_response_defaults=with_defaults)
    hooks.install(interceptor)
    ask = CachedSession()._request
    url = "https://api.openai.com/v1/chat/completions"
    with Test(interceptor, tmp_path):
        sent = asyncio.run(ask("POST", url, expire_after=3, json={}))
        assert sent == "sent by itself"
        assert asyncio.run(ask("GET", "https://example.com/a.json")) == "kept"


def test_what_any_functions_results_are_kept_in_is_named_where_it_gives_what_another_test_kept(
    library: Any, tmp_path: Path
) -> None:
    class Cache:
        """As diskcache's."""

        kept: ClassVar[dict[Any, str]] = {}

        def __contains__(self, key: Any) -> bool:
            return key in self.kept

        def get(self, key: Any) -> str | None:
            return self.kept.get(key)

        def set(self, key: Any, value: str) -> None:
            self.kept[key] = value

    library("diskcache.core", Cache=Cache)
    recordings = Recordings(root=tmp_path)
    for sends in (True, False):
        gpt = Selected("gpt", "gpt-4o", "candidate", "gpt-5", "all" if sends else "none")
        interceptor = Interceptor(Selection({"gpt": gpt}), recordings=recordings)
        assert interceptor.sends == sends
        hooks.install(interceptor)
        Cache.kept = {("app.topic", "x"): "the pin's"}
        interceptor.begin(Owner(tmp_path, "test_a", "test_a"))
        cache = Cache()
        assert cache.get(("app.topic", "y")) is None
        cache.set("y", "its own")
        assert cache.get("y") == "its own"
        assert cache.get(("app.topic", "x")) == "the pin's"
        kept = interceptor.end().kept
        assert kept == (("tests's cache of app.topic",) if sends else ())
        hooks.uninstall(interceptor)


def test_redisvls_finds_nothing(library: Any, interceptor: Interceptor, tmp_path: Path) -> None:
    class SemanticCache:
        kept = "the pin's"

        def check(self, prompt: str) -> list[Any]:
            return [{"response": self.kept}]

        async def astore(self, prompt: str, response: str) -> str:
            self.kept = response
            return "key"

    library("redisvl.extensions.cache.llm.base", BaseLLMCache=SemanticCache)
    hooks.install(interceptor)
    cache = SemanticCache()
    with Test(interceptor, tmp_path):
        assert cache.check("fee?") == []
        asyncio.run(cache.astore("fee?", "the candidate's"))
    hooks.uninstall(interceptor)
    assert cache.check("fee?") == [{"response": "the pin's"}]


def test_gptcache_is_off(library: Any, interceptor: Interceptor, tmp_path: Path) -> None:
    def looks(cache_obj: Any, **named: Any) -> Any:
        return cache_obj.cache_enable_func(**named), cache_obj.name, cache_obj.next_cache

    async def looks_later(cache_obj: Any, **named: Any) -> Any:
        return looks(cache_obj, **named)

    theirs = SimpleNamespace(name="theirs", next_cache="more", cache_enable_func=lambda **_: True)
    module: Any = library("gptcache.adapter.adapter", adapt=looks, aadapt=looks_later, cache=theirs)
    hooks.install(interceptor)
    with Test(interceptor, tmp_path):
        assert module.adapt(prompt="fee?") == (False, "theirs", None)
        assert asyncio.run(module.aadapt(cache_obj=theirs)) == (False, "theirs", None)
    hooks.uninstall(interceptor)
    assert module.adapt(cache_obj=theirs) == (True, "theirs", "more")


ITS_OWN_WAY = {
    "aiohttp_client_cache.session", "gptcache.adapter.adapter", "requests_cache.session"
}  # fmt: skip


def test_each_kind_has_its_hook() -> None:
    ours = {name for name, hook in hooks._HOOKS.items() if hook == "answer_cache_hook"}
    assert {*KINDS, *MEMOS} | ITS_OWN_WAY == ours


@pytest.mark.parametrize("name", [*KINDS, *MEMOS, *ITS_OWN_WAY])
def test_a_release_that_keeps_its_caches_elsewhere_is_imported_all_the_same(
    name: str, library: Any, interceptor: Interceptor
) -> None:
    module = library(name)
    before = dict(vars(module))
    hooks.install(interceptor)
    assert vars(module) == before
