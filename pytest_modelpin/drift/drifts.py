"""The public functions: how two answers differ, or all samples of a case.

This module is cheap to import; the comparison and its vocabularies load at the first call.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pytest_modelpin.drift.drift import Context, Drift, as_context
from pytest_modelpin.providers.wire import JSON, Reply

_MOST_BITS = 2000  # of a number that is surely written out: Python allows no limit below 640 digits


def case_drifts(
    pin_answers: Sequence[Reply | JSON],
    candidate_answers: Sequence[Reply | JSON],
    *,
    context: Context | Mapping[str, Any] | None = None,
) -> tuple[Drift, ...]:
    """What of that which all of the pin's answers share the candidate's answers break.

    Both are the answers of several samples of one case, each a text, a JSON-like value or a
    `Reply`. What the pin's answers differ in among themselves is noise and never more than `info`;
    a finding above that is one that at least half of the candidate's answers show, and
    `Drift.samples` says how many of how many. With one answer of the pin's the noise is unknown:
    values, labels, tool calls and code are compared as they are, prose is for review at most. Empty
    where nothing is broken; the same arguments always give the same result, and no answer raises.
    """
    from pytest_modelpin.drift.invariants.case import compare_samples

    pins = [_with_short_numbers(each) for each in pin_answers]
    candidates = [_with_short_numbers(each) for each in candidate_answers]
    return compare_samples(pins, candidates, as_context(context)).drifts


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

    one, other = _with_short_numbers(production), _with_short_numbers(candidate)
    return compare_answers(one, other, as_context(context))


def _with_short_numbers(answer: Any) -> Any:
    """The answer with text in place of each number that has more digits than Python writes out.

    No JSON text holds one, as reading it fails as well; a value that a test made may.
    """
    if isinstance(answer, str):
        return answer
    try:
        repr(answer)
    except RecursionError:  # nested deeper than Python prints
        return answer
    except ValueError:
        return _shortened(answer)
    return answer


def _shortened(value: Any) -> Any:
    if isinstance(value, int):
        return hex(value) if value.bit_length() > _MOST_BITS else value
    if isinstance(value, Reply):
        return replace(
            value,
            tools=tuple(c._replace(arguments=_shortened(c.arguments)) for c in value.tools),
        )
    if isinstance(value, Mapping):
        return {_shortened(key): _shortened(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_shortened(each) for each in value]
    return value
