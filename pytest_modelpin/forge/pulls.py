"""Pull requests: what GitHub says about them, and the few things done to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pytest_modelpin.forge.connection import Forge


@dataclass(frozen=True, slots=True)
class Pull:
    """A pull request as GitHub shows it in a list."""

    number: int
    url: str
    node: str
    """Its id in GraphQL."""
    title: str
    body: str
    base: str
    branch: str
    head: str
    """The sha that its branch pointed to."""
    author: str
    is_open: bool
    merged: bool
    draft: bool
    labels: frozenset[str]


def pulls_of(forge: Forge, branch: str) -> tuple[Pull, ...]:
    """All pull requests of a branch, the newest first; the last hundred at most."""
    found = forge.get(
        "/pulls", head=f"{forge.owner}:{branch}", state="all", direction="desc", per_page=100
    )
    # GitHub passes over a `head` that it can't read and lists every pull request.
    return tuple(pull for pull in map(_pull, found) if pull.branch == branch)


def open_pulls(forge: Forge) -> tuple[Pull, ...]:
    """The open pull requests of the repository's own branches, the newest first."""
    return tuple(
        _pull(item)
        for item in forge.pages("/pulls", state="open")
        if (item["head"]["repo"] or {}).get("full_name") == forge.name
    )


def open_pull(forge: Forge, *, branch: str, base: str, title: str, body: str, draft: bool) -> Pull:
    """Open a pull request; raises ForgeError."""
    content = {"head": branch, "base": base, "title": title, "body": body, "draft": draft}
    return _pull(forge.post("/pulls", content))


def edit_pull(forge: Forge, number: int, **fields: str) -> None:
    """Set `title`, `body`, `base` or `state` of a pull request."""
    forge.patch(f"/pulls/{number}", fields)


def conflicts(forge: Forge, number: int) -> bool:
    """Whether the pull request can't be merged; False where GitHub has not found out yet."""
    return forge.get(f"/pulls/{number}").get("mergeable") is False


def to_draft(forge: Forge, pull: Pull) -> None:
    """Make a pull request a draft again."""
    forge.mutate("convertPullRequestToDraft", {"pullRequestId": pull.node})


def ready_for_review(forge: Forge, pull: Pull) -> None:
    """Make a draft a pull request again."""
    forge.mutate("markPullRequestReadyForReview", {"pullRequestId": pull.node})


def merge_when_green(forge: Forge, pull: Pull) -> None:
    """Let GitHub merge it once its own rules are met: never by ourselves."""
    forge.mutate("enablePullRequestAutoMerge", {"pullRequestId": pull.node})


def request_reviews(forge: Forge, number: int, reviewers: Iterable[str]) -> None:
    """Ask people, and teams written as `owner/team`, for a review."""
    people = [name for name in reviewers if "/" not in name]
    teams = [name.split("/", 1)[1] for name in reviewers if "/" in name]
    forge.post(
        f"/pulls/{number}/requested_reviewers",
        {"reviewers": people, "team_reviewers": teams},
        repeatable=True,
    )


def _pull(item: dict[str, Any]) -> Pull:
    return Pull(
        number=int(item["number"]),
        url=str(item["html_url"]),
        node=str(item["node_id"]),
        title=str(item["title"]),
        body=item["body"] or "",
        base=str(item["base"]["ref"]),
        branch=str(item["head"]["ref"]),
        head=str(item["head"]["sha"]),
        author=str((item.get("user") or {}).get("login", "")),
        is_open=item["state"] == "open",
        merged=item.get("merged_at") is not None,
        draft=bool(item.get("draft")),
        labels=frozenset(label["name"] for label in item["labels"]),
    )
