"""Repositories that were renamed or transferred: GitHub sends each request on to where they are.

PyGithub follows a read without its query, so that a list lacks what was asked for and a tree is
listed in part; and takes the answer that sends a write on for that write's own.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import SplitResult, urljoin, urlsplit

from github.Requester import (
    HTTPRequestsConnectionClass,
    HTTPSRequestsConnectionClass,
    RequestsResponse,
)

from pytest_modelpin.errors import ForgeError
from pytest_modelpin.forge import Followed

_PERMANENT = (301, 307, 308)
"""GitHub's for another name, by https://docs.github.com/en/rest/using-the-rest-api/
best-practices-for-using-the-rest-api#follow-redirects. A proxy that wants a login says 302."""
_MOST = 5
"""Redirects of one request."""


def connection_classes(
    followed: Followed,
) -> tuple[type[HTTPRequestsConnectionClass], type[HTTPSRequestsConnectionClass]]:
    """PyGithub's two kinds of connection, which send a request again as it was, query and all."""

    class Plain(HTTPRequestsConnectionClass):
        def getresponse(self) -> RequestsResponse:
            return _last(self, super().getresponse, followed)

    class Secure(HTTPSRequestsConnectionClass):
        def getresponse(self) -> RequestsResponse:
            return _last(self, super().getresponse, followed)

    return Plain, Secure


def _last(
    connection: HTTPRequestsConnectionClass | HTTPSRequestsConnectionClass,
    ask: Callable[[], RequestsResponse],
    followed: Followed,
) -> RequestsResponse:
    """The answer behind all redirects. Raises ForgeError where they lead elsewhere, or nowhere."""
    here = f"{connection.protocol}://{connection.host}:{connection.port}"
    for _ in range(_MOST):
        answer = ask()
        location = answer.headers.get("location", "")
        if answer.status not in _PERMANENT or not location:
            return answer
        there = urlsplit(urljoin(f"{here}{connection.url}", location))
        if (there.scheme, there.hostname, _port(there)) != (
            connection.protocol, connection.host, connection.port
        ):  # fmt: skip
            raise ForgeError(
                f"GITHUB_API_URL is {_shown(urlsplit(here))}, which sends requests on to "
                f"{_shown(there)}: set it to the API's own address there."
            )
        connection.url = there.path + (f"?{there.query}" if there.query else "")
        if found := re.search(r"/repositories/(\d+)(?:/|$)", there.path):
            followed.repository = int(found[1])
    raise ForgeError(
        f"GITHUB_API_URL is {_shown(urlsplit(here))}, which sends requests on in a circle: check "
        "the address, and what stands between it and this machine."
    )


def _port(address: SplitResult) -> int | None:
    return address.port or {"http": 80, "https": 443}.get(address.scheme)


def _shown(address: SplitResult) -> str:
    """Scheme and host, without a port that goes without saying and all that may be secret."""
    usual = _port(address._replace(netloc=address.hostname or ""))
    port = "" if _port(address) == usual else f":{address.port}"
    return f"{address.scheme}://{address.hostname}{port}"
