"""What GitHub shows of a run of `nightly`: its issues, a commit status, a check run.

The issues are the dashboard, with what people ticked there, and the one that `alarm: issue` asks
for. The check run “Model pins” tells how each pin's night went, as annotations at models.yml's
lines; its texts are plain, since GitHub shows annotations as they are. A token without
`checks: write` makes none; the commit status `modelpin/streak`, which a branch rule may ask for,
stands without it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from modelpin_runtime.registry.models import Pins
from pytest_modelpin.alarms.alarm import Alarm, alarms
from pytest_modelpin.alarms.candidate_requests import refused_requests
from pytest_modelpin.alarms.pin_facts import PinFacts
from pytest_modelpin.alarms.status import answered_by_another, status
from pytest_modelpin.errors import ForgeError, ModelpinError
from pytest_modelpin.forge import Forge, artifacts_url
from pytest_modelpin.forge.errors import Refused
from pytest_modelpin.forge.pulls_and_issues import (
    Issue,
    comment_once,
    edit_issue,
    make_check_run,
    make_label,
    open_issue,
    set_status,
)
from pytest_modelpin.gate.verdict import Colour, worst
from pytest_modelpin.ledger.store import Ledger
from pytest_modelpin.providers.retirements import retirement
from pytest_modelpin.report.escape import link, markdown, sentence, terminal
from pytest_modelpin.upgrade import UpgradeContext
from pytest_modelpin.upgrade.nightly.dashboard import (
    alarm_line,
    carry_out_ticks,
    read_dashboard,
    survey,
    write_dashboard,
)
from pytest_modelpin.upgrade.nightly.shared_names import issues_of, project_of
from pytest_modelpin.upgrade.proposal import (
    ALARM,
    LONGEST,
    Tick,
    hidden,
    rehidden,
    revealed,
    ticked,
)
from pytest_modelpin.upgrade.proposal.body import plain
from pytest_modelpin.wording import clipped, counted


def read_wishes(
    forge: Forge, ledger: Ledger, project: str = ""
) -> tuple[tuple[Tick, ...], tuple[Tick, ...]]:
    """What people ticked since the last run of `nightly`, and which of it still has to be done.

    Versions that are wanted again are let through at once. Without a dashboard, or where issues
    can't be read, nobody has wished for anything.
    """
    try:
        dashboard = read_dashboard(forge, project)
    except ForgeError:
        return (), ()
    ticks = ticked(dashboard.body) if dashboard else ()
    return ticks, carry_out_ticks(ticks, ledger)


def write_issues(
    context: UpgradeContext,
    pins: Pins,
    root: Path,
    *,
    today: date,
    handled: Sequence[Tick],
    project: str = "",
) -> list[str]:
    """Bring dashboard and alarm issue up to date; what is worth telling, a sentence each.

    A repository without issues, or a token that may not write them, costs the night a sentence
    and nothing else.
    """
    forge, ledger = context.forge, context.ledger
    try:
        nights = {name: ledger.read(name) for name in pins.models}
        answered = answered_by_another(pins, root)
        refused = refused_requests(pins, root)
        facts = PinFacts(pins, nights, today, retirement, answered, refused)
        rung = alarms(facts)
        overview = survey(forge, ledger, pins, status(facts), rung, today, project)
        write_dashboard(forge, overview, handled=handled)
        told = write_alarms(forge, rung, project) if pins.settings.alarm == "issue" else None
    except ModelpinError as error:  # also where another model's nights can't be read
        return [f"The dashboard issue was not written: {error}"]
    return [told] if told else []


@dataclass(frozen=True, slots=True)
class _AlarmIssue:
    """What an alarm issue was about, and whether it was the bot that closed it."""

    keys: frozenset[str]
    over: bool


def write_alarms(forge: Forge, alarms: Sequence[Alarm], project: str = "") -> str | None:
    """Keep the project's alarm issue current; gives what happened, as a sentence, or None where
    nothing did.

    An open issue is rewritten; without one, an issue is opened, unless a person has closed the
    last one and every alarm there is was in it. When the alarms are over the issue is closed.
    Raises ForgeError, also where issues are switched off.
    """
    existing = issues_of(forge, ALARM.name, project)
    current = next((issue for issue in existing if issue.is_open), None)
    if not alarms:
        return _over(forge, current, project) if current else None
    heading, text = render(alarms, project)
    if current is None:
        last = _alarm_issue(existing[-1]) if existing else None
        if last and not last.over and _keys(alarms) <= last.keys:
            return None
        make_label(forge, ALARM)
        made = open_issue(forge, heading, text, [ALARM.name])
        return f"Opened issue #{made.number} about {counted(len(alarms), 'alarm')}."
    if (current.title, current.body.replace("\r\n", "\n")) == (heading, text):
        return None
    edit_issue(forge, current.number, title=heading, body=text)
    return f"Updated issue #{current.number}: {counted(len(alarms), 'alarm')}."


def render(alarms: Sequence[Alarm], project: str = "") -> tuple[str, str]:
    """Title and text of the issue."""
    names = ", ".join(dict.fromkeys(plain(alarm.name) for alarm in alarms))
    told = hidden(_told(sorted(_keys(alarms)), project, over=False))
    text = "\n".join([told, "", *map(alarm_line, alarms), "", _FOOTER])
    return f"Model pins need somebody: {names}"[:200], text[:LONGEST]


_FOOTER = (
    "`pytest-modelpin check` shows the same. Closing this silences these alarms until another one "
    "comes; it closes itself when all are over."
)


def _told(keys: Sequence[str], project: str, *, over: bool) -> dict[str, object]:
    return {"alarms": keys, "over": over} | ({"file": project} if project else {})


def _over(forge: Forge, issue: Issue, project: str) -> str:
    comment_once(forge, issue.number, "over", "All alarms are over.")
    told = _alarm_issue(issue)
    keys = sorted(told.keys) if told else []
    text = rehidden(issue.body, _told(keys, project, over=True))
    edit_issue(forge, issue.number, state="closed", body=text)
    return f"Closed issue #{issue.number}: all alarms are over."


def _alarm_issue(issue: Issue) -> _AlarmIssue | None:
    content = revealed(issue.body)
    try:
        return _AlarmIssue(frozenset(map(str, content["alarms"])), bool(content["over"]))
    except (TypeError, KeyError):
        return None


def _keys(alarms: Sequence[Alarm]) -> frozenset[str]:
    return frozenset(f"{alarm.kind} {alarm.name}" for alarm in alarms)


CONTEXT = "modelpin/streak"


def report_streak(
    forge: Forge,
    sha: str,
    *,
    length: int,
    needed: int,
    colour: Colour = "green",
    url: str | None = None,
    project: str = "",
) -> bool:
    """Say on a commit how many of the `needed` green nights there are; whether anything changed.

    Pending until they are enough, failed after a red night, so that a rule on the branch can ask
    for it. Of a `project`, on a commit that several have nights of, under a name of its own: each
    would undo the other's. Raises ForgeError.
    """
    nights = f"{min(length, needed)}/{needed} green nights"
    if colour == "red":
        status = {"state": "failure", "description": f"Last night was red ({nights})"}
    elif length >= needed:
        status = {"state": "success", "description": nights}
    else:
        status = {"state": "pending", "description": nights}
    context = f"{CONTEXT}: {plain(project)}" if project else CONTEXT
    return set_status(forge, sha, context, status | ({"target_url": url} if url else {}))


NAME = "Model pins"

_MOST = 50  # annotations a request, by docs.github.com/en/rest/checks/runs
_TITLE, _MESSAGE, _REASON, _SUMMARY = 250, 2_000, 500, 65_000
"""Characters; GitHub allows 255 in a title, 64 KB in a message and in the summary."""
_LEVELS: Mapping[Colour, str] = {"green": "notice", "red": "failure", "inconclusive": "warning"}
_ENDS: Mapping[Colour, str] = {"green": "success", "red": "failure", "inconclusive": "neutral"}


@dataclass(frozen=True, slots=True)
class PinNight:
    """One logical model's night, as far as the check run tells it."""

    name: str
    colour: Colour
    streak: int
    needed: int
    reasons: Sequence[str]
    line: int
    """Of models.yml, where its pin is written; counted from 1."""


def report_check(
    forge: Forge, sha: str, nights: Sequence[PinNight], *, file: str, url: str | None = None
) -> bool:
    """Show the nights at the lines of `file`, from the repository's root; whether GitHub let us.

    Raises ForgeError for any other reason than a permission that the token lacks.
    """
    colour = worst(night.colour for night in nights)
    content: dict[str, object] = {
        "name": f"{NAME}: {plain(project)}" if (project := project_of(file)) else NAME,
        "head_sha": sha,
        "status": "completed",
        "conclusion": _ENDS[colour],
        "output": {
            "title": clipped("; ".join(map(_title, nights)), _TITLE),
            "summary": _summary(nights, url),
            "annotations": [_annotation(night, file) for night in nights[:_MOST]],
        },
    }
    try:
        make_check_run(forge, content | ({"details_url": url} if url else {}))
    except Refused as error:
        if error.status in (403, 404):
            return False
        raise
    return True


def line_of(files: Mapping[str, bytes | None], pin: str) -> tuple[str, int] | None:
    """The file and line of models.yml among a bump's files that sets this pin."""
    for path, content in sorted(files.items()):
        if content is None or not path.endswith((".yml", ".yaml")):
            continue
        for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
            if "production" in line and pin in line:
                return path, number
    return None


def _title(night: PinNight) -> str:
    nights = f"{min(night.streak, night.needed)}/{night.needed} green nights"
    return terminal(f"{night.name}: {night.colour}, {nights}")


def _summary(nights: Sequence[PinNight], url: str | None) -> str:
    links = [link("run", url), link("report", artifacts_url(url))]
    lines = [" · ".join(filter(None, links)), ""]
    for night in nights:
        lines.append(f"- **{markdown(_title(night))}**")
        lines += [f"  - {sentence(clipped(reason, _REASON))}" for reason in night.reasons]
    return clipped("\n".join(lines).strip(), _SUMMARY)


def _annotation(night: PinNight, file: str) -> dict[str, object]:
    return {
        "path": file,
        "start_line": night.line,
        "end_line": night.line,
        "annotation_level": _LEVELS[night.colour],
        "title": clipped(_title(night), _TITLE),
        "message": clipped(terminal("\n".join(night.reasons)), _MESSAGE) or _title(night),
    }
