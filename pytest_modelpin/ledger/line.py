"""A night as one line of JSON, and back."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any, NoReturn

from pytest_modelpin.errors import LedgerError
from pytest_modelpin.ledger.night import SCHEMA, Night
from pytest_modelpin.redaction.redact import redact_json

# The day and the instant lead every line, so that lines sort by time as plain text: a reader
# puts years of nights in order without decoding one of them.
_LEADING = ("day", "at")
_NAMES = (
    *_LEADING,
    *(field.name for field in dataclasses.fields(Night) if field.name not in _LEADING),
)
_KNOWN = frozenset(_NAMES)
LEAD = '{"day":"'


def to_line(night: Night) -> str:
    """The night as JSON on one line, without the line break; NaN and infinity become null."""
    content = redact_json({name: _finite(getattr(night, name)) for name in _NAMES})
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def from_line(text: str, where: str) -> Night:
    """The night that a line holds; `where` names file and line for the error's text.

    Fields that this version does not know are passed over: a later version may add some without
    a new schema. Raises LedgerError where the line is torn or its schema is a later one.
    """
    content = parse(text, where)
    try:
        known = {name: value for name, value in content.items() if name in _KNOWN}
        known["reasons"] = tuple(content.get("reasons", ()))
        for name in ("cases", "fresh"):
            known[name] = {case: tuple(n) for case, n in content.get(name, {}).items()}
        for name in ("live", "open", "held"):
            known[name] = tuple(content.get(name, ()))
        return Night(**known)
    except (TypeError, AttributeError) as error:
        raise LedgerError(f"{where} is not a night of the ledger: {error}.") from None


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


def _finite(value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return dict(value) if isinstance(value, dict) else value


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)
