"""A miss where the test's own thread does not hear it: in a child process, below a web app, in a
worker.
"""

from __future__ import annotations

from textwrap import dedent

import pytest

CHILD = """
import multiprocessing
from support import ask

def test_in_a_pool():
    with multiprocessing.get_context("fork").Pool(1) as pool:
        pool.map(ask, ["never recorded"])
"""

FORKED = """
import multiprocessing
from support import ask

def test_forked():
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert pool.map(ask, ["fee?", "refund?"]) == ["$42", "5 days"]
"""

APP = """
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
import httpx, os
from support import ask

async def in_a_task(request):
    async with httpx.AsyncClient() as client:
        body = {"model": "gpt-4o-2024-08-06", "messages": [{"role": "user", "content": "x"}]}
        await client.post(os.environ["PROVIDER_URL"] + "/v1/chat/completions", json=body)
    return PlainTextResponse("done")

def in_a_thread(request):
    return PlainTextResponse(ask("never recorded"))

app = Starlette(routes=[
    Route("/task", in_a_task, methods=["POST"]),
    Route("/thread", in_a_thread, methods=["POST"]),
])

@pytest.mark.parametrize("path", ["/task", "/thread"])
@pytest.mark.parametrize("raises", [True, False])
def test_below_an_app(path, raises):
    with TestClient(app, raise_server_exceptions=raises) as client:
        client.post(path)
"""


def test_a_child_process_hears_of_a_miss_and_its_pool_lives(project):
    project.write("tests/test_pool.py", CHILD)
    result = project.pytester.runpytest_subprocess(
        "-p", "no:cacheprovider", "tests/test_pool.py", timeout=60
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["Not recorded: support (production: *"])
    result.stdout.no_fnmatch_line("*ModelCallFailed*")
    assert project.server.requests == []


def test_a_forked_child_of_a_live_run_asks_the_selected_model_and_ends(project):
    project.write("tests/test_pool.py", FORKED)
    result = project.pytester.runpytest_subprocess(
        "-p", "no:cacheprovider", "--model=candidate", "tests/test_pool.py", timeout=60
    )
    result.assert_outcomes(passed=1)
    assert [request.model for request in project.server.requests] == ["gpt-4o", "gpt-4o"]


def test_below_a_web_app_a_miss_is_told_in_its_own_words(project):
    project.write("tests/test_app.py", APP)
    result = project.run("tests/test_app.py", "--tb=short")
    result.assert_outcomes(failed=4)
    text = result.stdout.str()
    assert "portal is not running" not in text
    told = [line for line in text.splitlines() if line.startswith("Not recorded: support (")]
    assert len(told) == 4  # once for each test
    assert "ModelCallFailed" not in text  # nor the framework's hundred lines around it
    assert ".py:" not in text.partition("short test summary")[0].replace("test_app.py::", "")
    assert project.server.requests == []


WORKERS = {
    "thread": """
        import queue, threading
        def test_worker():
            asked, answered = queue.Queue(), queue.Queue()
            def work():
                while True:
                    try:
                        answered.put(ask(asked.get()))
                    except Exception as error:
                        answered.put(error)
            threading.Thread(target=work, daemon=True).start()
            asked.put("never recorded")
            answered.get()
    """,
    "task": """
        def test_worker():
            async def main():
                loop, asked = asyncio.get_running_loop(), asyncio.Queue()
                async def work():
                    while True:
                        question, answered = await asked.get()
                        try:
                            answered.set_result(await ask_async(question))
                        except Exception as error:
                            answered.set_exception(error)
                working = {asyncio.create_task(work())}
                next(iter(working)).add_done_callback(working.discard)
                answered = loop.create_future()
                asked.put_nowait(("never recorded", answered))
                await answered
            asyncio.run(main())
    """,
    "pool of threads": """
        from multiprocessing.pool import ThreadPool
        def test_worker():
            with ThreadPool(1) as pool:
                pool.map(ask, ["never recorded"])
    """,
}

ASKS = """
import asyncio, httpx, os
from support import ask

async def ask_async(question):
    async with httpx.AsyncClient() as client:
        body = {"model": "gpt-4o-2024-08-06", "messages": [{"role": "user", "content": question}]}
        url = os.environ["PROVIDER_URL"] + "/v1/chat/completions"
        return (await client.post(url, json=body)).json()

"""


@pytest.mark.long
@pytest.mark.parametrize("worker", WORKERS)
def test_who_takes_work_from_a_queue_lives_on_and_the_test_fails(project, worker):
    project.write("tests/test_worker.py", ASKS + dedent(WORKERS[worker]))
    result = project.pytester.runpytest_subprocess(
        "-p", "no:cacheprovider", "tests/test_worker.py", timeout=60
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*Not recorded: support (production: *"])
    assert project.server.requests == []


HANDED_ON = """
        from concurrent.futures import ThreadPoolExecutor
        def swallowing(asking):
            def asked(*arguments):
                try:
                    return asking(*arguments)
                except Exception:
                    return "swallowed"
            return asked
        async def swallowing_async(question):
            try:
                return await ask_async(question)
            except Exception:
                return "swallowed"
        def test_executor():
            with ThreadPoolExecutor() as pool:
                list(pool.map(swallowing(ask), ["never recorded"]))
        def test_gathered():
            async def main(): await asyncio.gather(swallowing_async("never recorded"))
            asyncio.run(main())
        def test_waited_for():
            async def main(): await asyncio.wait_for(swallowing_async("never recorded"), 30)
            asyncio.run(main())
        def test_group():
            async def main():
                async with asyncio.TaskGroup() as group:
                    group.create_task(swallowing_async("never recorded"))
            asyncio.run(main())
        def test_thread():
            async def main(): await asyncio.to_thread(swallowing(ask), "never recorded")
            asyncio.run(main())
"""


def test_where_it_is_handed_on_no_sdk_catches_it(project):
    project.write("tests/test_worker.py", ASKS + dedent(HANDED_ON))
    result = project.run("tests/test_worker.py")
    result.assert_outcomes(failed=5)
    result.stdout.no_fnmatch_line("*ModelCallFailed*")
