"""The marker: its arguments are checked before anything runs."""

import pytest

from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.session.marker import Mark, read_mark


def test_no_arguments_leave_every_default():
    assert read_mark({}, "t") == Mark()


def test_lists_become_tuples():
    assert read_mark({"models": ["a", "b"], "samples": 3}, "t") == Mark(
        models=("a", "b"), samples=3
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"sampels": 3}, "Did you mean `samples`?"),
        ({"samples": 0}, "a whole number from 1"),
        ({"samples": True}, "a whole number from 1"),
        ({"similarity": 2}, "a number from 0 to 1"),
        ({"critical": "yes"}, "True or False"),
        ({"category": ""}, "a name"),
        ({"models": "claude"}, "a list of names"),
    ],
)
def test_a_wrong_argument_is_named_with_the_test_and_what_is_allowed(arguments, said):
    with pytest.raises(ModelpinError) as caught:
        read_mark(arguments, "tests/test_a.py::test_a")
    assert "tests/test_a.py::test_a" in str(caught.value)
    assert said in str(caught.value)
