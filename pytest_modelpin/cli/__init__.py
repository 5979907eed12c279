"""The command line: one module a command, thin."""

from __future__ import annotations

from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the console script; returns its exit code."""
    raise NotImplementedError
