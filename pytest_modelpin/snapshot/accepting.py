"""The command that accepts a new answer, to be shown where the old one no longer holds."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

import pytest


def how_to_accept(item: pytest.Item) -> str:
    """`pytest --snapshot-update …` for this test and the models that the run selected."""
    # A pytest-xdist worker has the options of its controller, not its arguments.
    worker = getattr(item.config, "workerinput", {})
    arguments = worker["mainargv"][1:] if worker else item.config.invocation_params.args
    return shlex.join(["pytest", "--snapshot-update", *_selection(arguments), item.nodeid])


def _selection(arguments: Iterable[str]) -> list[str]:
    kept: list[str] = []
    rest = iter(arguments)
    for argument in map(str, rest):
        if argument == "--model":
            kept += [argument, str(next(rest, ""))]
        elif argument.startswith("--model="):
            kept.append(argument)
    return kept
