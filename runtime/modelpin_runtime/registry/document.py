"""models.yml as a tree of YAML nodes that know where they stand in the text.

Imported only when a file is read or edited, because it imports PyYAML.
"""

from __future__ import annotations

import copy
import re

import yaml

from modelpin_runtime.errors import RegistryError, is_conflict_marker
from modelpin_runtime.frozen import dataclass, field

_EXAMPLE = "write at least `models:`, a name below it, and its `production:` id"


MOST_CHARACTERS = 2**20
_DEEPEST = 100
"""Brackets within brackets: PyYAML's time grows with the square of their number."""


@dataclass(frozen=True, slots=True)
class Document:
    """The tree, and which of its nodes are written as an alias (`*name`) of an earlier one."""

    root: yaml.MappingNode
    aliases: dict[str, list[yaml.Node]] = field(default_factory=dict)
    """By anchor: the places that repeat it, in the order of the text."""


class _Loader(yaml.SafeLoader):
    """Composes nodes only; gives each alias a node with the alias's own place in the text."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.aliases: dict[str, list[yaml.Node]] = {}

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if not self.check_event(yaml.AliasEvent):
            return super().compose_node(parent, index)
        event = self.peek_event()  # type: ignore[no-untyped-call]
        node = copy.copy(super().compose_node(parent, index))
        assert node is not None
        node.start_mark, node.end_mark = event.start_mark, event.end_mark
        if isinstance(node, yaml.CollectionNode):
            node.flow_style = True  # it ends at its own mark, not where its last entry does
        self.aliases.setdefault(str(event.anchor), []).append(node)
        return node


def compose(text: str, shown: str) -> Document:
    """The tree of a models.yml, `shown` being the path that messages name.

    Raises RegistryError where the text is empty, no YAML, or no mapping, and before PyYAML would
    take seconds over it: production reads again while it serves.
    """
    if len(text) > MOST_CHARACTERS:
        raise RegistryError(
            f"{shown}: has {len(text):,} characters, and a models.yml {MOST_CHARACTERS:,} at most; "
            f"{_EXAMPLE}."
        )
    if _nesting(text) > _DEEPEST:
        raise RegistryError(f"{shown}: nested too deeply; {_EXAMPLE}.")
    try:
        loader = _Loader(text)
        root = loader.get_single_node()
    except yaml.YAMLError as error:
        raise RegistryError(_syntax(error, text, shown)) from None
    except RecursionError:
        raise RegistryError(f"{shown}: nested too deeply; {_EXAMPLE}.") from None
    if root is None:
        raise RegistryError(
            f"{shown}: the file is empty; {_EXAMPLE}, or delete it and run `pytest-modelpin init`."
        )
    if not isinstance(root, yaml.MappingNode):
        raise RegistryError(f"{shown}:{line(root)}: found {described(root)}; {_EXAMPLE}.")
    return Document(root, loader.aliases)


def _nesting(text: str) -> int:
    """How deep flow collections nest, or texts that hold brackets make it seem."""
    if text.count("[") + text.count("{") <= _DEEPEST:
        return 0
    deepest = depth = 0
    for bracket in re.findall(r"[\[\]{}]", text):
        depth = depth + 1 if bracket in "[{" else max(0, depth - 1)
        deepest = max(deepest, depth)
    return deepest


def line(node: yaml.Node) -> int:
    """The line on which a node starts, counted from 1."""
    return int(node.start_mark.line) + 1


def value(node: yaml.Node) -> object:
    """The node as a plain Python value, by YAML's safe types; dates are dates."""
    constructor = yaml.constructor.SafeConstructor()
    try:
        return constructor.construct_document(node)
    except (yaml.YAMLError, ValueError, OverflowError):
        # A scalar that looks like a date or number and isn't one: 2026-13-45.
        return node.value if isinstance(node, yaml.ScalarNode) else None


def described(node: yaml.Node) -> str:
    """What stands there, for a sentence: `the number 4`, `a list`, `"text"`."""
    if isinstance(node, yaml.MappingNode):
        return "a mapping"
    if isinstance(node, yaml.SequenceNode):
        return "a list"
    written = node.value if len(node.value) <= 60 else node.value[:57] + "..."
    kind = str(node.tag).rpartition(":")[2]
    if kind == "null":
        return "nothing"
    if kind in ("int", "float"):
        return f"the number {written}"
    if kind in ("bool", "timestamp"):
        return f"the {'date' if kind == 'timestamp' else 'truth value'} {written}"
    return f"{written!r}"


def _syntax(error: yaml.YAMLError, text: str, shown: str) -> str:
    if isinstance(error, yaml.reader.ReaderError):
        number = text.count("\n", 0, error.position) + 1
        return f"{shown}:{number}: found the control character {error.character!r}; remove it."
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    number = mark.line + 1 if mark else 1
    lines = text.splitlines()
    content = lines[number - 1] if number <= len(lines) else ""
    if "\t" in content[: len(content) - len(content.lstrip())]:
        return f"{shown}:{number}: indented with a tab; YAML allows only spaces there."
    if marked := next((n for n, line in enumerate(lines, 1) if is_conflict_marker(line)), None):
        return f"{shown}:{marked}: a merge conflict marker; resolve the conflict."
    problem = getattr(error, "problem", None) or str(error)
    return f"{shown}:{number}: not valid YAML: {problem}; mend that line."
