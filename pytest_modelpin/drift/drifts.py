"""The question `compare` answers for one case: how did the answer change?

This module is cheap to import; the comparison and its vocabularies load at the first call.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_modelpin.drift.context import Context, as_context
from pytest_modelpin.drift.drift import Drift
from pytest_modelpin.providers.reply import JSON, Reply


def drifts(
    production: Reply | JSON,
    candidate: Reply | JSON,
    *,
    context: Context | Mapping[str, Any] | None = None,
) -> tuple[Drift, ...]:
    """How the candidate's answer differs from production's.

    Both are a text, a JSON-like value or a `Reply`. A text of production's that is JSON or XML,
    also in a Markdown fence, is compared as such. Equal answers give exactly one finding,
    `identical`; different ones give every kind that applies and never `identical`. The same
    arguments always give the same result, and no answer raises, however odd.
    """
    from pytest_modelpin.drift.detection import compare_answers

    return compare_answers(production, candidate, as_context(context))
