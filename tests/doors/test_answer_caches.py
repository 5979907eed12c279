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


def asked(question):
    return [{"role": "user", "content": question}]


def by_dspy(question):
    return dspy.LM(**ROUTE)(question)[0]


async def by_dspy_asynchronously(question):
    return (await dspy.LM(**ROUTE).acall(question + "!"))[0]


def by_langchain(question):
    return ChatOpenAI(model=GPT).invoke(question).content


async def by_langchain_asynchronously(question):
    return (await ChatOpenAI(model=GPT).ainvoke(question + "!")).content


ASKS = (
    by_dspy, by_dspy_asynchronously, by_langchain, by_langchain_asynchronously,
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
