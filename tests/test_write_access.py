from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys
from argparse import Namespace
from importlib import import_module
from pathlib import Path

import pytest
import yaml

from pytest_modelpin.cli import main
from pytest_modelpin.cli.command_parser import COMMANDS, module_of
from pytest_modelpin.errors import LedgerError
from pytest_modelpin.write_access import (
    HANDED_OVER,
    RUN_TESTS,
    for_tests,
    isolate_tokens,
    runner_files_kept,
    without_tokens,
)


@pytest.mark.parametrize(
    "name",
    ["GITHUB_TOKEN", "GITHUB_JOB_TOKEN", "GH_TOKEN", "GH_ENTERPRISE_TOKEN",
     "GITHUB_ENTERPRISE_TOKEN", "INPUT_TOKEN", "ACTIONS_RUNTIME_TOKEN",
     "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "MODELPIN_SLACK_WEBHOOK",
     "ACTIONS_RUNTIME_URL", "ACTIONS_RESULTS_URL", "ACTIONS_CACHE_URL",
     "ACTIONS_ID_TOKEN_REQUEST_URL", "GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STATE",
     "GITHUB_STEP_SUMMARY", "MODELPIN_SUPPORT"],
)  # fmt: skip
def test_tests_are_not_given(name: str) -> None:
    assert for_tests({name: "x", "OPENAI_API_KEY": "needed"}) == {"OPENAI_API_KEY": "needed"}


def test_git_s_hooks_are_given_no_token() -> None:
    assert without_tokens({"GITHUB_TOKEN": "x", "HOME": "/home/you"}) == {"HOME": "/home/you"}


def test_what_breaks_off_leaves_no_forged_output(tmp_path):
    output, quiet = tmp_path / "output", tmp_path / "quiet"
    output.write_text("before=1\n")
    environment = {"GITHUB_OUTPUT": str(output), "GITHUB_ENV": str(quiet)}
    said: list[str] = []

    def forge_and_break_off():
        output.write_text("verdict=green\n")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), runner_files_kept(said.append, environment):
        forge_and_break_off()
    assert output.read_text() == "before=1\n"
    assert not quiet.exists()
    (warning,) = said
    assert "GITHUB_OUTPUT" in warning
    assert "GITHUB_ENV" not in warning


@pytest.mark.parametrize("command", ["promote", "rollback", "diff", "judge", "record", "plan"])
def test_no_command_leaves_an_output_that_its_tests_forged(command, tmp_path, monkeypatch, capsys):
    output = tmp_path / "output"

    def forge(arguments):
        output.write_text("verdict=green\n")
        return 0

    parsed = Namespace(command=command, run=forge)
    monkeypatch.setitem(main.__globals__, "make_parser", lambda: FixedParser(parsed))
    monkeypatch.setenv("GITHUB_OUTPUT", str(output))
    assert main([command]) == 0
    assert output.read_text() == ""
    assert "GITHUB_OUTPUT" in capsys.readouterr().err


class FixedParser:
    """Understands whatever it is given as the same."""

    def __init__(self, parsed):
        self.parsed = parsed

    def parse_known_args(self, arguments):
        return self.parsed, []


def test_what_was_handed_over_is_read_once(monkeypatch):
    reading, writing = os.pipe()
    os.write(writing, b"GITHUB_TOKEN=planted=token\0PATH=/forged\0")
    os.close(writing)
    environment = {HANDED_OVER: str(reading)}
    monkeypatch.setattr("pytest_modelpin.write_access._hide_memory", lambda: None)
    isolate_tokens(["nightly"], environment)
    assert environment == {"GITHUB_TOKEN": "planted=token"}
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(reading)


@pytest.mark.parametrize(
    ("command", "environment"),
    [
        (["status"], {"GITHUB_TOKEN": "planted"}),
        (["nightly"], {}),
        ([], {"GITHUB_TOKEN": "planted"}),
    ],
)
def test_it_starts_anew_only_where_tests_run_and_a_token_is_there(
    command, environment, monkeypatch
):
    started = []
    monkeypatch.setattr(os, "execve", lambda *call: started.append(call))
    isolate_tokens(command, environment)
    assert started == []


def test_the_commands_that_run_tests_are_known() -> None:
    """`record`, `plan` and others left a token where their tests could read it."""
    run = {
        command
        for command in COMMANDS
        if re.search(r"\bSuite\(|\bas_recorded\(", inspect.getsource(module_of(command)))
    }
    # What shares a module with one that does.
    assert run - {"accept", "compare", "import", "view"} == {*RUN_TESTS}


@pytest.mark.parametrize("command", RUN_TESTS)
def test_each_command_that_runs_tests_starts_anew(command, monkeypatch):
    started = []
    monkeypatch.setattr(os, "execve", lambda *call: started.append(call))
    isolate_tokens([command, "--json"], {"GITHUB_TOKEN": "planted", "HOME": "/home/you"})
    ((program, arguments, environment),) = started
    assert program == arguments[0] == sys.executable
    assert environment.keys() == {"HOME", HANDED_OVER}
    with os.fdopen(int(environment[HANDED_OVER]), "rb") as pipe:
        assert pipe.read() == b"GITHUB_TOKEN=planted\0"


ACTION = Path(__file__).parents[1] / "action.yml"

# In the place of Python: looks for the token in every process above, and reads the pipe.
STAND_IN = """#!/usr/bin/env bash
pid=$$
while [[ $pid -gt 1 ]]; do
  if tr '\\0' '\\n' </proc/$pid/environ | grep -q Zq7xwrite; then echo "found in $pid"; fi
  pid=$(awk '/^PPid/ {print $2}' /proc/$pid/status)
done
tr '\\0' '\\n' <&3
exit 3
"""


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_the_action_s_shell_does_not_hold_the_token_either(tmp_path):
    steps = yaml.safe_load(ACTION.read_text())["runs"]["steps"]
    (step,) = [step for step in steps if step.get("id") == "nightly"]
    script, stand_in = tmp_path / "step.sh", tmp_path / "python"
    script.write_text(step["run"])
    stand_in.write_text(STAND_IN)
    stand_in.chmod(0o755)
    inputs = dict.fromkeys(step["env"], "")
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
        env={
            **os.environ,
            **inputs,
            "INPUT_PYTHON": str(stand_in),
            "GITHUB_TOKEN": "Zq7xwrite91bc",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr  # an inconclusive night fails no job
    assert "::warning title=pytest-modelpin::" in done.stdout
    assert "GITHUB_TOKEN=Zq7xwrite91bc" in done.stdout.splitlines()
    assert "found in" not in done.stdout


def test_a_night_that_breaks_off_leaves_no_forged_output(tmp_path, monkeypatch, capsys):
    def forged(*_, **__):
        output.write_text("before=1\nverdict=green\n")
        raise LedgerError("The ledger can't be written.")

    output = tmp_path / "output"
    output.write_text("before=1\n")
    (tmp_path / "models.yml").write_text("models:\n  a:\n    production: gpt-5.1-2025-11-13\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GITHUB_OUTPUT", str(output))
    # By its name alone: a pytest within the tests may have had it loaded anew.
    night = import_module("pytest_modelpin.upgrade.nightly.run_nightly")
    monkeypatch.setattr(night, "run_nightly", forged)
    assert main(["nightly", "--ledger=ledger"]) == 2
    assert output.read_text() == "before=1\n"
    assert "something wrote to GITHUB_OUTPUT" in capsys.readouterr().err
