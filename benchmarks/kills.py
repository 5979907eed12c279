"""Kills at random moments: what SIGKILL leaves behind, and whether the next run is right.

`python benchmarks/kills.py` kills recording, update, candidate run, night, promote and rollback
again and again, each in a fresh copy of the demo's project, at a moment that chance picks; half the
time with all that the command has started. After each kill no file may be torn and models.yml must
hold the old pin or the new one; the same command, run again, must succeed, and then plain `pytest`
must pass offline on the right pin. `--kills N` says how many, `--seed N` which moments.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from pytest_modelpin import demo
from pytest_modelpin.demo.provider_server import ProviderServer, Question
from pytest_modelpin.files import MOVE_JOURNAL

PROJECT = Path(demo.__file__).parent / "project"
TODAY = "2026-11-19"

_PYTEST = (
    sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "syrupy",
    "-p", "pytest_modelpin.plugin",
)  # fmt: skip
_MODELPIN = (sys.executable, "-m", "pytest_modelpin")
_LONGEST = 600.0  # seconds for any run: none may hang


class Wrong(Exception):
    """Something that a kill must not do."""


@dataclass(frozen=True)
class Stage:
    """A folder, and the provider that its commands ask."""

    folder: Path
    server: ProviderServer

    def start(self, command: tuple[str, ...], *, offline: bool = False) -> subprocess.Popen[bytes]:
        """Run a command in a process group of its own."""
        private = ("GITHUB_", "MODELPIN_", "PYTEST_", "GIT_", "PYTHONDONTWRITE")
        kept = {key: text for key, text in os.environ.items() if not key.startswith(private)}
        environment = {
            **kept,
            # Port 9 is nobody's: an offline run that calls the network fails.
            "OPENAI_BASE_URL": "http://127.0.0.1:9/v1" if offline else f"{self.server.url}/v1",
            "OPENAI_API_KEY": "none",
            "NO_PROXY": "127.0.0.1",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTEST_PLUGINS": "syrupy,pytest_modelpin.plugin",
        }
        return subprocess.Popen(
            command, cwd=self.folder, env=environment, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def run(self, command: tuple[str, ...], *, offline: bool = False) -> str:
        """Raise Wrong where the command fails."""
        process = self.start(command, offline=offline)
        try:
            said = process.communicate(timeout=_LONGEST)[0].decode(errors="replace")
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise Wrong(f"{' '.join(command[2:])} hung") from None
        if process.returncode:
            raise Wrong(f"{' '.join(command[2:])} ended with {process.returncode}:\n{said}")
        return said

    def git(self, *arguments: str) -> str:
        """What git prints."""
        who = ("-c", "user.name=You", "-c", "user.email=you@example.com")
        return self.run(("git", *who, *arguments))

    def commit(self, message: str) -> None:
        """Commit all there is."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "-m", message)

    def pin(self) -> str:
        """The version that models.yml holds."""
        text = (self.folder / "models.yml").read_text()
        return str(yaml.safe_load(text)["models"]["support"]["production"])


@dataclass(frozen=True)
class Command:
    """What is killed, where it begins, and what is right in the end."""

    name: str
    command: tuple[str, ...]
    prepare: Callable[[Stage], None]
    pins: tuple[str, ...] = (demo.PIN,)
    """The pins that models.yml may hold after a kill."""
    right: str = demo.PIN
    """The pin after the next run."""
    check: Callable[[Stage], None] = lambda stage: None
    """Raises Wrong where the next run was not right."""
    moves: bool = False
    """Whether it moves a pin: then it can't be run twice."""
    seconds: float = 0.0
    """That it takes unkilled."""


def _fresh(stage: Stage) -> None:
    shutil.copytree(PROJECT, stage.folder, ignore=shutil.ignore_patterns("__pycache__"))
    ignored = "__pycache__/\n.pytest_modelpin/\nledger/\n.writing-*.tmp\n"
    (stage.folder / ".gitignore").write_text(ignored)
    stage.git("init", "--quiet", "--initial-branch=main")


def _recorded(stage: Stage) -> None:
    _built("recorded", stage, _record)


def _record(stage: Stage) -> None:
    _fresh(stage)
    stage.run((*_PYTEST, "--model=production", "--model-record=new", "--snapshot-update"))
    stage.commit("Recorded")


def _out_of_date(stage: Stage) -> None:
    _recorded(stage)
    for path in (stage.folder / "tests" / "__snapshots__").rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes().replace(b"5 business", b"6 business"))


def _tried(stage: Stage) -> None:
    _built("tried", stage, _try)


def _try(stage: Stage) -> None:
    _recorded(stage)
    stage.run((*_PYTEST, f"--model={demo.NEXT}"))


def _moved(stage: Stage) -> None:
    _tried(stage)
    stage.run((*_MODELPIN, "promote", "support", "--to", demo.NEXT))
    stage.commit("Moved")


def _two_nights(stage: Stage) -> None:
    _recorded(stage)
    for day in ("2026-11-17", "2026-11-18"):
        stage.run((*_MODELPIN, "nightly", f"--today={day}", "--ledger=ledger"))


def _built(name: str, stage: Stage, build: Callable[[Stage], None]) -> None:
    """A stage that several commands begin from: built once, copied often."""
    kept = stage.folder.parent / f"kept-{name}"
    if not kept.exists():
        build(replace(stage, folder=kept))
    shutil.copytree(kept, stage.folder, symlinks=True)


def _ledger(stage: Stage) -> None:
    lines = (stage.folder / "ledger" / "support.jsonl").read_text().splitlines()
    if {json.loads(line)["day"] for line in lines} != {"2026-11-17", "2026-11-18", TODAY}:
        raise Wrong("a night is missing from the ledger")
    if not stage.git("branch", "--list", "modelpin/support").strip():
        raise Wrong("the bump that was due is not on its branch")
    if stage.git("worktree", "list").count("\n") != 1:
        raise Wrong("a second working tree is left behind")


def _journal(stage: Stage) -> Path:
    return stage.folder / MOVE_JOURNAL


def _ignored(stage: Stage) -> None:
    entry = yaml.safe_load((stage.folder / "models.yml").read_text())["models"]["support"]
    if entry.get("ignore") != [demo.NEXT] or "previous" in entry:
        raise Wrong(f"after the rollback models.yml says {entry}")


COMMANDS = (
    Command(
        "recording",
        (*_PYTEST, "--model=production", "--model-record=new", "--snapshot-update"),
        _fresh,
    ),
    Command("update", (*_PYTEST, "--snapshot-update"), _out_of_date),
    Command("candidate", (*_PYTEST, f"--model={demo.NEXT}"), _recorded),
    Command(
        "night",
        (*_MODELPIN, "nightly", f"--today={TODAY}", "--ledger=ledger"),
        _two_nights,
        check=_ledger,
    ),
    Command(
        "promote",
        (*_MODELPIN, "promote", "support", "--to", demo.NEXT),
        _tried,
        pins=(demo.PIN, demo.NEXT),
        right=demo.NEXT,
        moves=True,
    ),
    Command(
        "rollback",
        (*_MODELPIN, "rollback", "support"),
        _moved,
        pins=(demo.PIN, demo.NEXT),
        check=_ignored,
        moves=True,
    ),
)

SHARES = {"recording": 5, "update": 5, "candidate": 5, "night": 3, "promote": 6, "rollback": 6}
"""How many of thirty kills each command gets."""


def torn(folder: Path) -> Iterator[str]:
    """Files that are neither whole nor a killed writer's own, which nobody reads."""
    for path in folder.rglob("*"):
        if not path.is_file() or ".git" in path.parts or path.name.startswith(".writing-"):
            continue
        if path.suffix == ".json" and path.name != "move.json":
            try:
                json.loads(path.read_bytes())
            except ValueError:
                yield str(path.relative_to(folder))
        elif path.suffix == ".jsonl":
            # A torn last line is told from a whole one by its missing end, and passed over.
            for line in path.read_text().split("\n")[:-1]:
                json.loads(line)
        elif "__snapshots__" in path.parts and not path.read_bytes().strip():
            yield str(path.relative_to(folder))


def kill(command: Command, origin: Path, folder: Path, server: ProviderServer, seed: int) -> str:
    """One kill; gives when it struck: `early` where the command had not ended. Raises Wrong."""
    chance = random.Random(seed)
    shutil.copytree(origin, folder, symlinks=True)
    stage = Stage(folder, server)
    process = stage.start(command.command)
    time.sleep(chance.uniform(0, command.seconds * 1.1))
    ended = process.poll() is not None
    (os.killpg if chance.random() < 0.5 else os.kill)(
        process.pid, signal.SIGKILL
    ) if not ended else 0
    process.wait()
    if not ended:
        if found := list(torn(folder)):
            raise Wrong(f"torn: {', '.join(found)}")
        if stage.pin() not in command.pins:
            raise Wrong(f"models.yml holds {stage.pin()}")
    # A move whose journal is gone is made: what was killed then had only its end to tell.
    made = command.moves and stage.pin() == command.right and not _journal(stage).exists()
    if not made:
        stage.run(command.command)
    if process.stdout:
        process.stdout.close()
    if stage.pin() != command.right:
        raise Wrong(f"after the next run models.yml holds {stage.pin()}, not {command.right}")
    command.check(stage)
    stage.run(_PYTEST, offline=True)
    if found := list(torn(folder)):
        raise Wrong(f"torn after the next run: {', '.join(found)}")
    shutil.rmtree(folder)
    return "after its end" if ended else "in time"


def play(
    kills: int, seed: int, place: Path, jobs: int, seconds: float | None = None
) -> tuple[Counter[tuple[str, str]], list[str]]:
    """So many kills: how many of each command struck when, and what went wrong.

    They strike within `seconds`, by default within the time that the command takes unkilled.
    """
    with ProviderServer(_answer, {demo.ALIAS: demo.NEXT}) as server:
        prepared = {}
        for command in COMMANDS:
            origin = place / command.name
            command.prepare(Stage(origin, server))
            took = seconds or _measured(command, origin, place, server)
            prepared[command.name] = replace(command, seconds=took), origin
        names = [name for name, share in SHARES.items() for _ in range(share)]
        random.Random(seed).shuffle(names)
        plan = [(number, names[number % len(names)]) for number in range(kills)]
        counted: Counter[tuple[str, str]] = Counter()
        wrong: list[str] = []

        def one(planned: tuple[int, str]) -> None:
            number, name = planned
            command, origin = prepared[name]
            try:
                when = kill(
                    command, origin, place / f"{name}-{number}", server, seed * 10_000 + number
                )
            except (Wrong, OSError, ValueError) as error:
                wrong.append(f"{name}, kill {number}: {error}")
                when = "wrong"
            counted[name, when] += 1

        with ThreadPoolExecutor(jobs) as pool:
            list(pool.map(one, plan))
    return counted, wrong


def _measured(command: Command, origin: Path, place: Path, server: ProviderServer) -> float:
    trial = Stage(place / f"{command.name}-trial", server)
    shutil.copytree(origin, trial.folder, symlinks=True)
    began = time.monotonic()
    trial.run(command.command)
    return time.monotonic() - began


def _answer(question: Question) -> str:
    asked = next(text for text in demo.ANSWERS if text in question.text)
    return demo.answer(asked, question.served)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=310)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kills-") as place:
        began = time.monotonic()
        counted, wrong = play(chosen.kills, chosen.seed, Path(place), chosen.jobs)
    print("| command | kills | while it ran | torn, wrong or stuck |\n|---|--:|--:|--:|")
    for name in SHARES:
        of = {when: n for (one, when), n in counted.items() if one == name}
        bad = of.get("wrong", 0)
        print(f"| {name} | {sum(of.values())} | {of.get('in time', 0) + bad} | {bad} |")
    print(f"| all | {sum(counted.values())} | | {len(wrong)} |")
    print(f"\nSeed {chosen.seed}; {time.monotonic() - began:.0f} s.")
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
