"""A test that waits for what a miss has ended comes to an end, in the miss's own words."""

import gc
import sys
from textwrap import dedent
from types import SimpleNamespace

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


@pytest.mark.parametrize("heard", ["by the test", "by nobody"])
def test_a_miss_that_was_raised_and_swallowed_ends_the_test_as_well(project, monkeypatch, heard):
    monkeypatch.setattr(waiting, "SECONDS", 0.2)
    asks = 'ask("never recorded")' if heard == "by the test" else UNSEEN
    swallows = f"""
        def test_worker():
            try:
                {asks}
            except BaseException:
                pass
            queue.Queue().get()
    """
    project.write("tests/test_waiting.py", HEAD + dedent(swallows))
    result = project.run(*QUIET)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["The test still ran 0.2 seconds after that*"])


UNSEEN = "__import__('urllib.request').request.urlopen('https://api.openai.com/v1/models')"


@pytest.mark.long
def test_what_swallows_each_end_of_a_test_is_ended_with_its_process(project):
    project.write(
        "tests/test_waiting.py",
        HEAD
        + dedent("""
            from pytest_modelpin.intercept import waiting
            waiting.SECONDS = 0.2
            def test_worker():
                while True:
                    with suppress(BaseException): ask("never recorded")
                    with suppress(BaseException): queue.Queue().get()
        """),
    )
    result = project.pytester.runpytest_subprocess(*QUIET, timeout=60)
    assert result.ret == 1
    told = result.stderr.str()
    assert "Not recorded: support (production: " in told
    assert "swallows whatever would end it: pytest-modelpin ends this process" in told
    assert project.server.requests == []


class Greenlet:
    """Stands for one of the library's; it says what is thrown into it."""

    def __init__(self, parent=None):
        self.parent = parent
        self.thrown = []

    def throw(self, error):
        self.thrown.append(str(error))


@pytest.mark.parametrize("loaded", ["before the test", "by the test"])
def test_what_a_hub_swallows_is_raised_next_in_the_greenlet_that_waits(monkeypatch, loaded):
    main = Greenlet()
    hub = Greenlet(main)
    library = SimpleNamespace(getcurrent=lambda: main)
    monkeypatch.setitem(sys.modules, "greenlet", library if "before" in loaded else None)
    with waiting.MayBeEnded() as block:
        monkeypatch.setitem(sys.modules, "greenlet", library)
        library.getcurrent = lambda: hub
        block.miss, block.tries, block.is_due = "Not recorded: it.", 1, True
        with pytest.raises(pytest.fail.Exception, match=r"Not recorded: it\."):
            waiting._end(0, None)
        block.tries, block.is_due = 2, True
        waiting._end(0, None)
        assert [told.partition("\n")[0] for told in main.thrown] == ["Not recorded: it."]
    assert hub.thrown == []


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
