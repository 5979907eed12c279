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
