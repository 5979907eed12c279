"""JSON as what it was written from: a reader for each dataclass, made of the types of its fields.

What the package writes it reads back, and meanwhile an editor, a merge, a broken upload or another
program may have been at it. A value of another type is told by its place in the file, before
anything is reckoned with it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from math import isfinite
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

from pytest_modelpin.wording import clipped, counted

Kind = TypeVar("Kind")
Count = Annotated[int, "from 0"]
"""The type of a field that counts something."""

Reader = Callable[[Any], Any]
"""Gives what a JSON value stands for. Raises Misfit."""

MOST_NESTED = 400
"""Of a value that may be any JSON: deeper ones Python can neither compare, copy nor print."""

_LISTS = (list, tuple)
"""A tuple stands for a list in what was not written yet."""
_LONGEST_INT = 10**18
_LONGEST_SHOWN = 60  # characters
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")


class Misfit(ValueError):
    """A JSON value is not of the type that it has to be of; its text is a sentence without a full
    stop: where it is, what was found and what is expected.
    """

    def __init__(self, found: str, expected: str) -> None:
        super().__init__(found, expected)
        self.found, self.expected = found, expected
        self._steps: list[str | int] = []

    def below(self, step: str | int) -> Misfit:
        """The same, seen from one level further up."""
        self._steps.append(step)
        return self

    @property
    def place(self) -> str:
        """`cases[3].samples[0].outcome`; empty at the top."""
        told = ""
        for step in reversed(self._steps):
            if isinstance(step, int):
                told += f"[{step}]"
            elif _IDENTIFIER.fullmatch(step):
                told += f".{step}" if told else step
            else:
                told += f"[{_quoted(step)}]"
        return told

    def __str__(self) -> str:
        return f"{self.place or 'it'} is {self.found}, and has to be {self.expected}"


def misfit(found: Any, expected: str) -> Misfit:
    """That a value is not what is `expected`, which is said with its article."""
    return Misfit(_said(found), expected)


_AS_IT_IS: Mapping[Any, tuple[type, ...]] = {
    str: (str,), bool: (bool,), str | None: (str, NoneType)
}  # fmt: skip
"""What most fields hold, and is what it is read as: by type, without a call for each."""


class Readers:
    """What reads JSON as the types that it was written from; each type's reader is made once."""

    def __init__(
        self,
        may_lack: Mapping[type, Collection[str]] | None = None,
        own: Mapping[Any, Reader] | None = None,
    ) -> None:
        """A field may lack where it has a default; of a type in `may_lack`, where it is named
        there. `own` has the readers of types whose JSON is not made of their fields.
        """
        self._may_lack = may_lack or {}
        self._made: dict[Any, Reader] = dict(own or {})

    def of(self, hint: Any) -> Reader:
        """The reader of a type, such as have the fields of our data.

        An object's keys that its type has no field for are passed over: a later version may add
        some.
        """
        if hint not in self._made:
            self._made[hint] = self._make(hint)
        return self._made[hint]

    def _make(self, hint: Any) -> Reader:
        kind, of = get_origin(hint), get_args(hint)
        if hint is Any:
            return _any
        if hint is float:
            return _number
        if hint is int:
            return _whole_number
        if hint is Count:
            return _count
        if hint in (str, bool, NoneType):
            return _exactly(hint)
        if kind is Literal:
            return _one_of(of)
        if kind in (UnionType, Union):
            return self._union(of)
        if kind is tuple and of[-1] is Ellipsis:
            return _list(self.of(of[0]))
        if kind is tuple:
            return row([self.of(each) for each in of])
        if kind in (Mapping, dict):
            return _mapping(self.of(of[1]))
        return self._object(hint)

    def _union(self, of: tuple[Any, ...]) -> Reader:
        others = [each for each in of if each is not NoneType]
        if len(others) != 1 or len(of) != 2:
            raise TypeError(f"no JSON is read as one of {of}")
        inner = self.of(others[0])

        def optional(value: Any) -> Any:
            if value is None:
                return None
            try:
                return inner(value)
            except Misfit as misfit:
                if not misfit.place:
                    raise Misfit(misfit.found, f"{misfit.expected}, or null") from None
                raise

        return optional

    def _object(self, kind: type) -> Reader:
        steps = [
            (name, _AS_IT_IS.get(hint, ()), self.of(hint), required)
            for name, hint, required in self._fields_of(kind)
        ]

        def read(content: Any) -> Any:
            if type(content) is not dict:
                raise misfit(content, "an object")
            made = {}
            name = ""
            try:
                for name, as_it_is, of, required in steps:
                    if name in content:
                        value = content[name]
                        made[name] = value if type(value) in as_it_is else of(value)
                    elif required:
                        raise Misfit("missing", "there")
            except Misfit as found:
                raise found.below(name) from None
            return kind(**made)

        return read

    def _fields_of(self, kind: type) -> list[tuple[str, Any, bool]]:
        """Name, type and whether it may not lack, in order."""
        if is_dataclass(kind):
            defaulted = {
                each.name for each in fields(kind)
                if each.default is not MISSING or each.default_factory is not MISSING
            }  # fmt: skip
        else:
            defaulted = set(kind._field_defaults)  # type: ignore[attr-defined]  # a NamedTuple
        may_lack = self._may_lack.get(kind, defaulted)
        return [(name, hint, name not in may_lack) for name, hint in _hints(kind).items()]


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    """The types of the fields, for which Python compiles each of their names."""
    return get_type_hints(kind, include_extras=True)


_PLAIN = Readers()


def plain_reader(kind: type[Kind]) -> Callable[[Any], Kind]:
    """Reads JSON as a `kind`, whose fields may lack where they have a default."""
    return cast(Callable[[Any], Kind], _PLAIN.of(kind))


def read_as(kind: type[Kind], content: bytes | str) -> Kind:
    """A file's content as a `kind`. Raises Misfit, also where it is not whole JSON."""
    return plain_reader(kind)(whole_json(content))


def whole_json(content: bytes | str) -> Any:
    """The one JSON value that the content is. Raises Misfit."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Misfit(f"not whole JSON ({error})", "that") from None


def _exactly(kind: type) -> Reader:
    expected = {str: "a text", bool: "true or false", NoneType: "null"}[kind]

    def read(value: Any) -> Any:
        if type(value) is not kind:
            raise misfit(value, expected)
        return value

    return read


def _whole_number(value: Any) -> int:
    if type(value) is not int:
        raise misfit(value, "a whole number")
    if not -_LONGEST_INT < value < _LONGEST_INT:
        raise misfit(value, "a whole number of at most 18 digits")
    return value


def _count(value: Any) -> int:
    if _whole_number(value) < 0:
        raise misfit(value, "a number from 0 up")
    return int(value)


def _number(value: Any) -> float:
    if type(value) is float and isfinite(value):
        return value
    if type(value) is int and -_LONGEST_INT < value < _LONGEST_INT:
        return value
    raise misfit(value, "a number")


def _any(value: Any) -> Any:
    level = [value] if isinstance(value, (list, tuple, dict)) else []
    for _ in range(MOST_NESTED):
        if not level:
            return value
        level = [
            each
            for above in level
            for each in (above.values() if type(above) is dict else above)
            if isinstance(each, (list, tuple, dict))
        ]
    raise Misfit("nested deeper", f"nested no deeper than {MOST_NESTED} levels")


def _one_of(allowed: tuple[Any, ...]) -> Reader:
    *most, last = (_said(each) for each in allowed)
    expected = f"{', '.join(most)} or {last}" if most else last
    typed = frozenset((type(each), each) for each in allowed)

    def read(value: Any) -> Any:
        if type(value) in (list, dict) or (type(value), value) not in typed:
            raise misfit(value, expected)
        return value

    return read


def _list(of: Reader) -> Reader:
    def read(value: Any) -> tuple[Any, ...]:
        if type(value) not in _LISTS:
            raise misfit(value, "a list")
        made: list[Any] = []
        try:
            for each in value:
                made.append(of(each))  # noqa: PERF401  # a misfit's place is how many there were
        except Misfit as found:
            raise found.below(len(made)) from None
        return tuple(made)

    return read


def row(of: list[Reader]) -> Reader:
    """Reads a list of so many values, each by a reader of its own, as a tuple."""

    def read(value: Any) -> tuple[Any, ...]:
        if type(value) not in _LISTS or len(value) != len(of):
            raise misfit(value, f"a list of {len(of)}")
        made: list[Any] = []
        try:
            for read_one, each in zip(of, value, strict=True):
                made.append(read_one(each))
        except Misfit as found:
            raise found.below(len(made)) from None
        return tuple(made)

    return read


def _mapping(of: Reader) -> Reader:
    def read(value: Any) -> dict[str, Any]:
        if type(value) is not dict:
            raise misfit(value, "an object")
        made = {}
        name = ""
        try:
            for name, each in value.items():
                made[name] = of(each)
        except Misfit as found:
            raise found.below(name) from None
        return made

    return read


def _said(value: Any) -> str:
    """A value as a sentence has it: short ones as they are written, others by what they are."""
    if isinstance(value, _LISTS):
        return f"a list of {len(value)}" if value else "an empty list"
    if isinstance(value, dict):
        return f"an object of {counted(len(value), 'key')}" if value else "an empty object"
    if type(value) is int and not -_LONGEST_INT < value < _LONGEST_INT:
        return "a longer number"
    return _quoted(value)


def _quoted(value: Any) -> str:
    return clipped(json.dumps(value, ensure_ascii=False), _LONGEST_SHOWN)
