"""Real counterparts of the tests: aimock speaks the providers' APIs, act runs workflows."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from team_environment import team_environment

REPOSITORY = Path(__file__).resolve().parents[2]

# What would let a test reach a real provider, or be mistaken for a nightly on GitHub.
_LEAVE_OUT = re.compile(r"(_API_KEY|_TOKEN|_BASE_URL)$|^(GITHUB|RUNNER|PYTEST|MODELPIN|COV)_")

# Python runs a module of this name at its start. It works where a network namespace needs rights
# that the tests lack.
CUT_NETWORK = """
import socket

def refuse(*_arguments, **_options):
    raise OSError("the network is cut")

socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refuse
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = f"{Path(__file__).parent}{os.sep}"
    for item in items:
        if str(item.path).startswith(here):
            item.add_marker(pytest.mark.counterpart)


def _tool(name: str) -> Path:
    """The counterpart's program: from `make setup`'s folder, else from PATH."""
    root = Path(os.environ.get("MODELPIN_COUNTERPARTS", REPOSITORY / ".counterparts"))
    for candidate in (root / "node_modules" / ".bin" / name, root / "bin" / name):
        if candidate.exists():
            return candidate
    if found := shutil.which(name):
        return Path(found)
    reason = f"{name} is not installed; `make setup` installs it into .counterparts/"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def clean_environment(**added: str) -> dict[str, str]:
    """A team's, without this process's keys, addresses of providers, and what GitHub sets."""
    kept = {name: value for name, value in os.environ.items() if not _LEAVE_OUT.search(name)}
    return {**kept, **team_environment(), "PYTHONDONTWRITEBYTECODE": "1", **added}


def trusting(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment with the authorities that the machine trusts, for what asks an index."""
    kept = {name: value for name, value in environment.items() if name != "SSL_CERT_FILE"}
    machine = os.environ.get("MACHINE_SSL_CERT_FILE")
    return {**kept, "SSL_CERT_FILE": machine} if machine else kept


@dataclass
class Aimock:
    """One running aimock: every provider's API on one port."""

    url: str
    process: subprocess.Popen[str]

    def stop(self) -> None:
        """From here on nobody answers; may be called twice."""
        self.process.terminate()
        self.process.wait(timeout=10)


@pytest.fixture
def aimock(tmp_path: Path) -> Iterator[Callable[[Sequence[Any]], Aimock]]:
    """Starts aimock with the fixtures given; the first that matches a request answers it.

    A fixture's model matches by its start, so a dated id must come before its alias.
    """
    program = _tool("llmock")
    started: list[Aimock] = []

    def start(fixtures: Sequence[Any]) -> Aimock:
        file = tmp_path / f"aimock-{len(started)}.json"
        file.write_text(json.dumps({"fixtures": list(fixtures)}))
        process = subprocess.Popen(
            [program, "--port", "0", "--fixtures", file, "--strict", "--validate-on-load"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        server = Aimock(_address(process), process)
        started.append(server)
        return server

    yield start
    for server in started:
        server.stop()
        assert server.process.stdout is not None
        server.process.stdout.close()


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    said: list[str] = []
    for line in process.stdout:
        said.append(line)
        if found := re.search(r"listening on (http://\S+)", line):
            # A pipe that nobody reads fills up, and the server stops in the middle of an answer.
            threading.Thread(target=process.stdout.read, daemon=True).start()
            return found[1]
    pytest.fail("aimock did not start:\n" + "".join(said))


@dataclass
class Suite:
    """A user's project in a folder of its own, run by pytest in a process of its own."""

    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    python: str = sys.executable

    def write(self, **files: str) -> None:
        """Write files by stem and content: `test_x=` is tests/test_x.py, `models=` models.yml."""
        for stem, content in files.items():
            name = "models.yml" if stem == "models" else f"tests/{stem}.py"
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)

    def pytest(
        self, *arguments: str, offline: bool = False, wrapper: Sequence[str] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Run pytest as a user would, on the whole suite.

        `offline` cuts the network; `wrapper` is a script, with its arguments, that runs it.
        """
        environment = clean_environment(**self.environment)
        if offline:
            cut = self.folder.parent / "cut"
            cut.mkdir(exist_ok=True)
            (cut / "sitecustomize.py").write_text(CUT_NETWORK)
            environment["PYTHONPATH"] = os.pathsep.join([str(cut), environment["PYTHONPATH"]])
        outer = [self.python, *wrapper] if wrapper else []
        pytest_itself = [self.python, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:asyncio"]
        return subprocess.run(
            [*outer, *pytest_itself, *arguments],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def recordings(self) -> dict[str, str]:
        """The text of each recording, by its path below `__recordings__`."""
        return self._below(self.folder / "tests" / "__recordings__")

    def tried(self) -> dict[str, str]:
        """The same of what a run by hand tried, which lies apart until it is accepted."""
        apart = self.folder / ".pytest_modelpin" / "recordings"
        return self._below(apart / "tests" / "__recordings__")

    @staticmethod
    def _below(root: Path) -> dict[str, str]:
        return {
            path.relative_to(root).as_posix(): path.read_text()
            for path in sorted(root.rglob("*.json"))
        }


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "pytest.ini").write_text("[pytest]\n")
    return Suite(folder)


@pytest.fixture(scope="session")
def oldest() -> str:
    """The Python of an environment with the oldest versions that are supported."""
    here = REPOSITORY / ".counterparts" / "oldest" / "bin" / "python"
    python = Path(os.environ.get("MODELPIN_OLDEST") or here)
    if python.exists():
        return str(python)
    reason = f"{python} is no Python with the oldest versions; `make setup` makes one"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def _played(
    command: Sequence[str | Path], repository: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """What a runner of pipelines does in a repository, within ten minutes."""
    return subprocess.run(
        command,
        cwd=repository,
        env=trusting(clean_environment(**environment)),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


@pytest.fixture
def act(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a repository's workflow for an event, on this machine, as GitHub would."""
    program = _tool("act")
    upload = _upload(tmp_path / "upload-artifact")

    def run(
        repository: Path, event: str, workflow: str, *options: str, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return _played(
            [
                program, event, "--workflows", f".github/workflows/{workflow}",
                "--platform", "ubuntu-latest=-self-hosted", "--no-cache-server",
                "--action-cache-path", tmp_path / "act", *upload, *options,
            ],
            repository, environment,
        )  # fmt: skip

    return run


@pytest.fixture
def gitlab_ci(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a repository's pipeline with the given variables, on this machine, as GitLab would."""
    program = _tool("gitlab-ci-local")
    if not shutil.which("rsync"):
        pytest.fail("gitlab-ci-local needs rsync, which `make setup` installs on Debian")

    def run(
        repository: Path, *options: str, variables: Mapping[str, str], **environment: str
    ) -> subprocess.CompletedProcess[str]:
        given = [f"--variable={name}={value}" for name, value in variables.items()]
        return _played(
            [
                program, "--force-shell-executor", "--no-artifacts-to-source", "--home", tmp_path,
                f"--variable=CI_PROJECT_DIR={repository}", *given, *options,
            ],
            repository, environment,
        )  # fmt: skip

    return run


def _upload(folder: Path) -> list[str]:
    """act's options that put an action of ours in the place of actions/upload-artifact.

    act would fetch that one from GitHub, and has no service to upload to.
    """
    folder.mkdir()
    names = ("name", "path", "retention-days", "include-hidden-files", "if-no-files-found")
    said = {name.upper().replace("-", "_"): f"${{{{ inputs.{name} }}}}" for name in names}
    said["PLACE"] = said.pop("PATH")
    step = {"shell": "bash", "env": said, "run": 'echo "kept as [$NAME] [$PLACE] $RETENTION_DAYS"'}
    inputs = {name: {"required": False} for name in (*names, "overwrite")}
    action = {
        "name": "ours",
        "inputs": inputs,
        "runs": {"using": "composite", "steps": [step]},
    }
    (folder / "action.yml").write_text(json.dumps(action))  # JSON is YAML
    pinned = re.search(
        r"uses: (actions/upload-artifact@\w+)", (REPOSITORY / "action.yml").read_text()
    )
    assert pinned
    return ["--local-repository", f"{pinned[1]}={folder}"]
