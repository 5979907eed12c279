"""A call that is cancelled while it waits to be sent takes nothing with it."""

from __future__ import annotations

import sys
import threading
from types import SimpleNamespace

import pytest

from pytest_modelpin.live.throttle import Throttle

CANCELLED = """
import os, anyio, asyncio, httpx, pytest
{imports}

def ask(client, text):
    body = {{"model": "gpt-4o-2024-08-06", "messages": [{{"role": "user", "content": text}}]}}
    return client.post(os.environ["PROVIDER_URL"] + "/v1/chat/completions", json=body)

async def both():
    async with httpx.AsyncClient(timeout=60) as client:
        {cancel}
        reply = await ask(client, "after")
        assert reply.json()["choices"][0]["message"]["content"] == "after"

def test_cancelled():
    {run}
"""

BY_ASYNCIO = """
        first = asyncio.ensure_future(ask(client, "first"))
        await asyncio.to_thread(arrived.acquire, timeout=30)
        waits = asyncio.ensure_future(ask(client, "waits"))
        await asyncio.to_thread(waiting, 1)
        waits.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waits
        let_go.set()
        await first
"""

BY_ANYIO = """
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ask, client, "first")
            await anyio.to_thread.run_sync(lambda: arrived.acquire(timeout=30))
            with anyio.CancelScope() as scope:
                async def cancel():
                    await anyio.to_thread.run_sync(waiting, 1)
                    scope.cancel()
                tasks.start_soon(cancel)
                await ask(client, "waits")
            assert scope.cancelled_caught
            let_go.set()
"""

IMPORTS = "from cancel_stage import arrived, let_go, waiting"


@pytest.mark.parametrize("budget", [(), ("--model-budget=5",)], ids=["pace", "budget"])
@pytest.mark.parametrize(
    ("cancel", "run"),
    [
        (BY_ASYNCIO, "asyncio.run(both())"),
        (BY_ANYIO, "anyio.run(both)"),
        (BY_ANYIO, 'anyio.run(both, backend="trio")'),
    ],
    ids=["asyncio", "anyio", "trio"],
)
def test_a_cancelled_call_gives_back_its_place_at_once(project, monkeypatch, cancel, run, budget):
    arrived, let_go = threading.Semaphore(0), threading.Event()
    answer = project.server.answer

    def slowly(question):
        if question.text == "first":
            arrived.release()
            assert let_go.wait(30)
        return answer(question)

    project.server.answer = slowly
    project.write(
        "cancel_stage.py",
        """
        import threading
        arrived = let_go = throttles = None

        def waiting(number):
            "Until so many requests wait to be sent."
            while sum(map(len, throttles[-1]._lines.values())) < number:
                assert not let_go.wait(0.001), "nobody waits"
        """,
    )
    import cancel_stage

    throttles, made = [], Throttle.__init__
    monkeypatch.setattr(
        Throttle, "__init__", lambda self, *given: (throttles.append(self), made(self, *given))[1]
    )
    monkeypatch.setattr(cancel_stage, "throttles", throttles)
    monkeypatch.setattr(cancel_stage, "arrived", arrived)
    monkeypatch.setattr(cancel_stage, "let_go", let_go)
    project.write(
        "tests/test_support.py",
        CANCELLED.format(imports=IMPORTS, cancel=cancel.strip(), run=run),
    )
    project.write(
        "models.yml",
        """
        models:
          support: {production: gpt-4o-2024-08-06, staging: gpt-4o, provider: openai}
        settings:
          prices: {gpt-4o-2024-11-20: {input: 1, output: 0}}
        """,
    )
    report = project.report("--model=candidate", "--model-jobs=1", "--model-timeout=20", *budget)
    (case,) = report["cases"]
    assert [sample["outcome"] for sample in case["samples"]] == ["passed"], case["samples"]
    assert len(project.server.requests) == 2  # what was cancelled was never sent


LEFT_BEHIND = """
from contextlib import suppress
from left_stage import arrived, start
from support import ask

def leave_behind():
    with suppress(Exception):
        ask("left behind")

def test_left_behind():
    assert ask("first") == "first"
    start(leave_behind)
    assert arrived.wait(30)
    assert not "the fallback's answer"
"""


def test_a_test_that_fails_without_waiting_for_its_reply_is_lost(project, monkeypatch):
    """A thread with a patience of its own went on without; the night then took the provider's
    slowness for a worse model.
    """
    arrived, let_go = threading.Event(), threading.Event()
    started = []

    def start(function):
        started.append(threading.Thread(target=function, daemon=True))
        started[0].start()

    stage = SimpleNamespace(arrived=arrived, start=start)
    monkeypatch.setitem(sys.modules, "left_stage", stage)

    def answer(question):
        if question.text == "left behind":
            arrived.set()
            let_go.wait(30)
        return question.text

    project.server.answer = answer
    project.write("tests/test_support.py", LEFT_BEHIND)
    [case] = project.report("--model=candidate", "--model-jobs=1")["cases"]
    let_go.set()
    started[0].join(30)
    [sample] = case["samples"]
    assert sample["outcome"] == "lost"
    assert "ended before its reply" in sample["message"]
