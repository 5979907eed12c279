"""Tests that ask no model and judge what others were told, such as how many answers were right.

No sample of theirs is compared, since none of them is a case. Where one fails beside the candidate
alone, nobody can say of which answer that is, and yet the suite does not hold.
"""

from __future__ import annotations

from collections.abc import Iterator

from pytest_modelpin.results.run import Run
from pytest_modelpin.wording import plural, some


def failed_over_others(production: Run, candidate: Run) -> Iterator[str]:
    """A sentence on the tests that failed beside the candidate and not beside the pin, without
    having asked a model; nothing where there are none.
    """
    known = {*production.failed_unasked, *(case.id for case in production.cases)}
    failed = tuple(test for test in candidate.failed_unasked if test not in known)
    if failed:
        asks = plural(len(failed), "asks no model itself", "ask no model themselves")
        yield (
            f"{some(failed)}, which {asks}, failed beside the candidate and not beside the pin: "
            "where that is for what other tests were told, have these assert it"
        )
