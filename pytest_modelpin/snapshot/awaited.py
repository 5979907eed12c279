"""Tests that have not passed: their accepted answers outlive that, under an earlier name, too.

Imported only where a test uses `model_snapshot`, because it needs syrupy.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from syrupy.location import PyTestLocation
from syrupy.session import ItemStatus

from pytest_modelpin.snapshot.renamed import function_of

if TYPE_CHECKING:
    from syrupy.extensions.base import AbstractSyrupyExtension
    from syrupy.session import SnapshotSession

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
            tests.setdefault(item.path.parent, []).append((nodeid, item.path.stem, function))
        session.stash[_TESTS_BY_FOLDER] = tests
    return session.stash[_TESTS_BY_FOLDER]
