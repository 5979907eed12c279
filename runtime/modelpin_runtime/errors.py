"""What is wrong with models.yml, as sentences that say what to do next."""

from __future__ import annotations

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
