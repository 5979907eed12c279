"""The whole story in one sitting: pin, roll-over, a red night, three green ones, the bump.

Everything is real but the provider, which is an HTTP server of this process: pytest runs in
processes of its own, requests cross a socket, git makes the commits.
"""

from __future__ import annotations

import html
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import as_file, files
from pathlib import Path
from urllib.parse import urlsplit

from pytest_modelpin import demo
from pytest_modelpin.demo.provider_server import ProviderServer, Question
from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.files import OWN_FOLDER

Show = Callable[[str, str], None]
"""Prints a text of one kind: "title", "command", "output", "note", "diff"."""

_NIGHTS = ("2026-11-17", "2026-11-18", "2026-11-19")
_RED_NIGHT = "2026-11-16"
_PIN_SAMPLES = 5
"""Of each case, as `pytest-modelpin record` takes them: they say what may vary."""
_OF_BODY = 18
"""Lines of the pull request's text that are shown."""
_BODY = Path(OWN_FOLDER, "pull_request.md")


@dataclass(slots=True)
class Story:
    """The demo's place and what it has shown so far."""

    folder: Path
    show: Show
    server: ProviderServer
    began: float = field(default_factory=time.monotonic)

    def tell(self) -> None:
        """Play it from the first to the last page. Raises ModelpinError where a page goes wrong."""
        self._set_up()
        self._pinned()
        self._rolled_over()
        self._red_night()
        self._three_green_nights()
        self._the_bump()
        self._merged()
        page = self.folder / OWN_FOLDER / "nights" / _NIGHTS[-1] / "support" / "report.html"
        remove = f"rm -r {shlex.quote(str(self.folder))}"
        for line in (
            f"Seen in {time.monotonic() - self.began:.0f} s: a careless version turned away, "
            "a sound one proved and merged.",
            f"Look at its page: {page}",
            f"It stays there, a git repository like yours; when you have seen it: {remove}",
            "In your own repository: pytest-modelpin init",
        ):
            self.show("note", line)

    def _set_up(self) -> None:
        with as_file(files("pytest_modelpin.demo") / "project") as project:
            shutil.copytree(
                project,
                self.folder,
                dirs_exist_ok=True,
                ignore=shutil.ignore_patterns("__pycache__"),
            )
        (self.folder / ".gitignore").write_text("__pycache__/\n.pytest_cache/\n.pytest_modelpin/\n")
        # Below a repository of the user's own, pytest would go by that one's settings.
        (self.folder / "pytest.ini").write_text("[pytest]\n")
        self._quietly("git", "init", "--quiet", "--initial-branch=main")
        self._pytest(
            "--model=production", "--model-record=new", f"--model-samples={_PIN_SAMPLES}",
            "--snapshot-update", shown=False,
        )  # fmt: skip
        self._commit("A support desk, pinned to " + demo.PIN)

    def _pinned(self) -> None:
        self.show("title", "1. A suite on its pin: replayed from recordings, no network, no key")
        before = len(self.server.requests)
        self._pytest()
        self.show(
            "note", f"Requests that reached the provider: {len(self.server.requests) - before}."
        )

    def _rolled_over(self) -> None:
        self.server.roll(demo.ALIAS, demo.NEXT)
        self.show(
            "title",
            f"2. The alias {demo.ALIAS} rolls over; the same tests, on the candidate, live",
        )
        self._pytest("--model=candidate", "--model-recordings=.pytest_modelpin/tried")

    def _red_night(self) -> None:
        self.server.roll(demo.ALIAS, demo.CARELESS)
        self.show("title", "3. A night on which the alias serves a careless version")
        self._nightly(_RED_NIGHT, expected=1)
        self._cli(
            "compare",
            f".pytest_modelpin/nights/{_RED_NIGHT}/production.json",
            f".pytest_modelpin/nights/{_RED_NIGHT}/support/candidate.json",
            expected=1,  # as the night above: the report keeps what it asked anew
        )

    def _three_green_nights(self) -> None:
        self.server.roll(demo.ALIAS, demo.NEXT)
        self.show("title", "4. The provider mends it: three nights")
        for day in _NIGHTS:
            self._nightly(day, expected=0)

    def _the_bump(self) -> None:
        self.show("title", "5. The bump, as its reviewer sees it")
        where = ["--", "models.yml", "support.py", "tests/__snapshots__"]
        self._shown("diff", "git", "diff", "HEAD...modelpin/support", *where)
        self.show("title", "6. The pull request that GitHub would get")
        text = self._quietly("git", "log", "-1", "--format=%B", "modelpin/support")
        (self.folder / _BODY).write_text(f"{text}\n", "utf-8")
        title, *lines = [line for line in text.splitlines() if not line.startswith("<!--")]
        self.show("note", title)
        self.show("output", as_read("\n".join(lines[:_OF_BODY]).strip()))
        self.show("note", f"… and {len(lines) - _OF_BODY} lines more, in {_BODY}")

    def _merged(self) -> None:
        self.show("title", "7. Merged: plain pytest passes on the new pin, with the provider gone")
        self.server.close()
        self._quietly("git", "merge", "--quiet", "--ff-only", "modelpin/support")
        self._pytest()

    # What is run

    def _nightly(self, day: str, *, expected: int) -> None:
        self._cli(
            "nightly", f"--today={day}", "--ledger=.pytest_modelpin/ledger", expected=expected
        )

    def _cli(self, *arguments: str, expected: int) -> None:
        self.show("command", f"pytest-modelpin {' '.join(arguments)}")
        self._run([sys.executable, "-m", "pytest_modelpin", *arguments], expected=expected)

    def _pytest(self, *options: str, shown: bool = True) -> None:
        if shown:
            self.show("command", " ".join(["pytest", *options]))
        always = ["-q", "-p", "no:cacheprovider"]
        self._run([sys.executable, "-m", "pytest", *always, *options], shown=shown)

    def _shown(self, kind: str, *command: str) -> str:
        self.show("command", " ".join(command))
        return self._run(command, kind=kind)

    def _commit(self, message: str) -> None:
        self._quietly("git", "add", "--all")
        identity = ["-c", "user.name=You", "-c", "user.email=you@example.com"]
        self._quietly("git", *identity, "commit", "--quiet", "-m", message)

    def _quietly(self, *command: str) -> str:
        return self._run(command, shown=False)

    def _run(
        self, command: Sequence[str], *, expected: int = 0, shown: bool = True, kind: str = "output"
    ) -> str:
        try:
            done = subprocess.run(
                command,
                cwd=self.folder,
                env=self._environment(),
                capture_output=True,
                text=True,
                stdin=subprocess.DEVNULL,
                check=False,
            )
        except FileNotFoundError:
            raise ModelpinError(f"The demo needs `{command[0]}`, which is not installed.") from None
        said = (done.stdout + done.stderr).strip()
        if done.returncode != expected:
            raise ModelpinError(
                f"The demo stopped: `{' '.join(command)}` ended with {done.returncode}, "
                f"not {expected}:\n{said}"
            )
        if shown:
            self.show(kind, said)
        return said

    def _environment(self) -> dict[str, str]:
        # Whatever the user's shell says about GitHub, keys or pytest must not reach the demo.
        kept = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("GITHUB_", "MODELPIN_", "PYTEST_", "GIT_"))
            # Each of the story's processes would compile the whole plugin anew.
            and key != "PYTHONDONTWRITEBYTECODE"
        }
        return {
            **kept,
            "OPENAI_BASE_URL": f"{self.server.url}/v1",
            "OPENAI_API_KEY": "demo",
            "NO_PROXY": "127.0.0.1",
            # What else is installed here would load in each of the twenty runs of pytest.
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTEST_PLUGINS": "syrupy,pytest_modelpin.plugin",
            **_as_shown(),
        }


def as_read(markdown: str) -> str:
    """GitHub's Markdown roughly as its reader sees it, for a terminal."""
    text = re.sub(r"<br>", " ", markdown)
    text = re.sub(r"</?[a-z]+>", "", text).replace("**", "")
    text = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", text)
    text = re.sub(r"^\|[-:|]+\|\n", "", text, flags=re.MULTILINE)
    text = re.sub(
        r"^\| (.*?) \| (.*) \|$", lambda row: f"{row[1]:<22} {row[2]}", text, flags=re.MULTILINE
    )
    text = re.sub(r"^#+ ", "", text, flags=re.MULTILINE)
    return re.sub(r"`+([^`]+)`+", r"\1", html.unescape(text)).replace("\u200b", "")


def _as_shown() -> Mapping[str, str]:
    """What is run here writes into a pipe: tell it what the reader's terminal can show."""
    from pytest_modelpin.report.ansi import palette, width

    colour = {"FORCE_COLOR": "1"} if palette().on else {"NO_COLOR": "1"}
    return {**colour, "COLUMNS": str(width() or 100)}


def tell(folder: Path, show: Show) -> None:
    """Play the story in an empty folder, showing each page as it comes."""
    with ProviderServer(answer=_answer, aliases={demo.ALIAS: demo.PIN}) as server:
        _reach(server)
        Story(folder, show, server).tell()


def _reach(server: ProviderServer) -> None:
    """Raises ModelpinError where this machine can't be reached by its own address."""
    where = urlsplit(server.url)
    try:
        socket.create_connection((where.hostname, where.port), timeout=10).close()
    except OSError as error:
        raise ModelpinError(
            f"The demo asks a provider of its own at {where.netloc}, which can't be reached "
            f"({error.strerror or error}). It needs no network, but this machine's own address: "
            "bring the loopback interface up (`ip link set lo up`), and run it again."
        ) from None


def _answer(question: Question) -> str:
    asked = next(text for text in demo.ANSWERS if text in question.text)
    return demo.answer(asked, question.served)
