"""What the examples' READMEs and CONTRIBUTING.md tell a reader to type is typed here."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from team_environment import PLUGINS

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
PATIENCE = 120.0
"""Seconds in which a service that is started answers, on the slowest machine."""


def typed(page: Path) -> list[str]:
    """Each line of the page's blocks of shell, without comments."""
    blocks = re.findall(r"```(?:sh|bash)\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    lines = [line.partition(" #")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line]


def environment(**more: str) -> dict[str, str]:
    """A reader's: none of what CI, pytest or this machine's owner set for this run."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("GITHUB_", "MODELPIN_", "PYTEST_", "GIT_", "OPENAI_", "ANTHROPIC_"))
    }
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    return kept | {"PATH": path, "GIT_ALLOW_PROTOCOL": "file"} | more


@pytest.fixture
def copied(tmp_path: Path):
    """A copy of an example, in a git repository of its own."""

    def copy(name: str) -> Path:
        ignored = shutil.ignore_patterns("__pycache__", ".pytest_modelpin", ".pytest_cache")
        folder = shutil.copytree(ROOT / "examples" / name, tmp_path / name, ignore=ignored)
        who = ["-c", "user.name=You", "-c", "user.email=you@example.com"]
        for words in (["init", "-q"], ["add", "-A"], [*who, "commit", "-qm", "As it comes"]):
            subprocess.run(["git", *words], cwd=folder, check=True)
        return folder

    return copy


def run(line: str, folder: Path, code: int = 0) -> str:
    """Type a line; what it printed. It has to end with that code."""
    done = subprocess.run(
        ["bash", "-c", line], cwd=folder, env=environment(**PLUGINS), timeout=600,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == code, f"{line}\n{done.stdout}{done.stderr}"
    return done.stdout


def installed_by_ci(line: str, folder: Path) -> bool:
    """Whether the line installs what CI has installed for this run, and names files that exist."""
    words = shlex.split(line)
    if words[:2] != ["pip", "install"]:
        return False
    listed = [folder / words[at + 1] for at, word in enumerate(words) if word == "-r"]
    assert [path for path in listed if not path.is_file()] == []
    return True


@pytest.mark.long
@pytest.mark.slow
def test_what_the_support_bots_readme_says_to_type_runs(copied):
    folder = copied("support_bot")
    said = {}
    for line in typed(folder / "README.md"):
        if not installed_by_ci(line, folder):
            said[line] = run(line, folder, 3 if " nightly " in line else 0)
    assert "8 passed" in said["pytest"]
    diff = said["git diff tests/__snapshots__/"]
    assert '-  "urgency": 2' in diff
    assert '+  "urgency": 1' in diff
    [night] = [text for line, text in said.items() if " nightly " in line]
    assert "triage: GREEN" in night
    assert "reply: GREEN" in night
    assert "summary: INCONCLUSIVE" in night  # as the page says


@contextmanager
def serving(line: str, folder: Path, url: str) -> Iterator[None]:
    """What a line starts, until it answers, and stopped in the end."""
    with subprocess.Popen(
        ["bash", "-c", f"exec {line}"] if "=" not in line.split()[0] else ["bash", "-c", line],
        cwd=folder, env=environment(CAPTURED_SHARE="1"), start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        try:
            until = time.monotonic() + PATIENCE
            while not answers(url):
                assert process.poll() is None, f"ended by itself: {line}"
                assert time.monotonic() < until, f"does not answer: {line}"
                time.sleep(0.2)
            yield
        finally:
            os.killpg(process.pid, 15)
            process.wait(60)


def answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=5)
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


CANARY = "    canary: {model: gpt-5.6-terra, percent: 5}\n"
OF_ITS_OWN = "python drive.py"
"""Takes minutes; tests/production/behaviour/test_service.py drives it for ten seconds."""


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the service forks")
def test_what_the_services_readme_says_to_type_runs(copied):
    folder = copied("service")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    lines = [each for each in typed(folder / "README.md") if not installed_by_ci(each, folder)]
    starting, asking = [
        next(line for line in lines if word in line) for word in ("uvicorn", "curl ")
    ]
    with serving(f"{starting} --port {port}", folder, f"http://127.0.0.1:{port}/"):
        answer = run(asking.replace("localhost:8000", f"127.0.0.1:{port}"), folder)
        assert '"queue":"shipping"' in answer
    with (folder / "models.yml").open("a") as models:
        models.write(CANARY)
    said = {}
    for line in lines:
        if line not in (starting, asking, OF_ITS_OWN):
            said[line] = run(line, folder)
    assert "passed" in said["pytest"]
    assert (folder / "shadow.html").is_file()
    assert "GREEN" in next(text for line, text in said.items() if " shadow " in line)
    assert "passed" in run("pytest", folder)
    assert OF_ITS_OWN in lines
    assert (ROOT / "tests" / "production" / "behaviour" / "test_service.py").is_file()


CONTRIBUTING = ROOT / "CONTRIBUTING.md"
TARGETS = [line.split()[1] for line in typed(CONTRIBUTING) if line.startswith("make ")]
RUN, INSTALL = [(ROOT / ".ci" / name).read_text("utf-8") for name in ("run", "install")]


def recipe(target: str) -> list[str]:
    """What make would run for a target, line by line."""
    make = shutil.which("make")
    if make is None:  # the recipes stand in the file as they are run
        found = re.search(rf"^{target}:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.M)
        assert found is not None, f"no target {target}"
        return [line.strip() for line in found[1].splitlines()]
    done = subprocess.run(
        [make, "--dry-run", target], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


def test_every_target_that_contributing_names_is_there():
    named = {*TARGETS, *re.findall(r"`make ([a-z]+)`", CONTRIBUTING.read_text("utf-8"))}
    assert named >= {"setup", "fast", "test", "whole", "lint", "ci", "lock"}
    assert all(recipe(target) for target in named)


def test_setup_and_ci_are_the_scripts_that_ci_runs():
    assert recipe("setup") == ["bash .ci/install"]
    assert recipe("ci") == ["bash .ci/run"]


def test_lint_checks_what_ci_checks():
    for line in recipe("lint"):
        program, _, arguments = line.partition(" ")
        checked = f"{program.rpartition('/')[2]} {arguments}".strip()
        assert checked in RUN


@pytest.mark.long
@pytest.mark.parametrize("target", ["fast", "test", "whole"])
def test_the_parts_of_the_suite_are_parts_of_it(target):
    """Each is collected as make would, the long ones in the whole alone."""
    [line] = recipe(target)
    words = [sys.executable, *shlex.split(line)[1:]]
    done = subprocess.run(
        [*words, "--collect-only", "-n", "0", "tests/docs/test_readmes.py", "tests/cli"],
        cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert ("test_what_the_services_readme" in done.stdout) is (target == "whole")
    assert ("tests/cli/test_check" in done.stdout or "tests/cli/" in done.stdout) is (
        target != "fast"
    )


def test_the_way_without_node_and_go_installs_what_the_tests_need():
    """Its commands are CI's own: by hash what comes from an index, then what lies here."""
    text = CONTRIBUTING.read_text("utf-8")
    [line] = re.findall(r"`(python3 -m venv \.venv [^`]+)`", text)
    assert f"{line} && .venv/bin/python -m pytest" in " && ".join(typed(ROOT / "README.md"))
    assert '"$VENV/bin/python" --require-hashes --no-deps -r .ci/lock.txt' in INSTALL
    assert "--require-hashes -r .ci/lock.txt" in line
    own = "--no-deps --no-build-isolation -e ./runtime -e ."
    assert own in line
    assert own in INSTALL


@pytest.mark.long
def test_the_tests_of_time_are_found_as_contributing_says():
    [line] = re.findall(r"`(pytest -n 0 -m timing)`", CONTRIBUTING.read_text("utf-8"))
    done = subprocess.run(
        [sys.executable, "-m", *shlex.split(line), "-q", "--collect-only", "tests/guards"],
        cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert "test_guards.py" in done.stdout
