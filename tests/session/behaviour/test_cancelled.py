"""A call that is cancelled while it waits to be sent takes nothing with it."""

from __future__ import annotations

import sys
import threading
from textwrap import dedent
from types import SimpleNamespace

import pytest

from pytest_modelpin.intercept import waiting
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


RACE = """
import asyncio, os, httpx, pytest
from concurrent.futures import ThreadPoolExecutor
from race_stage import arrived
from support import ask

async def post(client, text):
    body = {"model": "gpt-4o-2024-08-06", "messages": [{"role": "user", "content": text}]}
    return await client.post(os.environ["PROVIDER_URL"] + "/v1/chat/completions", json=body)
"""
RACES = {
    "a task that is cancelled": """
        async def race():
            async with httpx.AsyncClient(timeout=60) as client:
                answer = asyncio.ensure_future(post(client, "slow"))
                await asyncio.to_thread(arrived)
                assert "off topic" in (await post(client, "off topic")).text
                answer.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await answer

        def test_guarded(): asyncio.run(race())
    """,
    "a thread that is left behind": """
        def test_guarded():
            pool = ThreadPoolExecutor()
            pool.submit(ask, "slow")
            arrived()
            assert ask("off topic") == "off topic"
            pool.shutdown(wait=False)
    """,
    "a stream that is left": """
        async def listen(client):
            body = {"model": "gpt-4o-2024-08-06", "stream": True,
                    "messages": [{"role": "user", "content": "off topic"}]}
            url = os.environ["PROVIDER_URL"] + "/v1/chat/completions"
            heard = []
            async with client.stream("POST", url, json=body) as reply:
                async for line in reply.aiter_lines():
                    heard.append(line)
                    if "topic" in "".join(heard):
                        asyncio.current_task().cancel()
                        await asyncio.sleep(0)

        async def race():
            async with httpx.AsyncClient(timeout=60) as client:
                with pytest.raises(asyncio.CancelledError):
                    await asyncio.ensure_future(listen(client))

        def test_guarded(): asyncio.run(race())
    """,
}


@pytest.fixture
def race(project, monkeypatch):
    """A project in which `slow` is answered once the test is over, and who waits for it is told."""
    started, let_go = threading.Event(), threading.Event()
    replays = SimpleNamespace(now=False)

    def arrived():
        assert replays.now or started.wait(30)

    def answer(question):
        if question.text == "slow":
            started.set()
            let_go.wait(30)
        return question.text

    monkeypatch.setitem(sys.modules, "race_stage", SimpleNamespace(arrived=arrived))
    project.server.answer = answer
    yield SimpleNamespace(project=project, replays=replays, started=started)
    let_go.set()


@pytest.mark.parametrize("race_of", RACES)
def test_an_answer_that_its_test_does_not_wait_for_replays_as_one(race, race_of):
    """A guard that trips cancels the call beside it, so that none such could be replayed."""
    project = race.project
    project.write("tests/test_support.py", RACE + dedent(RACES[race_of]))
    recorded = project.run("--model=production", "--model-record=new")
    recorded.assert_outcomes(passed=1)
    assert "recorded nothing" not in recorded.stdout.str()
    assert "not all that it asked" not in recorded.stdout.str()
    project.server.requests.clear()
    race.replays.now = True
    project.run().assert_outcomes(passed=1)
    assert project.server.requests == []
    race.replays.now = False
    race.started.clear()
    [case] = project.report("--model=candidate")["cases"]
    assert [(each["outcome"], len(each["calls"])) for each in case["samples"]] == [("passed", 1)]
    assert case["left_out"] == ""


def test_a_replay_that_waits_for_what_was_not_awaited_fails_in_time(race, monkeypatch):
    project = race.project
    test = RACE + dedent(RACES["a task that is cancelled"])
    project.write("tests/test_support.py", test)
    project.run("--model=production", "--model-record=new").assert_outcomes(passed=1)
    waits = test.replace("answer.cancel()", "").replace(
        "with pytest.raises(asyncio.CancelledError):", "if True:"
    )
    project.write("tests/test_support.py", waits)
    race.replays.now = True
    monkeypatch.setattr(waiting, "SECONDS", 0.2)
    result = project.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*was asked \"slow\" by *test_guarded, which did not wait for the answer when it was*",
         "Record it anew: pytest --model production --model-record all *test_guarded"]
    )  # fmt: skip


LIMITED = """
    async def limited():
        async with httpx.AsyncClient(timeout=60) as client:
            await post(client, "first")
            try:
                async with asyncio.timeout(0.3):
                    return (await post(client, "slow")).text
            except TimeoutError:
                return "Sorry."

    def test_limited(): assert asyncio.run(limited())
"""


def test_a_candidate_that_the_codes_own_limit_cuts_off_is_lost_where_the_pin_never_is(race):
    """Its code's apology passed, as it does where the client itself ran out of time."""
    project = race.project
    answer = project.server.answer
    project.server.answer = lambda question: question.text
    project.write("tests/test_support.py", RACE + dedent(LIMITED))
    project.run("--model=production", "--model-record=new").assert_outcomes(passed=1)
    project.server.answer = answer
    [case] = project.report("--model=candidate", "--model-jobs=1")["cases"]
    [sample] = case["samples"]
    assert sample["outcome"] == "lost"
    assert sample["message"] == 'support: the test waited for no answer to "slow"'
