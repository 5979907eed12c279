"""What reached the embedded provider, and what shall go wrong with what reaches it next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Fault:
    """How the server misbehaves towards one request."""

    status: int | None = None
    """Answer with this error instead."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Sent with the error, such as `retry-after`."""
    message: str = "This error was asked for."
    disconnect_after: int | None = None
    """Close the connection after so many events of a stream; a plain reply breaks off half-way."""
    seconds: float = 0.0
    """Wait before anything else, such as for longer than the client does."""


@dataclass(frozen=True, slots=True)
class Received:
    """One request that reached the server."""

    method: str
    path: str
    model: str | None
    served: str | None
    has_key: bool
    """Whether it bore an API key; the key itself is not kept."""
    status: int
