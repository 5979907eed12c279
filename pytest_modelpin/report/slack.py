"""Slack's Block Kit: the few blocks that an announcement is made of, within Slack's limits.

Limits: https://docs.slack.dev/reference/block-kit/blocks. What others wrote stands in
`plain_text`, or as code, where no formatting acts; in either it is escaped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from pytest_modelpin.report.escape import slack

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
