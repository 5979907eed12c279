"""GitHub's refusals as sentences: what was refused, and the permission or setting that mends it.

And how long to wait before a request that was limited, or that failed, is sent again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pytest_modelpin.errors import ForgeError


class Refused(ForgeError):
    """GitHub answered a request with an error status."""

    def __init__(self, sentence: str, status: int, message: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.message = message
        """GitHub's own words."""


class Unreachable(ForgeError):
    """No answer came: the request may or may not have taken effect."""


class Limited(ForgeError):
    """A rate limit that lasts longer than one request may wait: it took no effect."""

    def __init__(self, sentence: str, wait: float) -> None:
        super().__init__(sentence)
        self.wait = wait
        """Seconds until GitHub listens again."""


class Moved(ForgeError):
    """A branch is no longer where it was read: somebody else was faster."""


def refused(verb: str, path: str, web: str, status: int, content: Any) -> Refused:
    """The error for an answer with an error status.

    `path` is relative to the repository, `web` the repository's page, `content` GitHub's answer
    as JSON. Sources: docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api,
    …/authentication/permissions-required-for-github-apps.
    """
    message = _message(content)
    sentence = f"GitHub refused to {_doing(verb, path)} ({status}: {message}). "
    return Refused(sentence + _way_out(path, web, status, message), status, message)


def limited(path: str, message: str, wait: float) -> Limited:
    """The error for a rate limit that lasts longer than a night can wait; `wait` in seconds."""
    return Limited(
        f"GitHub's rate limit stopped {path} ({message}); it lasts another {wait / 60:.0f} "
        "minutes. Nothing is lost: the next run goes on from here.",
        wait,
    )


def is_outage(error: ForgeError) -> bool:
    """Whether it is GitHub, or the way there, that has trouble, and no request of ours."""
    return isinstance(error, Unreachable) or (isinstance(error, Refused) and error.status >= 500)


def _way_out(path: str, web: str, status: int, message: str) -> str:
    words = message.lower()
    if status == 401:
        return "The token in GITHUB_TOKEN has expired or is mistyped: set a valid one."
    if "not permitted to create or approve pull requests" in words:
        return (
            "Tick “Allow GitHub Actions to create and approve pull requests” at "
            f"{web}/settings/actions, or give the action an App's token or a personal one."
        )
    if re.search(r"protected|rule violation|required status check|review is required", words):
        return f"A branch rule forbids it: let the bot pass, at {web}/settings/rules."
    if status == 410 or "issues are disabled" in words or "issues has been disabled" in words:
        return f"Issues are switched off: switch them on at {web}/settings#features."
    if "auto merge is not allowed" in words:
        return (
            f"Tick “Allow auto-merge” at {web}/settings, then press “Enable auto-merge” on the "
            "pull request; later ones get it by themselves."
        )
    if re.search(r"\bin \w+ status\b", words):
        return (
            "GitHub merges by itself only what has to wait for something: require a check or a "
            f"review, at {web}/settings/rules, or merge it by hand."
        )
    if "repository is empty" in words:
        return "Push a first commit, then run again."
    if status in (403, 404):
        return (
            "The token lacks a permission, or the repository has another name: add "
            f"`{_permission(path)}` under `permissions:` of the workflow, or to the token's "
            f"scopes, and check that GITHUB_REPOSITORY is the repository of {web}."
        )
    if status >= 500:
        return "GitHub has trouble: nothing is lost, the next run goes on from here."
    return f"See {web}."


def _permission(path: str) -> str:
    for part, permission in _PERMISSIONS.items():
        if part in path:
            return permission
    return "contents: read"


_PERMISSIONS: Mapping[str, str] = {
    "/git/": "contents: write",
    "/compare/": "contents: read",
    "/pulls": "pull-requests: write",
    "/graphql": "pull-requests: write",
    "/issues": "issues: write",
    "/labels": "issues: write",
    "/statuses": "statuses: write",
    "/check-runs": "checks: write",
}

_VERBS: Mapping[str, str] = {"GET": "read", "POST": "create", "PATCH": "change", "PUT": "change"}

_THINGS: Mapping[str, str] = {
    r"/git/refs?": "the branch",
    r"/git/": "the commit",
    r"/compare/": "the comparison of branches",
    r"/pulls/\d+/requested_reviewers": "the request for review",
    r"/pulls$": "the pull request",
    r"/pulls/\d+$": "the pull request",
    r"/comments": "the comment",
    r"/labels": "the label",
    r"/assignees": "the assignment",
    r"/issues": "the issue",
    r"/statuses": "the commit status",
    r"/check-runs": "the check run",
    r"/graphql": "the pull request",
}


def _doing(verb: str, path: str) -> str:
    things = (thing for pattern, thing in _THINGS.items() if re.search(pattern, path))
    return f"{_VERBS.get(verb, 'change')} {next(things, 'the repository')}"


def _message(content: Any) -> str:
    if not isinstance(content, Mapping):
        return "no reason given"
    details = content.get("errors") or ()
    texts = [str(content.get("message") or "no reason given")]
    for detail in details if isinstance(details, list) else ():
        text = detail.get("message") if isinstance(detail, Mapping) else detail
        if text:
            texts.append(str(text))
    # One line, and never longer than a terminal's worth: GitHub's outages answer in HTML.
    return re.sub(r"\s+", " ", "; ".join(texts))[:300]


RETRIES = 3
SECONDARY_WAIT = 60.0
"""Seconds, where GitHub names none: docs.github.com/en/rest/using-the-rest-api/
best-practices-for-using-the-rest-api#handle-rate-limit-errors-appropriately."""


def limit_wait(
    status: int, message: str, headers: Mapping[str, str], attempt: int, now: float
) -> float | None:
    """Seconds to wait where the answer is a rate limit, else None.

    A limited request took no effect, so that it may be sent again whatever its verb. `headers`
    have lower-case names; `now` is Unix time.
    """
    if status not in (403, 429):
        return None
    if (after := headers.get("retry-after", "")).isdigit():
        return max(float(after), 1.0)
    if headers.get("x-ratelimit-remaining") == "0":
        reset = headers.get("x-ratelimit-reset", "")
        # A second on top: the reset lies somewhere within the second it names.
        return max(float(reset) - now, 0.0) + 1 if reset.isdigit() else SECONDARY_WAIT
    if status == 429 or "rate limit" in message.lower() or "abuse" in message.lower():
        return SECONDARY_WAIT * 2.0**attempt
    return None


def failure_wait(repeatable: bool, status: int | None, attempt: int) -> float | None:
    """Seconds to wait after a server error (`status`) or a lost connection (None), else None.

    Only a request that does no harm twice is sent again, three times at most.
    """
    transient = status is None or status >= 500
    return float(2**attempt) if repeatable and transient and attempt < RETRIES else None
