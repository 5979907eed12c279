"""What people use today to ask a model many questions: promptfoo, DeepEval, Inspect.

Each is the real package, installed with a pinned version into a git-ignored folder when it is
first needed, and used as its documentation says. All read the same `cases.csv`. What they would
keep (caches) or send home (telemetry) is switched off by the switches that they document.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from timing import OUTPUT, Cost, process_cost

HERE = Path(__file__).parent
HOME = HERE.parents[1] / ".counterparts" / "rivals"
CASES = "cases.csv"


class NoFigure(Exception):
    """Why there is no figure: a rival can't be installed or run here, or did something else."""


@dataclass(frozen=True)
class Way:
    """One way of running a rival."""

    name: str
    command: tuple[str, ...]
    """Its first word is a program of the rival's own."""


@dataclass(frozen=True)
class Rival:
    """One package. Its files, a folder beside this module, are copied to where it runs."""

    folder: str
    pinned_in: str
    """The file that names its version: requirements.txt or package.json."""
    ways: tuple[Way, ...]
    proof: str
    """What it prints where all cases passed; `{cases}` stands for their number."""
    switches: Mapping[str, str] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        """Where it is installed."""
        return HOME / self.folder

    @property
    def version(self) -> tuple[str, str]:
        """Its name and version, as pinned."""
        text = (HERE / self.folder / self.pinned_in).read_text()
        if self.pinned_in == "package.json":
            dependencies: dict[str, str] = json.loads(text)["dependencies"]
            return next(iter(dependencies.items()))
        name, _, number = text.splitlines()[0].partition("==")
        return name, number


RIVALS = (
    Rival(
        "promptfoo",
        "package.json",
        (
            Way("promptfoo, as it comes", ("promptfoo", "eval", "--no-cache")),
            Way("promptfoo -j 50", ("promptfoo", "eval", "--no-cache", "-j", "50")),
        ),
        r"{cases} passed",
        {
            "PROMPTFOO_DISABLE_TELEMETRY": "1",
            "PROMPTFOO_DISABLE_UPDATE": "1",
            "PROMPTFOO_CONFIG_DIR": "promptfoo",
            # With its log files it ends in a crash, "write after end", after a run at 50.
            "PROMPTFOO_DISABLE_DEBUG_LOG": "1",
            "PROMPTFOO_DISABLE_ERROR_LOG": "1",
        },
    ),
    Rival(
        "deepeval",
        "requirements.txt",
        (
            Way("DeepEval, as it comes", ("deepeval", "test", "run", "test_night.py")),
            Way("DeepEval, its asynchronous loop at 50", ("python", "at_once.py")),
        ),
        r"Passed: {cases} ",
        {"DEEPEVAL_TELEMETRY_OPT_OUT": "1"},
    ),
    Rival(
        "inspect",
        "requirements.txt",
        (
            Way("Inspect, as it comes", ("inspect", "eval", "night.py", "--model", "{model}")),
            Way(
                "Inspect --max-connections 50",
                ("inspect", "eval", "night.py", "--model", "{model}", "--max-connections", "50"),
            ),
        ),
        r"accuracy\s+1\.000",
    ),
)


def install(rival: Rival) -> None:
    """Install a rival where it is not yet; NoFigure where that fails."""
    pinned = HERE / rival.folder / rival.pinned_in
    receipt = rival.home / "installed"
    if receipt.exists() and receipt.read_text() == pinned.read_text():
        return
    shutil.rmtree(rival.home, ignore_errors=True)
    rival.home.mkdir(parents=True)
    if rival.pinned_in == "package.json":
        shutil.copy(pinned, rival.home)
        _run(rival, "npm", "install", "--ignore-scripts", "--no-audit", "--no-fund")
    else:
        _run(rival, sys.executable, "-m", "venv", ".")
        _run(rival, str(rival.home / "bin" / "python"), "-m", "pip", "install", "-r", str(pinned))
    receipt.write_text(pinned.read_text())


def play(rival: Rival, way: Way, folder: Path, cases: int, url: str, model: str) -> Cost:
    """Ask a provider at `url` all questions, once each; NoFigure where not all pass."""
    shutil.copytree(HERE / rival.folder, folder)
    with (folder / CASES).open("w", newline="") as file:
        questions = [f"Question {number}?" for number in range(cases)]
        rows = [("question", "answer", "__expected"), *((each, each, each) for each in questions)]
        csv.writer(file).writerows(rows)
    program, *arguments = way.command
    try:
        cost = process_cost(
            [*_program(rival, program), *(each.format(model=model) for each in arguments)],
            folder,
            environment={
                "OPENAI_BASE_URL": f"{url}/v1",
                "OPENAI_API_KEY": "sk-benchmark-0123456789",
                "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "",  # DeepEval is a plugin of pytest
                **rival.switches,
            },
        )
    except (RuntimeError, OSError) as error:
        raise NoFigure(f"`{' '.join(way.command[:3])}` did not end well") from error
    said = re.sub(r"\x1b\[[\d;]*m", "", (folder / OUTPUT).read_text(errors="replace"))
    if not re.search(rival.proof.format(cases=cases), said):
        raise NoFigure("not all of its cases passed")
    return cost


def _program(rival: Rival, name: str) -> list[Path | str]:
    """The program, with an interpreter before it where it needs one."""
    if rival.pinned_in != "package.json":
        return [rival.home / "bin" / name]
    modules = rival.home / "node_modules"
    node = next(iter(modules.glob("node-*/bin/node")), None) or shutil.which("node")
    if node is None:
        raise NoFigure("it needs Node")
    return [node, modules / ".bin" / name]


def _run(rival: Rival, *command: str) -> None:
    with (rival.home / "install.log").open("ab") as log:
        try:
            done = subprocess.run(command, cwd=rival.home, stdout=log, stderr=log, check=False)
        except FileNotFoundError:
            raise NoFigure(f"it needs {command[0]}, which is missing") from None
    if done.returncode:
        raise NoFigure(f"`{Path(command[0]).name} … install` ended with {done.returncode}")
