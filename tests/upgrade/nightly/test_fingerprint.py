"""What a night's evidence is of: the suite, and the candidate's own prompts."""

import pytest

from pytest_modelpin.compare.prompt_moves import prompts_mark
from pytest_modelpin.providers.reply import Reply
from pytest_modelpin.results.case import Call, Case, Sample
from pytest_modelpin.upgrade.nightly.one_night import expected_fingerprint


@pytest.mark.parametrize(
    ("last", "expected"),
    [(None, "f1"), ("f1", "f1"), ("f1+p1", "f1+p1"), ("f2+p1", "f1"), ("f2", "f1")],
)
def test_tonights_prompts_are_expected_to_be_last_nights(night, last, expected):
    past = [night(fingerprint=last)] if last else []
    assert expected_fingerprint(past, "f1") == expected


def case(id, request, **prompts):
    return Case(id, (Sample("passed", calls=(Call("claude", Reply(), True, 1.0, request),)),),
                models=("claude",), prompts=prompts)  # fmt: skip


def test_only_what_moved_marks_the_evidence():
    both = [case("a", "r1", fee="h1"), case("b", "r1")]
    assert prompts_mark(both, (), "claude") == ""
    of_a = prompts_mark(both, ("a",), "claude")
    assert of_a == prompts_mark([both[0], case("b", "r2")], ("a",), "claude")
    assert of_a != prompts_mark([case("a", "r2", fee="h1"), both[1]], ("a",), "claude")
    assert of_a != prompts_mark([case("a", "r1", fee="h2"), both[1]], ("a",), "claude")
