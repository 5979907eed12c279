"""A canary's next step, or its end, as a change of models.yml that people review."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pytest_modelpin.errors import UpgradeError
from pytest_modelpin.forge.pulls_and_issues import pulls_of
from pytest_modelpin.registry import Pins
from pytest_modelpin.registry.editing import Changes, edit
from pytest_modelpin.report.escape import code, markdown
from pytest_modelpin.upgrade import UpgradeContext
from pytest_modelpin.upgrade.git import git_bytes, top, write_branch
from pytest_modelpin.upgrade.proposal import Marker, Move, mark
from pytest_modelpin.upgrade.proposal.body import AWAITING, plain
from pytest_modelpin.upgrade.proposal.branch_commit import (
    branch_of,
    known_head,
    trailers,
)
from pytest_modelpin.upgrade.proposal.proposal import (
    ACTIONS_BOT,
    Proposal,
    PullRequest,
    labelled,
    left_to_people,
    put_forward,
)


@dataclass(frozen=True, slots=True)
class CanaryMove:
    """What to do with a canary, ready to become one commit."""

    name: str
    version: str
    told: str
    """What happens, as in `from 5 to 25 percent` or `taken back`."""
    reasons: tuple[str, ...]
    changes: Changes
    """Of models.yml."""

    @property
    def title(self) -> str:
        """One line; safe as a commit's subject."""
        return f"Canary of {plain(self.name)}, {plain(self.version)}: {plain(self.told)}"


def request(
    move: CanaryMove, pins: Pins, root: Path, *, today: date, context: UpgradeContext | None
) -> tuple[str, PullRequest | None]:
    """Put the move on a branch, and open its pull request where there is GitHub (`context`).

    The working tree stays as it is: what changes is models.yml of the last commit. Gives what
    happened as a sentence. Raises UpgradeError where models.yml is not committed, or the local
    branch holds somebody else's commits, RegistryError where the canary is not in it, ForgeError.
    """
    repository = top(root)
    try:
        place = pins.path.resolve().relative_to(repository.resolve()).as_posix()
        committed = git_bytes(repository, "show", f"HEAD:{place}").decode()
    except (ValueError, UpgradeError):
        raise UpgradeError(f"{pins.path} is not in the last commit; commit it first.") from None
    files = {place: edit(committed, move.changes, place).encode()}
    name = f"{move.name}-canary"
    branch = branch_of(name)
    if context is None:
        at = calendar.timegm(today.timetuple())
        write_branch(root, branch, files, f"{move.title}\n\n{_listed(move)}\n", at=at)
        return f"The change is on the local branch {branch}: `git diff HEAD...{branch}`", None
    forge = context.forge

    # The bot knows its own commit by its trailers; no pin moves here, so both ids are the same.
    own = (Move(move.name, move.version, move.version),)
    proposal = Proposal(
        name,
        files,
        move.title,
        lambda tree: f"{move.title}\n\n{plain(_listed(move))}\n\n{trailers(own, files, tree)}",
        lambda author: _body(move, author),
        left_to_people(forge),
        labelled(context),
    )
    pull = put_forward(forge, proposal, pulls_of(forge, branch), parent=known_head(forge, root))
    return pull.sentence, pull


def _listed(move: CanaryMove) -> str:
    return "\n".join(f"- {reason}" for reason in move.reasons)


def _body(move: CanaryMove, author: str) -> str:
    parts = [
        mark(Marker(())),
        f"The canary {code(move.version)} of **{markdown(move.name)}**: {markdown(move.told)}.",
        AWAITING if author == ACTIONS_BOT else "",
        "\n".join(f"- {markdown(reason)}" for reason in move.reasons),
        "Only models.yml changes; running programs see it within a second of its arrival.",
    ]
    return "\n\n".join(part for part in parts if part)
