"""Structured data inside a text: JSON, XML, and the Markdown fences around them."""

from __future__ import annotations

import json
import re
from functools import cache, lru_cache
from typing import Any, NamedTuple
from xml.parsers import expat

from pytest_modelpin.providers.reply import JSON

_FENCED = re.compile(  # blanks before a fence are read from their first on, not from each of them
    r"\s*(?:```|~~~)[ \t]*([\w+-]*)[^\n]*\n(.*?)(?:(?<![ \t])|(?=\n))\n?[ \t]*(?:```|~~~)\s*\Z",
    re.DOTALL,
)
_INNER_FENCE = re.compile(
    r"^[ \t]*(?:```|~~~)[ \t]*([\w+-]*)[^\n]*\n(.*?)\n?^[ \t]*(?:```|~~~)[ \t]*$",
    re.DOTALL | re.MULTILINE,
)


class Document(NamedTuple):
    """JSON found in a text."""

    value: JSON
    fenced: bool
    """It stood in a Markdown fence."""
    surrounded: bool
    """Prose stood around it, so that no parser reads the text as a whole."""


def read_json(text: str) -> Document | None:
    """The object or array that a text is, bare or in one fence; None where it is neither."""
    stripped = text.strip().lstrip("\ufeff")
    if stripped[:1] in ("{", "["):
        value = _container(stripped)
        return None if value is None else Document(value, fenced=False, surrounded=False)
    inner, _ = unfenced(stripped)
    if inner is not stripped and inner.lstrip()[:1] in ("{", "["):
        value = _container(inner)
        return None if value is None else Document(value, fenced=True, surrounded=False)
    return None


def find_json(text: str) -> Document | None:
    """The first object or array in a text that also says other things."""
    for fence in _INNER_FENCE.finditer(text):
        value = _container(fence.group(2).strip())
        if value is not None:
            return Document(value, fenced=True, surrounded=True)
    for opening, closing in ("{}", "[]"):
        start, end = text.find(opening), text.rfind(closing)
        if 0 <= start < end:
            value = _container(text[start : end + 1])
            if value is not None:
                return Document(value, fenced=False, surrounded=True)
    return None


def _container(text: str) -> JSON:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, (dict, list)) else None


def unfenced(text: str) -> tuple[str, bool]:
    """The text inside the one Markdown fence that `text` is, and whether there was one."""
    if text.lstrip()[:3] not in ("```", "~~~"):
        return text, False
    match = _FENCED.match(text)
    if match is None or "\n```" in match.group(2):
        return text, False
    return match.group(2), True


_YAML_LINE = re.compile(
    r"[ ]*(?:- +)*(?:[A-Za-z_][\w./-]*|\"[^\"\n]+\"):(?: .*)?$|[ ]*- +\S.*$|[ ]*#"
)
_YAML_FENCE = re.compile(r"\s*(?:```|~~~)[ \t]*ya?ml\b", re.IGNORECASE)
_ANCHOR = re.compile(r"(?:^|[\s:\[,-])[&*!]\S", re.MULTILINE)
_LONGEST_YAML = 100_000  # characters


@lru_cache(maxsize=64)  # of the samples of a case, each is read for every other and every string
def read_yaml(text: str) -> Document | None:
    """The mapping or list that a text is in YAML; None where it is prose, or merely may be.

    Without a fence that says so, every line has to be a key or an item, and one to lie deeper than
    another: "Note: …" above "Summary: …" is prose. Anchors, aliases and tags are not followed.
    """
    inner, fenced = unfenced(text)
    if ":" not in inner or len(inner) > _LONGEST_YAML or _ANCHOR.search(inner):
        return None
    lines = [line for line in inner.splitlines() if line.strip()]
    if not (fenced and _YAML_FENCE.match(text)):
        indents = {len(line) - len(line.lstrip()) for line in lines}
        if len(lines) < 3 or len(indents) < 2 or not all(map(_YAML_LINE.match, lines)):
            return None
    value = _yaml_value(inner)
    return Document(value, fenced, False) if isinstance(value, (dict, list)) else None


def _yaml_value(text: str) -> JSON:
    import yaml

    try:
        return yaml.load(text, Loader=_yaml_loader())  # noqa: S506 - a safe loader's child
    except (yaml.YAMLError, ValueError, RecursionError):
        return None


@cache
def _yaml_loader() -> Any:
    """PyYAML's safe loader, but that a date stays the text it is spelled as, and that a number too
    long to be written as decimals raises ValueError, as it does in JSON.
    """
    import yaml

    class Loader(yaml.SafeLoader):
        def construct_yaml_int(self, node: Any) -> int:
            value: int = super().construct_yaml_int(node)
            str(value)
            return value

        yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's own name
            first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith("timestamp")]
            for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
        }

    Loader.add_constructor("tag:yaml.org,2002:int", Loader.construct_yaml_int)
    return Loader


def unclosed(text: str) -> bool:
    """Whether JSON text ends inside an object, an array or a string."""
    text = text.strip()
    if text[:3] == "```":
        text = text.split("\n", 1)[-1]
    depth, quoted, escaped = 0, False, False
    for char in text:
        if quoted:
            if escaped:
                escaped = False
            elif char == "\\":
                escaped = True
            elif char == '"':
                quoted = False
        elif char == '"':
            quoted = True
        elif char in "{[":
            depth += 1
        elif char in "}]":
            depth -= 1
    return text[:1] in ("{", "[") and (quoted or depth > 0)


_XML_START = re.compile(r"\s*<(?:\?xml|[A-Za-z_][\w.:-]*[\s/>])")


def looks_like_xml(text: str) -> bool:
    """Whether a text is markup from its first character to its last."""
    return bool(_XML_START.match(text)) and text.rstrip().endswith(">")


def read_xml(text: str) -> JSON:
    """Markup as JSON: an element is an object with `@attribute`s, `#text` and its children.

    None where it is not well-formed, or declares entities: an answer of a model may be hostile.
    Children of one name form a list where there are several.
    """
    root: dict[str, Any] = {}
    stack: list[dict[str, Any]] = [root]
    texts: list[list[str]] = [[]]

    def start(name: str, attributes: dict[str, str]) -> None:
        element: dict[str, Any] = {f"@{key}": value for key, value in attributes.items()}
        parent = stack[-1]
        if name not in parent:
            parent[name] = element
        elif isinstance(parent[name], list):
            parent[name].append(element)
        else:
            parent[name] = [parent[name], element]
        stack.append(element)
        texts.append([])

    def end(_name: str) -> None:
        told = " ".join("".join(texts.pop()).split())
        element = stack.pop()
        if told or not element:
            element["#text"] = told

    def declare(*_: object) -> None:
        raise ValueError("a document type declaration")

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = lambda data: texts[-1].append(data)
    parser.StartDoctypeDeclHandler = declare
    try:
        parser.Parse(text.strip(), True)
    except (expat.ExpatError, ValueError):
        return None
    return root
