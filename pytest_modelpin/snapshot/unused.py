"""Which tests' accepted answers must not be called unused yet.

syrupy calls a snapshot unused where its test ran and did not ask for it, failed tests included;
with ``--snapshot-update`` it deletes it. A test of a model may fail, or lose its answer to an
outage, before it asks: its accepted answer has to outlive that.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from syrupy.location import PyTestLocation
from syrupy.session import ItemStatus

if TYPE_CHECKING:
    from syrupy.extensions.base import AbstractSyrupyExtension
    from syrupy.session import SnapshotSession

_FUNCTION = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")

_Tests = dict[Path, list[tuple[str, str, str]]]
_TESTS_BY_FOLDER = pytest.StashKey[_Tests]()


class AwaitedTests:
    """The tests in one folder that were collected and have not passed in this process.

    What is awaited here may have passed in another pytest-xdist worker, which then finds its
    unused answers itself.
    """

    def __init__(self, location: PyTestLocation) -> None:
        self._session: SnapshotSession = location.item.config._syrupy  # type: ignore[attr-defined]
        status = self._session._selected_items
        tests = _tests_by_folder(location.item.session, self._session)
        self._awaited = {
            (module, function)
            for nodeid, module, function in tests.get(Path(location.filepath).parent, [])
            if status.get(nodeid) is not ItemStatus.PASSED
        }

    def includes(self, module: str, answer: str) -> bool:
        """Whether an answer's test is awaited; parameters apart, as syrupy itself does it."""
        return (module, _function(answer)) in self._awaited

    def attach(self, location: str, extension: AbstractSyrupyExtension) -> None:
        """Make known who keeps a file: syrupy deletes a whole file that nobody keeps."""
        self._session._extensions.setdefault(location, extension)


def _tests_by_folder(session: pytest.Session, syrupy: SnapshotSession) -> _Tests:
    if _TESTS_BY_FOLDER not in session.stash:
        tests: _Tests = {}
        for nodeid, item in syrupy._collected_items.items():
            function = _function(PyTestLocation(item).snapshot_name)
            tests.setdefault(item.path.parent, []).append((nodeid, item.path.stem, function))
        session.stash[_TESTS_BY_FOLDER] = tests
    return session.stash[_TESTS_BY_FOLDER]


def _function(name: str) -> str:
    found = _FUNCTION.match(name)
    return found[0] if found else name
