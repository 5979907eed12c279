import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.wording import clipped, counted, plural


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 cases"), (1, "1 case"), (2, "2 cases"), (1204, "1,204 cases")]
)
def test_a_number_has_its_noun(count, said):
    assert counted(count, "case") == said


def test_a_plural_of_its_own():
    assert counted(2, "reply was", "replies were") == "2 replies were"
    assert plural(1, "reply", "replies") == "reply"


@given(st.text(), st.integers(1, 50))
def test_a_text_is_cut_at_its_length_and_says_so(text, longest):
    cut = clipped(text, longest)
    assert len(cut) <= longest
    assert cut == text or (len(text) > longest and cut.endswith("…") and text.startswith(cut[:-1]))
