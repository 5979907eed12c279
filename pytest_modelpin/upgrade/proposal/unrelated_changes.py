"""Telling a move of a pin from a change of prompts or tests that came with it."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_modelpin.upgrade.bump.bump import Bump
from pytest_modelpin.upgrade.proposal.marker import moves_of


def belongs(path: str) -> bool:
    """Whether a file is part of any bump: the pin, an accepted answer or a recording."""
    *folders, name = path.split("/")
    return name in ("models.yml", "models.yaml") or bool(
        {"__snapshots__", "__recordings__"}.intersection(folders)
    )


def second_things(bump: Bump, changed: Iterable[str] = ()) -> list[str]:
    """Paths that change with the bump and are another matter; `changed` are people's additions.

    Code that names the pin has to move with it. What does not even hold the new id is a second
    change, and no reviewer could tell which of the two changed an answer.
    """
    ids = [move.new.encode() for move in moves_of(bump)]
    own = (
        path
        for path, content in bump.files.items()
        if content is None or not any(one in content for one in ids)
    )
    added = (path for path in changed if path not in bump.files)
    return sorted(path for path in {*own, *added} if not belongs(path))
