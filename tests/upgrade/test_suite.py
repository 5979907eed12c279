"""Running a team's suite: which arguments reach pytest, and what is said when it can't run."""

import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_modelpin.errors import UpgradeError
from pytest_modelpin.report import progress
from pytest_modelpin.upgrade.suite import STOPPED, Suite, run_until

pytestmark = pytest.mark.slow

LEAN = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PATH": "/usr/bin:/bin"}
TAKES_A_REPORT = "def pytest_addoption(parser): parser.addoption('--model-report')\n"
"""A conftest.py in place of the plugin."""


@pytest.fixture
def suite(tmp_path):
    (tmp_path / "tests").mkdir()
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "tests/test_a.py").write_text("def test_one(): pass\ndef test_two(): pass\n")
    (tmp_path / "conftest.py").write_text(TAKES_A_REPORT)

    def build(*arguments):
        return Suite(tmp_path, arguments, LEAN)

    return build


def ran(suite, tmp_path, **options):
    return suite.pytest("-v", report=tmp_path / "log.json", **options).stdout


def test_the_users_arguments_are_always_used(suite, tmp_path):
    assert "1 passed, 1 deselected" in ran(suite("tests", "-k", "one"), tmp_path)


def test_named_tests_take_the_place_of_paths_and_leave_the_options(suite, tmp_path):
    said = ran(suite("-c", "pytest.ini", "tests"), tmp_path, tests=["tests/test_a.py::test_two"])
    assert "1 passed" in said
    assert "test_one" not in said
    assert "configfile: pytest.ini" in said


def test_named_tests_are_found_from_a_folder_below_pytests_root(tmp_path):
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "conftest.py").write_text(TAKES_A_REPORT)
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


def test_the_users_wish_to_stop_at_a_failure_stops_no_run_that_is_compared(suite, tmp_path):
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = -x\n")
    (tmp_path / "tests/test_a.py").write_text("def test_one(): 1 / 0\ndef test_two(): pass\n")
    assert "1 failed, 1 passed" in ran(suite("--exitfirst"), tmp_path)


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

    replace(suite("tests"), display=Display()).pytest(report=tmp_path / "log.json")
    assert seen[-1:] == [progress.Progress(1, 2)]
    assert not list(tmp_path.glob("log.progress"))


def test_an_interrupted_process_still_says_what_it_has(tmp_path, monkeypatch):
    ready = tmp_path / "ready"
    program = (
        "import pathlib, time\n"
        "try:\n"
        f"    pathlib.Path({str(ready)!r}).touch()\n"
        "    time.sleep(600)\n"
        "except KeyboardInterrupt:\n"
        "    print('kept')"
    )
    # Its time is over as soon as it waits, however long a busy machine takes to get there.
    monkeypatch.setattr("pytest_modelpin.upgrade.suite.time.monotonic", lambda: ready.exists())
    done = run_until(1.0, [sys.executable, "-c", program], tmp_path, {})
    assert done.returncode == STOPPED
    assert "kept" in done.stdout


def test_without_a_deadline_its_own_exit_code_counts(tmp_path):
    program = "print('said'); raise SystemExit(4)"
    done = run_until(None, [sys.executable, "-c", program], tmp_path, {})
    assert (done.returncode, done.stdout.strip()) == (4, "said")


def test_what_it_says_is_on_disk_before_it_ends_and_without_secrets(tmp_path):
    log, go_on = tmp_path / "log.txt", tmp_path / "go-on"
    program = (
        "import pathlib, time\n"
        "print('first sk-ant-api03-' + 'a1B2' * 23 + 'AA', flush=True)\n"
        f"while not pathlib.Path({str(go_on)!r}).exists(): time.sleep(0.01)\n"
        "print('last')"
    )

    def meanwhile():
        if log.exists() and "first" in (said := log.read_text()):
            assert "a1B2a1B2" not in said
            go_on.touch()

    done = run_until(
        time.monotonic() + 60, [sys.executable, "-c", program], tmp_path, {}, log=log,
        meanwhile=meanwhile,
    )  # fmt: skip
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == "last"
    assert log.read_text().splitlines()[-1] == "last"


def test_what_it_leaves_behind_with_its_output_holds_up_nobody(tmp_path, monkeypatch):
    monkeypatch.setattr("pytest_modelpin.upgrade.suite.GRACE", 0.1)
    child = f"{sys.executable!r}, '-c', 'import time; time.sleep(600)'"
    program = f"import subprocess; subprocess.Popen([{child}]); print('said')"
    done = run_until(None, [sys.executable, "-c", program], tmp_path, {})
    assert (done.returncode, done.stdout.strip()) == (0, "said")


def test_a_command_that_can_not_be_started_leaves_nothing_open(tmp_path):
    before = len(list(Path("/dev/fd").iterdir())) if Path("/dev/fd").exists() else 0
    with pytest.raises(OSError):
        run_until(None, [str(tmp_path / "nowhere")], tmp_path, {}, log=tmp_path / "log")
    after = len(list(Path("/dev/fd").iterdir())) if Path("/dev/fd").exists() else 0
    assert after <= before  # what the collector closes meanwhile is not of this


def test_a_test_that_ends_pytest_with_a_success_is_said(suite, tmp_path):
    """A night that broke off on the missing report wrote nothing down, of no model."""
    (tmp_path / "tests/test_a.py").write_text("import os\ndef test_one(): os._exit(0)\n")
    with pytest.raises(UpgradeError, match="was ended by a test before it wrote its report"):
        suite("tests").run(report=tmp_path / "candidate.json")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a full disk is a device of Linux")
def test_a_full_disk_takes_no_output_away(tmp_path):
    command = [sys.executable, "-c", "print('said')"]
    done = run_until(None, command, tmp_path, {}, log=Path("/dev/full"))
    assert (done.returncode, done.stdout) == (0, "said\n")


@pytest.mark.parametrize(
    ("ini", "wanted"), [("[pytest]\n", True), ("[pytest]\npythonpath = .\n", False)]
)
def test_it_is_known_where_plain_pytest_lacks_the_folder(
    tmp_path: Path, ini: str, wanted: bool
) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "pytest.ini").write_text(ini)
    (tmp_path / "code_of_mine.py").touch()
    (tmp_path / "tests" / "test_it.py").write_text("import code_of_mine\ndef test(): pass\n")
    assert Suite(tmp_path).wants_its_folder() is wanted
