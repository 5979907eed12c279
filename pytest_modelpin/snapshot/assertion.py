"""`model_snapshot`: an assertion like syrupy's, that knows whose answers it is looking at.

Imported only where a test uses `model_snapshot`, because it needs syrupy.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from syrupy.assertion import AssertionResult, DiffMode, SnapshotAssertion

from pytest_modelpin.errors import ModelpinError, SnapshotError
from pytest_modelpin.snapshot.extension import AnswersExtension, check_writable
from pytest_modelpin.snapshot.format import answer_of
from pytest_modelpin.snapshot.structure import Noted, Watcher, broken_structure

if TYPE_CHECKING:
    from syrupy.extensions.base import AbstractSyrupyExtension
    from syrupy.types import PropertyFilter, PropertyMatcher, SerializableData, SerializedData


def how_to_accept(item: pytest.Item) -> str:
    """`pytest --snapshot-update …` for this test and the models that the run selected."""
    # A pytest-xdist worker has the options of its controller, not its arguments.
    worker = getattr(item.config, "workerinput", {})
    arguments = worker["mainargv"][1:] if worker else item.config.invocation_params.args
    return shlex.join(["pytest", "--snapshot-update", *_selection(arguments), item.nodeid])


def _selection(arguments: Iterable[str]) -> list[str]:
    kept: list[str] = []
    rest = iter(arguments)
    for argument in map(str, rest):
        if argument == "--model":
            kept += [argument, str(next(rest, ""))]
        elif argument.startswith("--model="):
            kept.append(argument)
    return kept


_DIFF_LINES = 4
"""Of the difference, beside the assertion: pytest cuts an explanation off after 8 lines."""


@dataclass(eq=False, order=False, repr=False)
class ModelSnapshot(SnapshotAssertion):
    """Exact in production. For any other model a changed answer passes and is noted.

    It then fails only where the structure breaks. With ``--snapshot-update`` the answer is
    compared exactly whatever the model, so that a changed one is written.
    """

    watcher: Watcher = field(kw_only=True)

    # An array or table on the left would compare each of its cells with this, each an answer of
    # its own: by these, numpy and pandas leave it to us, who refuse the whole in a sentence.
    __array_ufunc__: ClassVar[None] = None
    __pandas_priority__: ClassVar[int] = 1_000_000  # a DataFrame's own is 4,000

    _judge: str | None = field(init=False, default=None)
    _sentence: str = field(init=False, default="")
    """Why the last assertion failed, where not for a mere difference."""

    def __call__(self, *, judge: str | None = None, **options: Any) -> ModelSnapshot:
        """Options of the next assertion: `name=`, `judge=`, and syrupy's others."""
        if judge is not None:
            self._judge = judge
            self._post_assert_actions.append(lambda: setattr(self, "_judge", None))
        super().__call__(**options)
        return self

    def with_defaults(
        self,
        *,
        exclude: PropertyFilter | None = None,
        include: PropertyFilter | None = None,
        matcher: PropertyMatcher | None = None,
        extension_class: type[AbstractSyrupyExtension] | None = None,
    ) -> ModelSnapshot:
        """A new assertion with these options, watched by the same run."""
        return type(self)(
            matcher=matcher or self.matcher,
            include=include or self.include,
            exclude=exclude or self.exclude,
            update_snapshots=self.update_snapshots,
            update_new_snapshots_only=self.update_new_snapshots_only,
            test_location=self.test_location,
            extension_class=extension_class or self.extension_class,
            session=self.session,
            watcher=self.watcher,
        )

    def get_assert_diff(self, *, diff_mode: DiffMode = DiffMode.DETAILED) -> list[str]:
        """What to show of the failure; the whole difference goes into a section of its own."""
        result = self.executions[self.num_executions - 1]
        item = self.test_location.item
        if isinstance(result.exception, ModelpinError):
            told = str(result.exception)
            if result.recalled_data is not None:  # of one answer, not of the whole file
                told = f"{result.snapshot_name} in {result.snapshot_location}: {told}"
            return told.splitlines()
        if result.exception is not None or result.asserted_data is None:
            return super().get_assert_diff(diff_mode=diff_mode)
        sentence = self._sentence
        if not sentence and result.recalled_data is None:
            sentence = "There is no accepted answer yet."
        shown = [f"{result.snapshot_name}: {sentence or 'The answer is not the accepted one.'}"]
        if result.recalled_data is None and isinstance(self.extension, AnswersExtension):
            accept = how_to_accept(item)
            name, data = result.snapshot_name, result.asserted_data
            shown += filter(None, [self.extension.former_place(item, name, data, accept)])
        if diff_mode == DiffMode.DETAILED:
            lines = list(
                self.extension.diff_lines(result.asserted_data, result.recalled_data or "")
            )
            if len(lines) > _DIFF_LINES:
                item.add_report_section("call", f"diff of {result.snapshot_name}", "\n".join(lines))
                lines = [*lines[: _DIFF_LINES - 1], f"… {len(lines)} lines: see the diff below"]
            shown += lines
        return [*shown, f"If the new answer is right: {how_to_accept(item)}"]

    def _serialize(self, data: SerializableData) -> SerializedData:
        if self.update_snapshots or self.update_new_snapshots_only:
            check_writable(
                self.extension.get_location(test_location=self.test_location, index=self.index)
            )
        if isinstance(self.extension, AnswersExtension):
            self.extension.secrets = self.watcher.secrets()
        # syrupy's own always passes a matcher, to print other assertions; an answer holds none.
        return self.extension.serialize(
            data, exclude=self._exclude, include=self._include, matcher=self._matcher
        )

    def _assert(self, data: SerializableData) -> bool:
        judge = self._judge
        self._sentence = ""
        may_update = self.watcher.updating_allowed()
        exact = may_update if self.update_snapshots else not self.watcher.tolerant()
        passed = self._compare_exactly(data, may_update) if exact else self._tolerate(data)
        self._note(self.executions[self.num_executions - 1], judge)
        return passed

    def _compare_exactly(self, data: SerializableData, may_update: bool) -> bool:
        new_only = self.update_new_snapshots_only
        self.update_new_snapshots_only = new_only and may_update
        try:
            return super()._assert(data)
        finally:
            self.update_new_snapshots_only = new_only

    def _tolerate(self, data: SerializableData) -> bool:
        index = self.index
        accepted: SerializedData | None = None
        received: SerializedData | None = None
        error: ModelpinError | None = None
        try:
            accepted, _ = self._recall_data(index=index)
            received = self._serialize(data)
            if accepted is not None and accepted != received:
                before, after = answer_of(accepted), answer_of(received)
                self._sentence = broken_structure(before, after) or ""
        except ModelpinError as raised:
            error = raised
        passed = error is None and not self._sentence
        place = self.test_location
        self._execution_name_index[index] = self._executions
        self._execution_results[self._executions] = AssertionResult(
            snapshot_location=self.extension.get_location(test_location=place, index=index),
            snapshot_name=self.extension.get_snapshot_name(test_location=place, index=index),
            asserted_data=received,
            recalled_data=accepted,
            created=False,
            updated=False,
            success=passed,
            exception=error,
            test_location=place,
        )
        self._executions += 1
        self._post_assert()
        return passed

    def _note(self, result: AssertionResult, judge: str | None) -> None:
        if isinstance(result.exception, ModelpinError) or result.asserted_data is None:
            return
        file = self.test_location.nodeid.split("::")[0]
        try:
            accepted = answer_of(result.recalled_data)
        except SnapshotError:  # the assertion has failed, or puts the new answer in its place
            accepted = None
        self.watcher.note(
            Noted(
                snapshot=f"{file}::{result.snapshot_name}",
                accepted=accepted,
                received=answer_of(result.asserted_data),
                judge=judge,
            )
        )
