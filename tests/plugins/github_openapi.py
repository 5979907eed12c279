"""Requests checked against GitHub's own description of its API (npm: @octokit/openapi)."""

import json
import re
from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl

import jsonschema


class Description:
    """The operations of api.github.com, each checked by JSON Schema."""

    def __init__(self, modules: Path) -> None:
        file = modules / "@octokit" / "openapi" / "generated" / "api.github.com.json"
        self.content = json.loads(file.read_text("utf-8"))
        # A literal path wins over one with a placeholder at the same place.
        paths = sorted(self.content["paths"], key=lambda path: path.replace("{", "~"))
        self.paths = [(re.compile(_pattern(path)), path) for path in paths]
        self.validator = cache(self._validator)

    def complaint(self, verb: str, path: str, query: str, body: bytes) -> str | None:
        """What is wrong with a request; None where nothing is."""
        for pattern, template in self.paths:
            operation = self.content["paths"][template].get(verb.lower())
            if operation and pattern.fullmatch(path):
                return self._wrong(operation, template, verb.lower(), query, body)
        return f"{verb} {path}: GitHub has no such operation"

    def _wrong(self, operation, template, verb, query, body) -> str | None:
        known = {self._resolved(item)["name"] for item in operation.get("parameters", ())}
        unknown = {name for name, _ in parse_qsl(query)} - known
        if unknown:
            return f"{verb} {template}: unknown parameters {sorted(unknown)}"
        if not body:
            return None
        content = json.loads(body)
        validator = self.validator(template, verb)
        if validator is None:
            return f"{verb} {template}: takes no body"
        if errors := [error.message for error in validator.iter_errors(content)]:
            return f"{verb} {template}: {errors}"
        # GitHub passes over what it does not know: a mistyped key would never be noticed.
        fields = self._fields(validator.schema)
        if fields and isinstance(content, dict) and (extra := set(content) - fields):
            return f"{verb} {template}: unknown fields {sorted(extra)}"
        return None

    def _validator(self, template, verb):
        operation = self.content["paths"][template][verb]
        body = operation.get("requestBody")
        if body is None:
            return None
        schema = self._plain(self._resolved(body)["content"]["application/json"]["schema"])
        return jsonschema.Draft202012Validator(schema)

    def _resolved(self, item):
        while "$ref" in item:
            node = self.content
            for part in item["$ref"].removeprefix("#/").split("/"):
                node = node[part]
            item = node
        return item

    def _plain(self, schema):
        """OpenAPI 3.0's schema as JSON Schema: references put in, `nullable` spelled out."""
        if isinstance(schema, list):
            return [self._plain(item) for item in schema]
        if not isinstance(schema, dict):
            return schema
        schema = self._resolved(schema)
        plain = {key: self._plain(value) for key, value in schema.items() if key != "example"}
        if plain.pop("nullable", False) is True and isinstance(plain.get("type"), str):
            plain["type"] = [plain["type"], "null"]
        return plain

    def _fields(self, schema) -> set[str]:
        fields = set(schema.get("properties", ()))
        for part in ("oneOf", "anyOf", "allOf"):
            for option in schema.get(part, ()):
                fields |= self._fields(option)
        return fields


def _pattern(path: str) -> str:
    # {ref}, {path} and {basehead} may hold slashes.
    escaped = re.sub(r"\{(ref|path|basehead)\}", "<any>", path)
    escaped = re.sub(r"\{[^}]+\}", "<one>", escaped)
    return re.escape(escaped).replace("<any>", ".+").replace("<one>", "[^/]+")
