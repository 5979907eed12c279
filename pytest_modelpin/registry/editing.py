"""Surgical edits of models.yml: only the scalars concerned change, every other byte stays.

PyYAML's node marks give the exact places; the edits are cuts and pastes in the text. Each result
is read again and compared with what was asked for before anyone gets to see it.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from modelpin_runtime.registry.loading import read_text
from pytest_modelpin.errors import RegistryError
from pytest_modelpin.files import write_atomically

if TYPE_CHECKING:
    import yaml

    from modelpin_runtime.registry.document import Document

_Scalar = str | date | float
Value = _Scalar | Sequence[str] | None
"""What a key is set to; None takes the key out."""

Changes = Mapping[tuple[str, ...], Value]
"""By path of keys, such as ("models", "claude", "production"): the new value."""


def update(path: Path, changes: Changes) -> None:
    """Edit the file in place, in one step.

    Raises RegistryError where the file can't be read or written, or the edit can't be made.
    """
    edited = edit(read_text(path), changes, path.name)
    try:
        write_atomically(path.resolve(), edited.encode("utf-8"))
    except OSError as error:
        raise RegistryError(
            f"{path} can't be written: {error.strerror}. It is as it was; make it writable and "
            "run the command again."
        ) from None


def edit(text: str, changes: Changes, shown: str = "models.yml") -> str:
    """The text with each key set to its value; nothing else changes, not even a line end.

    A value is written in the quotes that stood there; a missing key is added at the end of its
    mapping, with the indentation of its neighbours. Raises RegistryError where `text` is no YAML,
    a key's mapping is missing, or the result would not say exactly what was asked for.
    """
    from modelpin_runtime.registry import document

    for path, value in changes.items():
        before = document.compose(text, shown)
        wanted = _changed(_tree(text, shown), path, value)
        edited = _edited(text, before, path, value, shown)
        try:
            achieved = _tree(edited, shown) == wanted
        except RegistryError:
            achieved = False
        if not achieved:
            raise _refused(shown, path, value, "its YAML is too unusual to edit safely")
        text = edited
    return text


def _tree(text: str, shown: str) -> Any:
    """What the text says, dates as text, since both spellings of a date mean the same."""
    from modelpin_runtime.registry import document

    tree = document.value(document.compose(text, shown).root)
    if tree is None:
        raise RegistryError(f"{shown} has mistakes; run `pytest-modelpin check` to see them.")
    return _plain(tree)


class _Cut(NamedTuple):
    """Replace `text[start:end]` by `paste`."""

    start: int
    end: int
    paste: str


def _edited(text: str, before: Document, path: tuple[str, ...], value: Value, shown: str) -> str:
    mapping = _mapping_at(text, before, path, value, shown)
    at = next((i for i, (key, _) in enumerate(mapping.value) if key.value == path[-1]), None)
    if at is None:
        cuts = [] if value is None else [_added(text, mapping, path[-1], value)]
    elif value is None:
        cuts = [_removed(text, mapping, at)]
    else:
        cuts = _set(text, mapping.value[at][0], mapping.value[at][1], value)
    if at is not None:
        cuts += _moved_anchor(text, before, mapping.value[at][1], path, value, shown)
    for cut in sorted(cuts, reverse=True):
        text = text[: cut.start] + cut.paste + text[cut.end :]
    return text


def _mapping_at(
    text: str, before: Document, path: tuple[str, ...], value: Value, shown: str
) -> yaml.MappingNode:
    import yaml

    node: Any = before.root
    for depth, key in enumerate(path[:-1]):
        found = [child for name, child in node.value if name.value == key]
        if not found or not isinstance(found[0], yaml.MappingNode):
            missing = ".".join(path[: depth + 1])
            raise _refused(shown, path, value, f"`{missing}` is not a mapping there")
        node = found[0]
        if text[node.start_mark.index] == "*":
            raise _refused(shown, path, value, "its mapping is an alias of another one")
    return node  # type: ignore[no-any-return]


def _set(text: str, key: yaml.Node, node: yaml.Node, value: _Scalar | Sequence[str]) -> list[_Cut]:
    import yaml

    if not isinstance(value, str | date | float | int):
        alias = text[node.start_mark.index] == "*"
        if isinstance(node, yaml.SequenceNode) and not alias:
            return _set_list(text, key, node, value)
        return [_replaced(text, node, _flow_list(value))]
    style = getattr(node, "style", None)
    return [_replaced(text, node, _scalar(value, style if style in ("'", '"') else None))]


def _set_list(
    text: str, key: yaml.Node, node: yaml.SequenceNode, values: Sequence[str]
) -> list[_Cut]:
    """Keeps the entries that stay, with their comments; takes out and appends the others."""
    kept: list[int] = []
    for at, item in enumerate(node.value):
        if len(kept) < len(values) and item.value == values[len(kept)]:
            kept.append(at)
    added = [_scalar(value) for value in values[len(kept) :]]
    if not kept or (node.flow_style and len(kept) < len(node.value)):
        written = _flow_list(values)
        colon = text.index(":", key.end_mark.index) + 1
        if "\n" not in text[colon : node.start_mark.index]:
            return [_replaced(text, node, written)]
        return [_Cut(colon, colon, f" {written}"), _cut_line(text, node, node)]
    items = [(item, item) for item in node.value]
    cuts = [_cut_line(text, *items[at]) for at in range(len(items)) if at not in kept]
    if added and node.flow_style:
        end = _end(node.value[-1])
        cuts.append(_Cut(end, end, "".join(f", {entry}" for entry in added)))
    elif added:
        lines = [f"{' ' * node.start_mark.column}- {entry}" for entry in added]
        cuts.append(_lines_after(text, node.value[-1], lines))
    return cuts


def _replaced(text: str, node: yaml.Node, paste: str) -> _Cut:
    start, end = node.start_mark.index, _end(node)
    while end > start and text[end - 1] in " \r\n":
        end -= 1  # a block scalar ends where the next token begins
    colon = len(text[:start].rstrip(" \r\n"))
    if text[:colon].endswith(":") and (start == colon or "\n" in text[colon:start]):
        # Nothing stood behind the colon, or the value on lines of its own: it moves up.
        return _Cut(colon, end, f" {paste}")
    return _Cut(start, end, paste)


def _added(text: str, mapping: yaml.MappingNode, key: str, value: _Scalar | Sequence[str]) -> _Cut:
    written = (
        _new_scalar(value) if isinstance(value, str | date | float | int) else _flow_list(value)
    )
    entry = f"{_scalar(key)}: {written}"
    if not mapping.flow_style:
        indent = " " * mapping.value[0][0].start_mark.column
        return _lines_after(text, mapping.value[-1][1], [indent + entry])
    if not mapping.value:
        end = mapping.end_mark.index - 1
        return _Cut(end, end, entry)
    end = _end(mapping.value[-1][1])
    return _Cut(end, end, f", {entry}")


def _removed(text: str, mapping: yaml.MappingNode, at: int) -> _Cut:
    key, value = mapping.value[at]
    if not mapping.flow_style:
        return _cut_line(text, key, value)
    if at > 0:
        return _Cut(_end(mapping.value[at - 1][1]), _end(value), "")
    following = mapping.value[1:2]
    return _Cut(
        key.start_mark.index, following[0][0].start_mark.index if following else _end(value), ""
    )


def _cut_line(text: str, first: yaml.Node, last: yaml.Node) -> _Cut:
    """The whole lines from the start of one node to the end of another, comments included."""
    start = text.rfind("\n", 0, first.start_mark.index) + 1
    end = _line_end(text, _end(last))
    if end == len(text) and start > 0:  # a file without a final newline stays one
        return _Cut(_line_end(text, start - 1), end, "")
    return _Cut(start, end + len(_line_break(text, end)), "")


def _lines_after(text: str, node: yaml.Node, lines: Sequence[str]) -> _Cut:
    """New lines below the one on which a node ends, behind its comment."""
    newline = _newline(text)
    end = _end(node)
    if text[:end].endswith("\n"):  # a block scalar ends at the start of a later line
        header = text[node.start_mark.index :].partition("\n")[0]
        if "+" not in header:  # with it, the blank lines at the end belong to the text
            end = _line_end(text, len(text[:end].rstrip()))
            end += len(_line_break(text, end))
        return _Cut(end, end, "".join(line + newline for line in lines))
    end = _line_end(text, end)
    return _Cut(end, end, "".join(newline + line for line in lines))


def _moved_anchor(
    text: str, before: Document, node: yaml.Node, path: tuple[str, ...], value: Value, shown: str
) -> list[_Cut]:
    """Where others repeat the value by an alias: the first of them takes over anchor and value."""
    import yaml

    start, end = node.start_mark.index, _end(node)
    if text[start : start + 1] != "&":
        return []
    aliases = before.aliases.get(text[start + 1 : end].split(None, 1)[0], [])
    if not aliases:
        return []
    written = text[start:end]
    if not isinstance(node, yaml.ScalarNode) or "\n" in written:
        raise _refused(shown, path, value, "other keys repeat it by an alias")
    first = aliases[0]
    return [_Cut(first.start_mark.index, first.end_mark.index, written)]


def _end(node: yaml.Node) -> int:
    """Where a node's own text ends; a block collection's mark lies further on, past comments."""
    import yaml

    if isinstance(node, yaml.CollectionNode) and node.value and not node.flow_style:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.index)


def _line_end(text: str, start: int) -> int:
    """The end of the line, before its line break."""
    end = text.find("\n", start)
    if end < 0:
        return len(text)
    return end - 1 if text[:end].endswith("\r") else end


def _line_break(text: str, end: int) -> str:
    return next((mark for mark in ("\r\n", "\n") if text.startswith(mark, end)), "")


def _newline(text: str) -> str:
    first = text.find("\n")
    return "\r\n" if first > 0 and text[first - 1] == "\r" else "\n"


def _changed(tree: Any, path: tuple[str, ...], value: Value) -> Any:
    """What the file must say after the edit; `tree` is changed."""
    inner = tree
    for key in path[:-1]:
        inner = inner.get(key) if isinstance(inner, dict) else None
    if isinstance(inner, dict):
        if value is None:
            inner.pop(path[-1], None)
        else:
            inner[path[-1]] = _plain(value)
    return tree


def _plain(value: Any) -> Any:
    """A copy in which each date is its text."""
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    return value.isoformat() if isinstance(value, date) else value


def _refused(shown: str, path: tuple[str, ...], value: Value, why: str) -> RegistryError:
    key = ".".join(path)
    asked = f"remove `{key}`" if value is None else f"set `{key}` to {_plain(value)!r}"
    return RegistryError(f"{shown}: can't {asked}: {why}. Make that edit by hand.")


def _scalar(value: _Scalar, style: str | None = None) -> str:
    """One line of YAML for a text, date or number, safe in block and in flow context.

    `style` is the quote that stood there, `'` or `"`, None for plain; it is kept where it can
    hold the value.
    """
    import yaml

    if isinstance(value, int | float):
        return f"{value:g}"
    written = value.isoformat() if isinstance(value, date) else value
    if style == "'" and written.isprintable():
        return "'" + written.replace("'", "''") + "'"
    if style is None and _reads_back(written, value):
        return written
    dumped = yaml.safe_dump(
        written, default_style='"', allow_unicode=True, width=sys.maxsize
    )  # an endless width, since folding would spread the value over lines
    return str(dumped).strip()


def _new_scalar(value: _Scalar) -> str:
    """The same for a key that was not there: dates in quotes, as the documentation writes them."""
    return _scalar(value, '"' if isinstance(value, date) else None)


def _flow_list(values: Sequence[str]) -> str:
    """`[a, b]`."""
    return "[" + ", ".join(_scalar(value) for value in values) + "]"


def _reads_back(written: str, value: _Scalar) -> bool:
    import yaml

    try:
        return bool(yaml.safe_load(f"{{k: [{written}]}}") == {"k": [value]})
    except (yaml.YAMLError, ValueError):
        return False
