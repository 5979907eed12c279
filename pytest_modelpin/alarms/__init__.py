"""What is about to hurt: floating and retiring pins, stale validation, red nights.

Here is where the pins' recordings are found that alarms look at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from pytest_modelpin.files import safe_name
from pytest_modelpin.literals import files
from pytest_modelpin.recordings.owner import FOLDER
from pytest_modelpin.registry import Model


def recordings_of(models: Iterable[Model], root: Path) -> Iterator[tuple[Model, str]]:
    """The recordings of the models' pins, each by its path from `root`, in the order of these."""
    pins = {f"/{FOLDER}/{safe_name(model.production)}/": model for model in models}
    for path in files(root) if pins else ():
        if f"{FOLDER}/" in path and path.endswith(".json"):
            model = next((model for pin, model in pins.items() if pin in f"/{path}"), None)
            if model is not None:
                yield model, path
