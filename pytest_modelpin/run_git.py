"""Running git, in one way wherever it is asked something."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from pytest_modelpin.write_access import without_tokens


def run_git(
    folder: Path, *arguments: str, told: bytes = b"", seconds: float | None = None
) -> subprocess.CompletedProcess[bytes]:
    """How `git …` ended in `folder` and what it printed, with `told` on its input.

    Raises OSError where git can't be started, and subprocess.TimeoutExpired after `seconds`. It
    never asks anybody for a password, and runs no hook of the repository's: what is done here is
    none of a person's commits or checkouts, and one that fails there would keep a bump from being
    made.
    """
    return subprocess.run(
        ["git", "-c", "core.hooksPath=/dev/null", *arguments],  # so it is called on Windows, too
        cwd=folder,
        # A filter or an alias is code from the repository's folder, where tests may write.
        env={**without_tokens(os.environ), "GIT_TERMINAL_PROMPT": "0"},
        input=told,
        capture_output=True,
        check=False,
        timeout=seconds,
    )


def who(folder: Path) -> str:
    """On GitHub whoever started the run, else the name that git signs with; "" where neither."""
    if actor := os.environ.get("GITHUB_ACTOR"):
        return actor
    try:
        told = run_git(folder, "config", "user.name")
    except OSError:
        return ""
    return os.fsdecode(told.stdout).strip()
