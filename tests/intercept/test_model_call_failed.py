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
    note_unreached,
    unreached,
)
from pytest_modelpin.providers import provider_named


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


OPENAI = provider_named("openai")


class ConnectError(Exception):
    """As httpx calls it."""


def told(error, url, environment):
    note_unreached(error, "gpt", url, OPENAI, environment)
    return unreached(error)


@pytest.mark.parametrize(
    ("url", "environment", "cure"),
    [
        ("http://127.0.0.1:9/v1", {}, "Start what answers there"),
        ("http://localhost:9/v1", {}, "Start what answers there"),
        ("http://[::1]:9/v1", {}, "Start what answers there"),
        ("https://api.openai.com/v1", {}, "whether this machine is online"),
        (
            "http://gateway:9/v1",
            {"OPENAI_BASE_URL": "http://gateway:9/v1"},
            "start what answers there, or unset OPENAI_BASE_URL",
        ),
    ],
)
def test_who_is_not_reached_and_what_helps(url, environment, cure):
    said = told(ConnectError("[Errno 111] Connection refused"), url, environment)
    assert said.startswith("gpt: no connection to ")
    assert "[Errno 111] Connection refused. " in said
    assert cure in said


def test_a_password_in_an_address_is_not_told():
    said = told(ConnectError("refused"), "http://ada:s3cret@127.0.0.1:9/v1", {})
    assert "no connection to 127.0.0.1:9" in said
    assert "s3cret" not in said


def test_a_connection_that_broke_is_left_to_its_own_words():
    assert told(ConnectionResetError("peer"), "http://127.0.0.1:9", {}) is None


def test_what_an_sdk_raises_from_it_is_told_too_and_a_test_s_own_assertion_is_not():
    error = ConnectError("refused")
    note_unreached(error, "gpt", "http://127.0.0.1:9", OPENAI, {})
    wrapped, failed = RuntimeError("Connection error."), AssertionError("must not fail")
    wrapped.__cause__ = error
    failed.__context__ = wrapped
    assert unreached(wrapped) == unreached(error)
    assert unreached(failed) is None
