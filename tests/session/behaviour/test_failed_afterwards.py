"""What another plugin, or a conftest.py, makes of a test's report once the test has run."""

from __future__ import annotations

import json

import pytest

# As soft assertions do it (pytest-check and the like), or a conftest.py that fails tests which
# logged an error: in a folder below, it is loaded after all plugins.
SOFT = """
import pytest

@pytest.hookimpl(wrapper=True{order})
def pytest_runtest_makereport(item, call):
    report = yield
    if call.when == "{phase}" and (found := vars(item.module).get("found")):
        report.outcome, report.longrepr = "failed", f"found: {{found}}"
        found.clear()
    return report
"""

FINDING = """
from support import ask
found = []
def test_fee():
    answer = ask("fee?")
    if "$" not in answer: found.append(answer)
"""

LATER = """
import pytest

@pytest.hookimpl(tryfirst=True)
def pytest_runtest_logreport(report):
    if report.when == "call": report.outcome, report.longrepr = "failed", "after all"
"""


@pytest.fixture
def soft(project):
    project.write("pytest.ini", "[pytest]\npythonpath = .\n")
    (project.folder / "tests/test_support.py").unlink()
    project.write("tests/below/test_soft.py", FINDING)
    project.run("--model=production", "--model-record=new").assert_outcomes(passed=1)
    project.says["fee?", "gpt-4o-2024-11-20"] = "nothing"
    return project


@pytest.mark.parametrize(
    ("order", "phase", "options"),
    [
        ("", "call", ()),
        (", tryfirst=True", "teardown", ()),
        (", tryfirst=True", "call", ("-n", "1")),
        (", trylast=True", "call", ()),
    ],
)
def test_a_sample_that_it_fails_has_failed(soft, order, phase, options):
    """pytest said FAILED, and the case counted as passed."""
    soft.write("tests/below/conftest.py", SOFT.format(order=order, phase=phase))
    report = soft.report("--model=candidate", "--model-samples=2", *options)
    (case,) = report["cases"]
    assert [sample["outcome"] for sample in case["samples"]] == ["failed", "failed"]
    assert case["samples"][0]["message"] == "found: ['nothing']"
    assert report["faults"] == []


def test_of_one_that_is_failed_as_it_is_told_nothing_is_concluded(soft):
    """No report can tell which of the samples that was."""
    soft.write("tests/below/conftest.py", LATER)
    result = soft.run("--model=candidate", "--model-report=run.json")
    result.assert_outcomes(failed=1)
    (fault,) = json.loads((soft.folder / "run.json").read_text())["faults"]
    assert fault.startswith("tests/below/test_soft.py::test_fee passed and was then failed by")


RERUNS = """
import pytest
from _pytest.runner import runtestprotocol

@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item, nextitem):
    # As pytest-rerunfailures does it.
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    reports = runtestprotocol(item, nextitem=nextitem, log=False)
    if any(report.failed for report in reports):
        reports = runtestprotocol(item, nextitem=nextitem, log=False)
    for report in reports: item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True
"""


def test_what_failed_once_is_not_taken_back_in_a_folder_below(soft):
    """Its hooks came before ours: what failed had passed, and two samples were one."""
    soft.write("tests/below/conftest.py", RERUNS)
    soft.write(
        "tests/below/test_soft.py",
        """
        from support import ask
        tries = []
        def test_fee():
            tries.append(ask("fee?"))
            assert len(tries) > 1
        """,
    )
    (case,) = soft.report("--model=candidate", "--model-samples=2")["cases"]
    assert [sample["outcome"] for sample in case["samples"]] == ["failed", "passed"]
