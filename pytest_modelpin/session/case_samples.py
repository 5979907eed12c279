"""How often each case is run: its marker's number, the caller's for this case, or the run's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest


@dataclass(frozen=True, slots=True)
class Samples:
    """The run's number of samples, and those of single cases."""

    every: int = 1
    own: Mapping[str, int] = field(default_factory=dict)
    """By node id."""

    def of(self, case: str, marked: int | None) -> int:
        """Samples of one case; what its marker says holds, unless more are asked for by name."""
        own = self.own.get(case)
        if own is None:
            return marked or self.every
        return max(own, marked or 0)


def samples_of(path: str | None) -> Mapping[str, int]:
    """The numbers that `--model-samples-of` names; none without it.

    Raises pytest.UsageError where the file can't be read or holds something else.
    """
    if path is None:
        return {}
    try:
        content = json.loads(Path(path).read_bytes())
    except (OSError, ValueError) as error:
        raise pytest.UsageError(f"--model-samples-of {path} can't be read: {error}") from None
    if not isinstance(content, dict) or not all(
        type(count) is int and count >= 1 for count in content.values()
    ):
        raise pytest.UsageError(
            f"--model-samples-of {path} must hold a JSON object of node ids and whole numbers "
            "from 1."
        )
    return content
