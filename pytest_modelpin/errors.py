"""The errors a user can cause, each a sentence that says what to do next, and the exit codes."""

from __future__ import annotations

from enum import IntEnum


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


class SelectionError(ModelpinError):
    """`--model` asks for something that models.yml does not offer."""


class RecordingError(ModelpinError):
    """A recording is torn, of another schema, or can't be written."""


class SnapshotError(ModelpinError):
    """An accepted answer is torn or in conflict, can't be written, or can't be kept as one."""


class RunReportError(ModelpinError):
    """A run report is missing, torn, or of another schema."""


class LedgerError(ModelpinError):
    """The ledger can't be read or appended to."""


class UpgradeError(ModelpinError):
    """A pin can't be moved: no git, a dirty tree, a suite that no longer passes."""


class ForgeError(ModelpinError):
    """GitHub refused; names the permission or setting, and the one click that mends it."""
