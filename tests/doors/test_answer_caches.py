"""Caches that stand before any HTTP client, filled by an earlier run: no test is told by them.

What such a cache gave was the pin's answer, and the candidate was judged by it; a recording lacked
what was not asked; and what the candidate said stood in the cache under the pin's id from then on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from every_wire import EveryWire
from framework_environments import python_of
from framework_suite import ALIASES, SECRETS, Suite

from pytest_modelpin.demo.provider_server import Question

ASKS = {
    "newest": """
import os, pickle
from pathlib import Path
import dspy
from langchain_core.caches import BaseCache
from langchain_core.globals import set_llm_cache
from langchain_openai import ChatOpenAI
from langgraph.cache.base import BaseCache as NodeCache
from langgraph.func import entrypoint, task
from langgraph.types import CachePolicy

URL, GPT = os.environ["PROVIDER_URL"] + "/v1", "gpt-4o-2024-08-06"
ROUTE = {"model": f"openai/{GPT}", "api_base": URL}
dspy.configure_cache(enable_disk_cache=True, enable_memory_cache=True, disk_cache_dir="kept/dspy")


class OnDisk(BaseCache):
    path = Path("kept/langchain")

    def _kept(self):
        return pickle.loads(self.path.read_bytes()) if self.path.exists() else {}

    def lookup(self, prompt, llm_string):
        return self._kept().get((prompt, llm_string))

    def update(self, prompt, llm_string, return_val):
        self.path.write_bytes(pickle.dumps({**self._kept(), (prompt, llm_string): return_val}))

    def clear(self, **named):
        self.path.unlink(missing_ok=True)


set_llm_cache(OnDisk())


class NodesOnDisk(NodeCache):
    path = Path("kept/langgraph")

    def _kept(self):
        return pickle.loads(self.path.read_bytes()) if self.path.exists() else {}

    def get(self, keys):
        kept = self._kept()
        return {tuple(each): kept[tuple(each)] for each in keys if tuple(each) in kept}

    def set(self, pairs):
        new = {tuple(key): value for key, (value, _) in pairs.items()}
        self.path.write_bytes(pickle.dumps({**self._kept(), **new}))

    async def aget(self, keys): return self.get(keys)
    async def aset(self, pairs): self.set(pairs)
    def clear(self, namespaces=None): self.path.unlink(missing_ok=True)
    async def aclear(self, namespaces=None): self.clear()


def asked(question):
    return [{"role": "user", "content": question}]


@task(cache_policy=CachePolicy())
def asks_by_langgraph(question):
    return ChatOpenAI(model=GPT, cache=False).invoke(question + "?").content


@entrypoint(cache=NodesOnDisk())
def graph(question):
    return asks_by_langgraph(question).result()


def by_langgraph(question):
    return graph.invoke(question)


def by_dspy(question):
    return dspy.LM(**ROUTE)(question)[0]


async def by_dspy_asynchronously(question):
    return (await dspy.LM(**ROUTE).acall(question + "!"))[0]


def by_langchain(question):
    return ChatOpenAI(model=GPT).invoke(question).content


async def by_langchain_asynchronously(question):
    return (await ChatOpenAI(model=GPT).ainvoke(question + "!")).content


ASKS = (
    by_dspy, by_dspy_asynchronously, by_langchain, by_langchain_asynchronously, by_langgraph,
)
""",
    "earlier": """
import os
import instructor
from instructor.cache import AutoCache, BaseCache
from pathlib import Path
from pydantic import BaseModel

URL, GPT = os.environ["PROVIDER_URL"] + "/v1", "gpt-4o-2024-08-06"


class OnDisk(BaseCache):
    path = Path("kept")

    def get(self, key):
        return (self.path / key).read_text() if (self.path / key).exists() else None

    def set(self, key, value, ttl=None):
        (self.path / key).write_text(value)


class Said(BaseModel):
    text: str


CLIENT = {"cache": OnDisk(), "cache_namespace": "ours", "mode": instructor.Mode.JSON}


def asked(question):
    return {"response_model": Said, "messages": [{"role": "user", "content": question}]}


def by_instructor(question):
    client = instructor.from_provider(f"openai/{GPT}", **CLIENT)
    return client.chat.completions.create(**asked(question)).text


async def by_instructor_asynchronously(question):
    client = instructor.from_provider(f"openai/{GPT}", async_client=True, **CLIENT)
    return (await client.chat.completions.create(**asked(question + "!"))).text


ASKS = by_instructor, by_instructor_asynchronously
""",
}
"""By group: ways to ask whose library keeps answers, below `kept`."""

TESTS = """
import asyncio
import pytest
from asks import ASKS

def ask(way, question):
    said = way(question)
    return asyncio.run(said) if asyncio.iscoroutine(said) else said

@pytest.mark.parametrize("way", ASKS, ids=lambda way: f"chain {way.__name__}")
def test_chain(way):
    assert "says" in ask(way, "first")
    assert "says" in ask(way, "second")

@pytest.mark.parametrize("way", ASKS, ids=lambda way: way.__name__)
def test_within_a_test_it_answers_as_ever(way):
    assert ask(way, "first") == ask(way, "first")
"""
FILL = """
import inspect, asyncio
from asks import ASKS
for way in ASKS:
    said = way("first")
    print(asyncio.run(said) if inspect.iscoroutine(said) else said)
"""


@pytest.fixture
def provider() -> Iterator[EveryWire]:
    def answer(question: Question) -> str:
        said = f"{question.served} says"
        return f'{{"text": "{said}"}}' if "schema" in question.text else said

    with EveryWire(answer, aliases=ALIASES) as server:
        yield server


def said(calls: list[Any]) -> Iterator[str]:
    """What the models said of themselves."""
    for call in calls:
        yield re.findall("gpt.*says", call["reply"]["text"])[0]


@pytest.mark.long
@pytest.mark.parametrize("group", ASKS)
def test_what_another_run_has_kept_answers_no_test(
    group: str, provider: EveryWire, tmp_path: Path
) -> None:
    suite = Suite(tmp_path, group, python_of(group))
    project = tmp_path / "project"
    (project / "kept").mkdir()
    (project / "asks.py").write_text(ASKS[group])
    (project / "tests" / "test_group.py").write_text(TESTS)
    pin, candidate = "gpt-4o-2024-08-06 says", "gpt-4o-2024-11-20 says"

    def heard(which: str, *options: str, cut: bool = False) -> dict[str, list[str]]:
        cases = suite.run(which, provider.url, *options, secrets={} if cut else SECRETS, cut=cut)
        assert "failed" not in suite.said, suite.said
        assert not any(case["left_out"] for case in cases.values()), suite.said
        return {name: [*said(case["samples"][0]["calls"])] for name, case in cases.items()}

    filled = suite.without_pytest(FILL, provider.url)
    assert set(filled.split("\n")) == {pin, ""}
    kept = len(provider.requests)
    recorded = heard("record", "--model-record", "new")
    assert len(recorded) == 2 * kept
    chains = {name: each for name, each in recorded.items() if name.startswith("chain")}
    assert {tuple(each) for each in chains.values()} == {(pin, pin)}
    assert {tuple(recorded[name]) for name in recorded.keys() - chains} == {(pin,)}
    tried = heard("candidate", "--model", "candidate")
    assert {name: [candidate] * len(each) for name, each in recorded.items()} == tried
    asked = len(provider.requests)
    assert suite.without_pytest(FILL, provider.url) == filled
    assert len(provider.requests) == asked, "what others have kept is lost to them"
    provider.close()
    assert heard("replay", cut=True) == recorded


TRANSPORTS = """
import asyncio, os
import aiohttp_client_cache, betamax, cachecontrol, diskcache, hishel, httpx, joblib, requests
from cachecontrol.caches import FileCache
from cachecontrol.heuristics import ExpiresAfter

CHAT = os.environ["PROVIDER_URL"] + "/v1/chat/completions"


def asked(question):
    said = [{"role": "user", "content": question}]
    return {"json": {"model": "gpt-4o-2024-08-06", "messages": said}}


def by_hishel(question):
    keeps = hishel.Controller(cacheable_methods=["POST"], force_cache=True)
    storage = hishel.FileStorage(base_path="kept/hishel")
    with hishel.CacheClient(controller=keeps, storage=storage) as client:
        return client.post(CHAT, **asked(question)).text


async def by_hishel_asynchronously(question):
    keeps = hishel.Controller(cacheable_methods=["POST"], force_cache=True)
    storage = hishel.AsyncFileStorage(base_path="kept/hishel-async")
    async with hishel.AsyncCacheClient(controller=keeps, storage=storage) as client:
        return (await client.post(CHAT, **asked(question))).text


def by_cachecontrol(question):
    adapter = cachecontrol.CacheControlAdapter(
        FileCache("kept/cachecontrol"), heuristic=ExpiresAfter(days=9), cacheable_methods=["POST"]
    )
    with requests.Session() as session:
        session.mount("http://", adapter)
        return session.post(f"{CHAT}?{question}", **asked(question)).text


def by_betamax(question):
    with requests.Session() as session:
        tape = betamax.Betamax(session, cassette_library_dir="kept")
        on = ["method", "uri", "body"]
        with tape.use_cassette(question, record="new_episodes", match_requests_on=on):
            return session.post(CHAT, **asked(question)).text


async def by_aiohttp(question):
    kept = aiohttp_client_cache.SQLiteBackend("kept/aiohttp", allowed_methods=["POST"])
    async with aiohttp_client_cache.CachedSession(cache=kept) as session:
        async with session.post(CHAT, **asked(question)) as reply:
            return await reply.text()



@joblib.Memory("kept/joblib", verbose=0).cache
def by_joblib(question):
    return httpx.post(CHAT, **asked(question)).text


@diskcache.Cache("kept/diskcache").memoize()
def by_diskcache(question):
    return httpx.post(CHAT, **asked(question)).text


ASKS = (
    by_hishel, by_hishel_asynchronously, by_cachecontrol, by_betamax, by_aiohttp, by_joblib,
    by_diskcache,
)
"""
LEFT_OUT = {
    "by_hishel": "CacheTransport of hishel",
    "by_hishel_asynchronously": "AsyncCacheTransport of hishel",
    "by_cachecontrol": "CacheControlAdapter of cachecontrol",
    "by_betamax": "BetamaxAdapter of betamax",
}
CHAIN = """
import asyncio
import pytest
from asks import ASKS

@pytest.mark.parametrize("way", ASKS, ids=lambda way: way.__name__)
def test_chain(way):
    for question in ("first", "second"):
        said = way(question)
        assert "says" in (asyncio.run(said) if asyncio.iscoroutine(said) else said)
"""


@pytest.mark.long
def test_a_transport_that_answers_from_what_it_kept_leaves_the_candidates_case_out(
    provider: EveryWire, tmp_path: Path
) -> None:
    """Nothing is recorded yet: of a chain's first step, no recording could tell."""
    suite = Suite(tmp_path, "newest", python_of("native"))
    project = tmp_path / "project"
    (project / "kept").mkdir()
    (project / "asks.py").write_text(TRANSPORTS)
    (project / "tests" / "test_group.py").write_text(CHAIN)
    suite.without_pytest(FILL, provider.url)
    filled = len(provider.requests)
    assert suite.without_pytest(FILL, provider.url).count("gpt-4o-2024-08-06 says") == filled == 7
    assert len(provider.requests) == filled
    cases = suite.run("candidate", provider.url, "--model", "candidate", secrets=SECRETS)
    assert {name for name, case in cases.items() if case["left_out"]} == {*LEFT_OUT}, suite.said
    for name, by in LEFT_OUT.items():
        assert f"answers before its client sends ({by}), unseen" in cases[name]["left_out"]
    for name in ("joblib's cache of asks/by_joblib", "diskcache's cache of asks.by_diskcache"):
        assert f"kept before: {name} gave a test that asked a model what it had" in suite.said
    heard = [*said(cases["by_aiohttp"]["samples"][0]["calls"])]
    assert heard == ["gpt-4o-2024-11-20 says"] * 2
