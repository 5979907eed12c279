"""The lines of a ledger's files: a JSON object each. A torn last one is left out."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NoReturn

from pytest_modelpin.errors import LedgerError
from pytest_modelpin.redaction.redact import redact_json

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

SCHEMA = 1
"""Of every line."""


def to_line(record: DataclassInstance) -> str:
    """A record as JSON on one line, without the line break."""
    content = redact_json(dataclasses.asdict(record))
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False)


def records(content: bytes, where: str) -> Iterator[tuple[dict[str, Any], str]]:
    """The objects of a file, oldest first, each with its place for an error's text.

    Raises LedgerError where a line but the last is torn or of a later schema.
    """
    for number, line in enumerate(lines(content, where), 1):
        if line:
            place = f"{where}, line {number},"
            yield parse(line, place), place


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


def parse(text: str, where: str) -> dict[str, Any]:
    """A ledger line's JSON object, its schema checked.

    Raises LedgerError where it is no JSON object, or of a schema that is not known yet.
    """
    try:
        content = _DECODER.decode(text)
    except ValueError as error:
        raise LedgerError(
            f"{where} is not JSON ({error}). Take the line out, or restore the file from the "
            "history of the ledger."
        ) from None
    if not isinstance(content, dict):
        raise LedgerError(f"{where} is not a JSON object.")
    schema = content.get("schema", SCHEMA)
    if schema != SCHEMA:
        raise LedgerError(
            f"{where} has schema {schema!r}; this version of pytest-modelpin reads schema "
            f"{SCHEMA}. Run `pip install --upgrade pytest-modelpin`."
        )
    return content


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)
