"""Which libraries keep answers before any HTTP client is asked, and an empty cache of each kind."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from tempfile import gettempdir
from types import ModuleType
from typing import Any, NamedTuple


class Kind(NamedTuple):
    """A class of caches."""

    name: str
    methods: tuple[str, ...]
    """Those that look up, keep and forget."""
    empty: Callable[[ModuleType, Any], Any]
    """Makes an empty one in memory to stand in for one; gives that one itself where it is off."""
    own: Callable[[Any], bool] = lambda cache: False
    """Whether one that a test has just made holds nothing, and nobody else will read it."""
    without: str = ""
    """An argument of the methods that names a store beside the cache's own."""
    folder: Callable[[Any], Any] = lambda cache: None
    """Where one keeps its answers; nothing where that is in memory, or not told."""


class Kept:
    """What a test has asked, for caches that bring nothing of the kind for the memory."""

    def __init__(self) -> None:
        self._kept: dict[Any, Any] = {}

    def get(self, key: Any, default: Any = None) -> Any:
        """What is kept under this key."""
        return self._kept.get(key, default)

    def set(self, key: Any, value: Any, *_places: Any, **_named: Any) -> None:
        """Keep it, for as long as the test runs."""
        self._kept[key] = value

    def has_key(self, key: Any) -> bool:
        """Whether something is kept under this key."""
        return key in self._kept

    def mget(self, keys: Iterable[Any]) -> list[Any]:
        """What is kept under each of these keys."""
        return [self.get(each) for each in keys]

    def mset(self, pairs: Iterable[tuple[Any, Any]]) -> None:
        """Keep each value under its key."""
        self._kept.update(pairs)

    async def amget(self, keys: Iterable[Any]) -> list[Any]:
        """As `mget`."""
        return self.mget(keys)

    async def amset(self, pairs: Iterable[tuple[Any, Any]]) -> None:
        """As `mset`."""
        self.mset(pairs)


class _RedisVLs:
    """In the place of one that finds answers by likeness: it keeps and finds nothing."""

    def check(self, *_places: Any, **_named: Any) -> list[Any]:
        """What was said to the like of this."""
        return []

    async def acheck(self, *_places: Any, **_named: Any) -> list[Any]:
        """As `check`."""
        return []

    def store(self, *_places: Any, **_named: Any) -> str:
        """The key under which it is kept."""
        return ""

    async def astore(self, *_places: Any, **_named: Any) -> str:
        """As `store`."""
        return ""


class _AgnosFiles(Kept):
    """In the place of the folder in which agno keeps answers, one file each."""

    def _get_cached_model_response(self, key: str) -> Any:
        return self.get(key)

    def _save_model_response_to_cache(self, key: str, result: Any, *_: Any, **__: Any) -> None:
        self.set(key, {"result": result.to_dict()})

    def _save_streaming_responses_to_cache(self, key: str, responses: Any) -> None:
        self.set(key, {"streaming_responses": [each.to_dict() for each in responses]})


def _copied(cache: Any, /, **otherwise: Any) -> Any:
    """One alike, but for these attributes."""
    made = copy.copy(cache)
    vars(made).update(otherwise)
    return made


def _of_dspy(module: ModuleType, cache: Any) -> Any:
    if not (cache.enable_memory_cache or cache.enable_disk_cache):
        return cache
    return module.Cache(enable_disk_cache=False, enable_memory_cache=True, disk_cache_dir=None)


def _is_temporary(folder: Any) -> bool:
    """Whether it lies where a test's `tmp_path` does."""
    return Path(folder).resolve().is_relative_to(Path(gettempdir()).resolve())


def _is_dspys_own(cache: Any) -> bool:
    if not cache.enable_disk_cache:
        return True
    return _is_temporary(cache.disk_cache_dir) and not len(cache.disk_cache)


def _ragas_folder(cache: Any) -> Any:
    return getattr(getattr(cache, "cache", None), "directory", None)


def _is_ragas_own(cache: Any) -> bool:
    folder = _ragas_folder(cache)
    return bool(folder) and _is_temporary(folder) and not len(cache.cache)


def _is_agnos_own(model: Any) -> bool:
    folder: str | Path = getattr(model, "cache_dir", None) or ""  # then one in the home folder
    return bool(folder) and _is_temporary(folder) and not any(Path(folder).glob("*"))


def _is_in_memory(cache: Any) -> bool:
    return type(cache).__name__ in ("AutoCache", "InMemoryCache")


def _of_litellm(module: ModuleType, cache: Any) -> Any:
    return _copied(cache, cache=module.InMemoryCache())


def _of_vectors(module: ModuleType, cache: Any) -> Any:
    """LangChain's, of texts and, where it keeps those, of queries."""
    queries = None if cache.query_embedding_store is None else Kept()
    return _copied(cache, document_embedding_store=Kept(), query_embedding_store=queries)


def _of_langgraph(_module: ModuleType, cache: Any) -> Any:
    return import_module("langgraph.cache.memory").InMemoryCache(serde=cache.serde)


def _of_llama_index(module: ModuleType, embedding: Any) -> Any:
    if embedding.embeddings_cache is None:
        return embedding
    stores = import_module("llama_index.core.storage.kvstore")
    return _copied(embedding, embeddings_cache=stores.SimpleKVStore())


_EMBED = (
    "get_query_embedding", "aget_query_embedding", "get_text_embedding", "aget_text_embedding",
    "get_text_embedding_batch", "aget_text_embedding_batch",
)  # fmt: skip
_OF_LANGCHAIN_VECTORS = Kind(
    "CacheBackedEmbeddings",
    ("embed_documents", "aembed_documents", "embed_query", "aembed_query"),
    _of_vectors,
)
KINDS = {
    "agno.models.base": Kind(
        "Model",
        tuple(name for name in vars(_AgnosFiles) if name.startswith(("_get", "_save"))),
        lambda module, model: _AgnosFiles(),
        own=_is_agnos_own,
        folder=lambda model: getattr(model, "cache_dir", None),
    ),
    "autogen_ext.models.cache._chat_completion_cache": Kind(
        "ChatCompletionCache",
        ("create", "create_stream"),
        lambda module, cache: _copied(cache, store=Kept()),
    ),
    "dspy.clients.cache": Kind(
        "Cache",
        ("get", "put", "reset_memory_cache"),
        _of_dspy,
        own=_is_dspys_own,
        folder=lambda cache: cache.enable_disk_cache and cache.disk_cache_dir,
    ),
    "instructor.cache": Kind(
        "BaseCache", ("get", "set"), lambda module, cache: Kept(), own=_is_in_memory
    ),
    "langchain.embeddings.cache": _OF_LANGCHAIN_VECTORS,
    "langchain_classic.embeddings.cache": _OF_LANGCHAIN_VECTORS,
    "langchain_core.caches": Kind(
        "BaseCache",
        ("lookup", "alookup", "update", "aupdate", "clear", "aclear"),
        lambda module, cache: module.InMemoryCache(),
        own=_is_in_memory,
    ),
    "langgraph.cache.base": Kind(
        "BaseCache",
        ("get", "aget", "set", "aset", "clear", "aclear"),
        _of_langgraph,
        own=_is_in_memory,
    ),
    "litellm.caching.caching": Kind(
        "Cache",
        (
            "get_cache",
            "async_get_cache",
            "add_cache",
            "async_add_cache",
            "async_add_cache_pipeline",
        ),
        _of_litellm,
        own=lambda cache: _is_in_memory(cache.cache),
        without="dynamic_cache_object",
    ),
    "llama_index.core.base.embeddings.base": Kind("BaseEmbedding", _EMBED, _of_llama_index),
    "llama_index.core.ingestion.cache": Kind(
        "IngestionCache", ("get", "put", "clear"), lambda module, cache: module.IngestionCache()
    ),
    "ragas.cache": Kind(
        "CacheInterface",
        ("get", "set", "has_key"),
        lambda module, cache: Kept(),
        own=_is_ragas_own,
        folder=_ragas_folder,
    ),
    "redisvl.extensions.cache.llm.base": Kind(
        "BaseLLMCache",
        ("check", "acheck", "store", "astore"),
        lambda module, cache: _RedisVLs(),
    ),
}
"""By the module that defines them."""

MEMOS = {
    "diskcache.core": ("Cache", "get", "set"),
    "joblib._store_backends": ("StoreBackendMixin", "load_item", "dump_item"),
    "streamlit.runtime.caching.storage.local_disk_cache_storage": (
        "LocalDiskCacheStorage",
        "get",
        "set",
    ),
}
"""What keeps any function's results on disk: the class, what reads and what writes there."""


def memo_named(cache: Any, key: Any) -> str:
    """Such a cache, as a person would name it; the function, where its name is told."""
    library = type(cache).__module__.partition(".")[0]
    told = key[0] if isinstance(key, list | tuple) and key else ""
    of = f" of {told}" if isinstance(told, str) and re.fullmatch(r"[\w./<>-]{1,99}", told) else ""
    return f"{library}'s cache{of}"
