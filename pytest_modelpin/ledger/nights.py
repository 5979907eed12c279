"""All nights of one logical model, in order of time; each is decoded when it is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

from pytest_modelpin.errors import LedgerError
from pytest_modelpin.ledger.night import LEAD, Night, from_line, parse


class Nights(Sequence[Night]):
    """The nights of one ledger file, oldest first by day and instant.

    Most readers want the last few of several years, so a line is decoded on first access. A torn
    last line is passed over: the process that wrote it was killed, and its night never counted.
    """

    __slots__ = ("_decoded", "_lines", "_where")

    def __init__(self, content: bytes = b"", where: str = "the ledger") -> None:
        """`content` is a whole ledger file; `where` names it in errors.

        Raises LedgerError where the content is not UTF-8 or an odd line is not JSON.
        """
        numbered = [(line, number) for number, line in enumerate(lines(content, where), 1) if line]
        numbered.sort(key=lambda pair: _time(pair[0], where, pair[1]))
        self._lines = numbered
        self._where = where
        self._decoded: dict[int, Night] = {}

    def __len__(self) -> int:
        return len(self._lines)

    @overload
    def __getitem__(self, index: int) -> Night: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Night, ...]: ...
    def __getitem__(self, index: int | slice) -> Night | tuple[Night, ...]:
        if isinstance(index, slice):
            return tuple(self[i] for i in range(*index.indices(len(self))))
        position = range(len(self))[index]
        night = self._decoded.get(position)
        if night is None:
            line, number = self._lines[position]
            night = from_line(line, f"{self._where}, line {number},")
            self._decoded[position] = night
        return night

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or len(self) != len(other):
            return NotImplemented if not isinstance(other, Sequence) else False
        return all(mine == theirs for mine, theirs in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]  # equal to tuples, which hash otherwise

    def __repr__(self) -> str:
        return f"<{len(self)} nights of {self._where}>"


def lines(content: bytes, where: str) -> list[str]:
    """The complete lines of a ledger file; a torn last one is left out.

    Raises LedgerError where the content is not UTF-8.
    """
    try:
        return content[: complete(content)].decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise LedgerError(f"{where} is not UTF-8 text ({error}).") from None


def complete(content: bytes) -> int:
    """How many bytes of a ledger file are whole lines: all but a torn last one."""
    end = content.rfind(b"\n") + 1
    if end == len(content):
        return end
    try:
        parse(content[end:].decode("utf-8"), "the last line")
    except (UnicodeDecodeError, LedgerError):
        return end
    return len(content)  # only its line break is missing


def _time(line: str, where: str, number: int) -> str:
    if line.startswith(LEAD):
        return line
    content = parse(line, f"{where}, line {number},")
    return f'{LEAD}{content.get("day", "")}","at":"{content.get("at", "")}"'
