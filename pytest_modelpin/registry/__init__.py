"""models.yml: find, load, validate, select, edit. Usable without pytest or an HTTP client."""

from typing import TYPE_CHECKING, Any

from modelpin_runtime.registry.loading import find, load
from modelpin_runtime.registry.models import Canary, Model, Pins, Settings, environment_variable
from pytest_modelpin import PLACES
from pytest_modelpin.registry.selection import RecordMode, Selected, Selection, Which, select

if TYPE_CHECKING:
    from pytest_modelpin.registry.editing import Changes, edit, update

__all__ = [
    "PLACES",
    "Canary",
    "Changes",
    "Model",
    "Pins",
    "RecordMode",
    "Selected",
    "Selection",
    "Settings",
    "Which",
    "edit",
    "environment_variable",
    "find",
    "load",
    "select",
    "update",
]


def __getattr__(name: str) -> Any:
    # What edits is loaded where somebody edits; a test that replays does not.
    if name in ("Changes", "edit", "update"):
        from pytest_modelpin.registry import editing

        return getattr(editing, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
