"""Going back to the version before: its recordings from git history, then a move like any other,
which people review: tried in a second working tree, then put on a branch.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import yaml

from pytest_modelpin.errors import RecordingError, UpgradeError
from pytest_modelpin.files import safe_name
from pytest_modelpin.forge import Forge
from pytest_modelpin.ledger.store import Ledger
from pytest_modelpin.providers.retirements import retirement_of_pin, when
from pytest_modelpin.recordings.large_bodies import LFS_POINTER
from pytest_modelpin.recordings.owner import FOLDER
from pytest_modelpin.recordings.recording_file import Recording, read_recording
from pytest_modelpin.registry import environment_variable
from pytest_modelpin.report.escape import code, markdown
from pytest_modelpin.upgrade import UpgradeContext
from pytest_modelpin.upgrade.bump.promote import Checkout, Extra, Promotion, promote
from pytest_modelpin.upgrade.bump.version_files import asked_beside
from pytest_modelpin.upgrade.git import changes, committed, git, git_bytes, top, worktree
from pytest_modelpin.upgrade.proposal import Marker, PinMove, mark, want_no_more
from pytest_modelpin.upgrade.proposal.body import AWAITING, plain
from pytest_modelpin.upgrade.proposal.branch_commit import branch_of, rollback_of
from pytest_modelpin.upgrade.proposal.proposal import (
    ACTIONS_BOT,
    Change,
    PullRequest,
    request_change,
)


def roll_back(checkout: Checkout, name: str) -> Promotion:
    """Move `name` back to `previous`, and put the version that it leaves on `ignore`.

    Raises UpgradeError where models.yml names no `previous`, where git history holds no
    recordings of it, or where the suite as it is now does not pass on it.
    """
    suite, pins = checkout.suite, checkout.pins
    model = pins.models[name]
    left = model.pin
    if model.previous is None:
        raise UpgradeError(
            f"{pins.path} names no `previous:` for {name}, so there is nothing to roll back to. "
            f"Move to a version you choose with `pytest-modelpin promote {name} --to ID`."
        )
    ignored = [*(each for each in model.ignore if each != model.previous), left]
    extra = Extra(
        "rollback",
        {("models", name, "previous"): None, ("models", name, "ignore"): ignored},
        recorded(pins.path, name, model.previous, top(suite.root)),
    )
    return promote(checkout, name, model.previous, extra)


def recorded(registry: Path, name: str, version: str, repository: Path) -> dict[Path, bytes]:
    """What is missing of a version's recordings as they were when it was last the pin.

    By where they belong, with what the same tests asked beside it, such as a judge. A merged branch
    left the pin where it began, and the branch that it was merged into where it was merged: tests
    may have come on either meanwhile. Raises UpgradeError where history holds none, or one would
    leave the repository.
    """
    commits = list(dict.fromkeys(_last_commits_with(registry, name, version)))
    heard = {
        _place(repository, path): _Kept(repository, commit, path, content)
        for commit in commits
        for path, content in committed(repository, commit, _is_recorded).items()
    }
    own = {path: heard[path] for path in heard if path.parents[1].name == safe_name(version)}
    if not own:
        raise UpgradeError(
            f"{name}: git history holds no recordings of {version} (looked at {commits[-1][:10]}). "
            f"Record it live with `pytest --model {shlex.quote(f'{name}={version}')}`, then run "
            f"`pytest-modelpin promote {name} --to {shlex.quote(version)}`."
        )
    missing = {path: kept.whole() for path, kept in own.items() if not path.exists()}
    beside = {path: partial(_read, heard, path) for path in heard if path.suffix == ".json"}
    return missing | asked_beside(own, version, beside)


_LINES: tuple[tuple[str, ...], ...] = ((), ("--first-parent",))
"""How history is followed: to where the pin moved, and to where that was merged."""


def _is_recorded(path: str) -> bool:
    return path.split("/")[-4:-3] == [FOLDER]


@dataclass(frozen=True, slots=True)
class _Kept:
    """A file of history's, as git keeps it."""

    repository: Path
    commit: str
    name: str
    content: bytes

    def whole(self) -> bytes:
        """What it holds, be it that Git LFS keeps it. Raises UpgradeError where that has it not."""
        if not self.content.startswith(LFS_POINTER):
            return self.content
        with suppress(UpgradeError):
            at = f"{self.commit}:{self.name}"
            found = git_bytes(self.repository, "cat-file", "--filters", at)
            if not found.startswith(LFS_POINTER):
                return found
        raise UpgradeError(
            f"{self.name} of the commit {self.commit[:10]} is a pointer of Git LFS, and what it "
            f"points to can't be had here: `git lfs fetch --all` brings it."
        )


def _read(heard: Mapping[Path, _Kept], path: Path) -> Recording | None:
    """A recording of history's; None where it is torn."""
    try:
        return read_recording(
            heard[path].whole().decode(), path, lambda body: heard[path.parent / body.name].whole()
        )
    except (RecordingError, UnicodeDecodeError, KeyError):
        return None


def _place(repository: Path, name: str) -> Path:
    """Where a file of a commit belongs. Raises UpgradeError where that leads out of the folder."""
    path = repository / name
    if not path.resolve().is_relative_to(repository.resolve()):
        raise UpgradeError(
            f"{name} leads outside of the repository {repository}; nothing is restored there. "
            "Remove the link, then try again."
        )
    return path


def _last_commits_with(registry: Path, name: str, version: str) -> list[str]:
    """Along each line of history, the newest commit whose models.yml pins `name` to `version`."""
    root = top(registry.parent)
    path = registry.resolve().relative_to(root.resolve()).as_posix()
    found = []
    for along in _LINES:
        for commit in git(root, "log", "--format=%H", *along, "--", path).split():
            if _pin_at(root, commit, path, name) == version:
                # What was recorded while it was the pin is all there only in the last such commit,
                # which is the parent of the one that moved it.
                found.append(_last_before_change(root, commit, path, *along))
                break
    if not found:
        raise UpgradeError(
            f"git history holds no {path} in which {name} was pinned to {version}; "
            "a shallow clone has none (`git fetch --unshallow`)."
        )
    return found


def _last_before_change(root: Path, commit: str, path: str, *along: str) -> str:
    later = git(root, "log", "--format=%H", *along, f"{commit}..HEAD", "--", path).split()
    return git(root, "rev-parse", f"{later[-1]}^").strip() if later else "HEAD"


def _pin_at(root: Path, commit: str, path: str, name: str) -> str | None:
    try:
        content = yaml.safe_load(git(root, "show", f"{commit}:{path}"))
        pin = content["models"][name]["production"]
    except (UpgradeError, yaml.YAMLError, KeyError, TypeError):
        return None
    return str(pin)


@dataclass(frozen=True, slots=True)
class Rollback:
    """A pin's way back, ready to become one commit."""

    name: str
    left: str
    """The version that did not do."""
    back_to: str
    because: str
    """Why, as part of a sentence: `asked for on the dashboard`."""
    day: date
    files: Mapping[str, bytes | None]
    """By path from the repository's root, with `/`; None deletes the file."""
    provider: str | None = None

    @property
    def title(self) -> str:
        """One line; safe as a commit's subject."""
        return f"Roll {plain(self.name)} back from {plain(self.left)} to {plain(self.back_to)}"

    @property
    def moves(self) -> tuple[PinMove, ...]:
        """The pin's move, as a bump has it."""
        return (PinMove(self.name, self.left, self.back_to),)

    @property
    def change(self) -> Change:
        """What people review."""
        because = f"{self.because[:1].upper()}{self.because[1:]}"
        why = f"{because}. Plain `pytest` passes, offline."
        name, text = rollback_of(self.name), partial(body, self)
        return Change(name, self.files, self.title, why, self.moves, text)


@dataclass(frozen=True, slots=True)
class Requested:
    """Where a rollback waits for a person."""

    rollback: Rollback
    branch: str
    sentence: str
    """What happened."""
    pull_request: PullRequest | None = None
    """None outside of GitHub."""


def request_rollback(
    checkout: Checkout, name: str, *, because: str, ledger: Ledger, forge: Forge | None
) -> Requested:
    """Put `name`'s way back to `previous` on a branch, and open its pull request at a `forge`.

    The user's working tree stays untouched. The version that is left counts as unwanted from then
    on. Running it again on the same day changes nothing. Raises UpgradeError as `roll_back` does,
    or where somebody else has committed to the local branch, and ForgeError.
    """
    today = checkout.today
    rollback = build_rollback(checkout, name, because=because)
    context = UpgradeContext(forge, ledger, checkout.pins.settings, today) if forge else None
    change = rollback.change
    sentence, pull = request_change(change, "rollback", checkout.suite.root, today, context)
    want_no_more(ledger, name, rollback.left, f"rolled back on {today}: {because}")
    return Requested(rollback, branch_of(change.name), sentence, pull)


def build_rollback(checkout: Checkout, name: str, *, because: str) -> Rollback:
    """What rolling `name` back changes, as tried in a second working tree of HEAD.

    Raises UpgradeError as `roll_back` does.
    """
    with worktree(checkout.suite.root) as root:
        committed = checkout.at(root)
        if name not in committed.pins.models:
            raise UpgradeError(f"{name} is in models.yml, but not in the last commit: commit it.")
        promotion = roll_back(committed, name)
        files = changes(root)
    provider = checkout.pins.models[name].provider
    day = checkout.today
    return Rollback(name, promotion.old, promotion.new, because, day, files, provider)


def body(rollback: Rollback, author: str = "") -> str:
    """The pull request's text, with the bot's marker hidden in it."""
    variable = f"{environment_variable(rollback.name)}={plain(rollback.back_to)}"
    left, back_to = code(rollback.left), code(rollback.back_to)
    parts = [
        mark(Marker(rollback.moves)),
        f"**{markdown(rollback.name)}** goes back from {left} to {back_to}: "
        f"{markdown(rollback.because)}.",
        _retirement(rollback),
        AWAITING if author == ACTIONS_BOT else "",
        "### What is in the diff\n\n"
        f"- the pin, the accepted answers and the recordings of {back_to} as they were when it was "
        "last the pin, from git history; code that names the pin goes with it\n"
        f"- {left} on `ignore` in models.yml, so that it is not proposed again\n\n"
        "Plain `pytest` has passed with all of it, offline.",
        "### To go back right now\n\n"
        f"{code(variable)} in the environment of your service wins over models.yml at once, "
        "without a deployment. Take it out again once this is merged and deployed.",
    ]
    return "\n\n".join(part for part in parts if part)


def _retirement(rollback: Rollback) -> str:
    known = retirement_of_pin(rollback.back_to, rollback.provider)
    if known is None:
        return ""
    return f"⏳ {code(rollback.back_to)} {when(known.retires, rollback.day)}."
