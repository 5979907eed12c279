"""Pull requests and issues: what GitHub says about them, and the few things done to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from pytest_modelpin.forge import Forge
from pytest_modelpin.forge.errors import Refused, is_outage


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
    # GitHub passes over a `head` that it can't read and lists every pull request, of forks too,
    # whose branches anybody may call as ours.
    own = (_pull(item) for item in found if _is_of_own_branch(item))
    return tuple(pull for pull in own if pull.branch == branch)


def open_pulls(forge: Forge) -> tuple[Pull, ...]:
    """The open pull requests of the repository's own branches, the newest first."""
    return tuple(
        _pull(item) for item in forge.pages("/pulls", state="open") if _is_of_own_branch(item)
    )


def _is_of_own_branch(item: Mapping[str, Any]) -> bool:
    """Whether a pull request is of the repository's own branch, which takes write access."""
    head, base = (item[side].get("repo") or {} for side in ("head", "base"))
    return head.get("full_name") is not None and head["full_name"] == base.get("full_name")


def open_pull(forge: Forge, *, branch: str, base: str, title: str, body: str, draft: bool) -> Pull:
    """Open a pull request; raises ForgeError."""
    content = {"head": branch, "base": base, "title": title, "body": body, "draft": draft}
    return _pull(forge.post("/pulls", content))


def edit_pull(forge: Forge, number: int, **fields: str) -> None:
    """Set `title`, `body`, `base` or `state` of a pull request."""
    forge.patch(f"/pulls/{number}", fields)


def conflicts(forge: Forge, number: int) -> bool:
    """Whether the pull request can't be merged; False where GitHub has not found out in time.

    Once a branch has moved, it finds out when it is asked, and says null until it has:
    https://docs.github.com/en/rest/pulls/pulls#get-a-pull-request.
    """
    for wait in _PAUSES:
        found = forge.get(f"/pulls/{number}").get("mergeable")
        if found is not None:
            return found is False
        forge.sleep(wait)
    return False


_PAUSES = (1.0, 2.0, 4.0, 8.0)
"""Seconds between two looks at whether a pull request can be merged."""


def to_draft(forge: Forge, pull: Pull) -> None:
    """Make a pull request a draft again."""
    forge.mutate("convertPullRequestToDraft", {"pullRequestId": pull.node})


def ready_for_review(forge: Forge, pull: Pull) -> None:
    """Make a draft a pull request again."""
    forge.mutate("markPullRequestReadyForReview", {"pullRequestId": pull.node})


def merge_when_green(forge: Forge, pull: Pull) -> None:
    """Let GitHub merge it once its own rules are met, in the first way that the repository allows:
    never by ourselves. Raises ForgeError with GitHub's first refusal.
    """
    refusals: list[Refused] = []
    for way in ("MERGE", "SQUASH", "REBASE"):
        try:
            forge.mutate(
                "enablePullRequestAutoMerge", {"pullRequestId": pull.node, "mergeMethod": way}
            )
        except Refused as refusal:
            if is_outage(refusal):
                raise
            refusals.append(refusal)
        else:
            return
    raise refusals[0]


def stop_merging(forge: Forge, pull: Pull) -> None:
    """Take that back; raises ForgeError, also where nothing is to be taken back."""
    forge.mutate("disablePullRequestAutoMerge", {"pullRequestId": pull.node})


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


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue, as far as anybody here needs it."""

    number: int
    url: str
    title: str
    body: str
    is_open: bool


_OWN = frozenset({"OWNER", "MEMBER", "COLLABORATOR"})


def _is_by_stranger(item: Mapping[str, Any]) -> bool:
    """Whether an issue or comment is by somebody outside: no app, and nobody of the repository.

    Where GitHub does not say how its author stands to the repository, it is not.
    Source: https://docs.github.com/en/graphql/reference/enums#commentauthorassociation
    """
    author = item.get("user") or {}
    # Of people's names, none holds a bracket.
    is_app = author.get("type") == "Bot" or str(author.get("login", "")).endswith("[bot]")
    return not is_app and item.get("author_association", "OWNER") not in _OWN


@dataclass(frozen=True, slots=True)
class Label:
    """A label; `colour` is six hexadecimal digits."""

    name: str
    colour: str
    description: str


def issues_with(forge: Forge, label: str) -> tuple[Issue, ...]:
    """All issues with a label, open and closed, the oldest first.

    Strangers' are passed over, whoever put the label there: an author may edit the text for ever.
    """
    found = forge.pages("/issues", labels=label, state="all", direction="asc")
    return tuple(
        Issue(
            int(item["number"]),
            str(item["html_url"]),
            str(item["title"]),
            item["body"] or "",
            item["state"] == "open",
        )
        for item in found
        if "pull_request" not in item and not _is_by_stranger(item)
    )


def open_issue(forge: Forge, title: str, body: str, labels: Iterable[str]) -> Issue:
    """Open an issue; raises ForgeError, also where issues are switched off."""
    made = forge.post("/issues", {"title": title, "body": body, "labels": list(labels)})
    return Issue(int(made["number"]), str(made["html_url"]), title, body, True)


def edit_issue(forge: Forge, number: int, **fields: str) -> None:
    """Set `title`, `body` or `state` of an issue."""
    forge.patch(f"/issues/{number}", fields)


def comment_once(forge: Forge, number: int, key: str, text: str) -> bool:
    """Comment, unless a comment of that key is there; whether one was made.

    The key is hidden in the comment, so that a lost answer or a second run repeats nothing. In a
    stranger's comment it counts for nothing.
    """
    mark = f"<!-- pytest-modelpin:{quote(key).replace('-', '%2D')} -->"
    for item in forge.pages(f"/issues/{number}/comments"):
        if mark in (item["body"] or "") and not _is_by_stranger(item):
            return False
    forge.post(f"/issues/{number}/comments", {"body": f"{text}\n\n{mark}"})
    return True


def make_label(forge: Forge, label: Label) -> None:
    """Make a label, with its colour and meaning, where there is none of that name."""
    content = {
        "name": label.name,
        "color": label.colour,
        "description": label.description,
    }
    try:
        forge.post("/labels", content, repeatable=True)
    except Refused as error:
        if error.status != 422:
            raise


def add_labels(forge: Forge, number: int, names: Iterable[str]) -> None:
    """Add labels; GitHub makes those that there are not."""
    forge.post(f"/issues/{number}/labels", {"labels": list(names)}, repeatable=True)


def assign(forge: Forge, number: int, people: Iterable[str]) -> None:
    """Add assignees; GitHub passes over those who can't be."""
    forge.post(f"/issues/{number}/assignees", {"assignees": list(people)}, repeatable=True)


def set_status(forge: Forge, sha: str, context: str, status: Mapping[str, str]) -> bool:
    """Set a commit status, unless its last one says the same already; whether one was made.

    `status` has `state`, `description` and perhaps `target_url`. GitHub keeps every status of a
    commit, a thousand at most.
    """
    for item in forge.get(f"/commits/{sha}/statuses", per_page=100):
        if item["context"] == context:
            if all(item.get(field) == status[field] for field in ("state", "description")):
                return False
            break
    forge.post(f"/statuses/{sha}", {**status, "context": context}, repeatable=True)
    return True


def make_check_run(forge: Forge, content: Mapping[str, object]) -> None:
    """Make a check run; of several of one name on a commit, GitHub shows the latest."""
    forge.post("/check-runs", content, repeatable=True)
