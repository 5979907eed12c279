from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.drift.text import negation
from pytest_modelpin.drift.text.negation import contradicts


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("yes", "no"),
        ("Yes, it fits.", "No, it doesn't fit."),
        ("It is allowed.", "It is not allowed."),
        ("Approved", "Rejected"),
        ("It is safe.", "It is unsafe."),
        ("We always reply.", "We never reply."),
        ("There is a fee.", "There is no fee."),
        ("You can enter.", "You cannot enter."),
        ("It works.", "It doesn't work."),
        ("Das ist erlaubt.", "Das ist nicht erlaubt."),
        ("Vous pouvez payer.", "Vous ne pouvez pas payer."),
        ("这里可以停车。", "这里不可以停车。"),
        ("喫煙できます。", "喫煙できません。"),
        ("يُسمح بالتدخين.", "لا يُسمح بالتدخين."),
    ],
)
def test_what_is_turned_round_contradicts(before: str, after: str) -> None:
    assert contradicts(before, after)
    assert contradicts(after, before)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("You can't change it.", "You cannot change it."),
        ("It is not available.", "It is unavailable."),
        ("It is not impossible to fix.", "It is possible to fix."),
        ("Pets are not allowed.", "Pets are prohibited."),
        ("Don't hesitate to call us.", "Feel free to call us."),
        ("He isn't happy.", "He is unhappy."),
        ("There is no charge.", "It is free of charge."),
        ("None of the tests failed.", "All tests passed."),
        ("The price does not include tax.", "Tax is not included."),
        ("A is colder than B.", "B isn't as cold as A."),
        ("You can return it within 30 days.", "You can't return it after 30 days."),
        ("Avoid sunlight.", "Keep away from sunlight."),
        ("Das Gerät ist nicht wasserdicht.", "Wasserdicht ist das Gerät nicht."),
        ("本产品不支持退货。", "本产品不可退货。"),
    ],
)
def test_what_only_reads_differently_does_not(before: str, after: str) -> None:
    assert not contradicts(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Die Antwort ist ja.", "Die Antwort ist nein."),
        ("The function returns True.", "The function returns False."),
        ("La réponse est oui.", "La réponse est non."),
    ],
)
def test_a_yes_that_becomes_a_no_inside_a_sentence(before, after):
    assert contradicts(before, after)
    assert contradicts(after, before)


_WORDS = st.sampled_from(
    """the a is are it we you can could not no never yes correct wrong allowed denied unavailable
    available information formation until unless than free fee charge charges incomplete complete
    doesn't can't cannot isn't only also turn switch off out of stock sold sign set up install
    uninstall failed to forget always like dislike , . ; : ! ? 5 3.5 un1994 _not not_ v1.2
    """.split()  # noqa: SIM905
)
_SENTENCES = st.lists(_WORDS, min_size=1, max_size=9).map(" ".join)


@given(_SENTENCES, _SENTENCES)
def test_who_seems_to_deny_nothing_is_found_to_deny_nothing(before: str, after: str) -> None:
    found = contradicts(before, after)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(negation, "_may_contradict", lambda one, other: True)
        assert contradicts(before, after) == found
