"""Posting to Slack's incoming webhook. Its address is a secret: whoever has it can post."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.redaction.written import message_redacted

if TYPE_CHECKING:
    import httpx

VARIABLE = "MODELPIN_SLACK_WEBHOOK"

_TIMEOUT = 10.0  # seconds
_ATTEMPTS = 3
_LONGEST_WAIT = 60.0  # seconds; a night is not held up by its announcement
_LOCAL = ("localhost", "127.0.0.1", "::1")


class SlackError(ModelpinError):
    """Slack was not told; the text never holds the address."""


def webhook(environment: Mapping[str, str]) -> str | None:
    """The address to post to; None where `MODELPIN_SLACK_WEBHOOK` is not set."""
    return environment.get(VARIABLE, "").strip() or None


def post(
    address: str, message: Mapping[str, Any], sleep: Callable[[float], None] = time.sleep
) -> None:
    """Post a message. Where Slack asks to wait it is sent again, twice at most.

    Nothing else is sent again: a lost answer may stand for a message that was posted. Raises
    SlackError.
    """
    _refuse_unsafe(address)
    for attempt in range(_ATTEMPTS):
        answer = _send(address, message)
        if answer.status_code != 429 or attempt == _ATTEMPTS - 1:
            break
        wait = _wait(answer.headers.get("retry-after", ""))
        if wait > _LONGEST_WAIT:
            break
        sleep(wait)
    if answer.status_code != 200:
        raise SlackError(f"Slack refused the message ({_said(answer)}){_way_out(answer)}")


def _refuse_unsafe(address: str) -> None:
    try:
        parts = urlsplit(address)
        local = parts.hostname in _LOCAL
    except ValueError:
        parts, local = urlsplit(""), False
    if not parts.hostname or parts.scheme not in (("http", "https") if local else ("https",)):
        raise SlackError(
            f"{VARIABLE} holds no https address; set it to the one that Slack shows under "
            "“Incoming Webhooks”."
        )


def _send(address: str, message: Mapping[str, Any]) -> httpx.Response:
    import httpx

    try:
        with _unlogged():
            return httpx.post(address, json=message_redacted(message), timeout=_TIMEOUT)
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        # Never the error's own text, which can hold the address.
        raise SlackError(f"Slack could not be reached ({type(error).__name__}).") from None


@contextmanager
def _unlogged() -> Iterator[None]:
    """Without the line that httpx logs for each request, and which holds the address."""
    logger = logging.getLogger("httpx")
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before


def _wait(after: str) -> float:
    return float(after) if after.isdigit() else 1.0


def _said(answer: httpx.Response) -> str:
    """Slack's own word, such as `invalid_payload`, where it is one."""
    word = answer.text.strip()[:60]
    return (
        f"{answer.status_code} {word}"
        if re.fullmatch(r"[a-z_]+", word)
        else f"{answer.status_code}"
    )


def _way_out(answer: httpx.Response) -> str:
    if answer.status_code == 429:
        return ": too many messages at once."
    if answer.status_code in (403, 404, 410):
        return f": make a new webhook in Slack and set {VARIABLE} to its address."
    return "."
