"""Model ids that code names literally: they move with the pin, or they would stay behind."""

from __future__ import annotations

import os
import re
from pathlib import Path

from pytest_modelpin.errors import UpgradeError
from pytest_modelpin.providers import route_prefixes
from pytest_modelpin.upgrade.git import git

_CODE = {".py", ".toml", ".yaml", ".yml", ".json", ".env", ".js", ".ts", ".cfg", ".ini"}
# `.github`: GitHub refuses a push that changes workflows unless the token has a permission of its
# own for that, and the whole bump would fail with it.
_LEFT_ALONE = {"__recordings__", "__snapshots__", "models.yml", ".github"}
# A route names the provider before the id, as pydantic-ai and LangChain write it. With a slash it
# may be another provider's own id, as OpenRouter's are, and stays.
_BEFORE = rb"(?<![\w./:@-])(?P<route>(?:(?:%s):)?)"
_LARGEST = 1_000_000  # bytes; larger files are data, not code


def replace_literals(
    root: Path, old: str, new: str, *, registry: Path | None = None
) -> tuple[str, ...]:
    """Put `new` wherever tracked code below `root` names `old` as a whole id.

    Gives the places as `path:line`. An id that is only part of a longer one stays as it is, and so
    does everything in models.yml (`registry`, where it has another name), recordings and
    snapshots. Outside of git nothing is touched.
    """
    routes = "|".join(map(re.escape, route_prefixes())).encode()
    whole = re.compile(_BEFORE % routes + re.escape(old.encode()) + rb"(?![\w/:@-]|\.\w)")
    places = []
    for path in _tracked_code(root):
        if registry is not None and path.resolve() == registry.resolve():
            continue
        before = path.read_bytes()
        after = whole.sub(lambda found: found["route"] + new.encode(), before)
        if after == before:
            continue
        name = path.relative_to(root).as_posix()
        places += [
            f"{name}:{number}"
            for number, line in enumerate(before.splitlines(), 1)
            if whole.search(line)
        ]
        rewrite(path, after)
    return tuple(places)


def code_naming(root: Path, version: str) -> list[Path]:
    """The tracked code below `root` in which the id stands, be it in part of a longer one."""
    return [path for path in _tracked_code(root) if version.encode() in path.read_bytes()]


def rewrite(path: Path, content: bytes) -> None:
    """Write a file whose byte code, if it has any, must not be taken for its own.

    Python tells stale byte code by a source's size and its time in whole seconds. Two ids are
    often equally long, and the tests ran this very second: the time has to move on.
    """
    before = int(path.stat().st_mtime) if path.exists() else 0
    path.write_bytes(content)
    after = path.stat().st_mtime
    if int(after) == before:
        os.utime(path, (after, before + 1))


def _tracked_code(root: Path) -> list[Path]:
    try:
        listing = git(root, "ls-files", "-z")
    except UpgradeError:
        return []
    paths = [root / name for name in listing.split("\0") if name]
    return [
        path
        for path in paths
        if (path.suffix in _CODE or path.name == ".env")
        and not _LEFT_ALONE & {*path.relative_to(root).parts}
        and path.is_file()
        and not path.is_symlink()
        and path.stat().st_size <= _LARGEST
    ]
