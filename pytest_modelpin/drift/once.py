"""A property that is read once, when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, overload

T = TypeVar("T")


class once(Generic[T]):
    """`functools.cached_property` without its lock, which Python 3.12 dropped.

    A case reads hundreds of aspects of its samples, most of them short: on Python 3.11 the lock
    alone was 8 % of a comparison. Nothing but time is lost where two threads read the same.
    """

    def __init__(self, read: Callable[[Any], T]) -> None:
        self._read = read
        self.__doc__ = read.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        """Where the value is kept, so that it is found before this is asked again."""
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type) -> T: ...

    def __get__(self, instance: object | None, owner: type) -> Self | T:
        """The value, read now and kept."""
        if instance is None:
            return self
        value = instance.__dict__[self._name] = self._read(instance)
        return value
