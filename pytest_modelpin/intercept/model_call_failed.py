"""The ordinary exceptions for a call to a model that was neither replayed nor sent."""

from __future__ import annotations

from errno import ECONNREFUSED
from socket import EAI_NONAME, gaierror
from typing import Self


class ModelCallFailed(Exception):
    """A call to a model that was neither replayed nor sent; can be pickled."""


class _OfASocket(ModelCallFailed, OSError):
    """For who passes on a socket's own errors alone, which have a number."""

    number: int

    def __new__(cls, message: str) -> Self:
        return super().__new__(cls, cls.number, message)

    def __init__(self, message: str) -> None:
        super().__init__(self.number, message)

    def __str__(self) -> str:
        return str(self.strerror)

    def __reduce__(self) -> tuple[type[Self], tuple[str]]:
        return type(self), (str(self),)


class ConnectionToModelRefused(_OfASocket, ConnectionRefusedError):
    """What a socket raises that can't connect."""

    number = ECONNREFUSED


class ModelHostUnknown(_OfASocket, gaierror):
    """What a look-up of hosts raises that finds none."""

    number = EAI_NONAME


def failed_call(error: BaseException) -> ModelCallFailed | None:
    """What made a test fail with `error`: itself, one it was raised from, or one of its group.

    What an SDK or a web framework raises around it is a hundred lines that say nothing more.
    """
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting:
        each = waiting.pop()
        if isinstance(each, ModelCallFailed):
            return each
        if each is not None and id(each) not in seen:
            seen.add(id(each))
            waiting.append(each.__cause__)
            waiting += each.exceptions if isinstance(each, BaseExceptionGroup) else ()
    return None
