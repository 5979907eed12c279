"""What every pull request of ours goes through: a base, one commit, one opening, one look.

A bump and a rollback differ in their files and words, in what else their pull request gets
(`finish`), and in what is said to a person who works on the branch (`hands_off`).
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Literal

from pytest_modelpin.errors import ForgeError, UpgradeError
from pytest_modelpin.forge import Forge
from pytest_modelpin.forge.branches import Repository, head_of, read_repository
from pytest_modelpin.forge.errors import Moved, Refused, Unreachable, is_outage
from pytest_modelpin.forge.pulls_and_issues import (
    Pull,
    add_labels,
    conflicts,
    edit_pull,
    make_label,
    open_pull,
    pulls_of,
)
from pytest_modelpin.recordings.large_bodies import LFS_POINTER
from pytest_modelpin.upgrade import UpgradeContext
from pytest_modelpin.upgrade.git import write_branch
from pytest_modelpin.upgrade.proposal import (
    LONGEST,
    MODEL_PIN,
    TWO_THINGS,
    PinMove,
    above,
    find,
)
from pytest_modelpin.upgrade.proposal.body import plain
from pytest_modelpin.upgrade.proposal.branch_commit import (
    BumpBranch,
    branch_of,
    commit_files_onto,
    digest,
    has_pins,
    is_spent,
    read_branch,
    trailers,
)
from pytest_modelpin.upgrade.proposal.checked_out import known_head, outdated
from pytest_modelpin.wording import some

Action = Literal["opened", "updated", "unchanged", "blocked"]

ACTIONS_BOT = "github-actions[bot]"
"""Who a pull request is by that was opened with a workflow's own token: its checks wait."""


@dataclass(frozen=True, slots=True)
class PullRequest:
    """Where a pull request of ours stands."""

    number: int | None
    """None where there is none."""
    url: str
    """The pull request's; where it could not be opened, the page that opens it by one click."""
    action: Action
    sentence: str
    """What happened, for the log and the summary."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change of files, ready to become one pull request."""

    name: str
    """Tells its branch."""
    files: Mapping[str, bytes | None]
    title: str
    message: Callable[[str], str]
    """The commit's, from the tree's id."""
    body: Callable[[str], str]
    """The pull request's text, from who opened it; "" where that is yet to be seen."""
    hands_off: Callable[[BumpBranch, Pull | None], PullRequest]
    """What to do where a person has committed to the branch."""
    finish: Callable[[Pull, str], tuple[bool, list[str]]]
    """Labels and the like, from the pull request and its head: whether any changed, and what GitHub
    refused, a sentence each."""
    draft: bool = False
    again: bool = False
    """Whether a person asked for the branch to be made anew, even where nothing changed."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change of files with its reason, for people to review: a rollback, a canary's step."""

    name: str
    """Tells its branch."""
    files: Mapping[str, bytes | None]
    title: str
    why: str
    moves: tuple[PinMove, ...]
    """For the commit's trailers, by which the bot knows its own commit again."""
    body: Callable[[str], str]
    """The pull request's text, from who opened it."""


def propose_change(
    context: UpgradeContext, change: Change, *, parent: str | None = None
) -> PullRequest:
    """Open the change's one pull request, or bring it up to date; `parent` as for `put_forward`.

    Commits of other people on the branch are never touched. Raises ForgeError where GitHub refuses
    anything but opening the pull request.
    """
    forge, title, why, files = context.forge, change.title, plain(change.why), change.files
    proposal = Proposal(
        change.name,
        files,
        title,
        lambda tree: f"{title}\n\n{why}\n\n{trailers(change.moves, files, tree)}",
        change.body,
        partial(_left_to_people, forge),
        partial(_labelled, context),
    )
    return put_forward(forge, proposal, pulls_of(forge, branch_of(change.name)), parent=parent)


def request_change(
    change: Change, what: str, root: Path, today: date, context: UpgradeContext | None
) -> tuple[str, PullRequest | None]:
    """Put a change on a branch, and open its pull request where there is GitHub (`context`).

    The working tree at `root` stays as it is. `what` names the change in the sentence on what
    happened, which comes first. Raises UpgradeError where the local branch holds somebody else's
    commits, and ForgeError.
    """
    if context is None:
        branch, at = branch_of(change.name), calendar.timegm(today.timetuple())
        write_branch(root, branch, change.files, f"{change.title}\n\n{change.why}\n", at=at)
        return f"The {what} is on the local branch {branch}: `git diff HEAD...{branch}`", None
    pull = propose_change(context, change, parent=known_head(context.forge, root))
    return pull.sentence, pull


def put_forward(
    forge: Forge,
    proposal: Proposal,
    pulls: Sequence[Pull],
    *,
    parent: str | None,
) -> PullRequest:
    """Open the proposal's one pull request, or bring it up to date; again changes nothing.

    `pulls` are those of its branch, `parent` the commit that the files were made from, by default
    the head of the repository's default branch, into which all is merged. Raises ForgeError where
    GitHub refuses anything but opening the pull request, and UpgradeError where Git LFS keeps a
    file of it.
    """
    _refuse_pointers(proposal.files)
    repository, base_head = base_of(forge)
    base = repository.default_branch
    rebased_in = repository.node if repository.rebases_only else ""
    made_from = parent or base_head
    pull = next((pull for pull in pulls if pull.is_open), None)
    pins = [path for path, now in proposal.files.items() if now and has_pins(path, now)]
    if made_from != base_head and (why := outdated(forge, made_from, base_head, pins)):
        then = f"so nothing is proposed. Check out {base} as it is now, then run this again."
        return blocked(forge, pull, f"{why}, {then}")
    branch = read_branch(forge, proposal.name, made_from, rebased_in)
    if branch.strangers and not is_spent(branch, pulls):
        return proposal.hands_off(branch, pull)
    try:
        head, committed = bring(
            forge, branch, proposal.files, proposal.message, pull, again=proposal.again
        )
    except Moved:
        sentence = f"Somebody pushed to {branch.name} meanwhile; the next run looks again."
        return blocked(forge, pull, sentence)
    if pull is None:
        try:
            pull = open_once(
                forge,
                branch=branch.name,
                base=base,
                title=proposal.title,
                body=proposal.body(""),
                draft=proposal.draft,
            )
        except Refused as error:
            return not_opened(forge, branch.name, base, error)
        action: Action = "opened"
    else:
        action = "updated" if committed else "unchanged"
    changed, notes = proposal.finish(pull, head)
    title, text = _beside_people(pull, proposal)
    changed |= edit(forge, pull, title=title, body=text, base=base)
    if changed and action == "unchanged":
        action = "updated"
    said = {
        "opened": f"Opened pull request #{pull.number}.",
        "updated": f"Updated pull request #{pull.number}.",
        "unchanged": f"Pull request #{pull.number} is up to date.",
        "blocked": "",
    }[action]
    return PullRequest(pull.number, pull.url, action, " ".join([said, *notes]))


def _beside_people(pull: Pull, proposal: Proposal) -> tuple[str, str]:
    """Title and text of the pull request, with what a person has made of them: a title, unless
    other versions are proposed since, and what stands above our text.
    """
    text = proposal.body(pull.author)
    before, now = find(pull.body), find(text)
    # A canary's step moves no pin: what it does, its title alone says.
    same = before is not None and now is not None and before.moves == now.moves != ()
    whole = above(pull.body) + text
    return pull.title if same else proposal.title, whole if len(whole) <= LONGEST else text


def _refuse_pointers(files: Mapping[str, bytes | None]) -> None:
    """Raise UpgradeError where Git LFS keeps one of the files: by GitHub's API nothing brings it
    there, and whoever checks the branch out has a pointer to nowhere.
    """
    kept = [path for path, now in files.items() if now and now.startswith(LFS_POINTER)]
    if kept:
        raise UpgradeError(
            f"Git LFS keeps {some(sorted(kept))}, which can't be proposed on GitHub: what is "
            "committed by its API brings no file to LFS, so that nobody could replay it. Write "
            "`**/__recordings__/** -filter` as the last line of .gitattributes, run "
            "`git add --renormalize .`, and commit both."
        )


def blocked(forge: Forge, pull: Pull | None, sentence: str) -> PullRequest:
    """Where a pull request stands that could not be brought on, if there is one."""
    return PullRequest(
        pull.number if pull else None, pull.url if pull else forge.web, "blocked", sentence
    )


def _left_to_people(forge: Forge, branch: BumpBranch, pull: Pull | None) -> PullRequest:
    first = branch.strangers[0].sha[:10]
    return blocked(
        forge, pull,
        f"{branch.name} has commits that are not the bot's ({first}), so it is left as it is. "
        "Merge it, or delete it.",
    )  # fmt: skip


def _labelled(context: UpgradeContext, pull: Pull, _: str) -> tuple[bool, list[str]]:
    """What is refused of labels costs nothing."""
    if MODEL_PIN.name in pull.labels:
        return False, []
    try:
        label(context.forge, pull.number, [MODEL_PIN.name, *context.settings.labels])
    except ForgeError as error:
        return False, [f"No labels: {error}"]
    return True, []


def base_of(forge: Forge) -> tuple[Repository, str]:
    """The repository, into whose default branch all is merged, and that branch's head.

    Raises ForgeError, also where the repository has no commit yet.
    """
    repository = read_repository(forge)
    head = head_of(forge, repository.default_branch)
    if head is None:
        raise ForgeError(f"{forge.web} has no commits yet: push a first one, then run again.")
    return repository, head


def bring(
    forge: Forge,
    branch: BumpBranch,
    files: Mapping[str, bytes | None],
    message: Callable[[str], str],
    pull: Pull | None,
    *,
    again: bool,
) -> tuple[str, bool]:
    """The branch's head with the files on it, and whether that took a commit.

    `message` as for `commit_files_onto`, which raises what this raises.
    """
    current = branch.head is not None and branch.content == digest(files) and not again
    if branch.rebased_in and branch.updates:  # it could not be merged
        current = False
    if current and branch.beyond.behind:
        # A base that merely moved on is merged cleanly; a new commit would only cost reviews.
        current = pull is not None and not conflicts(forge, pull.number)
    if current and branch.head is not None:
        return branch.head, False
    return commit_files_onto(forge, branch, files, message), True


def open_once(forge: Forge, *, branch: str, base: str, title: str, body: str, draft: bool) -> Pull:
    """Open the branch's pull request, or find the one there is. Raises ForgeError."""
    try:
        return open_pull(forge, branch=branch, base=base, title=title, body=body, draft=draft)
    except (Refused, Unreachable) as error:
        # Another run was faster, or the answer was lost on its way: then it is there.
        refused = isinstance(error, Refused) and not is_outage(error)
        if refused and "already exists" not in str(error):
            raise
        there = next((pull for pull in pulls_of(forge, branch) if pull.is_open), None)
        if there is None:
            raise
        return there


def not_opened(forge: Forge, branch: str, base: str, error: Refused) -> PullRequest:
    """What to say where the branch is there and GitHub refuses the pull request.

    Raises `error` where no setting or permission would mend it.
    """
    url = f"{forge.web}/compare/{base}...{branch}?expand=1"
    if error.status == 422 and "no commits between" in error.message.lower():
        sentence = f"{base} holds all of this already: nothing to propose."
        return PullRequest(None, forge.web, "blocked", sentence)
    if error.status not in (403, 404):
        raise error
    sentence = f"The branch {branch} is ready, but: {error} Or open it by one click: {url}"
    return PullRequest(None, url, "blocked", sentence)


def edit(forge: Forge, pull: Pull, *, title: str, body: str, base: str) -> bool:
    """Set what differs; whether anything did."""
    wanted = {"title": title, "body": body, "base": base}
    # A browser saves a body with CRLF.
    there = {"title": pull.title, "body": pull.body.replace("\r\n", "\n"), "base": pull.base}
    changed = {field: value for field, value in wanted.items() if there[field] != value}
    if changed:
        edit_pull(forge, pull.number, **changed)
    return bool(changed)


def label(forge: Forge, number: int, names: Sequence[str]) -> None:
    """Put labels on; ours come with their colour and meaning. Raises ForgeError."""
    for label in (MODEL_PIN, TWO_THINGS):
        if label.name in names:
            make_label(forge, label)
    add_labels(forge, number, names)
