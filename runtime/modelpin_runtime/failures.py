"""Which errors say that a model can't answer now, so that another may: never the caller's own.

Told by class names, statuses and codes, so that no SDK has to be imported:
openai and anthropic (`APIStatusError.status_code`, `APIConnectionError`), google-genai
(`APIError.code`), mistralai and cohere (`status_code`), botocore
(`ClientError.response["Error"]["Code"]`), httpx, requests, urllib3, aiohttp (by class).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Cause = Literal["overloaded", "timeout", "connection", "retired", "server"]

_OVERLOADED = frozenset({429, 503, 529})
_SERVER = frozenset({500, 502, 504, 520, 521, 522, 523, 524})
_TIMEOUTS = frozenset({408})
_CONNECTION_CLASSES = frozenset(
    {
        "APIConnectionError", "ConnectError", "ReadError", "WriteError", "RemoteProtocolError",
        "ConnectionError", "ClientConnectionError", "ServerDisconnectedError", "ClientOSError",
        "ProtocolError", "MaxRetryError", "EndpointConnectionError", "ConnectionClosedError",
        "ChunkedEncodingError", "NetworkError", "CloseError", "NewConnectionError",
    }
)  # fmt: skip
_TIMEOUT_CLASSES = frozenset(
    {
        "APITimeoutError", "TimeoutException", "ReadTimeout", "ConnectTimeout", "WriteTimeout",
        "PoolTimeout", "Timeout", "ServerTimeoutError", "ReadTimeoutError", "ConnectTimeoutError",
    }
)  # fmt: skip
_AWS_OVERLOADED = frozenset(
    {"ThrottlingException", "ModelNotReadyException", "ServiceUnavailableException",
     "ServiceQuotaExceededException", "TooManyRequestsException"}
)  # fmt: skip
_AWS_SERVER = frozenset({"InternalServerException", "ModelErrorException"})
_AWS_TIMEOUT = frozenset({"ModelTimeoutException"})
_MODEL_GONE = re.compile(
    r"model[^.]{0,80}(not[ _]found|does not exist|deprecated|retired|end of life|decommissioned|"
    r"no longer (available|supported)|shut ?down)|model_not_found|unknown model",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Failure:
    """Why a model could not answer."""

    cause: Cause
    retry_after: float | None = None
    """Seconds that the provider asked to wait; None where it said nothing."""


def failure_of(error: BaseException) -> Failure | None:
    """What an exception says of the model; None where the caller is at fault, or nobody knows."""
    for each in _causes(error):
        status = _status(each)
        code = _aws_code(each)
        if status in (404, 410) or code == "ResourceNotFoundException":
            return Failure("retired") if _MODEL_GONE.search(str(each)) else None
        if code in _AWS_OVERLOADED or status in _OVERLOADED:
            return Failure("overloaded", _retry_after(each))
        if code in _AWS_SERVER or status in _SERVER:
            return Failure("server", _retry_after(each))
        if code in _AWS_TIMEOUT or status in _TIMEOUTS:
            return Failure("timeout", _retry_after(each))
        if status is not None:
            return None  # the provider understood the request and refused it
        names = {kind.__name__ for kind in type(each).__mro__}
        if names & _TIMEOUT_CLASSES or isinstance(each, TimeoutError):
            return Failure("timeout")
        if names & _CONNECTION_CLASSES or isinstance(each, ConnectionError):
            return Failure("connection")
    return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what it was raised from; a framework's own wraps the SDK's."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__


def _status(error: BaseException) -> int | None:
    for name in ("status_code", "http_status", "status", "code"):
        value = getattr(error, name, None)
        if isinstance(value, int) and not isinstance(value, bool) and 100 <= value < 600:
            return value
    value = getattr(getattr(error, "response", None), "status_code", None)
    return value if isinstance(value, int) else None


def _aws_code(error: BaseException) -> str:
    response = getattr(error, "response", None)
    details = response.get("Error") if isinstance(response, Mapping) else None
    return str(details.get("Code", "")) if isinstance(details, Mapping) else ""


def _retry_after(error: BaseException) -> float | None:
    """Seconds by `retry-after-ms` or `retry-after`, a number or a date, as RFC 9110 has both."""
    headers: Any = getattr(getattr(error, "response", None), "headers", None)
    if headers is None:
        return None
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            said = headers.get(name)
            seconds = _until(said) if unit == 1.0 and said[:1].isalpha() else float(said) / unit
        except (TypeError, ValueError, AttributeError, OverflowError):
            continue
        if 0 <= seconds < 86_400:
            return seconds
    return None


def _until(date: str) -> float:
    """Seconds from now to an HTTP date; 0 where it is past. Raises ValueError where it is none."""
    import time
    from email.utils import parsedate_to_datetime

    return max(0.0, parsedate_to_datetime(date).timestamp() - time.time())
