"""What requests to all the APIs have in common: hosts, headers, fields."""

from __future__ import annotations

from typing import Any

from pytest_modelpin.providers import wire
from pytest_modelpin.providers.reply import JSON

SECRET_HEADERS = frozenset(
    {"authorization", "proxy-authorization", "cookie", "set-cookie", "api-key", "x-api-key"}
)
OVERLOAD = frozenset({429, 500, 502, 503, 504})


def at_host(hosts: tuple[str, ...], host: str) -> bool:
    """Whether `host` (lower case, with its port where the URL names one) is among `hosts`.

    A leading dot means any host below; a port counts only where the entry names one.
    """
    bare = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    return any(
        bare.endswith(entry) if entry.startswith(".") else entry in (host, bare) for entry in hosts
    )


def without(body: JSON, fields: frozenset[str]) -> dict[str, Any]:
    """A copy of the body that lacks the top-level fields."""
    return {name: value for name, value in wire.mapping(body).items() if name not in fields}
