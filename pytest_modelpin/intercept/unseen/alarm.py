"""What went to a model where no hook could record, replay or swap it, and how that is said."""

from __future__ import annotations

from typing import Literal, NamedTuple

Policy = Literal["fail", "warn", "allow"]
"""What becomes of a test that asks a model unseen."""

_HOOKED = ("httpx", "httpx2", "requests", "urllib3", "aiohttp", "botocore")
"""Clients with a hook: what it let pass is no request that it knows."""

POLICIES: tuple[Policy, ...] = ("fail", "warn", "allow")


class Alarm(NamedTuple):
    """One way in which a test reached a model unseen."""

    host: str
    """With its port where that is not the usual one."""
    client: str
    """The library that asked; `a child process (curl)`."""
    request: str = ""
    """Method and path, where they are known."""
    model: str = ""
    """The id asked for, where models.yml does not name it."""

    @property
    def said(self) -> str:
        """What was done, as the end of a sentence that begins with the test."""
        if self.model:
            return (
                f"asked {self.model}, which models.yml does not name, at {self.host} "
                f"through {self.client}"
            )
        what = f" ({self.request})" if self.request else ""
        return f"asked {self.host}{what} through {self.client}"


def refusal(test: str, alarm: Alarm) -> str:
    """Why a replaying test fails: test, host, client, and what to do."""
    return (
        f"{test} {alarm.said}, where pytest-modelpin can neither record nor replay it, and replay "
        f"never calls the network: {_remedy(alarm)}, mock the call, or let it pass with "
        '@pytest.mark.modelpin(unseen="allow") or `modelpin_unseen = allow` in the ini file.'
    )


def _remedy(alarm: Alarm) -> str:
    if alarm.model:
        return f"name {alarm.model} in models.yml"
    if alarm.client.startswith("a child process"):
        return (
            "have it take its base URL from a variable such as OPENAI_BASE_URL, which leads it here"
        )
    if alarm.client in _HOOKED:
        return "ask for an answer of a model in models.yml instead"
    return "ask through httpx, requests, urllib3, aiohttp or boto3, or an SDK built on one of them"
