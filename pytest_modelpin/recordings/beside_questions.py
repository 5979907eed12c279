"""Which pins are recorded in calls beside questions alone, such as batches: nothing of these is
compared, so that there is nothing to hold a candidate to.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from pytest_modelpin.errors import SITE
from pytest_modelpin.files import read_bytes, safe_name
from pytest_modelpin.providers.catalogue import known_providers
from pytest_modelpin.recordings.owner import FOLDER


def nothing_to_compare(root: Path, pins: Collection[str]) -> str:
    """What to do about those of `pins` that are asked so below `root`; empty where none is."""
    beside = _asked_beside_alone(root, pins)
    if not beside:
        return ""
    return (
        f"Of {', '.join(beside)} only calls beside the question are recorded, such as batches: "
        "plain `pytest` replays them, but nothing of them is compared, so that no night can try a "
        "candidate. Have a test ask one of these questions by itself: "
        f"{SITE}calls/#calls-beside-the-question"
    )


def _asked_beside_alone(root: Path, pins: Collection[str]) -> tuple[str, ...]:
    """Those of `pins` of which nothing else is recorded below `root`, in their order.

    Such a call names no version in its reply, so that it lies in its provider's folder.
    """
    folders = [path for path in root.rglob(f"{FOLDER}/*") if path.is_dir()]
    names = {path.name for path in folders}
    left = {pin: f'"{pin}"' for pin in pins if safe_name(pin) not in names}
    providers = {provider.name for provider in known_providers()}
    if not left or names.isdisjoint(providers):
        return ()
    asked = set()
    for folder in folders:
        if folder.name in providers:
            for file in folder.glob("*/*.json"):
                text = read_bytes(file).decode("utf-8", errors="replace")
                asked |= {pin for pin, quoted in left.items() if quoted in text}
    return tuple(pin for pin in left if pin in asked)
