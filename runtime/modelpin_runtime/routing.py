"""Which users a canary serves: the same ones at every request, and never fewer as it widens."""

from __future__ import annotations

from typing import Literal

from modelpin_runtime.frozen import dataclass

try:  # hashlib's own, without the OpenSSL that importing hashlib loads
    from _blake2 import blake2b
except ImportError:
    from hashlib import blake2b

_RANGE = 2**64


@dataclass(frozen=True)
class Route:
    """Where one request goes."""

    id: str
    """The model id to ask."""
    role: Literal["pin", "canary", "fallback"]
    """A fallback is never routed to; it is what a request became that nobody before it answered."""
    name: str
    """The logical name in models.yml."""

    def __str__(self) -> str:
        return self.id


def salt_of(name: str, canary: str) -> bytes:
    """What makes the users of this canary others than those of the one before.

    Of the logical name and the canary's id: without it the same people would be the first to try
    every canary. At most 16 bytes, which is what BLAKE2b takes.
    """
    return blake2b(f"{name}\0{canary}".encode(), digest_size=16).digest()


def share_of(key: str, salt: bytes) -> float:
    """Where a key lies between 0 and 1: uniform over keys, fixed for a key and a salt."""
    return (
        int.from_bytes(
            blake2b(key.encode("utf-8", "replace"), digest_size=8, salt=salt).digest(), "big"
        )
        / _RANGE
    )


def is_served(key: str, salt: bytes, percent: float) -> bool:
    """Whether a canary of `percent` serves this key.

    A key whose share lies below the percentage is in; so a greater percentage only adds keys.
    """
    return share_of(key, salt) * 100 < percent
