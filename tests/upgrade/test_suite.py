"""Running a team's suite: which arguments reach pytest, and what is said when it can't run."""

from dataclasses import replace

import pytest

from pytest_modelpin.errors import UpgradeError
from pytest_modelpin.report import progress
from pytest_modelpin.upgrade.suite import Suite

LEAN = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PATH": "/usr/bin:/bin"}


@pytest.fixture
def suite(tmp_path):
    (tmp_path / "tests").mkdir()
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "tests/test_a.py").write_text("def test_one(): pass\ndef test_two(): pass\n")

    def build(*arguments):
        return Suite(tmp_path, arguments, LEAN)

    return build


def ran(suite, tmp_path, **options):
    return suite.pytest("-v", log=tmp_path / "log.json", **options).stdout


def test_the_users_arguments_are_always_used(suite, tmp_path):
    assert "1 passed, 1 deselected" in ran(suite("tests", "-k", "one"), tmp_path)


def test_named_tests_take_the_place_of_paths_and_leave_the_options(suite, tmp_path):
    said = ran(suite("-c", "pytest.ini", "tests"), tmp_path, tests=["tests/test_a.py::test_two"])
    assert "1 passed" in said
    assert "test_one" not in said
    assert "configfile: pytest.ini" in said


def test_named_tests_are_found_from_a_folder_below_pytests_root(tmp_path):
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "service" / "tests").mkdir(parents=True)
    (tmp_path / "service/tests/test_a.py").write_text("def test_one(): pass\n")
    suite = Suite(tmp_path / "service", (), LEAN)
    said = ran(suite, tmp_path, tests=["service/tests/test_a.py::test_one"])
    assert "1 passed" in said


def test_an_options_value_is_no_path_though_a_file_has_its_name(suite, tmp_path):
    (tmp_path / "report.xml").write_text("an earlier run's")
    suite = suite("--junitxml", "report.xml", "tests")
    said = ran(suite, tmp_path, tests=["tests/test_a.py::test_two"])
    assert "1 passed" in said
    assert "<testsuites" in (tmp_path / "report.xml").read_text()


def test_the_output_lies_beside_the_report(suite, tmp_path):
    ran(suite("tests"), tmp_path)
    assert "2 passed" in (tmp_path / "log.log").read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["nowhere"], "did not understand"), (["--unknown"], "did not understand")],
)
def test_a_suite_that_cannot_run_is_quoted(suite, tmp_path, arguments, said):
    with pytest.raises(UpgradeError, match=said):
        suite(*arguments).run(report=tmp_path / "run.json")


def test_tests_never_see_what_writes_to_the_repository(tmp_path, monkeypatch):
    monkeypatch.setenv("GITHUB_TOKEN", "ghp_planted")
    monkeypatch.setenv("MODELPIN_SLACK_WEBHOOK", "https://hooks.example/planted")
    monkeypatch.setenv("MODELPIN_SUPPORT", "gpt-planted")  # the pin of the file is what counts
    monkeypatch.setenv("OPENAI_API_KEY", "needed")
    environment = Suite(tmp_path).environment
    assert "planted" not in str(environment)
    assert environment["OPENAI_API_KEY"] == "needed"


def test_what_a_run_tells_of_itself_is_shown_and_leaves_no_file(suite, tmp_path):
    (tmp_path / "tests/conftest.py").write_text(
        "import os, pathlib\n"
        "def pytest_sessionfinish():\n"
        f"    told = pathlib.Path(os.environ[{progress.FILE!r}])\n"
        '    told.write_text(\'{"done": 1, "total": 2}\')\n'
    )
    seen = []

    class Display:
        begin = end = staticmethod(lambda: None)
        show = staticmethod(seen.append)

    replace(suite("tests"), display=Display()).pytest(log=tmp_path / "log.json")
    assert seen[-1:] == [progress.Progress(1, 2)]
    assert not list(tmp_path.glob("log.progress"))
