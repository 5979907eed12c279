"""What later nights do to an open pull request: the alias moved on, the pin caught up, a red."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import replace

from modelpin_runtime.registry.models import Settings
from pytest_modelpin.errors import ForgeError
from pytest_modelpin.forge.connection import Forge, artifacts_url
from pytest_modelpin.forge.pulls_and_issues import Pull, comment_once, edit_pull, pulls_of, to_draft
from pytest_modelpin.ledger.lines import Night
from pytest_modelpin.report.escape import link, markdown
from pytest_modelpin.upgrade.context import UpgradeContext
from pytest_modelpin.upgrade.nightly.issues import report_streak
from pytest_modelpin.upgrade.proposal.boxes import untick
from pytest_modelpin.upgrade.proposal.branch_commit import branch_of
from pytest_modelpin.upgrade.proposal.marker import Marker, find, remark
from pytest_modelpin.upgrade.proposal.version_decisions import note_decisions, unwanted_move


def update_open_pull_request(
    context: UpgradeContext,
    name: str,
    nights: Sequence[Night],
    *,
    ignore: Container[str] = (),
) -> str | None:
    """Let an open pull request follow tonight; what happened, as a sentence.

    `name` is the logical model's or the group's, `nights` tonight's of its members, `ignore` the
    versions that models.yml says are not wanted. Called on every night without a bump that is due.
    None where nothing is open or nothing has changed. Raises ForgeError.
    """
    forge = context.forge
    pulls = pulls_of(forge, branch_of(name))
    note_decisions(context.ledger, pulls)
    pull = next((pull for pull in pulls if pull.is_open), None)
    marker = find(pull.body) if pull else None
    if pull is None or marker is None:
        return None
    if (why := unwanted_move(context.ledger, marker.moves, ignore)) is not None:
        return close(forge, pull, marker, why.rstrip("."))
    tonight = {night.name: night for night in nights}
    for move in marker.moves:
        night = tonight.get(move.name)
        if night is None:
            continue
        if night.pin == move.new:
            return close(forge, pull, marker, f"{night.name} is pinned to {night.pin} already")
        if night.served not in (None, move.new):
            why = f"{night.asked} answers from {night.served} now, no longer from {move.new}"
            return close(forge, pull, marker, why)
        if night.colour == "red" and night.served == move.new:
            return _red(forge, pull, marker, night, context.settings)
    return None


def close(forge: Forge, pull: Pull, marker: Marker, why: str) -> str:
    """Close a pull request of ours with a reason, as a sentence; one of a person's is left."""
    if marker.state == "theirs":
        comment_once(forge, pull.number, "closing", f"You may want to close this: {markdown(why)}.")
        return f"Left pull request #{pull.number} to the person who works on it: {why}."
    comment_once(forge, pull.number, "closing", f"Closing this: {markdown(why)}.")
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
    edit_pull(
        forge, pull.number, body=remark(pull.body, replace(marker, state="red", drafted=drafted))
    )
    report_streak(
        forge, pull.head, length=0, needed=settings.green_runs, colour="red", url=night.run_url
    )
    return said
