"""The errors a user can cause, each a sentence that says what to do next, and the exit codes."""

from __future__ import annotations

from collections.abc import Iterator

from modelpin_runtime.errors import ExitCode, ModelpinError, RegistryError

SITE = "https://pytest-modelpin.github.io/pytest-modelpin/"

__all__ = [
    "SITE",
    "ExitCode",
    "ForgeError",
    "LedgerError",
    "ModelpinError",
    "RecordingError",
    "RegistryError",
    "RunReportError",
    "SelectionError",
    "SnapshotError",
    "UpgradeError",
    "came_of",
    "page_of",
]


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


def page_of(error: ModelpinError) -> str:
    """Where the documentation explains an error of this kind, as an address."""
    kind = next((each for each in _EXPLAINED if isinstance(error, each)), None)
    return f"{SITE}troubleshooting/" + (f"#{kind.__name__.lower()}" if kind else "")


_EXPLAINED = (
    RegistryError,
    SelectionError,
    RecordingError,
    SnapshotError,
    RunReportError,
    LedgerError,
    UpgradeError,
    ForgeError,
)


def came_of(error: BaseException) -> Iterator[BaseException]:
    """The error, and all that it was raised from or while handling, nearest first."""
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or link.__context__
