"""What a night's evidence is of: a fingerprint of the suite, its judge, and prompts that moved.

Nights whose fingerprints differ are of no streak together.
"""

from __future__ import annotations

from collections.abc import Sequence

from modelpin_runtime.registry.models import Model
from pytest_modelpin.compare.comparison import Comparison
from pytest_modelpin.compare.prompt_moves import prompts_mark
from pytest_modelpin.ledger.night import Night
from pytest_modelpin.results.run import Run, fingerprint

_AND = "+"


def mark_of(production: Run, model: Model, judge: str) -> str:
    """Of the cases that call this model, taken from the replayed run: an answer that the
    candidate lost to an outage must not look like a changed suite. `judge` is the judge's id.
    """
    return fingerprint((case for case in production.cases if model.name in case.models), judge)


def mark_with(mark: str, comparison: Comparison, candidate: Run) -> str:
    """With the candidate's own prompts, where it was asked by other ones than the pin."""
    moved = prompts_mark(candidate.cases, comparison.moved_together, comparison.name)
    return f"{mark}{_AND}{moved}" if moved else mark


def expected_mark(past: Sequence[Night], mark: str) -> str:
    """The night's as far as it is known before the candidate is asked.

    Prompts of its own are taken for those of the night before.
    """
    last = past[-1].fingerprint if past else ""
    return last if last.partition(_AND)[0] == mark else mark
