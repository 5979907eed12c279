"""Accepted answers, kept by a syrupy extension."""

from pytest_modelpin.snapshot.answer import as_answer
from pytest_modelpin.snapshot.fixture import hide_from_other_extensions, make_model_snapshot
from pytest_modelpin.snapshot.watcher import Noted, Unwatched, Watcher

__all__ = [
    "Noted",
    "Unwatched",
    "Watcher",
    "as_answer",
    "hide_from_other_extensions",
    "make_model_snapshot",
]
