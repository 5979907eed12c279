"""One HTTP request to a model and the reply to it, decoded and redacted, as recordings hold it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from pytest_modelpin.providers.reply import JSON


class Request(NamedTuple):
    """What was asked, after the model id was swapped and every secret taken out."""

    method: str
    url: str
    body: JSON


class Response(NamedTuple):
    """What came back, decoded from gzip or br."""

    status: int
    headers: Mapping[str, str]
    """Lower-case names; only those on the provider's allow-list."""
    content: bytes
    complete: bool = True
    """False where the stream broke off or the client stopped reading before its end."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its reply."""

    request: Request
    response: Response
    asked: str
    """The model id that was sent."""
    served: str | None = None
    """The model id that the reply names; None where it names none."""
    seconds: float = field(default=0.0, compare=False)
    """From sending the request to the last byte of the reply."""
    sample: int = 1
    """Which of a case's samples this belongs to, from 1."""
