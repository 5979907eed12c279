"""The issue that `alarm: issue` asks for: one, about all alarms there are, closed when none is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pytest_modelpin.alarms.alarm import Alarm
from pytest_modelpin.forge.connection import Forge
from pytest_modelpin.forge.issues import (
    Issue,
    comment_once,
    edit_issue,
    issues_with,
    make_label,
    open_issue,
)
from pytest_modelpin.upgrade.nightly.dashboard import alarm_line
from pytest_modelpin.upgrade.proposal.body import plain
from pytest_modelpin.upgrade.proposal.labels import ALARM
from pytest_modelpin.upgrade.proposal.marker import hidden, rehidden, revealed
from pytest_modelpin.upgrade.proposal.part import LONGEST
from pytest_modelpin.wording import counted


@dataclass(frozen=True, slots=True)
class _Told:
    """What an alarm issue was about, and whether it was the bot that closed it."""

    keys: frozenset[str]
    over: bool


def write_alarms(forge: Forge, alarms: Sequence[Alarm]) -> str | None:
    """Keep the alarm issue current; what happened, as a sentence, or None where nothing did.

    An open issue is rewritten; without one, an issue is opened, unless a person has closed the
    last one and every alarm there is was in it. When the alarms are over the issue is closed.
    Raises ForgeError, also where issues are switched off.
    """
    existing = issues_with(forge, ALARM.name)
    current = next((issue for issue in existing if issue.is_open), None)
    if not alarms:
        return _over(forge, current) if current else None
    heading, text = render(alarms)
    if current is None:
        last = _told(existing[-1]) if existing else None
        if last and not last.over and _keys(alarms) <= last.keys:
            return None
        make_label(forge, ALARM)
        made = open_issue(forge, heading, text, [ALARM.name])
        return f"Opened issue #{made.number} about {counted(len(alarms), 'alarm')}."
    if (current.title, current.body.replace("\r\n", "\n")) == (heading, text):
        return None
    edit_issue(forge, current.number, title=heading, body=text)
    return f"Updated issue #{current.number}: {counted(len(alarms), 'alarm')}."


def render(alarms: Sequence[Alarm]) -> tuple[str, str]:
    """Title and text of the issue."""
    names = ", ".join(dict.fromkeys(plain(alarm.name) for alarm in alarms))
    told = hidden({"alarms": sorted(_keys(alarms)), "over": False})
    text = "\n".join([told, "", *map(alarm_line, alarms), "", _FOOTER])
    return f"Model pins need somebody: {names}"[:200], text[:LONGEST]


_FOOTER = (
    "`pytest-modelpin check` shows the same. Closing this silences these alarms until another one "
    "comes; it closes itself when all are over."
)


def _over(forge: Forge, issue: Issue) -> str:
    comment_once(forge, issue.number, "over", "All alarms are over.")
    told = _told(issue)
    keys = sorted(told.keys) if told else []
    text = rehidden(issue.body, {"alarms": keys, "over": True})
    edit_issue(forge, issue.number, state="closed", body=text)
    return f"Closed issue #{issue.number}: all alarms are over."


def _told(issue: Issue) -> _Told | None:
    content = revealed(issue.body)
    try:
        return _Told(frozenset(map(str, content["alarms"])), bool(content["over"]))
    except (TypeError, KeyError):
        return None


def _keys(alarms: Sequence[Alarm]) -> frozenset[str]:
    return frozenset(f"{alarm.kind} {alarm.name}" for alarm in alarms)
