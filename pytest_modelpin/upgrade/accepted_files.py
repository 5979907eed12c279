"""What a team has accepted by whatever means: a comparison never writes over it unseen.

Options of known libraries are refused where pytest starts (`session.own_options`). Here are their
variables and files, and for all others what git says was written among the tests.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from pytest_modelpin.errors import UpgradeError
from pytest_modelpin.files import relative_path
from pytest_modelpin.recordings.owner import FOLDER
from pytest_modelpin.upgrade.git import git
from pytest_modelpin.wording import plural, some
from pytest_modelpin.write_access import for_tests

_ACCEPTS_NOTHING = {"INLINE_SNAPSHOT_DEFAULT_FLAGS": "disable", "EXPECTTEST_ACCEPT": ""}
"""Without them inline-snapshot goes by pyproject.toml, where it may stand that an answer which
differs is written into the test, and expecttest accepts what there is. The first is what
inline-snapshot itself does in CI."""


def for_comparison(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of tests whose answers somebody else will judge (see `for_tests`, too)."""
    return {**for_tests(environment), **_ACCEPTS_NOTHING}


def modified(root: Path) -> dict[str, str]:
    """The tracked files below `root` that are not as git has them: path and a digest of each.

    Empty outside of git. What is recorded is not among them.
    """
    try:
        listed = git(root, "ls-files", "--modified", "-z").split("\0")
    except UpgradeError:
        return {}
    return {path: _digest(root / path) for path in listed if path and not _is_recorded(path)}


def refuse_written(root: Path, before: Sequence[Mapping[str, str]], tests: Iterable[Path]) -> None:
    """Raise UpgradeError where a tracked file beside the `tests`, or below, was written since.

    `before` is what `modified` said then, once or more.
    """
    after = modified(root)
    changed = {
        each for then in before for each in {*then, *after} if then.get(each) != after.get(each)
    }
    folders = {relative_path(path.parent, root) for path in tests}
    if written := sorted(each for each in changed if _is_below(each, folders)):
        were, bring = plural(len(written), "was", "were"), plural(len(written), "it", "them")
        raise UpgradeError(
            f"{some(written)} {were} written while the night ran, so that answers may have been "
            "compared with what the night itself accepted, and nothing follows from it. Where a "
            "library's setting accepts answers, or a test writes what it expects, turn that off; "
            f"what each run writes belongs in .gitignore; `git checkout` brings {bring} back."
        )


def _is_below(path: str, folders: Iterable[str]) -> bool:
    return any(folder in ("", ".") or path.startswith(f"{folder}/") for folder in folders)


def _is_recorded(path: str) -> bool:
    return FOLDER in path.split("/")


def _digest(path: Path) -> str:
    with suppress(OSError):
        return hashlib.sha256(path.read_bytes()).hexdigest()
    return "deleted" if not os.path.lexists(path) else "unread"
