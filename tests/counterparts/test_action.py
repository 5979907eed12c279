"""action.yml by itself, executed by act with a stand-in for Python that notes its arguments."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

ACTION = Path(__file__).resolve().parents[2] / "action.yml"

# In the place of Python: notes each call, says that pytest-modelpin is installed or not, and plays
# a night that ends with the status asked for.
STAND_IN = """\
#!/usr/bin/env bash
printf '%s\\0' "$@" >>"$CALLS"
printf '\\n' >>"$CALLS"
case "$1 $2" in
  "-I -c") exit "$LACKING" ;;
  "-m pytest_modelpin")
    git config --get-all safe.directory >"$CALLS.safe" || true
    printf 'verdict<<end\\nred\\nstreak=9\\nend\\nstreak<<end\\n2\\nend\\n' >>"$GITHUB_OUTPUT"
    exit "$STATUS" ;;
esac
"""


@pytest.fixture
def run_action(act, tmp_path):
    """Runs the action with inputs; gives act's result and the calls of the stand-in."""

    def run(inputs: dict[str, str], *, status: int = 0, lacking: int = 0) -> Any:
        folder = tmp_path / "repository"
        workflows = folder / ".github" / "workflows"
        workflows.mkdir(parents=True)
        shutil.copy(ACTION, folder)
        stand_in, calls = tmp_path / "python", tmp_path / "calls"
        stand_in.write_text(STAND_IN)
        stand_in.chmod(0o755)
        checkout = {"uses": "actions/checkout@v7"}  # act copies the folder instead
        uses = {"id": "night", "uses": "./", "with": {"python": str(stand_in), **inputs}}
        told = {
            "if": "always()",
            "env": {name: f"${{{{ steps.night.outputs.{name} }}}}" for name in OUTPUTS},
            "run": "echo \"verdict is [${verdict//$'\\n'/|}], streak is [$streak]\"",
        }
        # JSON is YAML.
        job = {"runs-on": "ubuntu-latest", "steps": [checkout, uses, told]}
        document = {"on": "workflow_dispatch", "jobs": {"night": job}}
        (workflows / "night.yml").write_text(json.dumps(document))
        for command in (
            ["init", "--quiet"],
            ["remote", "add", "origin", "https://github.com/acme/app.git"],
            ["add", "--all"],
            ["-c", "user.name=You", "-c", "user.email=you@example.com", "commit", "-qm", "All"],
        ):
            subprocess.run(["git", *command], cwd=folder, check=True)
        done = act(
            folder,
            "workflow_dispatch",
            "night.yml",
            *(
                "--env",
                f"CALLS={calls}",
                "--env",
                f"STATUS={status}",
                "--env",
                f"LACKING={lacking}",
            ),
        )
        print(done.stdout, done.stderr)  # pytest shows it where the test fails
        return done, [line.split("\0")[:-1] for line in calls.read_text().splitlines()]

    return run


OUTPUTS = ("verdict", "streak")


def test_inputs_reach_the_command_as_they_are(run_action):
    hostile = "$(touch hacked) `touch hacked` \"; touch hacked; '"
    done, calls = run_action(
        {
            "models": "claude gpt-* $(touch${IFS}hacked)",
            "tests": hostile,
            "ledger": "kept here",
            "pull-request": "false",
            "today": "2026-11-18",
        }
    )

    assert done.returncode == 0, done.stdout
    assert calls[-1] == [
        *("-m", "pytest_modelpin", "nightly"),
        f"--tests={hostile}",
        "--ledger=kept here",
        "--today=2026-11-18",
        "--no-pull-request",
        *("--", "claude", "gpt-*", "$(touch${IFS}hacked)"),
    ]


def test_with_no_input_the_night_is_everything_on_github(run_action):
    done, calls = run_action({})

    assert done.returncode == 0, done.stdout
    assert calls[-1] == ["-m", "pytest_modelpin", "nightly", "--tests=", "--ledger=github", "--"]


def test_git_looks_into_a_checkout_of_another_user_as_in_a_containers_job(run_action, tmp_path):
    done, _ = run_action({})

    assert done.returncode == 0, done.stdout
    assert (tmp_path / "calls.safe").read_text().splitlines()[-1:] == ["*"]


def test_pytest_modelpin_is_installed_from_the_action_where_it_is_lacking(run_action):
    done, calls = run_action({}, lacking=1)

    assert done.returncode == 0, done.stdout
    (install,) = [call for call in calls if call[:3] == ["-m", "pip", "install"]]
    assert Path(install[-1]).is_absolute()


def test_an_installed_one_is_left_alone(run_action):
    _, calls = run_action({})

    assert [call for call in calls if "pip" in call] == []


@pytest.mark.parametrize(("status", "code"), [(0, 0), (1, 1), (2, 1), (3, 0)])
def test_only_red_and_wrong_usage_fail_the_job(run_action, status, code):
    done, _ = run_action({}, status=status)

    assert done.returncode == code, done.stdout
    assert ("::warning" in done.stdout) == (status == 3)


def test_outputs_come_through_whole(run_action):
    done, _ = run_action({})

    assert "verdict is [red|streak=9], streak is [2]" in done.stdout


@pytest.mark.parametrize("status", [0, 1])
def test_the_nights_folder_is_kept_however_it_ended(run_action, status):
    done, _ = run_action({"retention-days": "7", "working-directory": "."}, status=status)

    assert "kept as [pytest-modelpin-night] [./.pytest_modelpin/nights] 7" in done.stdout


def test_nothing_is_kept_where_that_is_not_wanted(run_action):
    done, _ = run_action({"artifact": ""})

    assert "kept as" not in done.stdout
