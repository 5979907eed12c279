"""Accepted answers, kept by a syrupy extension; syrupy itself is loaded only in use."""

from pytest_modelpin.snapshot.fixture import hide_from_other_extensions, make_model_snapshot
from pytest_modelpin.snapshot.structure import Noted, Unwatched, Watcher

__all__ = [
    "Noted",
    "Unwatched",
    "Watcher",
    "hide_from_other_extensions",
    "make_model_snapshot",
]
