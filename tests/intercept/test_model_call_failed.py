"""What is raised where a call to a model is refused, and what a failure is found to come of."""

from __future__ import annotations

import pickle
from errno import ECONNREFUSED
from socket import EAI_NONAME, gaierror

import pytest

from pytest_modelpin.intercept.model_call_failed import (
    ConnectionToModelRefused,
    ModelCallFailed,
    ModelHostUnknown,
    failed_call,
)


@pytest.mark.parametrize(
    ("kind", "base", "number"),
    [
        (ConnectionToModelRefused, ConnectionRefusedError, ECONNREFUSED),
        (ModelHostUnknown, gaierror, EAI_NONAME),
    ],
)
def test_a_sockets_own_errors_have_its_number_and_our_words(
    kind: type[ModelCallFailed], base: type[OSError], number: int
) -> None:
    error = kind("a test asked a model")
    for each in (error, pickle.loads(pickle.dumps(error))):
        assert isinstance(each, base)
        assert each.args == (number, "a test asked a model")
        assert each.errno == number
        assert str(each) == "a test asked a model"


def test_what_was_raised_from_it_or_with_it_is_told_by_it() -> None:
    refused = ConnectionToModelRefused("a test asked a model")
    outer = OSError("all connections failed")
    outer.__cause__ = ExceptionGroup("many", [ValueError("another"), refused])
    assert failed_call(outer) is refused
    assert failed_call(OSError("of a network")) is None
