"""Opening a bump's pull request and keeping it current: one a logical model, never a second.

Later nights tell it that the alias has moved on, or of a red.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from modelpin_runtime.registry.models import Settings
from pytest_modelpin.errors import ForgeError
from pytest_modelpin.forge import Forge, artifacts_url
from pytest_modelpin.forge.pulls_and_issues import (
    Pull,
    assign,
    comment_once,
    edit_pull,
    merge_when_green,
    pulls_of,
    ready_for_review,
    request_reviews,
    stop_merging,
    to_draft,
)
from pytest_modelpin.ledger import Night
from pytest_modelpin.report.escape import link, markdown
from pytest_modelpin.upgrade import UpgradeContext
from pytest_modelpin.upgrade.bump import Bump
from pytest_modelpin.upgrade.nightly.github_status import (
    PinNight,
    line_of,
    report_check,
    report_streak,
)
from pytest_modelpin.upgrade.proposal import (
    MODEL_PIN,
    TWO_THINGS,
    Marker,
    find,
    moves_of,
    note_decisions,
    note_left,
    remark,
    ticked,
    untick,
    unwanted_move,
)
from pytest_modelpin.upgrade.proposal.body import body, title
from pytest_modelpin.upgrade.proposal.branch_commit import (
    BumpBranch,
    branch_of,
    message,
    second_things,
)
from pytest_modelpin.upgrade.proposal.changes import is_held
from pytest_modelpin.upgrade.proposal.proposal import (
    ACTIONS_BOT,
    Proposal,
    PullRequest,
    label,
    put_forward,
)


def open_or_update(
    context: UpgradeContext,
    bump: Bump,
    *,
    parent: str | None = None,
) -> PullRequest:
    """Bring the bump's one pull request to where the evidence is; running it again changes nothing.

    `parent` is the commit that the bump's files were made from, by default the head of the default
    branch. A version whose pull request a person closed is not proposed again; commits of other
    people on the branch are never touched. Raises ForgeError where GitHub refuses anything but
    opening the pull request.
    """
    forge = context.forge
    pulls = pulls_of(forge, branch_of(bump.name))
    note_decisions(context.ledger, pulls)
    note_left(context.ledger, moves_of(bump))
    if (why_not := unwanted_move(context.ledger, moves_of(bump))) is not None:
        pull = next((pull for pull in pulls if pull.is_open), None)
        marker = find(pull.body) if pull else None
        if pull is None or marker is None:
            return PullRequest(None, forge.web, "blocked", why_not)
        said = close(forge, pull, marker, why_not.rstrip("."))
        return PullRequest(pull.number, pull.url, "blocked", said)

    def text(author: str) -> str:
        return body(
            bump,
            settings=context.settings,
            run_url=context.run_url,
            report_url=artifacts_url(context.run_url),
            awaiting_approval=author == ACTIONS_BOT,
            today=context.today,
        )

    proposal = Proposal(
        bump.name,
        bump.files,
        title(bump),
        lambda tree: message(bump, tree),
        text,
        lambda branch, pull: _hands_off(forge, bump, branch, pull),
        lambda pull, head: _finish(context, bump, pull, head),
        draft=context.settings.draft or is_held(bump),
        again=_wanted_anew(context, bump, pulls),
    )
    return put_forward(forge, proposal, pulls, parent=parent)


def _wanted_anew(context: UpgradeContext, bump: Bump, pulls: Sequence[Pull]) -> bool:
    """Whether somebody ticked so: on the dashboard, or in the open pull request itself."""
    if any(move.name in context.again for move in moves_of(bump)):
        return True
    bodies = (pull.body for pull in pulls if pull.is_open)
    return any(tick.wish == "again" for body in bodies for tick in ticked(body))


def _finish(context: UpgradeContext, bump: Bump, pull: Pull, head: str) -> tuple[bool, list[str]]:
    """Status, labels, reviewers and so on: whether any changed, and what GitHub refused.

    None of them is worth losing the pull request for. The first label goes on last: where it is,
    an earlier run got through, and what a person has taken off since stays off.
    """
    forge, settings = context.forge, context.settings
    changes: list[object] = []
    notes: list[str] = []

    def attempt(what: str, do: Callable[[], object]) -> None:
        try:
            changes.append(do())
        except ForgeError as error:
            notes.append(f"{what}: {error}")

    marker = find(pull.body)
    is_draft = settings.draft or is_held(bump)
    drafted = marker is not None and pull.draft and marker.drafted
    if drafted and not is_draft:
        attempt("It stays a draft", lambda: ready_for_review(forge, pull))
    stopped = drafted or (marker is not None and marker.state == "red")
    if stopped and settings.automerge and not is_draft:
        attempt("No auto-merge", lambda: merge_when_green(forge, pull))
    attempt("No commit status", lambda: _show_streak(context, bump, head))
    if second_things(bump) and TWO_THINGS.name not in pull.labels:
        attempt("No warning label", lambda: label(forge, pull.number, [TWO_THINGS.name]))
    if MODEL_PIN.name not in pull.labels:
        if settings.reviewers:
            attempt("No reviewers", lambda: request_reviews(forge, pull.number, settings.reviewers))
        if settings.assignees:
            attempt("No assignees", lambda: assign(forge, pull.number, settings.assignees))
        if settings.automerge and not is_draft:
            attempt("No auto-merge", lambda: merge_when_green(forge, pull))
        names = [MODEL_PIN.name, *settings.labels]
        attempt("No labels", lambda: label(forge, pull.number, names))
    return any(change is not False for change in changes), notes


def _show_streak(context: UpgradeContext, bump: Bump, head: str) -> bool:
    """The status, and where it is new the check run that says more; whether it is new."""
    forge, needed, url = context.forge, context.settings.green_runs, context.run_url
    if not report_streak(forge, head, length=bump.streak.length, needed=needed, url=url):
        return False
    places = [(one, line_of(bump.files, one.new)) for one in bump.members or (bump,)]
    nights = [
        PinNight(one.name, "green", one.streak.length, needed, one.verdict.told, place[1])
        for one, place in places
        if place is not None
    ]
    if nights:
        file = next(place[0] for _, place in places if place is not None)
        report_check(forge, head, nights, file=file, url=url)
    return True


def _hands_off(forge: Forge, bump: Bump, branch: BumpBranch, pull: Pull | None) -> PullRequest:
    """A person works on the branch: say so once, warn of a second change, touch nothing."""
    first = branch.strangers[0]
    sentence = (
        f"{branch.name} has commits that are not the bot's ({first.sha[:10]}), so it is left as "
        "it is. Merge it, or delete the branch to have it made anew."
    )
    if pull is None:
        return PullRequest(None, f"{forge.web}/tree/{branch.name}", "blocked", sentence)
    comment_once(
        forge,
        pull.number,
        "hands-off",
        f"There are commits here that I did not make (the first is {first.sha}), so I leave this "
        "branch alone from now on. Merge it when you are done; or delete the branch, and I make "
        "it anew on the next green night.",
    )
    marker = find(pull.body)
    if marker is not None and marker.state != "theirs":
        # Deleting the branch closes the pull request, and must not count as a no to the version.
        edit_pull(forge, pull.number, body=remark(pull.body, replace(marker, state="theirs")))
    if second_things(bump, branch.beyond.files) and TWO_THINGS.name not in pull.labels:
        label(forge, pull.number, [TWO_THINGS.name])
    return PullRequest(pull.number, pull.url, "blocked", sentence)


def update_open_pull_request(
    context: UpgradeContext, name: str, nights: Sequence[Night]
) -> str | None:
    """Let an open pull request follow tonight; what happened, as a sentence.

    `name` is the logical model's or the group's, `nights` tonight's of its members. Called on every
    night without a bump that is due. None where nothing is open or nothing has changed. Raises
    ForgeError.
    """
    forge = context.forge
    pulls = pulls_of(forge, branch_of(name))
    note_decisions(context.ledger, pulls)
    pull = next((pull for pull in pulls if pull.is_open), None)
    marker = find(pull.body) if pull else None
    if pull is None:
        return None
    if marker is None:  # a person has replaced the text, so that nobody knows what it proposes
        red = next((night for night in nights if night.colour == "red"), None)
        with suppress(ForgeError):
            if red and context.settings.automerge:
                stop_merging(forge, pull)
                return (
                    f"Pull request #{pull.number} is not merged by itself: the night of {red.day} "
                    "was red."
                )
        return None
    if (why := unwanted_move(context.ledger, marker.moves)) is not None:
        return close(forge, pull, marker, why.rstrip("."))
    tonight = {night.name: night for night in nights}
    for move in marker.moves:
        night = tonight.get(move.name)
        if night is None:
            continue
        if night.served not in (None, move.new):
            why = f"{night.asked} answers from {night.served} now, no longer from {move.new}"
            return close(forge, pull, marker, why)
        if night.colour == "red" and night.served == move.new:
            return _red(forge, pull, marker, night, context.settings)
    return None


def close(forge: Forge, pull: Pull, marker: Marker, why: str) -> str:
    """Close a pull request of ours with a reason, as a sentence; one of a person's is left."""
    if marker.state == "theirs":
        text = f"You may want to close this: {markdown(why)}."
        if comment_once(forge, pull.number, "closing", text):
            with suppress(ForgeError):  # it is let be merged by itself in few repositories
                stop_merging(forge, pull)
        return f"Left pull request #{pull.number} to the person who works on it: {why}."
    # One that was reopened may be closed for another reason, and then is told it.
    comment_once(forge, pull.number, f"closing {why}", f"Closing this: {markdown(why)}.")
    # State and marker change in one request: a person's closing must not be taken for ours.
    text = remark(untick(pull.body), replace(marker, state="closed"))
    edit_pull(forge, pull.number, state="closed", body=text)
    return f"Closed pull request #{pull.number}: {why}."


def _red(forge: Forge, pull: Pull, marker: Marker, night: Night, settings: Settings) -> str:
    because = f": {night.reasons[0]}" if night.reasons else ""
    why = f"The night of {night.day} was red{because}"
    if settings.on_red == "close" or marker.state == "theirs":
        return close(forge, pull, marker, why.rstrip("."))
    if marker.state == "red":
        return f"Pull request #{pull.number} stays as it is: another red night."
    where = (link("run", night.run_url), link("report", artifacts_url(night.run_url)))
    comment = " ".join([markdown(why), " · ".join(filter(None, where))]).rstrip()
    comment_once(forge, pull.number, f"red {night.day}", comment)
    drafted, said = marker.drafted, f"Commented on pull request #{pull.number}: {why}"
    if settings.on_red == "draft" and not pull.draft:
        try:
            to_draft(forge, pull)
            drafted, said = True, f"Made pull request #{pull.number} a draft: {why}"
        except ForgeError as error:
            said = f"{said} (it could not be made a draft: {error})"
    if settings.automerge and not drafted:  # GitHub itself merges no draft
        with suppress(ForgeError):  # as where a person has taken it back
            stop_merging(forge, pull)
    edit_pull(
        forge, pull.number, body=remark(pull.body, replace(marker, state="red", drafted=drafted))
    )
    report_streak(
        forge, pull.head, length=0, needed=settings.green_runs, colour="red", url=night.run_url
    )
    return said
