from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from modelpin_runtime.routing import is_served, salt_of, share_of

SALT = salt_of("claude", "claude-b")


@given(st.text(), st.floats(0, 100), st.floats(0, 100))
def test_widening_takes_nobody_out(key, one, other):
    narrow, wide = sorted((one, other))
    assert is_served(key, SALT, wide) or not is_served(key, SALT, narrow)


@given(st.text())
def test_none_are_in_at_0_and_all_at_100_percent(key):
    assert not is_served(key, SALT, 0)
    assert is_served(key, SALT, 100)


def test_shares_are_uniform():
    counts = Counter(int(share_of(f"user-{n}", SALT) * 20) for n in range(40_000))
    expected = 40_000 / 20
    chi_square = sum((count - expected) ** 2 / expected for count in counts.values())
    assert len(counts) == 20
    assert chi_square < 43.8  # 19 degrees of freedom, p = .001; the keys are fixed


def test_another_canary_has_other_users():
    other = salt_of("claude", "claude-c")
    keys = [f"user-{n}" for n in range(20_000)]
    both = sum(is_served(key, SALT, 10) and is_served(key, other, 10) for key in keys)
    assert 120 < both < 280  # 1 % of them by chance; with one salt it would be 2,000


def test_a_key_keeps_its_place_in_every_release():
    # What is written here is what users of the canary would lose if the hash changed.
    assert [round(share_of(key, SALT), 6) for key in ("a", "user-1", "ü")] == [
        0.981532,
        0.729067,
        0.587454,
    ]
