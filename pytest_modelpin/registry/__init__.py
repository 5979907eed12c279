"""models.yml: find, load, validate, select, edit. Usable without pytest or an HTTP client."""

from modelpin_runtime.registry.environment import environment_variable
from modelpin_runtime.registry.loading import find, load
from modelpin_runtime.registry.models import Canary, Model, Pins, Settings
from pytest_modelpin import PLACES
from pytest_modelpin.registry.editing import Changes, edit, update
from pytest_modelpin.registry.selection import RecordMode, Selected, Selection, Which, select

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
