"""Which ids that a repository names are of no use to its nights, and why: they stand in a list of
models, in documentation or in another language, are retired, or answer nothing to compare.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date
from functools import cache
from pathlib import Path, PurePosixPath

from pytest_modelpin.adopt.logical_names import is_of_embeddings, is_of_tests
from pytest_modelpin.alarms.scan import Found
from pytest_modelpin.literals import kind_of, python_tree, written
from pytest_modelpin.literals.syntax import recognise
from pytest_modelpin.providers import retirement
from pytest_modelpin.providers.prices import listed_models
from pytest_modelpin.providers.retirements import when

_NO_ANSWERS = re.compile(
    r"embed|rerank|whisper|transcribe|\btts\b|dall-e|moderation|-image|imagen|diffusion|realtime",
    re.IGNORECASE,
)
"""Kinds of model whose replies are no answers to compare."""

_TABLE = 12
"""A file that names more ids than this is a list of models, such as of prices, and uses none."""


def is_other_language(path: str) -> bool:
    """Whether a file is code of another language than Python, which never reads models.yml."""
    return kind_of(path) == "code" or PurePosixPath(path).suffix.lower() == ".rb"


def gives_answers(id: str) -> bool:
    """Whether a model's replies are answers to compare, by its id: embeddings are none."""
    return _NO_ANSWERS.search(id) is None


def in_lists(
    found: Collection[Found], in_table: Callable[[str, int, str], bool]
) -> frozenset[Found]:
    """What stands in a list of models: a file of many, or a table of a few."""
    ids: dict[str, set[str]] = defaultdict(set)
    for each in found:
        ids[each.path].add(each.model)
    return frozenset(
        each
        for each in found
        if len(ids[each.path]) > _TABLE or in_table(each.path, each.line, each.model)
    )


def why_skipped(
    id: str,
    places: Sequence[Found],
    listed: frozenset[Found],
    today: date,
    asked: Collection[str],
) -> str | None:
    """Why an id makes no logical model, by what it is and where it stands; None where it may.

    `asked` are ids that recorded traffic asks for, or the data of tests names.
    """
    first = places[0]
    end = retirement(id, first.provider)
    if end and end.retires < today:
        instead = f"; in its place: {end.replacement}" if end.replacement else ""
        return f"it {when(end.retires, today)}{instead}"
    has_version = first.kind != "unknown" or re.search(r"\d", id)
    known = id in listed_models(first.provider or "")
    if not has_version and not known:
        return "no provider is known to have a model of that name"
    if not gives_answers(id) and not is_of_embeddings(id):
        return "its replies are no answers to compare"
    if all(is_other_language(each.path) for each in places):
        return "only other languages than Python use it"
    if not known and first.kind == "unknown" and all(is_of_tests(each.path) for each in places):
        return "only tests name it, and no provider is known to have it"
    if id not in asked and all(each in listed or is_other_language(each.path) for each in places):
        return "only a list of models names it"
    return None


def why_unasked(
    places: Iterable[Found], listed: frozenset[Found], may_ask: Callable[[str, int, str], bool]
) -> str:
    """Why nobody asks an id, as far as the places that name it tell; empty where one may."""
    telling = telling_places(places, listed)
    if not telling:
        return "only documentation names it"
    if all(is_of_tests(each.path) for each in telling) and not any(
        may_ask(each.path, each.line, each.model) for each in telling
    ):
        return "only tests that ask no model name it: they mock the answer, or compare the id"
    return ""


def telling_places(places: Iterable[Found], listed: frozenset[Found]) -> list[Found]:
    """Those that are neither in a list of models nor in documentation."""
    return [each for each in places if each not in listed and not _OF_DOCS.match(each.path)]


_OF_DOCS = re.compile(r"(?:docs?|documentation|docs-website|releasenotes|\.changeset)/")
"""Folders of a project whose code and settings nobody runs: documentation, notes on releases."""


def kept_by(
    places: Iterable[Found], listed: frozenset[Found], lines: Callable[[str, int], str]
) -> str:
    """Whose code keeps a floating id that others name, too, as the end of a sentence, if any's."""
    for each in places:
        if each in listed:
            return f"a list of models names, too ({each.path})"
        if is_other_language(each.path):
            return f"code of another language names, too ({each.path})"
        if "deployment" in lines(each.path, each.line).lower():
            return f"a deployment may be called ({each.path})"
    return ""


_FEWEST = 2
"""Ids that are keys of one dictionary; a single one may be anything's."""


def in_table(folder: Path) -> Callable[[str, int, str], bool]:
    """(file, line, id) -> whether a table of models is all that names the id on that line.

    Figures by model id, as of prices and context lengths: asked is what names the id elsewhere.
    """

    @cache
    def keys(path: str) -> frozenset[tuple[int, str]]:
        if not path.endswith(".py"):
            return frozenset()
        tree = python_tree(written(folder / path).decode("utf-8", "replace"))
        if tree is None:
            return frozenset()
        nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Constant)]
        every = [(node.lineno, id) for node in nodes if (id := _id_of(node))]
        of_tables = list(_keys(tree))
        return frozenset(each for each in of_tables if every.count(each) == of_tables.count(each))

    return lambda path, line, id: (line, id) in keys(path)


def _keys(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict) and all(map(_is_figure, node.values)):
            found = [(key.lineno, id) for key in node.keys if key and (id := _id_of(key))]
            if len({id for _, id in found}) >= _FEWEST:
                yield from found


def _is_figure(node: ast.AST) -> bool:
    """Whether a value tells of a model; by a function or a client beside its id, it is asked."""
    if isinstance(node, ast.Constant):
        return not isinstance(node.value, str)
    return isinstance(node, ast.Dict | ast.List | ast.Tuple | ast.UnaryOp | ast.BinOp)


def _id_of(node: ast.AST | None) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        found = recognise(node.value, says_model=True)
        return found.id if found else None
    return None
