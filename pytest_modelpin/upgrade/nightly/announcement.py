"""What Slack is told: red nights, pull requests opened, alarms that were raised.

A green night is no news. Nor is an alarm that was there before, but for Mondays (UTC), when all
there are come up once more. The webhook's address is a secret: whoever has it can post.

The message is made of a few blocks of Slack's Block Kit, within Slack's limits:
https://docs.slack.dev/reference/block-kit/blocks. What others wrote stands in `plain_text`, or as
code, where no formatting acts; in either it is escaped.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from modelpin_runtime.registry.models import Pins
from pytest_modelpin.alarms.alarm import Alarm, alarms
from pytest_modelpin.alarms.pin_facts import PinFacts
from pytest_modelpin.alarms.status import answered_by_another
from pytest_modelpin.clock import in_time
from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.forge import artifacts_url
from pytest_modelpin.ledger.store import Ledger
from pytest_modelpin.providers import retirement
from pytest_modelpin.providers.model_hosts import is_here
from pytest_modelpin.redaction.written import message_redacted
from pytest_modelpin.report.escape import slack
from pytest_modelpin.wording import counted

if TYPE_CHECKING:
    import httpx

    from pytest_modelpin.upgrade.nightly.model_night import ModelNight
    from pytest_modelpin.upgrade.nightly.run_nightly import NightlyResult


VARIABLE = "MODELPIN_SLACK_WEBHOOK"

_TIMEOUT = 10.0  # seconds
_LONGEST_ANSWER = 30.0  # seconds, from the first byte to the last
_ATTEMPTS = 3
_LONGEST_WAIT = 60.0  # seconds; a night is not held up by its announcement


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
        local = is_here(parts.hostname or "")
    except ValueError:
        parts, local = urlsplit(""), False
    if not parts.hostname or parts.scheme not in (("http", "https") if local else ("https",)):
        raise SlackError(
            f"{VARIABLE} holds no https address; set it to the one that Slack shows under "
            "“Incoming Webhooks”."
        )


def _send(address: str, message: Mapping[str, Any]) -> httpx.Response:
    import httpx

    def ask() -> httpx.Response:
        return httpx.post(address, json=message_redacted(message), timeout=_TIMEOUT)

    try:
        with _unlogged():
            return in_time(_LONGEST_ANSWER, ask)
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


_MONDAY = 0
_REASONS = 5


def announce_night(
    address: str, played: NightlyResult, pins: Pins, ledger: Ledger, *, root: Path, today: date
) -> None:
    """Tell the webhook at `address` of a night, where it is news. Raises ModelpinError."""
    nights = {name: ledger.read(name) for name in pins.models}
    answered = answered_by_another(pins, root)
    found = raised(PinFacts(pins, nights, today, retirement, answered))
    if news := night_message(played, found):
        post(address, news)


def raised(facts: PinFacts) -> tuple[Alarm, ...]:
    """The alarms to announce today.

    New is what models.yml as it is now would not have raised on the day of the night before, or
    only with less urgency. So nothing has to be remembered, and a day without a night hides no
    alarm. All alarms are new where there was no night yet.
    """
    now = alarms(facts)
    earlier = {
        name: [night for night in own if night.day < str(facts.today)]
        for name, own in facts.nights.items()
    }
    before = max((own[-1].day for own in earlier.values() if own), default=None)
    if before is None or facts.today.weekday() == _MONDAY:
        return now
    then = alarms(replace(facts, nights=earlier, today=date.fromisoformat(before)))
    known = {(alarm.kind, alarm.name, alarm.severity) for alarm in then}
    return tuple(alarm for alarm in now if (alarm.kind, alarm.name, alarm.severity) not in known)


def night_message(played: NightlyResult, alarms: Sequence[Alarm]) -> dict[str, Any] | None:
    """The announcement of a night, with the alarms that it raised; None where nothing is news."""
    news = [night for night in played.nights if night.opened or _is_red(night)]
    if not news and not alarms:
        return None
    blocks = [block for night in news for block in _of_night(night, played.green_runs)]
    summary = [_headline(night) for night in news] + ([_count(alarms)] if alarms else [])
    return message(f"{played.day}: {'; '.join(summary)}", [*blocks, *_of_alarms(alarms)])


def alarm_message(alarms: Sequence[Alarm]) -> dict[str, Any] | None:
    """The announcement of alarms; None where there is none."""
    return message(_count(alarms), list(_of_alarms(alarms))) if alarms else None


def _is_red(night: ModelNight) -> bool:
    return night.result.night.colour == "red"


def _headline(night: ModelNight) -> str:
    if _is_red(night):
        return f"{night.model.name}: a red night"
    return f"{night.model.name}: pull request #{night.pull_request} opened"


def _of_night(night: ModelNight, green_runs: int) -> Iterator[Block]:
    found = night.result
    yield header(f"{'🔴' if _is_red(night) else '🟢'} {_headline(night)}")
    if reasons := found.verdict.told[:_REASONS]:
        yield section("\n".join(reasons))
    yield fields(
        {
            "Pin": found.night.pin,
            "Candidate": found.night.asked,
            "Served": found.night.served or "unknown",
            "Streak": found.streak.told(green_runs),
        }
    )
    pull = link(f"Pull request #{night.pull_request}", night.url) if night.pull_request else ""
    run = found.night.run_url
    asked = [pull, link("Report", artifacts_url(run)), link("Run", run), _repository(run)]
    if shown := [each for each in asked if each]:
        yield links(shown)


def _repository(run: str | None) -> str:
    """A link to the repository that a run is of: a channel may hear of several."""
    address, _, rest = (run or "").partition("/actions/")
    return link("/".join(address.split("/")[-2:]), address) if rest else ""


def _of_alarms(alarms: Sequence[Alarm]) -> Iterator[Block]:
    if alarms:
        yield header(f"🔔 {_count(alarms)}")
    for alarm in alarms:
        sign = "🔴" if alarm.severity == "urgent" else "🟡"
        yield section(f"{sign} {alarm.name}: {alarm.sentence}\n{alarm.hint}")


def _count(alarms: Sequence[Alarm]) -> str:
    return f"{counted(len(alarms), 'alarm')} about model pins"


Block = Mapping[str, Any]

# Slack counts UTF-16 units, and some characters take two: each limit is half of Slack's own.
_HEADER = 75
_TEXT = 1500
_FIELD = 1000

_FIELDS = 10
_BLOCKS = 50


def header(text: str) -> Block:
    """A line in large type."""
    return {"type": "header", "text": _plain(" ".join(text.split()), _HEADER)}


def section(text: str) -> Block:
    """A paragraph; line breaks stay."""
    return {"type": "section", "text": _plain(text, _TEXT)}


def fields(values: Mapping[str, str]) -> Block:
    """Values under their labels, in two columns; ten at most."""
    shown = list(values.items())[:_FIELDS]
    return {
        "type": "section",
        "fields": [_formatted(f"*{slack(label)}*\n{_code(value)}") for label, value in shown],
    }


def context(parts: Sequence[str]) -> Block:
    """A line in small type, of parts that are formatted already, such as `link`s."""
    return {"type": "context", "elements": [_formatted(" · ".join(parts))]}


def links(shown: Sequence[str]) -> Block:
    """A line of `link`s, large enough for a thumb.

    No buttons, which open an address, too: Slack asks whoever posts a button to answer each press
    within seconds, and a webhook's message has nobody who could. It then shows a warning beside
    the button that was pressed (https://github.com/slackapi/slack-github-action/issues/513).
    """
    return {"type": "section", "text": _formatted("  ·  ".join(shown))}


def link(label: str, url: str | None) -> str:
    """A link; empty where there is no address, or one that is not of the web."""
    if not url or not url.startswith(("https://", "http://")):
        return ""
    # What would end the link, or the address within it, is written as a code.
    return f"<{quote(url, safe=_OF_AN_ADDRESS)}|{slack(label)}>"


def message(summary: str, blocks: Sequence[Block]) -> dict[str, Any]:
    """What is posted; `summary` is the text of the notification. Too many blocks are cut."""
    if len(blocks) > _BLOCKS:
        blocks = [*blocks[: _BLOCKS - 1], context(["… and more: Slack takes no longer message"])]
    return {
        "text": _cut(slack(summary), _TEXT),
        "blocks": list(blocks),
        "unfurl_links": False,
        "unfurl_media": False,
    }


_OF_AN_ADDRESS = "%/:=?#[]@!$'()*+,;~"


def _plain(text: str, longest: int) -> Mapping[str, Any]:
    # Slack refuses an empty text.
    return {"type": "plain_text", "text": _cut(slack(text), longest) or "–", "emoji": False}


def _formatted(text: str) -> Mapping[str, Any]:
    """`verbatim`: Slack makes no links or mentions of its own out of words."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _code(text: str) -> str:
    """As code, which nothing in it can end."""
    line = " ".join(text.split()).replace("`", "'")
    return f"`{_cut(slack(line), _FIELD - 100)}`"


def _cut(escaped: str, longest: int) -> str:
    if len(escaped) <= longest:
        return escaped
    kept = escaped[: longest - 1]
    entity = kept.rfind("&", longest - 6)
    if entity >= 0 and ";" not in kept[entity:]:
        kept = kept[:entity]
    return f"{kept}…"
