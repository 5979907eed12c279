"""Any value a test holds as its answer, as the JSON that is kept and compared."""

from __future__ import annotations

import base64
import dataclasses
import json
import warnings
from collections.abc import Mapping, Sequence, Set
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pytest_modelpin.errors import SnapshotError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from pytest_modelpin.providers.wire import JSON, Reply

_ARGUMENTS = frozenset({"arguments", "args", "input"})


def as_answer(value: object) -> JSON:
    """The value as JSON: a str for a text, any other JSON value for structured data.

    A reply object of an SDK, or the JSON of one, is reduced to what the model said; ids, times,
    usage and the model's name are dropped. Sets are sorted, bytes are text where they are UTF-8,
    numbers may be NaN. Raises SnapshotError, naming type and path, for what can't be kept.
    """
    try:
        return _as_json(value, "$", ())
    except RecursionError:
        raise SnapshotError("model_snapshot can't keep a value nested this deeply.") from None


def _as_json(value: object, path: str, above: tuple[int, ...]) -> JSON:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Enum):
        return _as_json(value.value, path, above)
    if isinstance(value, str):
        return str(value)
    # Subclasses, such as numpy's floats, come down to the plain number.
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return _text_of_bytes(bytes(value))
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, PurePath):
        return value.as_posix()
    if isinstance(value, (Decimal, UUID, timedelta)):
        return str(value)
    if id(value) in above:
        raise _refusal(value, path, "it contains itself")
    return _container(value, path, (*above, id(value)))


def _container(value: object, path: str, above: tuple[int, ...]) -> JSON:
    if isinstance(value, Mapping):
        # Only here, so that a suite without models does not load every provider.
        from pytest_modelpin.providers.replies import read_object

        answers = [_said(reply) for reply in read_object(value)]
        if not answers:
            return _object(value, path, above)
        return _as_json(answers[0] if len(answers) == 1 else answers, path, above)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _dataclass(value, path, above)
    if hasattr(value, "model_dump") and not isinstance(value, type):
        return _model(value, path, above)
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return _object(value._asdict(), path, above)
    if isinstance(value, Set):
        items = [_as_json(item, f"{path}{{}}", above) for item in value]
        return sorted(items, key=lambda item: json.dumps(item, sort_keys=True))
    if isinstance(value, Sequence):
        return [_as_json(item, f"{path}[{n}]", above) for n, item in enumerate(value)]
    plain = next((call for name, call in _PLAIN if hasattr(type(value), name)), None)
    kept = f"its `{plain}`" if plain else "a text, JSON-like data, a dataclass or a pydantic model"
    raise _refusal(value, path, f"give it {kept}")


_PLAIN = (("to_dicts", ".to_dicts()"), ("tolist", ".tolist()"), ("to_dict", '.to_dict("records")'))
"""Methods by which tables and arrays (polars, numpy and pandas' series, pandas) give plain data."""


def _dataclass(value: DataclassInstance, path: str, above: tuple[int, ...]) -> JSON:
    from pytest_modelpin.providers.wire import Reply

    if isinstance(value, Reply):
        return _as_json(_said(value), path, above)
    fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    return _object(fields, path, above)


def _object(value: Mapping[Any, object], path: str, above: tuple[int, ...]) -> dict[str, JSON]:
    answer: dict[str, JSON] = {}
    for key, item in value.items():
        name = _key(key, path, above)
        if name in answer:
            raise _refusal(value, path, f"two of its keys are written {name!r}")
        answer[name] = _as_json(item, f"{path}.{name}", above)
    return answer


def _key(key: object, path: str, above: tuple[int, ...]) -> str:
    name = _as_json(key, f"{path} (a key)", above)
    if isinstance(name, str):
        return name
    if name is None or isinstance(name, (bool, int, float)):
        return json.dumps(name)
    raise _refusal(key, path, "a key must be a text or a number")


def _model(value: object, path: str, above: tuple[int, ...]) -> JSON:
    try:
        with warnings.catch_warnings():
            # Replies with parsed content make pydantic warn about its own serialising.
            warnings.simplefilter("ignore")
            dumped = value.model_dump(mode="json")  # type: ignore[attr-defined]
    except Exception as error:
        raise _refusal(value, path, f"its model_dump says: {error}") from None
    answer = _as_json(dumped, path, above)
    from pytest_modelpin.providers.replies import volatile_fields_of

    return _without(answer, volatile_fields_of(type(value).__module__))


def _said(reply: Reply) -> JSON:
    """The text alone where there is only text; else an object with `text`, `tools`, `refusal`."""
    calls = [{"name": name, "arguments": arguments} for name, arguments in reply.tools]
    if not calls and reply.refusal is None:
        return reply.text
    answer: dict[str, JSON] = {"text": reply.text} if reply.text else {}
    if calls:
        answer["tools"] = calls
    if reply.refusal is not None:
        answer["refusal"] = reply.refusal
    return answer


def _without(part: JSON, fields: frozenset[str]) -> JSON:
    """The same JSON without the fields, at any depth.

    The arguments of tool calls stay whole: an `id` there is something the model said.
    """
    if isinstance(part, dict) and fields:
        return {
            key: item if key in _ARGUMENTS else _without(item, fields)
            for key, item in part.items()
            if key not in fields
        }
    if isinstance(part, list) and fields:
        return [_without(item, fields) for item in part]
    return part


def _text_of_bytes(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return "base64:" + base64.b64encode(value).decode()


def _refusal(value: object, path: str, why: str) -> SnapshotError:
    kind = f"{type(value).__module__}.{type(value).__qualname__}".removeprefix("builtins.")
    return SnapshotError(f"model_snapshot can't keep the {kind} at {path}: {why}.")
