"""What `model_snapshot` asks of the run it is part of, and what it tells it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from pytest_modelpin.snapshot.structure import broken_structure

if TYPE_CHECKING:
    from pytest_modelpin.providers.reply import JSON


@dataclass(frozen=True, slots=True)
class Noted:
    """One value that a test gave to `model_snapshot`."""

    snapshot: str
    """Test file and name of the accepted answer, unique within the suite."""
    accepted: JSON
    """The accepted answer in the repository; None where there is none yet."""
    received: JSON
    """A str for a text, any other JSON value for structured data."""
    judge: str | None = None
    """What a judge should hold the two answers against, in the test author's words."""


class Watcher(Protocol):
    """The run, as seen by one `model_snapshot` at the time of an assertion."""

    def tolerant(self) -> bool:
        """True where this run's models aren't production: a changed answer is then a finding."""

    def updating_allowed(self) -> bool:
        """False for a case's second and later samples: one answer is accepted, not the last."""

    def secrets(self) -> tuple[str, ...]:
        """What must not be written, in all spellings; as `redaction.secret_values` gives it."""

    def note(self, noted: Noted) -> None:
        """Take down what was compared, before the assertion passes or fails."""

    def broken(self, accepted: JSON, received: JSON) -> str | None:
        """A sentence where the received answer's structure breaks; None where it holds."""


class Unwatched:
    """For a repository without models.yml: exact comparison, as with any other snapshot."""

    def tolerant(self) -> bool:
        """Never."""
        return False

    def updating_allowed(self) -> bool:
        """Always."""
        return True

    def secrets(self) -> tuple[str, ...]:
        """The environment's."""
        from pytest_modelpin.redaction.secret_values import environment_secrets

        return environment_secrets()

    def note(self, noted: Noted) -> None:
        """Nobody wants to know."""

    def broken(self, accepted: JSON, received: JSON) -> str | None:
        """By structure alone."""
        return broken_structure(accepted, received)
