"""What cases were lost to, told from what their lost samples say."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_modelpin.compare.comparison import CaseComparison

_CAUSES = (
    ("the budget of $", "a budget that ran out"),
    ("the night's time was up", "the night's limit of time"),
)
"""What a lost sample's message holds, as live.budget and upgrade.nightly.time_up word it; any
other is a provider's error."""
_PROVIDER = "provider errors"


def lost_to(cases: Iterable[CaseComparison]) -> str:
    """The causes, the provider's first: `provider errors and a budget that ran out`."""
    found = {_cause(case.message) for case in cases}
    order = (_PROVIDER, *(cause for _, cause in _CAUSES))
    return " and ".join(cause for cause in order if cause in found)


def is_unsent(message: str) -> bool:
    """Whether a lost sample was never sent, by a limit of one's own: it says nothing of a model."""
    return _cause(message) != _PROVIDER


def _cause(message: str) -> str:
    return next((cause for words, cause in _CAUSES if words in message), _PROVIDER)
