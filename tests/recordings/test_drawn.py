from __future__ import annotations

import pytest

from pytest_modelpin.recordings.drawn import begin_anew


@pytest.mark.parametrize(
    ("samples", "anew"),
    [
        (["ab", "cb", "db"], True),  # a drawn number, say
        (["ab", "ac", "ad"], False),  # what quotes the first answer
        (["ab", "ba", "ab"], False),  # asked at once
        (["ab", "b", "b"], False),  # a cache answered all samples but the first
        (["abb", "", "ab"], False),
        (["ab"], False),
        ([], False),
    ],
)
def test_what_is_drawn_begins_each_sample_anew(samples, anew):
    assert begin_anew(samples) is anew
