"""Structured data inside a text: JSON, YAML, XML, and the Markdown fences around them; settings in
TOML, or in lines of a name, an equals sign and a value.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache, lru_cache
from typing import Any, NamedTuple
from xml.parsers import expat

from pytest_modelpin.providers.wire import JSON, parse

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
    value = parse(text)
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


_SECTION = re.compile(r"\[\[?[\w.:/ \"'-]{1,100}\]\]?\s*(?:[#;].*)?$")
_ASSIGNED = re.compile(r"(?:export\s+)?([A-Za-z_][\w.-]{0,100})\s*=\s*(.*)$")
_COMMENT = re.compile(r"(?<!\s)\s+[#;].*$")
_NOTHING = re.compile(r"\s*(?:[#;].*)?")
_LONGEST = 100_000  # characters
_FEWEST = 2  # lines that say anything; one by itself may be an equation
_PROSE = 6  # words of a value without quote marks that is a sentence rather than a setting


def read_settings(before: str, after: str) -> tuple[Document, Document] | None:
    """What both texts set, in TOML or else in lines of names and values; None unless both do.

    Every line has to set a name, to begin a section or to be a comment.
    """
    if "=" not in before or "=" not in after or max(len(before), len(after)) > _LONGEST:
        return None
    (one, fenced), (other, fenced_after) = unfenced(before), unfenced(after)
    lines, lines_after = _lines(one, _FEWEST), _lines(other, 1)
    if lines is None or lines_after is None:
        return None
    typed, typed_after = _toml(one), _toml(other)
    if typed is None or typed_after is None:
        typed, typed_after = _by_lines(lines), _by_lines(lines_after)
    if not typed or not typed_after:
        return None
    return Document(typed, fenced, False), Document(typed_after, fenced_after, False)


def _lines(text: str, fewest: int) -> list[str] | None:
    """The lines that say anything, where the first of them is one of settings."""
    lines = [line.strip() for line in text.splitlines()]
    lines = [line for line in lines if line and line[0] not in "#;"]
    if len(lines) < fewest or not (_SECTION.match(lines[0]) or _ASSIGNED.match(lines[0])):
        return None
    return lines


def _toml(text: str) -> JSON:
    try:
        return _plain(tomllib.loads(text))
    except (ValueError, RecursionError):  # of another form, or a number too long to be read
        return None


def _plain(value: object) -> JSON:
    """A value of TOML as JSON has it; dates as they are written."""
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, int):
        str(value)  # raises ValueError where it is too long to be written as decimals
    return value if isinstance(value, (str, int, float, bool)) else str(value)


def _by_lines(lines: list[str]) -> JSON:
    """Names and values by section, without quote marks; None where a line says anything else."""
    found: dict[str, JSON] = {}
    section = found
    names: set[str] = set()
    bare: set[str] = set()
    for line in lines:
        if _SECTION.match(line):
            name = _COMMENT.sub("", line).strip("[]\" '")
            known = found.setdefault(name, {})
            if not isinstance(known, dict):
                return None
            section = known
            continue
        match = _ASSIGNED.match(line)
        if match is None:
            return None
        value = match[2].strip()
        quoted = value[:1] in ("'", '"') and value[:1]
        if quoted and (end := value.find(quoted, 1)) > 0:
            if not _NOTHING.fullmatch(value[end + 1 :]):
                return None  # what is told after it is a program's
            value = value[1:end]
        else:
            value = _COMMENT.sub("", value)
            if (
                len(value.split()) > _PROSE
                or value[:1] in ("=", "{")
                or "(" in value
                or "=" in value
            ):
                return None  # an equation or a program
            bare.add(value)
        if match[1] in section:
            return None  # set twice, as a list is in some files: the order says something
        section[match[1]] = value
        names.add(match[1])
    # What is set to another name is a program, whose lines have an order.
    return found if bare.isdisjoint(names) else None
