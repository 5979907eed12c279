"""Issues, and what pull requests share with them: comments, labels, assignees."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from pytest_modelpin.forge.connection import Forge
from pytest_modelpin.forge.errors import Refused


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue, as far as anybody here needs it."""

    number: int
    url: str
    title: str
    body: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class Label:
    """A label; `colour` is six hexadecimal digits."""

    name: str
    colour: str
    description: str


def issues_with(forge: Forge, label: str) -> tuple[Issue, ...]:
    """All issues with a label, open and closed, the oldest first."""
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
        if "pull_request" not in item
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

    The key is hidden in the comment, so that a lost answer or a second run repeats nothing.
    """
    mark = f"<!-- pytest-modelpin:{quote(key).replace('-', '%2D')} -->"
    if any(mark in (item["body"] or "") for item in forge.pages(f"/issues/{number}/comments")):
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
