"""Accepted answers that no test of this run has asked for by its name: whose they are.

The test may have been renamed, or its module: under which name its answer stands is looked for only
once it has found none by its own. Or it has not passed, which its answers outlive.

Imported only where a test uses `model_snapshot`, because it needs syrupy.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from syrupy.location import PyTestLocation
from syrupy.session import ItemStatus

from pytest_modelpin.errors import SnapshotError
from pytest_modelpin.files import exists, from_here, read_bytes, real_files
from pytest_modelpin.recordings.same_question import what_became_of
from pytest_modelpin.snapshot import FILE_EXTENSION
from pytest_modelpin.snapshot.format import Accepted, parse, shown_header

if TYPE_CHECKING:
    from syrupy.extensions.base import AbstractSyrupyExtension
    from syrupy.session import SnapshotSession

_FUNCTION = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_MOST_FILES = 200  # of other modules


def function_of(name: str) -> str:
    """An answer's test without parameters and number: `TestFees.test_fee` of its `…[de].1`."""
    found = _FUNCTION.match(name)
    return found[0] if found else name


def former_name(
    name: str,
    received: Accepted | None,
    answers: Mapping[str, Accepted],
    source: Path,
    collected: Collection[str],
) -> tuple[str, str] | None:
    """The name in the test's own file under which its answer may stand, and why it is free.

    A test that is gone goes before other parameters of this test, of which only the very same
    answer counts. `collected` are the names of the tests of this run, `source` is their module.
    """
    function = function_of(name)
    rest = name[len(function) :]
    free = [each for each in answers if not any(_is_of(each, test) for test in collected)]
    gone = [
        each
        for each in free
        if each[len(function_of(each)) :] == rest
        and what_became_of(source, function_of(each)) == "test gone"
    ]
    # Of several, the one with the very same answer; else none is more likely than another.
    same = [each for each in gone if answers[each] == received]
    if found := same[:1] or (gone if len(gone) == 1 else []):
        return found[0], "a test that is gone"
    others = [each for each in free if function_of(each) == function and answers[each] == received]
    return (others[0], "which no test of this run asks for") if len(others) == 1 else None


def where_it_stands(
    name: str,
    received: Accepted | None,
    answers: Mapping[str, Accepted],
    location: Path,
    source: Path,
    collected: Collection[str],
    accept: str,
) -> str:
    """The sentence that says where the answer stands and how it is carried over; else nothing.

    `location` is the file of accepted answers, `accept` the command that accepts what this test
    was given.
    """
    with real_files():
        found = former_name(name, received, answers, source, collected)
        if found is None:
            return _of_another_module(name, location, source)
    old, why = found
    if answers[old] == received:
        told = f"This very answer is accepted as {old}, {why}."
        return f"{told} If this is its new name, carry it over: {accept}"
    header = shown_header(name, answers[old].form)
    return (
        f"An answer is accepted as {old}, {why}. If this is its new name, carry it over: in "
        f"{from_here(location)} make the line `{shown_header(old, answers[old].form)}` `{header}`"
    )


def _of_another_module(name: str, location: Path, source: Path) -> str:
    """The same for a module that was renamed: its file is moved whole."""
    if exists(location):
        return ""
    try:
        with os.scandir(location.parent) as entries:
            names = sorted(entry.name for entry in entries)
    except OSError:
        return ""
    others = [each for each in names if each.endswith(f".{FILE_EXTENSION}")][:_MOST_FILES]
    for path in (location.with_name(each) for each in others):
        if exists(source.with_name(f"{path.stem}{source.suffix}")):
            continue
        try:
            answers = parse(read_bytes(path).decode(), from_here(path))
        except (OSError, UnicodeDecodeError, SnapshotError):
            continue
        if name in answers:
            move = shlex.join(["mv", from_here(path), from_here(location)])
            return (
                f"{name} has an answer in {from_here(path)}, of a module that is gone. If it was "
                f"renamed, carry it over: {move}"
            )
    return ""


def _is_of(answer: str, test: str) -> bool:
    return answer == test or answer.startswith((f"{test}.", f"{test}["))


_Tests = dict[Path, list[tuple[str, str, str]]]
_TESTS_BY_FOLDER = pytest.StashKey[_Tests]()


class AwaitedTests:
    """The tests in one folder that were collected and have not passed in this process.

    What is awaited here may have passed in another pytest-xdist worker, which then finds its
    unused answers itself.
    """

    def __init__(self, location: PyTestLocation) -> None:
        self._session: SnapshotSession = location.item.config._syrupy  # type: ignore[attr-defined]
        # Of what `--lf` left out while collecting, nothing says which tests those are.
        self._all = getattr(self._session, "_lf_filtered", False)
        status = self._session._selected_items
        tests = _tests_by_folder(location.item.session, self._session)
        here = tests.get(Path(location.filepath).parent, [])
        self._modules = {module for _, module, _ in here}
        self._awaited = {
            (module, function)
            for nodeid, module, function in here
            if status.get(nodeid) is not ItemStatus.PASSED
        }
        items = self._session._collected_items
        self._asking = {
            (module, function, status[nodeid] is ItemStatus.FAILED)
            for nodeid, module, function in here
            if status.get(nodeid) in (ItemStatus.FAILED, ItemStatus.NOT_RUN)
            and "model_snapshot" in getattr(items[nodeid], "fixturenames", ())
        }

    def includes(self, module: str, answer: str) -> bool:
        """Whether an answer's test is awaited; parameters apart, as syrupy itself does it."""
        return self._all or (module, function_of(answer)) in self._awaited

    def may_have_renamed(self, module: str, names: Collection[str]) -> bool:
        """Whether a test that has not passed may have an answer among `names` by an earlier name.

        One of this module that has none here, or, where the module is gone, a failed one by its
        name.
        """
        there = {function_of(name) for name in names}
        if module not in self._modules:
            return any(failed and function in there for _, function, failed in self._asking)
        return any(each == module and function not in there for each, function, _ in self._asking)

    def attach(self, location: str, extension: AbstractSyrupyExtension) -> None:
        """Make known who keeps a file: syrupy deletes a whole file that nobody keeps."""
        self._session._extensions.setdefault(location, extension)


def _tests_by_folder(session: pytest.Session, syrupy: SnapshotSession) -> _Tests:
    if _TESTS_BY_FOLDER not in session.stash:
        tests: _Tests = {}
        for nodeid, item in syrupy._collected_items.items():
            function = function_of(PyTestLocation(item).snapshot_name)
            tests.setdefault(Path(item.path).parent, []).append((nodeid, item.path.stem, function))
        session.stash[_TESTS_BY_FOLDER] = tests
    return session.stash[_TESTS_BY_FOLDER]
