"""What the processes of one pytest run tell each other, and which of them this is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from pytest_modelpin.recordings.aliases import Aliases


@dataclass(slots=True)
class WorkerReport:
    """What a process that runs tests saw beside its cases."""

    left_out: list[str] = field(default_factory=list)
    """Node ids of tests that were collected and deselected."""
    modules: dict[str, list[str]] = field(default_factory=dict)
    """Modules that were collected whole, as `unused_recordings.whole_modules` gives them."""
    unseen: list[str] = field(default_factory=list)
    """What asked a model unseen while no test ran."""
    aliases: Aliases = field(default_factory=Aliases)
    """Which version answered an alias."""
    notes: list[str] = field(default_factory=list)
    """Sentences for the user."""

    def as_output(self) -> dict[str, Any]:
        """What a pytest-xdist worker sends to its controller at its end."""
        return {
            "modelpin_left_out": self.left_out,
            "modelpin_modules": self.modules,
            "modelpin_unseen": self.unseen,
            "modelpin_aliases": self.aliases.as_output(),
            "modelpin_notes": self.notes,
        }

    def merge(self, output: Mapping[str, Any]) -> None:
        """Take in what a worker sent; every worker collects, and deselects, the same tests."""
        self.left_out = max(self.left_out, output.get("modelpin_left_out", []), key=len)
        self.modules.update(output.get("modelpin_modules", {}))
        self.unseen += output.get("modelpin_unseen", ())
        self.aliases.merge(output.get("modelpin_aliases", {}))
        self.notes += output.get("modelpin_notes", ())


def is_worker(config: pytest.Config) -> bool:
    """Whether this process is one of pytest-xdist's workers."""
    return hasattr(config, "workerinput")


def runs_tests(config: pytest.Config) -> bool:
    """Whether this process runs tests: any but the controller of pytest-xdist."""
    return not getattr(config.option, "numprocesses", None) or is_worker(config)


def worker_count(config: pytest.Config) -> int:
    """Among how many processes the tests are divided, as seen from one that runs some."""
    count: int = config.workerinput["workercount"] if is_worker(config) else 1  # type: ignore[attr-defined]
    return count
