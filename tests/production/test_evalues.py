from __future__ import annotations

import random
from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.production.evalues import Batch, worse

counts = st.tuples(st.integers(0, 50), st.integers(0, 50)).map(sorted)
batches = st.lists(st.tuples(counts, counts).map(lambda two: Batch(*two[0], *two[1])), max_size=30)


@given(batches)
def test_evidence_is_finite_and_its_highest_is_no_less_than_its_last(made):
    found = worse(made)
    assert found.highest >= max(0.0, found.log_e) or found.highest == pytest.approx(found.log_e)
    assert found.canary == sum(batch.canary for batch in made)


@given(batches)
def test_a_second_way_of_reckoning_gives_the_same(made):
    """Each factor as the ratio of two binomial probabilities, multiplied and not summed."""
    e, seen, held = 1.0, [0, 0, 0, 0], []
    for each in made:
        held.append(each)
        batch = Batch(*map(sum, zip(*held, strict=True)))
        if not batch.pin or not batch.canary:
            continue
        held = []
        a = (seen[0] + 0.18) / (seen[1] + 0.36)
        b = (seen[2] + 0.18) / (seen[3] + 0.36)
        if b > a:
            mean = (batch.pin * a + batch.canary * b) / (batch.pin + batch.canary)
            for bad, all_, rate in (
                (batch.pin_bad, batch.pin, a),
                (batch.canary_bad, batch.canary, b),
            ):
                e *= (rate / mean) ** bad * ((1 - rate) / (1 - mean)) ** (all_ - bad)
        seen = [old + new for old, new in zip(seen, batch, strict=True)]
    assert worse(made).log_e == pytest.approx(log(e), abs=1e-6)


def test_each_factor_expects_at_most_one_where_the_rates_are_equal():
    """Exactly, over all outcomes of one batch: what makes the watching safe."""
    from math import comb, exp

    past = Batch(3, 100, 9, 50)
    for rate in (0.01, 0.05, 0.3, 0.7):
        expected = 0.0
        for x in range(6):
            for y in range(4):
                chance = comb(5, x) * comb(3, y) * rate ** (x + y) * (1 - rate) ** (8 - x - y)
                expected += chance * exp(worse([past, Batch(x, 5, y, 3)]).log_e)
        assert expected <= 1 + 1e-9


def watched(rng, pin_rate, canary_rate, share, requests, alpha):
    """Requests of the canary's until it is found worse; None where it never is."""
    made = []
    for _ in range(requests // 100):
        canary = sum(rng.random() < share for _ in range(100))
        bad = sum(rng.random() < canary_rate for _ in range(canary))
        pin_bad = sum(rng.random() < pin_rate for _ in range(100 - canary))
        made.append(Batch(pin_bad, 100 - canary, bad, canary))
    if not worse(made).rejects(alpha):
        return None
    low, high = 1, len(made)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if worse(made[:middle]).rejects(alpha) else (middle + 1, high)
    return sum(batch.canary for batch in made[:low])


def test_errors_from_1_to_5_percent_are_found_within_600_requests_of_the_canarys():
    rng = random.Random(1)
    found = [watched(rng, 0.01, 0.05, 0.05, 16_000, 0.0008) for _ in range(40)]
    assert sum(each is not None and each <= 600 for each in found) >= 36


def test_requests_that_never_share_a_batch_count_all_the_same():
    apart = [Batch(0, 20, 0, 0), Batch(0, 0, 1, 1)] * 20
    assert worse(apart) == worse([Batch(0, 20, 1, 1)] * 20)
    assert worse(apart).rejects(0.001)


def test_an_equal_canary_is_left_alone():
    rng = random.Random(2)
    found = [watched(rng, 0.02, 0.02, 0.05, 20_000, 0.05) for _ in range(60)]
    assert sum(each is not None for each in found) <= 3  # .05 of them, and 1.4 % by simulation


def test_a_better_one_is_no_worse():
    rng = random.Random(3)
    assert watched(rng, 0.05, 0.01, 0.2, 20_000, 0.01) is None
