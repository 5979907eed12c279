"""Accepted answers, kept by a syrupy extension; syrupy itself is loaded only in use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_modelpin.snapshot.structure import Noted, Unwatched, Watcher

if TYPE_CHECKING:
    import pytest

    from pytest_modelpin.snapshot.assertion import ModelSnapshot

__all__ = [
    "FILE_EXTENSION",
    "Noted",
    "Unwatched",
    "Watcher",
    "hide_from_other_extensions",
    "make_model_snapshot",
]

FILE_EXTENSION = "answers"


def make_model_snapshot(request: pytest.FixtureRequest, watcher: Watcher) -> ModelSnapshot:
    """The value of the fixture `model_snapshot` for the test that asks for it.

    Raises pytest's usage error where syrupy, which keeps the answers, is switched off.
    """
    import pytest

    if not hasattr(request.config, "_syrupy"):
        raise pytest.UsageError(
            "model_snapshot needs pytest's plugin syrupy, which this run has switched off: leave "
            "out `-p no:syrupy`, or add `-p syrupy` where PYTEST_DISABLE_PLUGIN_AUTOLOAD is set."
        )
    from syrupy.location import PyTestLocation

    from pytest_modelpin.snapshot.assertion import ModelSnapshot
    from pytest_modelpin.snapshot.extension import AnswersExtension

    options = request.config.option
    return ModelSnapshot(
        session=request.config._syrupy,
        extension_class=AnswersExtension,
        test_location=PyTestLocation(request.node),
        update_snapshots=options.update_snapshots,
        update_new_snapshots_only=options.update_new_snapshots_only,
        watcher=watcher,
    )


def hide_from_other_extensions(config: pytest.Config) -> None:
    """Keep syrupy's other extensions from deleting our files; call it in `pytest_configure`.

    An extension reports every file in `__snapshots__` that isn't its own as unused, and deletes
    it on an update, unless this run used the file's extension too. Where all tests of a model are
    skipped, none did.
    """
    option = config.option
    ignored = getattr(option, "ignore_file_extensions", None) or []
    if FILE_EXTENSION not in ignored:
        option.ignore_file_extensions = [*ignored, FILE_EXTENSION]
