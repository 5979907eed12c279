"""What a live run does for each of many threads: as much as for each of few, whatever the clock."""

from __future__ import annotations

import sys
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import httpx
import pytest

import pytest_modelpin
from pytest_modelpin.intercept import hooks
from pytest_modelpin.intercept.interceptor import Interceptor
from pytest_modelpin.recordings.store import Recordings

PACKAGE = str(Path(pytest_modelpin.__file__).parent)
JOBS, FEW, MANY, PATIENCE = 4, 30, 240, 60.0


class Lines:
    """Counts the lines of the package that run, in every thread that starts meanwhile."""

    def __init__(self) -> None:
        self._by_thread: Counter[int] = Counter()

    def __enter__(self) -> Lines:
        self._before = sys.gettrace()
        threading.settrace(self._called)
        sys.settrace(self._called)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(self._before)
        threading.settrace(self._before)  # type: ignore[arg-type]

    @property
    def number(self) -> int:
        """How many so far."""
        return sum(self._by_thread.values())

    def _called(self, frame: FrameType, _: str, __: Any) -> Any:
        return self._ran if frame.f_code.co_filename.startswith(PACKAGE) else None

    def _ran(self, _: FrameType, event: str, __: Any) -> Any:
        if event == "line":
            self._by_thread[threading.get_ident()] += 1
        return self._ran


def lines_of(size: int, server: Any, stage: Any, words: Any, ask: Callable[..., Any]) -> int:
    """How many lines run where so many threads ask at once, none answered before all have come."""
    here, all_here = threading.Semaphore(0), threading.Event()

    def held(_: Any) -> Any:
        all_here.wait(PATIENCE)
        return server.plain(words.chat(words.ALIAS, "$42"))

    server.scripts = [held] * size
    client = httpx.Client(timeout=PATIENCE)

    def asking(number: int) -> None:
        here.release()
        ask(client, server.url, number)

    interceptor = Interceptor(words.candidate(), recordings=Recordings(root=stage.folder))
    interceptor.limit(jobs=JOBS)
    hooks.install(interceptor)
    interceptor.begin(stage.owner)
    with client, Lines() as lines:
        threads = [threading.Thread(target=asking, args=(number,)) for number in range(size)]
        for thread in threads:
            thread.start()
        for _ in threads:
            assert here.acquire(timeout=PATIENCE)
        all_here.set()
        for thread in threads:
            thread.join(PATIENCE)
        interceptor.end().save()
        hooks.uninstall()
    assert len(server.arrived) == size
    server.arrived.clear()
    return lines.number


def same_question(client: httpx.Client, url: str, _: int) -> None:
    client.post(f"{url}/v1/chat/completions", json=body("hi")).raise_for_status()


def another_question(client: httpx.Client, url: str, number: int) -> None:
    client.post(f"{url}/v1/chat/completions", json=body(f"no. {number}")).raise_for_status()


def body(content: str) -> dict[str, Any]:
    return {"model": "gpt-4o-2024-08-06", "messages": [{"role": "user", "content": content}]}


@pytest.mark.long
@pytest.mark.parametrize("ask", [same_question, another_question])
def test_each_of_many_threads_costs_as_much_as_each_of_few(
    ask: Callable[..., Any], server: Any, stage: Any, words: Any
) -> None:
    lines_of(FEW, server, stage, words, ask)  # what is loaded or remembered at the first use
    few, many = (lines_of(size, server, stage, words, ask) for size in (FEW, MANY))
    assert many / MANY < 1.5 * few / FEW
