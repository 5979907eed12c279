"""Questions that are drawn or made up for each run, so that no recording answers the next one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

ASK_THE_SAME = (
    "chance by a fixed seed, a counter (factory_boy's `Sequence`) by setting it back, times and "
    "ids by a fixture; or name the request's field that changes in `modelpin_ignore_fields`"
)
"""What helps, as the end of a sentence that says what is to ask the same each time."""

DRAWN = (
    "Hypothesis draws other examples in each run, and so other questions than are recorded. "
    "`@settings(derandomize=True)` draws the same ones each time; the profile that hypothesis "
    "takes in CI does so, the one it takes elsewhere does not. Then record once more."
)
"""What is said beside a miss of a test that `is_drawn`."""


def is_drawn(item: object) -> bool:
    """Whether hypothesis draws the arguments of a test, an item of pytest's."""
    return bool(getattr(getattr(item, "obj", None), "is_hypothesis_test", False))


def begin_anew(samples: Sequence[Collection[str]]) -> bool:
    """Whether samples of a test begin with questions that no other sample of it asks.

    `samples` holds the questions of each, in order, by their fingerprints. No earlier answer is
    quoted in a first one, so that what is asked was drawn, or made up, for this run.
    """
    times = Counter(name for each in samples for name in {*each})
    firsts = [next(iter(each)) for each in samples if each]
    return sum(times[first] == 1 for first in firsts) > 1
