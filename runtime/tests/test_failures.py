from __future__ import annotations

from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import anthropic
import httpx2
import openai
import pytest

from modelpin_runtime.failures import Failure, failure_of

REQUEST = httpx2.Request("POST", "https://api.example.com/v1/messages")


def status_error(sdk, status, message="no", headers=None):
    response = httpx2.Response(
        status, request=REQUEST, headers=headers or {}, json={"error": message}
    )
    return sdk.APIStatusError(message, response=response, body=None)


@pytest.mark.parametrize("sdk", [openai, anthropic])
@pytest.mark.parametrize(
    ("status", "cause"),
    [(429, "overloaded"), (503, "overloaded"), (529, "overloaded"), (500, "server"),
     (504, "server"), (408, "timeout")],
)  # fmt: skip
def test_statuses_of_the_sdks(sdk, status, cause):
    assert failure_of(status_error(sdk, status)) == Failure(cause)


@pytest.mark.parametrize("sdk", [openai, anthropic])
@pytest.mark.parametrize("status", [400, 401, 402, 403, 413, 422])
def test_what_the_caller_did_is_the_callers(sdk, status):
    assert failure_of(status_error(sdk, status)) is None


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        ("The model `gpt-4` does not exist or you do not have access to it.", "retired"),
        ("model: claude-2 not_found_error: model_not_found", "retired"),
        ("The model has been deprecated", "retired"),
        ("No such file: file-123", None),
    ],
)
def test_a_404_is_a_retired_model_only_where_it_says_so(message, cause):
    found = failure_of(status_error(openai, 404, message))
    assert (found.cause if found else None) == cause


@pytest.mark.parametrize("sdk", [openai, anthropic])
def test_connections_and_timeouts_of_the_sdks(sdk):
    assert failure_of(sdk.APIConnectionError(request=REQUEST)) == Failure("connection")
    assert failure_of(sdk.APITimeoutError(request=REQUEST)) == Failure("timeout")


def test_what_was_raised_from_it_counts():
    error = RuntimeError("agent failed")
    error.__cause__ = openai.APITimeoutError(request=REQUEST)
    assert failure_of(error) == Failure("timeout")


class ClientError(Exception):
    """As botocore's: a response by key."""

    def __init__(self, code):
        super().__init__(code)
        self.response = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": 400}}


@pytest.mark.parametrize(
    ("code", "cause"),
    [("ThrottlingException", "overloaded"), ("ModelTimeoutException", "timeout"),
     ("InternalServerException", "server"), ("ValidationException", None)],
)  # fmt: skip
def test_codes_of_aws(code, cause):
    found = failure_of(ClientError(code))
    assert (found.cause if found else None) == cause


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [({"retry-after": "7"}, 7), ({"retry-after-ms": "250"}, 0.25), ({"retry-after": "soon"}, None),
     ({"retry-after": "999999"}, None), ({}, None)],
)  # fmt: skip
def test_how_long_a_provider_asks_to_wait(headers, seconds):
    assert failure_of(status_error(openai, 429, headers=headers)).retry_after == seconds


def test_a_date_to_wait_for_is_followed():
    def waits(seconds):
        at = datetime.now(timezone.utc) + timedelta(seconds=seconds)
        headers = {"retry-after": format_datetime(at, usegmt=True)}
        return failure_of(status_error(openai, 503, headers=headers)).retry_after

    assert 3500 < waits(3600) <= 3600
    assert waits(-3600) == 0
    assert waits(10 * 86_400) is None


@pytest.mark.parametrize("error", [ValueError("x"), KeyError("x"), TypeError("x")])
def test_bugs_are_nobody_elses(error):
    assert failure_of(error) is None


@pytest.mark.parametrize(
    ("error", "cause"),
    [(ConnectionResetError(), "connection"), (TimeoutError(), "timeout"),
     (httpx2.ReadTimeout("x"), "timeout"), (httpx2.ConnectError("x"), "connection")],
)  # fmt: skip
def test_errors_below_the_sdks(error, cause):
    assert failure_of(error) == Failure(cause)
