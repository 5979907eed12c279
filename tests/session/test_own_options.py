"""What else is asked of pytest says nothing of which version runs, where a run is compared."""

import json

import pytest

from tests.session.conftest import ALIAS, PIN

NIGHT = ("--model=production", "--model-report=run.json")


@pytest.fixture
def compared(project, monkeypatch):
    """The project, recorded, in a run of the pin's that a night has started."""
    project.record()
    monkeypatch.setenv("PYTEST_MODELPIN_JUDGED_LATER", json.dumps(NIGHT))
    return project


@pytest.mark.parametrize(
    "other",
    [
        "--model=support=candidate",
        f"--model={ALIAS}",
        "--model-record=new",
        "--snapshot-update",
        "--model-accept-all",
        "--model-accept-new",
    ],
)
def test_a_version_that_addopts_asks_for_is_no_pin(compared, other):
    """A candidate was compared with itself, and green however bad it was."""
    compared.write("pytest.ini", f"[pytest]\naddopts = {other}\n")
    result = compared.run(*NIGHT)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    shown = "--model-accept-all" if other == "--snapshot-update" else other
    result.stderr.fnmatch_lines([f"*{shown} stands in `addopts`, PYTEST_ADDOPTS or `--tests`.*"])
    assert compared.server.requests == []


OTHERS = """
def pytest_addoption(parser):
    parser.addoption("--insta", default="auto")  # as pytest-insta has it, and so on
    parser.addoption("--inline-snapshot", dest="inline_snapshot")
    parser.addoption("--fix", action="store_const", const="create,fix", dest="inline_snapshot")
    parser.addoption("--regen-all", action="store_true")
    parser.addoption("--update_goldens", action="store_true", dest="update_goldens")
"""


@pytest.mark.parametrize(
    ("other", "shown"),
    [
        ("--insta=update", "--insta=update"),
        ("--inline-snapshot=report,fix", "--inline-snapshot=report,fix"),
        ("--fix", "--inline-snapshot=create,fix"),
        ("--regen-all", "--regen-all"),
        ("--update_goldens", "--update-goldens"),
    ],
)
def test_no_other_librarys_option_accepts_what_a_candidate_says(compared, other, shown):
    """Each wrote over what the team had accepted, and let three nights of $420 for $42 be green."""
    compared.write("conftest.py", OTHERS)
    compared.write("pytest.ini", f"[pytest]\naddopts = {other}\n")
    result = compared.run(*NIGHT)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*{shown} stands in `addopts`, PYTEST_ADDOPTS or `--tests`.*"])


def test_pytest_snapshots_option_is_known_where_syrupy_is_not(compared):
    compared.write(
        "conftest.py",
        "def pytest_addoption(parser):\n"
        "    parser.addoption('--snapshot-update', action='store_true', dest='snapshot_update')\n",
    )
    compared.write("pytest.ini", "[pytest]\naddopts = -p no:syrupy --snapshot-update\n")
    result = compared.run(*NIGHT)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--snapshot-update stands in `addopts`*"])


@pytest.mark.parametrize("other", ["", "--insta=update-none", "--inline-snapshot=report"])
def test_what_accepts_nothing_is_left_alone(compared, other):
    compared.write("conftest.py", OTHERS)
    compared.write("pytest.ini", f"[pytest]\naddopts = {other}\n")
    compared.run(*NIGHT).assert_outcomes(passed=2)


def test_its_own_may_be_there_twice(compared, monkeypatch):
    monkeypatch.setenv("PYTEST_ADDOPTS", "--model=production")
    compared.run(*NIGHT).assert_outcomes(passed=2)


def test_a_session_that_a_test_starts_is_none_of_its_business(compared):
    result = compared.run(f"--model={PIN}", "--model-report=another.json", "--model-record=none")
    result.assert_outcomes(passed=2)


def test_several_candidates_are_all_of_one_call(project, monkeypatch):
    """With one in `addopts`, each run of pytest started another one, without end."""
    monkeypatch.setenv("PYTEST_ADDOPTS", "--model=support=candidate")
    result = project.run("--model", "support=gpt-4.1-2025-04-14")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--model=support=candidate stands in `addopts`*"])
