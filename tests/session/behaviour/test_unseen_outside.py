"""What asks a model while no test runs, or in a session that runs within another: stopped, too."""

from __future__ import annotations

import pytest

# Clients of others leave connections to the garbage collector, in whichever test that comes.
pytestmark = [pytest.mark.long, pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")]

ASKING = """
import os, subprocess, sys, urllib.request

URL = "{url}/v1/models?"
CHILD = "import sys, urllib.request as r; r.urlopen(sys.argv[1][::-1]).read()"

def asks(when):
    try:
        urllib.request.urlopen(URL + when)
    except BaseException as error:
        print(when, type(error).__name__, file=sys.stderr)

def starts(when):
    if "-n" in sys.argv and "PYTEST_XDIST_WORKER" not in os.environ:
        return  # what pytest-xdist's controller starts are its workers
    # Backwards: one that names a model's address in an argument is stopped before it starts.
    subprocess.run([sys.executable, "-c", CHILD, (URL + when)[::-1]], capture_output=True)
"""

CONFTEST = """
import atexit
from asking import asks, starts

asks("import")
atexit.register(asks, "exit")

def pytest_configure(config): asks("configure")
def pytest_sessionstart(session): asks("start"), starts("start")
def pytest_collection_finish(session): asks("collected"), starts("collected")
def pytest_sessionfinish(session): asks("finish"), starts("finish")
def pytest_terminal_summary(terminalreporter): asks("summary"), starts("summary")
def pytest_unconfigure(config): asks("unconfigure"), starts("unconfigure")
"""


@pytest.fixture
def suite(project, monkeypatch):
    """A project whose models stand at OPENAI_BASE_URL, and what asks there unseen."""
    monkeypatch.setenv("OPENAI_BASE_URL", project.server.url + "/v1")
    project.write("asking.py", ASKING.format(url=project.server.url))
    return project


def run(suite, *options):
    return suite.pytester.runpytest_subprocess("-p", "no:cacheprovider", *options, timeout=120)


@pytest.mark.parametrize("options", [(), ("--collect-only",), ("-n", "1")])
def test_nothing_is_sent_in_a_replay_while_no_test_runs(suite, options):
    suite.write("conftest.py", CONFTEST)
    suite.write(
        "tests/test_plain.py",
        """
        from asking import asks, starts
        asks("module"), starts("module")
        def test_plain(): pass
        """,
    )
    result = run(suite, "tests/test_plain.py", "-p", "no:randomly", *options)
    assert result.ret == 0
    assert suite.server.requests == []
    told = result.stderr.str()
    for when in ("configure", "unconfigure", "exit"):
        assert f"{when} ModelCallFailed" in told or f"{when} Failed" in told, told
    result.stdout.fnmatch_lines(["code outside of any test asked 127.0.0.1:*, unseen*"])


def test_what_pytest_was_not_started_for_goes_on_once_it_has_ended(suite):
    """A notebook, or a program that runs tests before it does something else."""
    suite.write("tests/test_plain.py", "def test_plain(): pass")
    suite.write(
        "program.py",
        """
        import urllib.error, urllib.request
        import pytest
        from asking import URL
        assert pytest.main(["-q", "-p", "no:cacheprovider", "tests/test_plain.py"]) == 0
        urllib.request.urlopen(URL + "afterwards")
        """,
    )
    result = suite.pytester.runpython(suite.folder / "program.py")
    assert result.ret == 0, result.stderr.str()
    assert [request.path for request in suite.server.requests] == ["/v1/models"]


NESTED = """
import urllib.request
from pathlib import Path
import pytest
from asking import URL, asks, starts
from support import ask

pytest_plugins = ["pytester"]
MODELS = Path("models.yml").read_text()

def test_runs_tests(pytester):
    pytester.path.joinpath("models.yml").write_text(MODELS)
    pytester.makepyfile("def test_inner(): pass")
    pytester.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)

def test_socket(): urllib.request.urlopen(URL + "socket")
def test_child(): starts("child")
def test_hook(): ask("never recorded")
def test_recorded(): assert ask("fee?") == "$42"
"""


def test_a_session_goes_on_once_one_within_it_has_ended(suite):
    suite.write("tests/test_plain.py", NESTED)
    only = ("tests/test_plain.py", "-p", "no:randomly", "-p", "pytester")
    run(suite, *only, "-k", "recorded", "--model-record=new").assert_outcomes(passed=1)
    suite.server.requests.clear()
    run(suite, *only).assert_outcomes(passed=2, failed=3)
    assert suite.server.requests == []
