"""Going back to the version before: its recordings from git history, then a move like any other."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import yaml

from pytest_modelpin.errors import UpgradeError
from pytest_modelpin.files import safe_name
from pytest_modelpin.registry import Pins
from pytest_modelpin.upgrade.bump.promote import Extra, Promotion, promote
from pytest_modelpin.upgrade.git import git, git_bytes, top
from pytest_modelpin.upgrade.suite import Suite


def roll_back(suite: Suite, pins: Pins, name: str, *, today: date, logs: Path) -> Promotion:
    """Move `name` back to `previous`, and put the version that it leaves on `ignore`.

    Raises UpgradeError where models.yml names no `previous`, where git history holds no
    recordings of it, or where the suite as it is now does not pass on it.
    """
    model = pins.models[name]
    left = model.overridden or model.production
    if model.previous is None:
        raise UpgradeError(
            f"{pins.path} names no `previous:` for {name}, so there is nothing to roll back to. "
            f"Move to a version you choose with `pytest-modelpin promote {name} --to ID`."
        )
    extra = Extra(
        "rollback",
        {("models", name, "previous"): None, ("models", name, "ignore"): [*model.ignore, left]},
        missing(recorded(pins.path, name, model.previous, top(suite.root))),
    )
    return promote(suite, pins, name, model.previous, today=today, logs=logs, extra=extra)


def recorded(registry: Path, name: str, version: str, repository: Path) -> dict[Path, bytes]:
    """A version's recordings as they were when it was last the pin, by where they belong.

    Raises UpgradeError where history holds none, or one would leave the repository.
    """
    commit = _last_commit_with(registry, name, version)
    found = {
        _place(repository, path): content
        for path, content in _recorded_at(repository, commit, version)
    }
    if not found:
        raise UpgradeError(
            f"{name}: git history holds no recordings of {version} (looked at {commit[:10]}). "
            f"Record it live with `pytest --model {name}={version}`, then run "
            f"`pytest-modelpin promote {name} --to {version}`."
        )
    return found


def missing(files: Mapping[Path, bytes]) -> dict[Path, bytes]:
    """Those that are not there; what is there already stays."""
    return {path: content for path, content in files.items() if not path.exists()}


def _recorded_at(repository: Path, commit: str, version: str) -> list[tuple[str, bytes]]:
    """A version's recordings in a commit, each with its path from the repository's root."""
    wanted = f"/__recordings__/{safe_name(version)}/"
    found = []
    with tarfile.open(
        fileobj=io.BytesIO(git_bytes(repository, "archive", "--format=tar", commit))
    ) as tar:
        for member in tar:
            if wanted in f"/{member.name}" and member.isfile():
                content = tar.extractfile(member)
                assert content is not None, "a regular file has content"
                found.append((member.name, content.read()))
    return found


def _place(repository: Path, name: str) -> Path:
    """Where a file of an archive belongs.

    Not by tarfile's own extraction: before Python 3.11.4 it has no filter against names and links
    that lead outside. Raises UpgradeError where the place leads there.
    """
    path = repository / name
    if not path.resolve().is_relative_to(repository.resolve()):
        raise UpgradeError(
            f"{name} leads outside of the repository {repository}; nothing is restored there. "
            "Remove the link, then try again."
        )
    return path


def _last_commit_with(registry: Path, name: str, version: str) -> str:
    """The newest commit whose models.yml pins `name` to `version`."""
    root = top(registry.parent)
    path = registry.resolve().relative_to(root.resolve()).as_posix()
    for commit in git(root, "log", "--format=%H", "--", path).split():
        if _pin_at(root, commit, path, name) == version:
            # What was recorded while it was the pin is all there only in the last such commit,
            # which is the parent of the one that moved it.
            return _last_before_change(root, commit, path)
    raise UpgradeError(
        f"git history holds no {path} in which {name} was pinned to {version}; "
        "a shallow clone has none (`git fetch --unshallow`)."
    )


def _last_before_change(root: Path, commit: str, path: str) -> str:
    later = git(root, "log", "--format=%H", f"{commit}..HEAD", "--", path).split()
    return git(root, "rev-parse", f"{later[-1]}^").strip() if later else "HEAD"


def _pin_at(root: Path, commit: str, path: str, name: str) -> str | None:
    try:
        content = yaml.safe_load(git(root, "show", f"{commit}:{path}"))
        pin = content["models"][name]["production"]
    except (UpgradeError, yaml.YAMLError, KeyError, TypeError):
        return None
    return str(pin)
