"""Whose recordings they are: a test, or a fixture that outlives one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

SHARED = ("@class", "@module", "@package", "@session")
"""How the names of fixtures end that outlive a test."""

JUDGE = "@judge"
"""How the names of recordings end that hold what a test's judge was asked."""


class Home(NamedTuple):
    """What places a recording below its version's folder, and is written into it."""

    folder: Path
    """The folder of the tests beside which it lies."""
    module: str
    name: str

    @property
    def test(self) -> str:
        """As the recording itself says whose it is."""
        return f"{self.module}::{self.name}"


@dataclass(frozen=True, slots=True)
class Owner:
    """A test, or a module's or session's fixture, that asks models."""

    folder: Path
    """The folder of the test's file; its recordings lie beside it."""
    module: str
    """The test's file, by `module_name`."""
    name: str
    """The test's name within its module, parameters and all."""
    node_id: str = field(default="", compare=False)
    """What to give pytest to run it; derived from the rest where empty."""
    former: Home | None = None
    """Where releases before kept its recordings, together with those of others."""

    @property
    def address(self) -> str:
        """What to give pytest to run this test."""
        return self.node_id or f"{(self.folder / self.module).as_posix()}.py::{self.name}"

    @property
    def home(self) -> Home:
        """Where its recordings are kept."""
        return Home(self.folder, self.module, self.name)


def module_name(path: Path) -> str:
    """What tells a test file from its neighbours: its stem, as in `test_summary`, if it is Python.

    Any other keeps its suffix: `test_summary.md`, full of doctests, may lie beside it.
    """
    return path.stem if path.suffix == ".py" else path.name


def judging_for(owner: Owner) -> Owner:
    """Who owns what the judge of a test's answers is asked.

    Not the test itself: which questions there are depends on the answers that are compared, so
    none of them is ever missing from, or left over in, the test's own recording.
    """
    former = owner.former and owner.former._replace(name=f"{owner.former.name}{JUDGE}")
    return replace(owner, name=f"{owner.name}{JUDGE}", former=former)
