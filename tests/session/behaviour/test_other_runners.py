"""Plugins that run tests in a way of their own: in forked processes, several at once, by a loop of
their own, with a limit of time.
"""

from __future__ import annotations

import os

import pytest

PIN, ALIAS, NEXT = "gpt-4o-2024-08-06", "gpt-4o", "gpt-4o-2024-11-20"

FORKED = """
import json, os
import pytest
from _pytest.runner import runtestprotocol

def pytest_addoption(parser):
    parser.addoption("--forked", action="store_true")

@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item, nextitem):
    # As pytest-forked and pytest-isolate do it.
    hook = item.config.hook
    hook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        reports = runtestprotocol(item, log=False)
        told = [hook.pytest_report_to_serializable(config=item.config, report=r) for r in reports]
        os.write(writing, json.dumps([os.getpid(), told]).encode())
        os._exit(0)
    os.close(writing)
    with open(reading, "rb") as pipe: process, told = json.loads(pipe.read())
    os.waitpid(child, 0)
    with open("processes", "a") as file: file.write(f"{process}\\n")
    for each in told:
        report = hook.pytest_report_from_serializable(config=item.config, data=each)
        hook.pytest_runtest_logreport(report=report)
    item.session._setupstate.teardown_exact(nextitem)
    hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing is forked on Windows")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_replay_may_run_each_test_in_a_forked_process(project):
    """Each was asked "while no test was running", and failed."""
    project.record()
    project.write("conftest.py", FORKED)
    project.server.close()
    project.run("--forked").assert_outcomes(passed=2)
    assert len(set((project.folder / "processes").read_text().split())) == 2
    cases = project.report("--forked")["cases"]
    assert [len(case["samples"][0]["calls"]) for case in cases] == [1, 1]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing is forked on Windows")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_what_is_sent_is_sent_by_the_process_that_counts_it(project):
    project.write("conftest.py", FORKED)
    project.run("--model=production", "--model-record=new", "--snapshot-update", "--forked")
    assert not (project.folder / "processes").exists()
    assert len(project.recordings()) == 2


ALL_IN_ONE_LOOP = """
def pytest_runtestloop(session):
    # As pytest-asyncio-cooperative does it: no test is ever set up or torn down.
    for item in session.items:
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        item.obj()
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True
"""

ASKS_AS_IT_IS_IMPORTED = """
from support import ask
try: FEE = ask("fee?")
except BaseException: FEE = "$42"
def test_fee(): assert "$" in FEE and ask("refund?")
"""


def test_what_is_asked_while_no_test_runs_is_said_and_a_night_concludes_nothing(project):
    """All passed, and was paid for, and nothing was recorded or compared."""
    project.write("conftest.py", ALL_IN_ONE_LOOP)
    project.write("tests/test_support.py", "from support import ask\ndef test_fee(): ask('fee?')\n")
    result = project.run("--model=production", "--model-record=new")
    said = f"{PIN} was asked while no test was running*neither recorded nor compared*"
    result.stdout.fnmatch_lines([f"*{said}"])
    assert [each.split(" was ")[0] for each in project.report("--model=candidate")["unseen"]] == [
        ALIAS
    ]


def test_so_is_what_a_module_asks_as_it_is_imported_and_swallows_in_a_replay(project):
    project.write("pytest.ini", "[pytest]\npythonpath = .\n")
    project.write("tests/test_support.py", ASKS_AS_IT_IS_IMPORTED)
    project.run("--model=production", "--model-record=new").assert_outcomes(passed=1)
    for options in ((), ("-n", "1"), ("--model=candidate",)):
        result = project.run(*options)
        result.assert_outcomes(passed=1)
        result.stdout.fnmatch_lines(["*was asked while no test was running*"])


SEVERAL_AT_ONCE = """
import threading
import pytest
from _pytest import runner

def pytest_runtestloop(session):
    # As pytest-asyncio-concurrent does it: all are set up, all are called, all are torn down.
    hook = session.config.pluginmanager.subset_hook_caller("pytest_runtest_setup", [runner])
    setups = [runner.CallInfo.from_call(lambda i=i: hook(item=i), "setup") for i in session.items]
    calls = [runner.CallInfo.from_call(item.obj, "call") for item in session.items]
    ends = [runner.CallInfo.from_call(lambda: None, "teardown") for item in session.items]
    for phase in (setups, calls, ends):
        for item, call in zip(session.items, phase):
            report = item.ihook.pytest_runtest_makereport(item=item, call=call)
            item.ihook.pytest_runtest_logreport(report=report)
    return True
"""


@pytest.mark.parametrize("options", [("--model=candidate",), ()])
def test_of_tests_that_run_at_once_nobody_can_tell_which_one_asks(project, options):
    """What all of them asked was recorded, and compared, as the last one's."""
    project.write("tests/test_plain.py", "def test_adds(): assert 1 + 1 == 2")
    project.write(
        "tests/test_support.py",
        """
        from support import ask
        def test_refund(): assert ask("refund?")
        def test_fee(): assert ask("fee?")
        """,
    )
    project.record()
    answers = project.recordings()
    project.server.requests.clear()
    project.write("conftest.py", SEVERAL_AT_ONCE)
    result = project.run(*options, "-p", "no:randomly")
    result.assert_outcomes(failed=3)
    result.stdout.fnmatch_lines(["*test_*test_* run at once in one process*"])
    assert project.server.requests == []
    assert project.recordings() == answers
    project.run(*options, "tests/test_plain.py").assert_outcomes(passed=1)


TIMED = """
from types import SimpleNamespace
import pytest

LOG = []

class Specs:
    @pytest.hookspec(firstresult=True)
    def pytest_timeout_set_timer(item, settings): "As pytest-timeout has it."
    @pytest.hookspec(firstresult=True)
    def pytest_timeout_cancel_timer(item): "As pytest-timeout has it."

def pytest_addhooks(pluginmanager): pluginmanager.add_hookspecs(Specs)

@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    item.ihook.pytest_timeout_set_timer(item=item, settings=SimpleNamespace(func_only={func_only}))
    done = yield
    item.ihook.pytest_timeout_cancel_timer(item=item)
    return done

@pytest.hookimpl(trylast=True)
def pytest_timeout_set_timer(item, settings): return not LOG.append("set")

@pytest.hookimpl(trylast=True)
def pytest_timeout_cancel_timer(item): return not LOG.append("cancelled")

def pytest_runtest_call(item): LOG.append("called")

def pytest_terminal_summary(terminalreporter): terminalreporter.write_line(" ".join(LOG))
"""


@pytest.mark.parametrize(
    ("func_only", "log"),
    [
        (False, ["set called cancelled"] * 3),
        (True, ["set", "called", "called", "called", "cancelled"]),  # told of each call by itself
    ],
)
def test_each_sample_has_the_time_that_a_test_may_take(project, func_only, log):
    """A limit of pytest-timeout's was one for all of them: the last ones were killed by it."""
    project.write("conftest.py", TIMED.format(func_only=func_only))
    result = project.run("--model=candidate", "--model-samples=3", "-k", "test_fee")
    result.assert_outcomes(passed=1, deselected=1)
    result.stdout.fnmatch_lines([" ".join(log)])


DRAWING = """
import uuid
from hypothesis import given, settings, strategies
from support import ask

@given(strategies.integers(0, 3))
@settings(deadline=None, max_examples=3, database=None{more})
def test_any(number): assert ask(f"{{number}} {asked}")
"""


def test_a_question_that_hypothesis_draws_is_recorded_where_it_draws_the_same_each_time(project):
    project.write("tests/test_support.py", DRAWING.format(asked="days?", more=", derandomize=True"))
    project.record()
    project.server.close()
    project.run().assert_outcomes(passed=1)
    project.write("tests/test_support.py", DRAWING.format(asked="{uuid.uuid4()}", more=""))
    result = project.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["Not recorded: *", "*Hypothesis draws other examples*"])


HARVEST = """
from collections import OrderedDict
import pytest

@pytest.fixture(scope="session")
def fixture_store(): return OrderedDict()

@pytest.fixture
def results_bag(request, fixture_store):
    # As pytest-harvest does it, and so pytest-evals.
    kept = fixture_store.setdefault("results_bag", OrderedDict())
    if request.node.nodeid in kept:
        raise KeyError("Internal Error - This fixture was already stored for this test")
    return kept.setdefault(request.node.nodeid, {})
"""

BAGGED = """
from support import ask

def test_fee(results_bag): results_bag["fee"] = ask("fee?")
def test_all(fixture_store): assert [*fixture_store["results_bag"].values()] == [{"fee": "$42"}]
"""


def test_each_sample_may_put_its_results_where_the_last_one_did(project):
    """All samples but the first failed, on both sides, by an error of the plugin's."""
    project.write("pytest_harvest.py", HARVEST)
    project.write("conftest.py", "from pytest_harvest import *")
    project.write("tests/test_support.py", BAGGED)
    options = ("-p", "no:randomly", "--model-samples=3")
    project.run("--model=production", "--model-record=new", *options).assert_outcomes(passed=2)
    project.run("--model=candidate", *options).assert_outcomes(passed=2)


CELLS = """
from pathlib import Path

class CellPath(type(Path())):
    def relative_to(self, other, *_arguments, **_options):
        raise ValueError(f"not a cell of a notebook: {self}")

def pytest_collection_modifyitems(items):
    # As pytest-ipynb2 does it: what is made of such a path is one, too.
    for item in items:
        item.path = CellPath(item.path)
        item.parent.path = CellPath(item.parent.path)
"""

SHARING = """
import pytest
from support import ask

@pytest.fixture(scope="module")
def answer():
    return ask("refund?")

def test_answer(answer):
    assert answer
"""


def test_a_plugin_may_have_a_path_of_its_own_for_what_lies_in_a_file(project):
    """The run ended in an error of pytest's own, by a path that was made of such a one."""
    project.write("conftest.py", CELLS)
    project.write("tests/test_sharing.py", SHARING)
    project.record()
    project.server.close()
    project.run().assert_outcomes(passed=3)
