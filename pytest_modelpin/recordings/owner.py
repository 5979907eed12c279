"""Whose recordings they are: a test, or a fixture that outlives one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

SHARED = ("@class", "@module", "@package", "@session")
"""How the names of fixtures end that outlive a test."""

JUDGE = "@judge"
"""How the names of recordings end that hold what a test's judge was asked."""


@dataclass(frozen=True, slots=True)
class Owner:
    """A test, or a module's or session's fixture, that asks models."""

    folder: Path
    """The folder of the test's file; its recordings lie beside it."""
    module: str
    """The stem of the test's file, as in `test_summary`."""
    name: str
    """The test's name within its module, parameters and all."""
    node_id: str = ""
    """What to give pytest to run it; derived from the rest where empty."""

    @property
    def address(self) -> str:
        """What to give pytest to run this test."""
        return self.node_id or f"{(self.folder / self.module).as_posix()}.py::{self.name}"


def judging_for(owner: Owner) -> Owner:
    """Who owns what the judge of a test's answers is asked.

    Not the test itself: which questions there are depends on the answers that are compared, so
    none of them is ever missing from, or left over in, the test's own recording.
    """
    return replace(owner, name=f"{owner.name}{JUDGE}")
