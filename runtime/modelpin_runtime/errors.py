"""What is wrong with models.yml, as sentences that say what to do next."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from logging import Logger


class ExitCode(IntEnum):
    """What the console script's exit status means."""

    FINE = 0
    FOUND = 1  # the check found something: red, alarms
    USAGE = 2  # wrong usage or configuration
    INCONCLUSIVE = 3


class ModelpinError(Exception):
    """Something a user can mend. Its text is shown as it stands, never with a traceback.

    The text says what was found and where, what is allowed, and what to run next.
    """

    exit_code: ExitCode = ExitCode.USAGE


class RegistryError(ModelpinError):
    """models.yml is missing or has a mistake; names file, line and key."""


def log() -> Logger:
    """The log `modelpin_runtime`; the library is loaded where there is something to say."""
    import logging

    return logging.getLogger("modelpin_runtime")


def is_conflict_marker(line: str) -> bool:
    """Whether git wrote the line into a file that it could not merge."""
    sides = ("<<<<<<<", "|||||||", ">>>>>>>")
    return line == "=======" or (line[:7] in sides and line[7:8] in ("", " "))


def nearest(word: str, allowed: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The allowed word that looks most like `word`, None where nothing does.

    `cutoff` is difflib's ratio, 0 to 1.
    """
    import difflib  # only a mistake needs it

    by_lower = {choice.lower(): choice for choice in allowed}
    found = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=cutoff)
    return by_lower[found[0]] if found else None


def did_you_mean(word: str, allowed: Iterable[str]) -> str:
    """A question to end a sentence with, or nothing where no allowed word is near."""
    guess = nearest(word, allowed)
    return f" Did you mean `{guess}`?" if guess else ""
