"""`init` where a person's machine does not play along: killed at any moment, files it may not read.

Each in a process of its own, as a user starts it.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_modelpin.demo.provider_server import ProviderServer

pytestmark = [pytest.mark.long, pytest.mark.slow]

PIN, ALIAS = "gpt-5.4-mini-2026-03-17", "gpt-5.4-mini"
FILES = {
    "app.py": f'MODEL = "{ALIAS}"\n',
    "more/a.py": f'MODEL = "{ALIAS}"\n',
    "more/b.py": f'MODEL = "{ALIAS}"\n',
    "tests/test_app.py": "def test_app():\n    pass\n",
    "requirements.txt": "openai\n",
}

KILLED_AT = """\
import os, signal, sys

moments, at = [], int(sys.argv.pop(1))

def counting(name):
    real = getattr(os, name)
    def counted(*arguments, **options):
        moments.append(name)
        if len(moments) == at:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*arguments, **options)
    setattr(os, name, counted)

for name in ("fsync", "replace", "mkdir"):
    counting(name)

from pytest_modelpin.cli import main

sys.exit(main(sys.argv[1:]))
"""
"""Each file is written in three steps; it dies before one of them."""


@pytest.fixture
def provider(monkeypatch):
    with ProviderServer(aliases={ALIAS: PIN}) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/v1")
        monkeypatch.setenv("OPENAI_API_KEY", "sk-planted-0123456789abcdef")
        # GitHub is not to be asked which commit the action's release is.
        for name in ("HTTPS_PROXY", "https_proxy"):
            monkeypatch.setenv(name, "http://127.0.0.1:9")
        yield server


def repository(folder: Path) -> Path:
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    return folder


def init(folder: Path, *before: str, kill_at: int = 0) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-c", KILLED_AT, str(kill_at)]
    command = [*before, *words, "init", "--yes", "--today=2026-11-27"]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=300, check=False
    )


def written(folder: Path) -> dict[str, bytes]:
    """What git would be given: without what .gitignore names, such as a write's leftovers."""
    command = ["git", "ls-files", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return {name: (folder / name).read_bytes() for name in listed.stdout.splitlines()}


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_killed_at_any_moment_the_next_init_ends_where_one_would(tmp_path, provider):
    whole = repository(tmp_path / "whole")
    done = init(whole)
    assert done.returncode == 0, done.stdout + done.stderr
    expected = written(whole)
    assert PIN.encode() in expected["more/b.py"]
    for moment in range(1, 100):
        folder = repository(tmp_path / "killed")
        killed = init(folder, kill_at=moment)
        if killed.returncode == 0:
            break
        assert killed.returncode == -signal.SIGKILL
        for path in FILES:  # no file is ever half of itself
            assert (folder / path).read_bytes() in (FILES[path].encode(), expected[path])
        assert init(folder).returncode == 0
        assert written(folder) == expected
        shutil.rmtree(folder)
    assert moment > 2 * len(expected) - len(FILES)


@pytest.mark.skipif(sys.platform == "win32", reason="files are forbidden in another way there")
def test_what_may_not_be_read_is_named_and_hinders_nothing(tmp_path, provider):
    """As somebody for whom permissions count: root reads everything."""
    folder = repository(tmp_path / "repository")
    (folder / "secret.py").write_text('MODEL = "gpt-4o"\n')
    (folder / "closed").mkdir()
    (folder / "closed" / "x.py").write_text('MODEL = "gpt-4o"\n')
    subprocess.run(["git", "add", "--all"], cwd=folder, check=True)
    (folder / "secret.py").chmod(0)
    (folder / "closed").chmod(0)
    as_others: list[str] = []
    if os.geteuid() == 0:
        as_others = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]
    try:
        done = init(folder, *as_others)
    finally:
        (folder / "secret.py").chmod(0o644)
        (folder / "closed").chmod(0o755)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 files can't be read here, such as closed/x.py" in done.stdout
    assert "gpt-4o\n" not in (folder / "models.yml").read_text()
    assert PIN in (folder / "app.py").read_text()


def test_a_file_of_bytes_names_no_model_whatever_it_is_called(tmp_path, provider):
    folder = repository(tmp_path / "repository")
    (folder / "blob.py").write_bytes(b'\0\1MODEL = "gpt-4o"\xff' * 1000)
    (folder / "weights.json").write_bytes(b'{"model": "gpt-4o"}\0' * 10)
    done = init(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "gpt-4o" not in done.stdout
    assert PIN in (folder / "models.yml").read_text()


def test_without_tests_it_says_what_comes_before_recording(tmp_path, provider):
    folder = repository(tmp_path / "repository")
    shutil.rmtree(folder / "tests")
    done = init(folder)
    assert "Next, live and once, when a test asks a model: `pytest-modelpin record`" in (
        " ".join(done.stdout.split())
    )
