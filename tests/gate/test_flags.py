"""Cases that look worse together, by sums worked out by hand."""

from __future__ import annotations

import pytest

from pytest_modelpin.gate.evaluation import evaluate
from pytest_modelpin.gate.flags import flag, worse_together

Counts = tuple[int, int, int, int]


def cases(counts: Counts, how_many: int, name: str = "case") -> dict[str, Counts]:
    return {f"{name}{number}": counts for number in range(how_many)}


@pytest.mark.parametrize(("once", "worse"), [(3, False), (4, True)])
def test_the_stratified_sum_has_the_hypergeometric_variance(once: int, worse: bool) -> None:
    # A case of 8 and 7 passes is ½ below what is expected, with variance ¼; one of 8 and 6 is 1
    # below, with 7/15: 2.5 / √1.217 = 2.27 and 3 / √1.467 = 2.48, where z is 2.33.
    fresh = cases((8, 8, 6, 8), 1) | cases((8, 8, 7, 8), once, "once")
    assert worse_together(fresh) is worse


@pytest.mark.parametrize(("fresh", "together"), [(9, False), (10, True)])
def test_many_flagged_cases_are_worse_together_at_one_in_a_thousand(
    fresh: int, together: bool
) -> None:
    # √9 = 3 and √10 = 3.16 errors, where z is 3.09; none of 200 can be confirmed by itself.
    suspects = cases((8, 8, 7, 8), 200)
    found = flag({}, {}, cases((8, 8, 7, 8), fresh), suspects)
    assert not found.confirmed
    assert found.together is together


def test_a_case_whose_few_fresh_samples_say_nothing_stays_open_in_a_suite_that_looks_worse() -> (
    None
):
    night = cases((10, 10, 7, 10), 20)
    asked = {"case0": (1, 1, 1, 1)}
    found = evaluate(night, confirmations=asked)
    assert found.colour == "inconclusive"
    told = [reason for reason in found.reasons if reason.startswith("looks worse")]
    assert len(told) == 1
    assert "case0" in told[0]
    assert not [reason for reason in evaluate(night).reasons if reason.startswith("looks worse")]
