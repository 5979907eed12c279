"""The syrupy extension that keeps the accepted answers of a test module in one file.

Imported only where a test uses `model_snapshot`, because it needs syrupy.

syrupy calls a snapshot unused where its test ran and did not ask for it, failed tests included;
with ``--snapshot-update`` it deletes it. A test of a model may fail, or lose its answer to an
outage, before it asks: its accepted answer has to outlive that (`AwaitedTests`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import pytest
from syrupy.data import Snapshot, SnapshotCollection, SnapshotCollections
from syrupy.extensions.amber.serializer import Repr
from syrupy.extensions.base import AbstractSyrupyExtension
from syrupy.location import PyTestLocation
from syrupy.terminal import context_style, received_style, snapshot_style
from syrupy.utils import exclusive_file_lock, snapshot_file_lock_enabled

from pytest_modelpin.errors import SnapshotError
from pytest_modelpin.files import (
    exists,
    from_here,
    is_writable,
    read_bytes,
    real_files,
    status,
    write_atomically,
)
from pytest_modelpin.redaction.redact import redact, redact_json
from pytest_modelpin.snapshot import FILE_EXTENSION
from pytest_modelpin.snapshot.answer import as_answer
from pytest_modelpin.snapshot.format import (
    Accepted,
    accept,
    body_lines,
    difference,
    packed,
    parse,
    render,
    unpacked,
)
from pytest_modelpin.snapshot.renamed import AwaitedTests, where_it_stands

if TYPE_CHECKING:
    from syrupy.extensions.base import AbstractSyrupyExtension
    from syrupy.location import PyTestLocation
    from syrupy.session import SnapshotSession
    from syrupy.types import (
        PropertyFilter,
        PropertyMatcher,
        PropertyPath,
        SerializableData,
        SerializedData,
        SnapshotIndex,
    )

    from pytest_modelpin.providers.wire import JSON


def select(
    answer: JSON,
    *,
    exclude: PropertyFilter | None = None,
    include: PropertyFilter | None = None,
    matcher: PropertyMatcher | None = None,
    path: PropertyPath = (),
) -> JSON:
    """The answer with what the matcher puts in place, without the properties filtered out.

    They see the answer as JSON: a date is a str by then. As in syrupy's own JSON extension only
    an object's properties are filtered; a path is pairs of a property's name and its value's type.
    """
    if matcher:
        answer = matcher(data=answer, path=path)
    if isinstance(answer, Repr):
        return str(answer)

    def below(name: str | int, value: JSON) -> JSON:
        deeper = (*path, (name, type(value)))
        return select(value, exclude=exclude, include=include, matcher=matcher, path=deeper)

    if isinstance(answer, dict):
        properties = {
            name: value
            for name, value in answer.items()
            if not (exclude and exclude(prop=name, path=path))
            and (not include or include(prop=name, path=path))
        }
        return {name: below(name, value) for name, value in properties.items()}
    if isinstance(answer, list):
        return [below(index, value) for index, value in enumerate(answer)]
    return answer


class AnswersExtension(AbstractSyrupyExtension):
    """``__snapshots__/<test module>.answers``, in the form that `format` describes.

    Between syrupy and here an answer travels as one str: its form, a line break, its body.
    """

    file_extension = FILE_EXTENSION

    secrets: tuple[str, ...] | None = None
    """What must not be written; None stands for the environment's secrets."""

    _read: ClassVar[dict[str, tuple[tuple[int, int, int], dict[str, Accepted]]]] = {}
    """Parsed files by path, each with what tells that the file changed."""

    @classmethod
    def get_location(cls, *, test_location: PyTestLocation, index: SnapshotIndex) -> str:
        """The file of the test's module, whichever of its answers is meant."""
        return _location(test_location.filepath, str(cls.snapshot_dirname))

    @classmethod
    def get_snapshot_name(cls, *, test_location: PyTestLocation, index: SnapshotIndex = 0) -> str:
        """The answer's name in that file, redacted too: a test may give part of it."""
        return redact(super().get_snapshot_name(test_location=test_location, index=index))

    def serialize(
        self,
        data: SerializableData,
        *,
        exclude: PropertyFilter | None = None,
        include: PropertyFilter | None = None,
        matcher: PropertyMatcher | None = None,
    ) -> str:
        """The answer as it is kept: redacted, as the recording is that it will be replayed from.

        Raises SnapshotError for what can't be kept.
        """
        answer = as_answer(data)
        if exclude or include or matcher:
            answer = as_answer(select(answer, exclude=exclude, include=include, matcher=matcher))
        return packed(accept(redact_json(answer, self.secrets)))

    def read_snapshot_data_from_location(
        self, *, snapshot_location: str, snapshot_name: str, session_id: str
    ) -> str | None:
        """Raises SnapshotError where the file is torn or in conflict."""
        found = self._answers(snapshot_location).get(snapshot_name)
        return None if found is None else packed(found)

    def read_snapshot_collection(self, *, snapshot_location: str) -> SnapshotCollection:
        """The names of the file's answers."""
        collection = SnapshotCollection(location=snapshot_location)
        for name in self._answers(snapshot_location):
            collection.add(Snapshot(name=name))
        return collection

    def discover_snapshots(
        self, *, test_location: PyTestLocation, ignore_extensions: list[str] | None = None
    ) -> SnapshotCollections:
        """The answers that may be called unused where no test asks for them.

        Left out, and so never deleted: other extensions' files; a file that can't be read, as the
        test that needs it says so; answers of tests that were skipped, failed, lost their answer
        to an outage or have not run; and all of a module of which a test has failed that has no
        answer yet, since one of them may be its own, by the name that it had before.
        """
        awaited = AwaitedTests(test_location)
        folder = Path(self.dirname(test_location=test_location))
        found = SnapshotCollections()
        for path in sorted(folder.glob(f"*.{FILE_EXTENSION}")):
            try:
                names = self._answers(str(path))
            except SnapshotError:
                continue
            awaited.attach(str(path), self)
            collection = SnapshotCollection(location=str(path))
            for name in () if awaited.may_have_renamed(path.stem, names) else names:
                if not awaited.includes(path.stem, name):
                    collection.add(Snapshot(name=name))
            # Of a file without any, syrupy would say that it deleted an unknown collection.
            if collection.has_snapshots or not names:
                found.add(collection)
        return found

    def delete_snapshots(self, *, snapshot_location: str, snapshot_names: set[str]) -> None:
        """Take the named answers out, and the file with the last of them."""
        with _alone_with(snapshot_location):
            answers = self._answers(snapshot_location)
            kept = {name: answers[name] for name in answers.keys() - snapshot_names}
            if kept:
                _write(snapshot_location, kept)
            else:
                Path(snapshot_location).unlink(missing_ok=True)

    @classmethod
    def write_snapshot_collection(
        cls, *, snapshot_collection: SnapshotCollection, name_order: dict[str, int] | None = None
    ) -> None:
        """Merge the answers into their file, which stays sorted whatever the order of the tests."""
        location = snapshot_collection.location
        received = {
            snapshot.name: unpacked(snapshot.data)
            for snapshot in snapshot_collection
            if snapshot.data is not None
        }
        try:
            with _alone_with(location):
                _write(location, {**cls._answers(location), **received})
        except (OSError, SnapshotError) as error:
            # Raised at the session's very end, where only this is shown without a traceback.
            pytest.exit(f"can't keep the accepted answers in {location}: {error}", returncode=2)

    def diff_snapshots(self, serialized_data: SerializedData, snapshot_data: SerializedData) -> str:
        """The difference as a text answer, for `model_snapshot(diff=…)`."""
        lines = _differing_lines(serialized_data, snapshot_data)
        return packed(Accepted("text", "\n".join(lines)))

    def diff_lines(
        self, serialized_data: SerializedData, snapshot_data: SerializedData
    ) -> Iterator[str]:
        """A unified diff of the lines as the file shows them."""
        styles = {"-": snapshot_style, "+": received_style}
        for line in _differing_lines(serialized_data, snapshot_data):
            yield styles.get(line[:1], context_style)(line)

    def former_place(self, item: pytest.Item, name: str, data: SerializedData, accept: str) -> str:
        """Where the answer of a renamed test stands, and how to carry it over; else nothing."""
        location = self.get_location(test_location=PyTestLocation(item), index=0)
        session: SnapshotSession = item.config._syrupy  # type: ignore[attr-defined]
        tests = [
            redact(PyTestLocation(each).snapshot_name)
            for each in session._collected_items.values()
            if each.path == item.path
        ]
        try:
            answers = self._answers(location)
        except SnapshotError:
            return ""
        place, new = Path(location), unpacked(data)
        return where_it_stands(name, new, answers, place, item.path, tests, accept)

    @classmethod
    def _answers(cls, location: str) -> dict[str, Accepted]:
        path = Path(location)
        try:
            with real_files():
                state = status(path)
                version = (state.st_mtime_ns, state.st_size, state.st_ino)
                known = cls._read.get(location)
                if known is None or known[0] != version:
                    content = read_bytes(path).decode()
                    known = cls._read[location] = version, parse(content, from_here(path))
        except FileNotFoundError:
            return {}
        except UnicodeDecodeError as error:
            shown = from_here(path)
            raise SnapshotError(
                f"{shown} is no UTF-8 ({error.reason} at byte {error.start}). Nothing was changed. "
                f"Take the file back with `git checkout -- {shown}`, then run `pytest` again."
            ) from None
        except OSError as error:
            raise SnapshotError(f"The accepted answers can't be read: {error}.") from None
        return known[1]


@lru_cache(maxsize=1024)
def check_writable(location: str) -> None:
    """Raise SnapshotError where the file couldn't be written at the end of the run.

    Now, while the test runs, because a pytest-xdist worker's last words are lost.
    """
    with real_files():
        folder = Path(location).parent
        if not exists(folder):
            folder = folder.parent
        allowed = is_writable(folder)
    if not allowed:
        raise SnapshotError(f"The answer can't be kept: {folder} may not be written to.")


# syrupy asks three times for each assertion, and a suite has few files.
@lru_cache(maxsize=1024)
def _location(test_file: str, dirname: str) -> str:
    path = Path(test_file)
    return str(path.parent / dirname / f"{path.stem}.{FILE_EXTENSION}")


def _differing_lines(received: SerializedData, accepted: SerializedData) -> Iterator[str]:
    new, old = unpacked(received), unpacked(accepted)
    # The form is a line of its own only where it is what changed, or part of it.
    forms = (
        ([f"({old.form})"], [f"({new.form})"]) if accepted and old.form != new.form else ([], [])
    )
    before = [*forms[0], *body_lines(old.body)] if accepted else []
    return difference(before, [*forms[1], *body_lines(new.body)])


def _write(location: str, answers: Mapping[str, Accepted]) -> None:
    write_atomically(Path(location), render(answers).encode())


def _alone_with(location: str) -> AbstractContextManager[None]:
    # With pytest-xdist every worker merges its own answers into the same file.
    if snapshot_file_lock_enabled():
        return exclusive_file_lock(location)
    return nullcontext()
