"""Moving a pin in a folder: the accepted answers, the recordings, the ids in code, models.yml."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from pytest_modelpin.errors import UpgradeError
from pytest_modelpin.files import safe_name
from pytest_modelpin.providers import identify
from pytest_modelpin.registry import Pins, load, update
from pytest_modelpin.upgrade.bump.literals import replace_literals
from pytest_modelpin.upgrade.bump.undo import undone_on_failure
from pytest_modelpin.upgrade.suite import Suite


@dataclass(frozen=True, slots=True)
class Promotion:
    """A pin that moved, and what moved with it."""

    name: str
    old: str
    new: str
    literals: tuple[str, ...] = ()
    """Places in code that named the old pin and now name the new one, as `path:line`."""


def promote(suite: Suite, pins: Pins, name: str, new: str, *, today: date, logs: Path) -> Promotion:
    """Move `name`'s pin to `new` below `suite.root`, without a network call.

    The recordings of `new` must lie there already (see `bring_recordings`). The accepted answers
    are rewritten by replaying them; then models.yml and the code move; then the whole suite must
    pass as any colleague would run it.

    Raises UpgradeError where `new` floats, a recording is missing, or the suite no longer passes;
    the folder is then as it was before.
    """
    model = pins.models[name]
    old = model.overridden or model.production
    _refuse(name, old, new)
    shared = _shared(pins, name, old)
    with undone_on_failure(suite.root, pins.path, old):
        _accept(suite, name, new, logs)
        literals = () if shared else replace_literals(suite.root, old, new, registry=pins.path)
        move_pin(pins.path, name, old=old, new=new, today=today)
        if not shared:
            remove_recordings(suite.root, old)
        verify(suite, logs)
    return Promotion(name, old, new, literals)


def move_pin(registry: Path, name: str, *, old: str, new: str, today: date) -> None:
    """The four lines of models.yml that a promotion changes."""
    update(
        registry,
        {
            ("models", name, "production"): new,
            ("models", name, "previous"): old,
            ("models", name, "last_validated"): today,
            ("models", name, "promoted"): today,
        },
    )


def bring_recordings(source: Path, root: Path, version: str) -> int:
    """Copy a version's recordings from where a night put them; gives how many files came."""
    count = 0
    for folder in source.rglob(f"__recordings__/{safe_name(version)}"):
        target = root / folder.relative_to(source)
        if target.exists():
            shutil.rmtree(target)
        shutil.copytree(folder, target)
        count += sum(file.is_file() for file in target.rglob("*"))
    return count


def remove_recordings(root: Path, version: str) -> None:
    """Remove a version's recordings everywhere below `root`; git history keeps them."""
    for folder in list(root.rglob(f"__recordings__/{safe_name(version)}")):
        shutil.rmtree(folder)


def verify(suite: Suite, logs: Path) -> None:
    """Raise UpgradeError unless plain `pytest` passes, offline, as it stands."""
    done = suite.pytest("-p", "no:cacheprovider", log=logs / "after.json")
    if done.returncode:
        tail = "\n".join(f"  {line}" for line in done.stdout.strip().splitlines()[-15:])
        raise UpgradeError(
            "After the move plain `pytest` does not pass, so everything is as it was before "
            f"(all of its output is in {logs / 'after.log'}):\n"
            f"{tail}"
        )


def _refuse(name: str, old: str, new: str) -> None:
    if new == old:
        raise UpgradeError(f"{name} is pinned to {new} already; there is nothing to promote.")
    if identify(new).kind == "floating":
        raise UpgradeError(
            f"{new} is a floating alias ({identify(new).rule}); pin a version instead. "
            f"`pytest-modelpin resolve {name}` tells which one serves it now."
        )


def _accept(suite: Suite, name: str, new: str, logs: Path) -> None:
    log = logs / "accept.json"
    done = suite.pytest(
        f"--model={name}={new}", "--model-record=none", "--snapshot-update",
        "-p", "no:cacheprovider", log=log,
    )  # fmt: skip
    if done.returncode:
        tail = "\n".join(f"  {line}" for line in done.stdout.strip().splitlines()[-15:])
        raise UpgradeError(
            f"The suite does not pass with {name} on {new}, replayed (all of it in "
            f"{log.with_suffix('.log')}). Record it with `pytest --model {name}={new}`.\n{tail}"
        )


def _shared(pins: Pins, name: str, version: str) -> bool:
    """Whether another logical model is pinned to the same version."""
    return any(other.production == version for other in pins.models.values() if other.name != name)


def relocated(suite: Suite, root: Path) -> Suite:
    """The same suite in another working tree."""
    return replace(suite, root=root)


def pins_in(suite: Suite, pins: Pins, root: Path) -> Pins:
    """models.yml as it lies in another working tree of the same repository."""
    # It may lie above the folder that is tested, so that the way to it leads upwards.
    return load(root / os.path.relpath(pins.path.resolve(), suite.root.resolve()))
