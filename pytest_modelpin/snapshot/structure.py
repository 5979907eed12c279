"""What follows the answers of a running test, and when an answer breaks its accepted structure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from pytest_modelpin.providers.wire import JSON


def broken_structure(accepted: JSON, received: JSON) -> str | None:
    """A sentence saying where the structure breaks; None where only values differ.

    It breaks where the answer is empty, a text no longer parses as JSON, keys are missing or new,
    or a value has another type. Lists may differ in length; each item must be like one accepted.
    """
    if _is_empty(received) and not _is_empty(accepted):
        return "The answer is empty."
    if isinstance(accepted, str) and isinstance(received, str):
        contract = _parsed(accepted)
        if contract is None:
            return None
        actual = _parsed(received)
        if actual is None:
            return "The answer no longer parses as JSON."
        return _difference(contract, actual, "$")
    return _difference(accepted, received, "$")


def _difference(accepted: JSON, received: JSON, path: str) -> str | None:
    if _kind(accepted) != _kind(received):
        return f"{path} is {_kind(received)}; accepted is {_kind(accepted)}."
    if isinstance(accepted, dict):
        return _object_difference(accepted, received, path)
    if isinstance(accepted, list) and accepted:
        shapes = {_shape(item) for item in accepted}
        for n, item in enumerate(received):
            if _shape(item) not in shapes:
                like = accepted[min(n, len(accepted) - 1)]
                if difference := _difference(like, item, f"{path}[{n}]"):
                    return difference
    return None


def _object_difference(
    accepted: dict[str, JSON], received: dict[str, JSON], path: str
) -> str | None:
    if missing := sorted(accepted.keys() - received.keys()):
        return f"{path} lacks {_named(missing)}."
    if extra := sorted(received.keys() - accepted.keys()):
        return f"{path} has {_named(extra)}, which the accepted answer lacks."
    for key, value in accepted.items():
        if difference := _difference(value, received[key], f"{path}.{key}"):
            return difference
    return None


def _kind(value: JSON) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list():
            return "a list"
        case _:
            return "an object"


def _shape(value: JSON) -> object:
    if isinstance(value, dict):
        return frozenset((key, _shape(item)) for key, item in value.items())
    if isinstance(value, list):
        return ("a list", frozenset(_shape(item) for item in value))
    return _kind(value)


def _named(keys: list[str]) -> str:
    return ", ".join(f"`{key}`" for key in keys[:5]) + (" and more" if len(keys) > 5 else "")


def _is_empty(value: JSON) -> bool:
    return not value.strip() if isinstance(value, str) else value in (None, [], {})


def _parsed(text: str) -> JSON:
    # A lone number or word is a text that happens to be JSON, not structured output.
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


class Noted(NamedTuple):
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
