"""Which version answered when a pin's recordings were made, where it was another than the pin."""

from __future__ import annotations

import re
from pathlib import Path

from pytest_modelpin.files import is_temporary, safe_name
from pytest_modelpin.literals.listing import files
from pytest_modelpin.registry import Pins

_HEAD = 4096
"""Bytes; `answered_by` stands before the exchanges."""

_ANSWERED_BY = re.compile(rb'^ "answered_by": "([^"\\]+)",?$', re.MULTILINE)


def answered_by_another(pins: Pins, root: Path) -> dict[str, str]:
    """By logical name: the other version. Logical models whose pins answered themselves are not in.

    Looks at the recordings below `root`, at the head of each file only.
    """
    folders = {
        f"/__recordings__/{safe_name(model.production)}/": name
        for name, model in pins.models.items()
    }
    found: dict[str, str] = {}
    for path in files(root):
        if "__recordings__/" not in path or not path.endswith(".json"):
            continue
        if is_temporary(path.rpartition("/")[2]):
            continue
        name = next((name for folder, name in folders.items() if folder in f"/{path}"), None)
        if name is not None and (other := _answered_by(root / path)):
            found[name] = other
    return found


def _answered_by(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD).split(b'\n "exchanges"', 1)[0]
    except OSError:
        return None
    match = _ANSWERED_BY.search(head)
    return match[1].decode("utf-8", "replace") if match else None
