"""What several models.yml of one repository share: nights, branches and pull requests go by the
logical name alone, so that a name is one file's; issues are each file's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from modelpin_runtime import PLACES
from pytest_modelpin.errors import RegistryError, UpgradeError
from pytest_modelpin.forge import Forge
from pytest_modelpin.forge.pulls_and_issues import Issue, issues_with
from pytest_modelpin.ledger import Night
from pytest_modelpin.registry import load
from pytest_modelpin.upgrade.git import top
from pytest_modelpin.upgrade.proposal import revealed
from pytest_modelpin.upgrade.proposal.branch_commit import branch_of


def owner_elsewhere(name: str, nights: Sequence[Night], file: str, root: Path) -> str | None:
    """The other models.yml than `file` whose name it is, from the root of `root`'s repository.

    That of the last night, where it is still there with the name: one that was moved is none. One
    that can't be read counts as there. `nights` are the name's, oldest first.
    """
    before = nights[-1].file if nights else ""
    if before in ("", file):
        return None
    try:
        other = top(root) / before
        return before if other.is_file() and name in load(other).models else None
    except RegistryError:
        return before
    except UpgradeError:
        return None


def refuse_shared(name: str, nights: Sequence[Night], file: str, root: Path) -> None:
    """Raise UpgradeError where the name is another models.yml's; arguments as above."""
    if other := owner_elsewhere(name, nights, file, root):
        raise UpgradeError(
            f"{name} is a logical model of {other}, too. Nights, the branch {branch_of(name)} and "
            f"its pull request go by that name, so that each would undo the other's: call the one "
            f"in {file or 'this models.yml'} otherwise, there and where its tests and code name it."
        )


def project_of(file: str) -> str:
    """Whose issues a night's are: empty for the models.yml at the repository's top, else its path.

    `file` is a night's.
    """
    return "" if file in PLACES else file


def issues_of(forge: Forge, label: str, project: str) -> tuple[Issue, ...]:
    """As `issues_with`, of one project: its path is hidden in the text's first line."""
    return tuple(each for each in issues_with(forge, label) if _project(each) == project)


def _project(issue: Issue) -> str:
    content = revealed(issue.body)
    return str(content.get("file", "")) if isinstance(content, dict) else ""
