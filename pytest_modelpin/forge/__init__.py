"""GitHub's API, as far as the ledger and the upgrade need it: requests that are counted, repeated
where safe, and explained.

One request a call: what a night costs of the hourly limit can be read off the code, and the
tests assert it. PyGithub is imported here and in `redirects` alone. It authenticates, knows
Enterprise addresses, keeps connections, speaks REST and GraphQL. What it does in another way stays
ours, for these reasons:

- Retries. `GithubRetry` sends a POST again after a lost answer or a server error, and what was
  made once is made twice; with POST left out it no longer waits for their rate limits either. It
  bounds a single wait, not all of a night's together.
- Objects (`Repository`, `PullRequest`). They fetch themselves where an attribute is missing, so
  that nobody can say what a night costs of the hourly limit; and they know no compare-and-swap of
  a ref (`branches.advance`), nor deletions in a tree by null (`commit.write_tree`).
- Paging. `PaginatedList` asks on its own, past the waiting and the explaining that is done here.
- Redirects, as after a repository was renamed: see `redirects`.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pytest_modelpin.clock import in_time, monotonic
from pytest_modelpin.errors import ForgeError
from pytest_modelpin.forge.errors import (
    Refused,
    Unreachable,
    failure_wait,
    limit_wait,
    limited,
    refused,
)
from pytest_modelpin.redaction.written import message_redacted

if TYPE_CHECKING:
    from github import GithubException
    from github.Requester import Requester


class Followed:
    """Where one connection's requests were sent on to."""

    def __init__(self) -> None:
        self.repository: int | None = None
        """The repository's number, once its name was found to be another."""


_PATIENCE = 180.0
"""Seconds that all the waits of one connection may take together, those in vain for an answer
included."""
_TIMEOUT = 30
"""Seconds without a byte. GitHub itself gives up after ten."""
_LONGEST = 120.0
"""Seconds for one request and all of its answer."""
_PAGE = 100


def run_url() -> str | None:
    """The page of the workflow's run that this is; None outside of GitHub Actions.

    Of a run that was started again, that attempt's page: the run's own shows the last one alone.
    """
    server, repository = os.environ.get("GITHUB_SERVER_URL"), os.environ.get("GITHUB_REPOSITORY")
    number = os.environ.get("GITHUB_RUN_ID")
    if not (server and repository and number):
        return None
    attempt = f"/attempts/{os.environ['GITHUB_RUN_ATTEMPT']}" if run_again() else ""
    return f"{server}/{repository}/actions/runs/{number}{attempt}"


def run_again() -> bool:
    """Whether somebody started this workflow's run again, be it days later."""
    return os.environ.get("GITHUB_RUN_ATTEMPT", "1") != "1"


def artifacts_url(run: str | None) -> str | None:
    """Where a run's page lists what the run kept: the night's pages, reports and recordings."""
    return f"{run}#artifacts" if run else None


def connect(
    environment: Mapping[str, str] = os.environ, sleep: Callable[[float], None] = time.sleep
) -> Forge:
    """The repository that GITHUB_REPOSITORY, GITHUB_TOKEN and GITHUB_API_URL name.

    GITHUB_JOB_TOKEN is the token to go on with once that of an App, which lasts an hour, has
    expired. Sends no request yet. Raises ForgeError where repository or token is missing, or the
    API's address is none.
    """
    name = environment.get("GITHUB_REPOSITORY", "")
    token = environment.get("GITHUB_TOKEN", "")
    api = environment.get("GITHUB_API_URL") or "https://api.github.com"
    if name.count("/") != 1 or not all(name.split("/")):
        raise ForgeError(
            f"GITHUB_REPOSITORY is {name!r}; it names the repository as owner/name. GitHub Actions "
            "sets it; elsewhere, set it yourself."
        )
    if not token:
        raise ForgeError(
            "GITHUB_TOKEN is not set. In a workflow, pass `${{ github.token }}` or an App's token "
            "to the action; elsewhere, set it to a token with the permissions `contents: write` "
            "and `pull-requests: write`."
        )
    if not re.fullmatch(r"https?://([\w.\-]+|\[[\da-fA-F:]+\])(:\d+)?(/[\w.~/\-]*)?", api):
        raise ForgeError(
            f"GITHUB_API_URL is {api!r}; it is an address such as https://api.github.com, which "
            "holds where it is not set."
        )
    followed = Followed()
    requester = _requester(token, api.rstrip("/"), followed)
    lasting = environment.get("GITHUB_JOB_TOKEN", "")
    another = lasting not in ("", token)
    spare = _requester(lasting, api.rstrip("/"), followed) if another else None
    web = environment.get("GITHUB_SERVER_URL") or _web(api)
    return Forge(requester, name, web.rstrip("/"), sleep, followed, spare)


def _requester(token: str, api: str, followed: Followed) -> Requester:
    from github import Auth, Github
    from github.Requester import Requester

    from pytest_modelpin.forge.redirects import connection_classes

    Requester.injectConnectionClasses(*connection_classes(followed))
    try:
        return Github(
            auth=Auth.Token(token),
            base_url=api,
            timeout=_TIMEOUT,
            # A night sends a few dozen requests, far below GitHub's limits; where one is met
            # all the same, the answer says how long to wait.
            retry=0,
            seconds_between_requests=None,
            seconds_between_writes=None,
        ).requester
    finally:
        Requester.resetConnectionClasses()


_FILES = frozenset({"content", "tree"})
"""Fields that hold the repository's files, which go out as they are: the person's own code, and
what was redacted when it was written."""


class Forge:
    """One repository on GitHub. Paths are relative to it and begin with `/`."""

    def __init__(
        self,
        requester: Requester,
        name: str,
        site: str,
        sleep: Callable[[float], None] = time.sleep,
        followed: Followed | None = None,
        spare: Requester | None = None,
    ) -> None:
        """`name` is `owner/name`, `site` where its page is; `followed` tells of another name.

        `spare` takes over from a `requester` whose token was valid and no longer is.
        """
        self.name = name
        self.requests = 0
        """How many requests were sent, those sent again included."""
        self._requester = requester
        self._site = site
        self._followed = followed or Followed()
        self._spare = spare
        self._was_let_in = False
        self.sleep = sleep  # for a number of seconds
        self._patience = _PATIENCE

    @property
    def web(self) -> str:
        """The repository's page."""
        return f"{self._site}/{self.name}"

    @property
    def owner(self) -> str:
        """The user or organisation."""
        return self.name.split("/")[0]

    def close(self) -> None:
        """Give up the connections to GitHub."""
        self._requester.close()
        if self._spare is not None:
            self._spare.close()

    def get(self, path: str, **parameters: str | int) -> Any:
        """What GitHub answers; raises ForgeError."""
        return self._send("GET", path, parameters=parameters)

    def find(self, path: str, **parameters: str | int) -> Any | None:
        """What GitHub answers; None where there is no such thing. Raises ForgeError."""
        try:
            return self.get(path, **parameters)
        except Refused as error:
            if error.status == 404 or (error.status == 409 and "empty" in error.message.lower()):
                return None
            raise

    def pages(self, path: str, **parameters: str | int) -> Iterator[Any]:
        """The items of all pages of a list; raises ForgeError."""
        page = 1
        while True:
            items = self.get(path, per_page=_PAGE, page=page, **parameters)
            yield from items
            if len(items) < _PAGE:
                return
            page += 1

    def post(self, path: str, content: Mapping[str, object], *, repeatable: bool = False) -> Any:
        """Create something; `repeatable` says that creating it twice does no harm.

        Raises ForgeError.
        """
        return self._send("POST", path, content, repeatable=repeatable)

    def patch(self, path: str, content: Mapping[str, object]) -> Any:
        """Set something to given values; raises ForgeError."""
        return self._send("PATCH", path, content)

    def mutate(self, mutation: str, content: Mapping[str, object]) -> None:
        """A GraphQL mutation: GitHub offers drafts and auto-merge in no other way.

        Raises ForgeError.
        """
        self._attempt(
            "POST",
            "/graphql",
            lambda: self._requester.graphql_named_mutation(
                mutation, message_redacted(content), "clientMutationId"
            ),
            safe_twice=True,
        )

    def _send(
        self,
        verb: str,
        path: str,
        content: Mapping[str, object] | None = None,
        *,
        parameters: Mapping[str, str | int] | None = None,
        repeatable: bool | None = None,
    ) -> Any:
        answer = self._attempt(
            verb,
            path,
            lambda: _whole(
                self._requester.requestJsonAndCheck(
                    verb,
                    f"/repos/{self.name}{path}",
                    parameters=dict(parameters or {}),
                    input=None if content is None else message_redacted(content, _FILES),
                )[1]
            ),
            safe_twice=verb != "POST" if repeatable is None else repeatable,
        )
        if (number := self._followed.repository) is not None:
            # Its pull requests are found by its owner, which may be another, too.
            self._followed.repository = None
            ask = self._requester.requestJsonAndCheck
            path = f"/repositories/{number}"
            found = self._attempt("GET", path, lambda: _whole(ask("GET", path)[1]), safe_twice=True)
            self.name = str(found["full_name"])
        return answer

    def _attempt(
        self, verb: str, path: str, request: Callable[[], Any], *, safe_twice: bool
    ) -> Any:
        """What the request gives, sent again where that helps and does no harm."""
        from github import GithubException

        attempt = 0
        while True:
            self.requests += 1
            began = monotonic()
            try:
                answer = in_time(_LONGEST, request)
            except GithubException as error:
                if self._goes_on_by_spare(error.status):
                    continue
                failure: ForgeError = refused(verb, path, self.web, *_answer(path, error))
                wait = self._limit(path, error.status, failure, error.headers or {}, attempt)
                if wait is None:
                    wait = failure_wait(safe_twice, error.status, attempt)
            # Every error of requests, through which PyGithub sends, is an OSError; what it can't
            # read is a ValueError.
            except (OSError, ValueError) as error:
                failure = Unreachable(
                    f"GitHub gave no answer to {verb} {path} ({type(error).__name__}): "
                    "it may have taken effect; the next run finds out and goes on from there."
                )
                wait = failure_wait(safe_twice, None, attempt)
                self._patience -= monotonic() - began
                if isinstance(error, TimeoutError):  # the next goes by a connection of its own
                    self._requester.close()
            else:
                self._was_let_in = True
                return answer
            if wait is None or wait > self._patience:
                raise failure from None
            self._patience -= wait
            attempt += 1
            self.sleep(wait)

    def _goes_on_by_spare(self, status: int) -> bool:
        """Whether the token has expired on the way, and there is another to ask again with."""
        if status != 401 or self._spare is None or not self._was_let_in:
            return False
        self._requester.close()
        self._requester, self._spare = self._spare, None
        return True

    def _limit(
        self, path: str, status: int, failure: ForgeError, headers: Mapping[str, Any], attempt: int
    ) -> float | None:
        message = failure.message if isinstance(failure, Refused) else ""
        lower = {name.lower(): str(value) for name, value in headers.items()}
        wait = limit_wait(status, message, lower, attempt, time.time())
        if wait is not None and wait > self._patience:
            raise limited(path, message, wait) from None
        return wait


def _whole(answer: Any) -> Any:
    """The answer. Raises ValueError where there is none, or where a proxy gave one of its own.

    All that is asked here is answered by JSON. PyGithub gives any other text as `data`.
    """
    if answer is None or (isinstance(answer, Mapping) and isinstance(answer.get("data"), str)):
        raise ValueError("no JSON")
    return answer


def _answer(path: str, error: GithubException) -> tuple[int, Any]:
    """Status and content of a refusal; GraphQL answers 200 whatever happened."""
    errors = error.data.get("errors") if isinstance(error.data, Mapping) else None
    return (403, errors[0]) if path == "/graphql" and errors else (error.status, error.data)


def _web(api: str) -> str:
    """The web address that belongs to an API address, on github.com or an Enterprise Server."""
    parts = urlsplit(api)
    host = parts.netloc.removeprefix("api.") if parts.netloc.startswith("api.") else parts.netloc
    return f"{parts.scheme}://{host}"
