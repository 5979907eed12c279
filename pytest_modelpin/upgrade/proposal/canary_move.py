"""A canary's next step, or its end, as a change of models.yml that people review."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

from modelpin_runtime.registry import schema
from pytest_modelpin.errors import UpgradeError
from pytest_modelpin.registry import Pins
from pytest_modelpin.registry.editing import Changes, edit
from pytest_modelpin.report.escape import code, markdown
from pytest_modelpin.upgrade import UpgradeContext
from pytest_modelpin.upgrade.git import git_bytes, top
from pytest_modelpin.upgrade.proposal import Marker, PinMove, mark
from pytest_modelpin.upgrade.proposal.body import AWAITING, plain
from pytest_modelpin.upgrade.proposal.proposal import (
    ACTIONS_BOT,
    Change,
    PullRequest,
    request_change,
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
    happened as a sentence. Raises UpgradeError where models.yml is not committed, or not with
    this canary, or the local branch holds somebody else's commits, RegistryError, ForgeError.
    """
    repository = top(root)
    try:
        place = pins.path.resolve().relative_to(repository.resolve()).as_posix()
        committed = git_bytes(repository, "show", f"HEAD:{place}").decode()
    except (ValueError, UpgradeError):
        raise UpgradeError(f"{pins.path} is not in the last commit; commit it first.") from None
    was = schema.read(committed, pins.path, f"HEAD:{place}").models.get(move.name)
    if was is None or was.canary is None or was.canary.model != move.version:
        raise UpgradeError(
            f"In the last commit {move.name} has no canary {move.version}: commit {pins.path} "
            "first."
        )
    files = {place: edit(committed, move.changes, place).encode()}
    why = "\n".join(f"- {reason}" for reason in move.reasons)
    # The bot knows its own commit by its trailers; no pin moves here, so both ids are the same.
    own = (PinMove(move.name, move.version, move.version),)
    change = Change(f"{move.name}-canary", files, move.title, why, own, partial(_body, move))
    return request_change(change, "change", root, today, context)


def _body(move: CanaryMove, author: str) -> str:
    parts = [
        mark(Marker(())),
        f"The canary {code(move.version)} of **{markdown(move.name)}**: {markdown(move.told)}.",
        AWAITING if author == ACTIONS_BOT else "",
        "\n".join(f"- {markdown(reason)}" for reason in move.reasons),
        "Only models.yml changes; running programs see it within a second of its arrival.",
    ]
    return "\n\n".join(part for part in parts if part)
