"""A pin's move in a folder: pins, accepted answers, recordings, ids in code, and the evidence.

Here is the bump: such a move to the next version, with all that a reviewer needs to judge it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_modelpin.compare.comparison import Comparison
    from pytest_modelpin.gate.verdict import Verdict
    from pytest_modelpin.ledger import Streak
    from pytest_modelpin.literals.moving import Left
    from pytest_modelpin.report.comparison_text import ChangedAnswer


@dataclass(frozen=True, slots=True)
class Bump:
    """One pin's move, ready to become one commit and one pull request."""

    name: str
    """The logical name, or the group's where several move together."""
    old: str
    new: str
    files: Mapping[str, bytes | None]
    """By path from the repository's root, with `/`: the new content; None deletes the file."""
    streak: Streak
    verdict: Verdict
    comparison: Comparison | None = None
    """The last night's."""
    retires: str | None = None
    """When the old pin retires, YYYY-MM-DD; None where no date is known."""
    new_retires: str | None = None
    """When the new pin itself retires; None where no date is known."""
    notice: str | None = None
    """Where the provider tells of the old pin's retirement; None where nobody does."""
    new_notice: str | None = None
    models_page: str | None = None
    """Where the new pin's provider tells of its models."""
    answers: tuple[ChangedAnswer, ...] = ()
    """The answers of the last night that read otherwise than the pin's, the worst case first."""
    held: tuple[str, ...] = ()
    """Cases with a confirmed change that no test fails over: a person has to accept it."""
    moved: tuple[str, ...] = ()
    """Places in code where the id moved, as `path:line`."""
    left: tuple[Left, ...] = ()
    """Places that name the old id and stay as they are."""
    members: tuple[Bump, ...] = ()
    """The bumps of a group; empty for a single one."""
