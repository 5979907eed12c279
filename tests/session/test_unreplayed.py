"""Recordings beside the tests and no models.yml: what is said before anybody wonders at a bill."""

from __future__ import annotations

import pytest

PIN = "gpt-4o-2024-08-06"
WARNED = (
    "*PytestConfigWarning: pytest-modelpin is not active, so nothing is replayed and *is sent: "
)


@pytest.fixture
def recorded(project):
    project.record()
    return project


def test_a_models_yml_that_was_deleted_is_missed_beside_its_recordings(recorded):
    (recorded.folder / "models.yml").unlink()
    run = recorded.run()
    run.assert_outcomes(passed=2, warnings=1)
    run.stdout.fnmatch_lines(
        [
            f"{WARNED}recordings lie in tests/__recordings__, but none of models.yml, "
            f"config/models.yml, .github/models.yml is in {recorded.folder}. Restore it from git, "
            "or run `pytest-modelpin init` to write one."
        ]
    )


def test_a_models_yml_by_another_name_is_named(recorded):
    (recorded.folder / "compose.yml").write_text("services: {}\n")
    (recorded.folder / "models.yml").rename(recorded.folder / "pins.yml")
    recorded.run().stdout.fnmatch_lines([f"{WARNED}*pins.yml holds pins: rename it, *"])


def test_a_models_yml_that_lies_within_the_root_is_named_with_where_to_run(recorded):
    inner = recorded.folder / "services" / "desk"
    inner.mkdir(parents=True)
    for name in ("tests", "models.yml"):
        (recorded.folder / name).rename(inner / name)
    run = recorded.run()
    run.assert_outcomes(errors=2)
    run.stdout.fnmatch_lines(
        [f"*not replayed: *{inner / 'models.yml'} is not read, *run pytest from {inner}, or *"]
    )


def test_where_warnings_are_errors_it_ends_the_run_with_the_sentence(recorded):
    (recorded.folder / "models.yml").unlink()
    sent = len(recorded.server.requests)
    run = recorded.run("-W", "error")
    assert run.ret == pytest.ExitCode.USAGE_ERROR
    run.stderr.fnmatch_lines(["ERROR: pytest-modelpin is not active, *"])
    assert "INTERNALERROR" not in run.stdout.str() + run.stderr.str()
    assert len(recorded.server.requests) == sent
    (recorded.folder / "models.yaml").write_text("models:\n  a:\n    production: gpt-4o\n")
    run = recorded.run("-W", "error")
    assert run.ret == pytest.ExitCode.USAGE_ERROR
    run.stderr.fnmatch_lines(["ERROR: *models.yaml is not read: rename it to models.yml."])


def test_where_warnings_are_errors_workers_fail_the_tests_with_it(recorded):
    """A usage error in a worker ended pytest-xdist itself: INTERNALERROR, and no word of why."""
    recorded.write("pytest.ini", "[pytest]\npythonpath = .\n")
    (recorded.folder / "models.yml").unlink()
    sent = len(recorded.server.requests)
    run = recorded.run("-n", "2", "-W", "error")
    run.assert_outcomes(errors=2)
    run.stdout.fnmatch_lines(["*not replayed: *none of models.yml, *Restore it from git*"])
    assert "INTERNALERROR" not in run.stdout.str() + run.stderr.str()
    assert len(recorded.server.requests) == sent


def test_it_is_said_once_by_all_workers(recorded):
    recorded.write("pytest.ini", "[pytest]\npythonpath = .\n")
    (recorded.folder / "models.yml").unlink()
    run = recorded.run("-n", "2", "-k", "fee")
    assert run.stdout.str().count("recordings lie in") == 1


@pytest.mark.parametrize("held", ["", "cassette_1/recording.har"])
def test_another_tool_s_folder_of_that_name_is_none_of_ours(project, held):
    (project.folder / "models.yml").unlink()
    project.write(f"tests/__recordings__/{held or 'README'}", "")
    project.write("tests/test_support.py", "def test_nothing(): pass")
    project.run().assert_outcomes(passed=1, warnings=0)


def test_a_folder_of_which_no_test_is_run_is_not_looked_at(recorded):
    (recorded.folder / "models.yml").unlink()
    recorded.write("plain/test_nothing.py", "def test_nothing(): pass")
    recorded.run("plain").assert_outcomes(passed=1, warnings=0)


def test_a_version_asked_for_below_models_yml_is_told_which_is_not_read(project):
    below = project.folder / "packages" / "desk"
    below.mkdir(parents=True)
    (below / "pytest.ini").write_text("[pytest]\n")
    (below / "test_it.py").write_text("def test_it(): pass\n")
    run = project.run("--model", "production", "--rootdir", str(below), str(below))
    assert run.ret == pytest.ExitCode.USAGE_ERROR
    cure = "set the ini value `modelpin_registry = ../../models.yml`"
    run.stderr.fnmatch_lines([f"*{project.folder / 'models.yml'} is not read, *: {cure}."])


def test_a_root_that_an_option_s_path_has_moved_is_told_how_to_stay(recorded, tmp_path_factory):
    """pytest takes an existing file behind an option that it does not know yet for tests."""
    there = tmp_path_factory.mktemp("reports") / "run.json"
    there.write_text("{}")
    (recorded.folder / "pytest.ini").unlink(missing_ok=True)
    run = recorded.pytester.runpytest_subprocess("--model-report", str(there))
    run.assert_outcomes(errors=2)
    run.stdout.fnmatch_lines(["*not replayed: *write paths of options with `=`*"])
