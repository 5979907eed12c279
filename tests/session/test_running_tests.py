"""The marker: its arguments are checked before anything runs."""

import pytest

from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.registry import load
from pytest_modelpin.session.running_tests import Mark, read_mark


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


def test_what_has_no_keyword_is_an_error():
    """`modelpin(3)` took no more samples, and said nothing."""
    with pytest.raises(ModelpinError, match=r"modelpin\(3\)` lacks a keyword, as in `samples=5`"):
        read_mark({}, "t", (3,))


def test_a_logical_model_that_models_yml_lacks_is_an_error(tmp_path):
    """A mistyped name said nothing of which of two models a test means."""
    (tmp_path / "models.yml").write_text("models: {gpt: {production: gpt-4o-2024-08-06}}\n")
    pins = load(tmp_path / "models.yml", {})
    with pytest.raises(ModelpinError, match=r"^t: .*names no 'gtp'; .* Did you mean `gpt`\?"):
        read_mark({"models": ["gpt", "gtp"]}, "t", pins=pins)
    assert read_mark({"models": ["gpt"]}, "t", pins=pins).models == ("gpt",)
