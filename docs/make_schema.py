"""Writes docs/models.schema.json, the JSON Schema of models.yml, from the code that reads it.

python docs/make_schema.py             # or `make reference`

Editors complete and check a models.yml by it: `init` names it in the file's first line. What a key
is for is taken from the comments of docs/models-yml.md.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from modelpin_runtime.registry import fields, schema

HERE = Path(__file__).parent
PAGE = HERE / "models.schema.json"
ADDRESS = "https://pytest-modelpin.github.io/pytest-modelpin/models.schema.json"
ID = {"type": "string", "pattern": r"^\S+$"}
DAY = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"}
_COMMENT = re.compile(r"^ *(?:- )?(\w+):[^#\n]*#[ ]*(.+)$", re.MULTILINE)

Schema = dict[str, Any]


def document() -> Schema:
    """The whole schema."""
    model = _of(schema._MODEL, "models")
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": ADDRESS,
        "title": "models.yml of pytest-modelpin",
        "type": "object",
        "required": ["models"],
        "additionalProperties": False,
        "properties": {
            "models": {
                "type": "object",
                "minProperties": 1,
                "propertyNames": {"pattern": f"^{schema._LOGICAL_NAME.pattern}$"},
                "additionalProperties": {**model, "not": {"required": ["staging", "candidate"]}},
            },
            "settings": {**_of(schema._SETTINGS, "settings"), "type": ["object", "null"]},
            "endpoints": {"type": ["array", "null"], "items": _of(schema._ENDPOINT, "endpoints")},
        },
    }


def _of(reader: Any, part: str = "") -> Schema:
    """What a reader takes, from the closure that made it; `part` of the file has its comments."""
    plain = {
        fields.model_id: ID,
        fields.text: {"type": ["string", "number", "boolean"]},
        fields.day: DAY,
        fields.truth: {"type": "boolean"},
        schema._provider: {"type": "string", "pattern": f"^{schema._WORD.pattern}$"},
        schema._instant: {"type": "string", "format": "date-time"},
        schema._host: {"type": "string"},
        schema._path: {"type": "string", "pattern": "^/"},
    }
    if reader in plain:
        return plain[reader]
    if reader is schema._canary:
        return _of(schema._CANARY)
    if reader is schema._judge:
        return {"anyOf": [{"type": "string"}, _of(schema._JUDGE)]}
    code, cells = reader.__code__, reader.__closure__ or ()
    held = {name: cell.cell_contents for name, cell in zip(code.co_freevars, cells, strict=True)}
    return _made(reader.__qualname__.partition(".")[0], held, part)


def _made(by: str, held: Schema, part: str) -> Schema:
    match by:
        case "whole":
            return {"type": "integer", "minimum": held["minimum"]}
        case "whole_or":
            whole = {"type": "integer", "minimum": held["minimum"]}
            return {"anyOf": [{"const": held["word"]}, whole]}
        case "number":
            limits = {"minimum": held["minimum"]}
            if held["maximum"] != float("inf"):
                limits["maximum"] = held["maximum"]
            return {"type": "number", **limits}
        case "choice":
            return {"enum": list(held["words"])}
        case "several":
            return {"type": "array", "items": _of(held["item"])}
        case "by_name":
            return {"type": "object", "additionalProperties": _of(held["entry"])}
        case "record":
            return {
                "type": "object",
                "additionalProperties": False,
                "required": list(held["required"]),
                "properties": {
                    name: _told(part, name, _of(each), optional=name not in held["required"])
                    for name, each in held["fields"].items()
                },
            }
        case _:
            raise LookupError(f"{by}: this kind of reader has no schema yet; say what it takes.")


def _told(part: str, name: str, taken: Schema, *, optional: bool) -> Schema:
    """With a description, and `null` allowed where an empty key counts as absent."""
    said = _comments(part).get(name)
    described = {"description": said, **taken} if said else dict(taken)
    if not optional:
        return described
    if "type" in described:
        types = described["type"]
        described["type"] = [*(types if isinstance(types, list) else [types]), "null"]
    elif "enum" in described:
        described["enum"] = [*described["enum"], None]
    else:
        described["anyOf"] = [*described["anyOf"], {"type": "null"}]
    return described


def _comments(part: str) -> dict[str, str]:
    page = (HERE / "models-yml.md").read_text("utf-8")
    example = page.partition("```yaml\n")[2].partition("```")[0]
    parts = re.split(r"^(\w+):.*\n", example, flags=re.MULTILINE)
    example = dict(zip(parts[1::2], parts[2::2], strict=True)).get(part, "")
    return {name: said.replace("`", "") for name, said in reversed(_COMMENT.findall(example))}


def text() -> str:
    """The file."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PAGE.write_text(text(), "utf-8")
    print(PAGE.name, file=sys.stderr)
