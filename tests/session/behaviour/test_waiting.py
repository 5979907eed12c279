"""A test that waits for what a miss has ended comes to an end, in the miss's own words."""

import gc
from textwrap import dedent

import pytest

from pytest_modelpin.intercept import waiting

pytestmark = pytest.mark.skipif(waiting._NUMBER is None, reason="Windows has no such signal")


@pytest.fixture(autouse=True)
def collected():
    """What a miss has ended is told of by asyncio once it is collected, in a traceback for which
    Python 3.11 parses code. While pytest parses some, that ends in a SystemError of Python's own,
    in whichever test it comes.
    """
    yield
    gc.collect()


WAITING = {
    "thread": """
        def test_worker():
            answers = queue.Queue()
            threading.Thread(target=lambda: answers.put(ask("never recorded")), daemon=True).start()
            answers.get()
    """,
    "task": """
        def test_worker():
            async def main():
                asked, answered = asyncio.Queue(), asyncio.Queue()
                async def work():
                    answered.put_nowait(await ask_in_loop(await asked.get()))
                kept = asyncio.create_task(work())
                asked.put_nowait("never recorded")
                await answered.get()
            asyncio.run(main())
    """,
    "fixture": """
        @pytest.fixture
        def answers():
            answers = queue.Queue()
            worker = threading.Thread(target=lambda: answers.put(ask("never recorded")))
            worker.start()
            worker.join()
            return answers
        def test_worker(answers):
            answers.get()
    """,
    "shared fixture": """
        @pytest.fixture(scope="module")
        def answers():
            answers = queue.Queue()
            worker = threading.Thread(target=lambda: answers.put(ask("never recorded")))
            worker.start()
            worker.join()
            return answers
        def test_worker(answers):
            answers.get()
        def test_other(answers):
            answers.get()
    """,
    "tear-down": """
        @pytest.fixture
        def answers():
            yield
            answers = queue.Queue()
            threading.Thread(target=lambda: answers.put(ask("never recorded")), daemon=True).start()
            answers.get()
        def test_worker(answers): pass
    """,
    "set-up": """
        @pytest.fixture(scope="session")
        def answers():
            answers = queue.Queue()
            threading.Thread(target=lambda: answers.put(ask("never recorded")), daemon=True).start()
            answers.get()
        def test_worker(answers): pass
    """,
    "who catches that, too": """
        def test_worker():
            answers = queue.Queue()
            threading.Thread(target=lambda: answers.put(ask("never recorded")), daemon=True).start()
            for _ in range(3):
                with suppress(BaseException): answers.get()
    """,
}
HEAD = """
import asyncio, httpx, os, pytest, queue, threading
from contextlib import suppress
from support import ask

async def ask_in_loop(question):
    async with httpx.AsyncClient() as client:
        body = {"model": "gpt-4o-2024-08-06", "messages": [{"role": "user", "content": question}]}
        await client.post(os.environ["PROVIDER_URL"] + "/v1/chat/completions", json=body)
"""
QUIET = ("-W", "ignore", "tests/test_waiting.py")


@pytest.mark.long
@pytest.mark.parametrize("where", WAITING)
def test_who_waits_for_a_worker_that_a_miss_has_ended_is_ended(project, monkeypatch, where):
    monkeypatch.setattr(waiting, "SECONDS", 0.2)
    project.write("tests/test_waiting.py", HEAD + dedent(WAITING[where]))
    result = project.run(*QUIET)
    outcomes, text = result.parseoutcomes(), result.stdout.str()
    failed = outcomes.get("failed", 0) + outcomes.get("errors", 0)
    assert failed == WAITING[where].count("def test_"), text
    assert "Not recorded: support (production: " in text
    if "catches" not in where:
        assert "The test still ran 0.2 seconds after that" in text
    assert project.server.requests == []
    assert waiting._running == []


def test_who_goes_on_after_a_miss_has_time_to_end(project):
    goes_on = """
        def test_worker():
            worker = threading.Thread(target=lambda: ask("never recorded"))
            worker.start()
            worker.join()
            print("went on")
    """
    project.write("tests/test_waiting.py", HEAD + dedent(goes_on))
    result = project.run(*QUIET, "-rA")
    result.assert_outcomes(failed=1)
    assert "still ran" not in result.stdout.str()
    result.stdout.fnmatch_lines(["went on"])
