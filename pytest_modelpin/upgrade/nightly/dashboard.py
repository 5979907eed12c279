"""The issue “Model pins”: the state of every pin in one place, with boxes for people to tick."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256

from modelpin_runtime.registry.models import Pins
from pytest_modelpin.alarms.alarm import Alarm
from pytest_modelpin.alarms.status import Status
from pytest_modelpin.forge import Forge, artifacts_url
from pytest_modelpin.forge.pulls_and_issues import (
    Issue,
    Pull,
    edit_issue,
    make_label,
    open_issue,
    open_pulls,
)
from pytest_modelpin.ledger.decision import Decision, accept, changed_cases, unwanted
from pytest_modelpin.ledger.store import Ledger
from pytest_modelpin.report.escape import code, html, link, markdown, one_line, sentence
from pytest_modelpin.report.markdown import SIGNS
from pytest_modelpin.upgrade.nightly.shared_names import issues_of
from pytest_modelpin.upgrade.proposal import (
    DASHBOARD,
    LONGEST,
    Tick,
    box,
    find,
    hidden,
    keep,
    ticked,
    want_again,
    want_no_more,
)
from pytest_modelpin.upgrade.proposal.body import plain
from pytest_modelpin.upgrade.proposal.branch_commit import PREFIX, branch_of, rollback_of
from pytest_modelpin.wording import clipped, counted, some

TITLE = "Model pins"

_SHOWN = 10
"""Cases that are named in a box."""
_OPEN = 3
"""So many models may all be unfolded."""
_REASON = 300
"""Characters of a reason."""


@dataclass(frozen=True, slots=True)
class Overview:
    """All that the dashboard shows."""

    rows: Sequence[Status]
    alarms: Sequence[Alarm] = ()
    pulls: Mapping[str, Pull] = field(default_factory=dict)
    """The open pull request by logical name: a bump's, else a rollback's."""
    unwanted: Mapping[str, Mapping[str, Decision]] = field(default_factory=dict)
    """By logical name and version."""
    ignored: Mapping[str, Collection[str]] = field(default_factory=dict)
    """What `ignore` in models.yml says, by logical name."""
    previous: Mapping[str, str] = field(default_factory=dict)
    """Where a rollback goes, by logical name."""
    changed: Mapping[str, Collection[str]] = field(default_factory=dict)
    """By logical name: cases whose change in the version that serves waits for a person."""
    day: date | None = None
    project: str = ""
    """As `project_of` gives it."""


def survey(
    forge: Forge,
    ledger: Ledger,
    pins: Pins,
    rows: Sequence[Status],
    alarms: Sequence[Alarm] = (),
    day: date | None = None,
    project: str = "",
) -> Overview:
    """What the dashboard shows, from all who know: GitHub, ledger and models.yml."""
    pulls: dict[str, Pull] = {}
    for pull in open_pulls(forge):
        marker = find(pull.body) if pull.branch.startswith(PREFIX) else None
        for name in [move.name for move in marker.moves] if marker else []:
            if name not in pulls or _goes_back(pulls[name], name):
                pulls[name] = pull
    models = pins.models.items()
    return Overview(
        rows=rows,
        alarms=alarms,
        pulls=pulls,
        unwanted={name: unwanted(ledger.decisions(name)) for name in pins.models},
        ignored={name: model.ignore for name, model in models},
        previous={name: model.previous for name, model in models if model.previous},
        changed={
            row.name: changed_cases(ledger.read(row.name), ledger.decisions(row.name), row.served)
            for row in rows
        },
        day=day,
        project=project,
    )


def render(overview: Overview) -> str:
    """The issue's text, at most 65,536 characters; all boxes are empty."""
    when = f" Last written on {overview.day}." if overview.day else ""
    head = f"The nightly of pytest-modelpin keeps this issue current.{when}"
    if overview.project:
        head = f"{hidden({'file': overview.project})}\n\n{head}"
    table, alarms = _table(overview), _alarms(overview.alarms)
    rest = [_ignored(overview.ignored), _boxes(overview)]
    text = _paragraphs([head, table, alarms, _details(overview), *rest])
    if len(text) > LONGEST:
        text = _paragraphs([head, table, alarms, *rest])
    # A table cut short is of no use, a list of models as long as this of none either.
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 4]}\n…"


def _paragraphs(parts: Sequence[str]) -> str:
    return "\n\n".join(part for part in parts if part)


def read_dashboard(forge: Forge, project: str = "") -> Issue | None:
    """A project's dashboard, the oldest where there are several; None where there is none yet."""
    return next(iter(issues_of(forge, DASHBOARD.name, project)), None)


def carry_out_ticks(ticks: Sequence[Tick], ledger: Ledger) -> tuple[Tick, ...]:
    """Do what only the ledger needs to know; gives the wishes that remain to do.

    Versions that are wanted again may be proposed, ignored ones no longer. Changes are accepted in
    the cases that the box was shown with: where others have come since, the next dashboard asks
    again.
    """
    for tick in ticks:
        if tick.wish == "want" and tick.version in unwanted(ledger.decisions(tick.name)):
            want_again(ledger, tick.name, tick.version, "ticked on the dashboard")
        if tick.wish == "ignore":
            want_no_more(ledger, tick.name, tick.version, "ticked on the dashboard")
        if tick.wish == "accept":
            nights, decisions = ledger.read(tick.name), ledger.decisions(tick.name)
            cases = changed_cases(nights, decisions, tick.version)
            if cases and _digest(cases) == tick.what:
                because = "ticked on the dashboard"
                accept(ledger, tick.name, tick.version, cases, because=because)
    return tuple(tick for tick in ticks if tick.wish not in ("want", "accept", "ignore"))


def write_dashboard(forge: Forge, overview: Overview, *, handled: Sequence[Tick] = ()) -> Issue:
    """Bring the dashboard up to date, or open it; nothing is sent where nothing has changed.

    A box that was ticked since the ticks were read (`handled`) stays ticked. A dashboard that a
    person closed is written all the same, and stays closed. Raises ForgeError, also where issues
    are switched off.
    """
    text = render(overview)
    project = overview.project
    existing = issues_of(forge, DASHBOARD.name, project)
    if not existing:
        make_label(forge, DASHBOARD)
        title = f"{TITLE}: {plain(project)}" if project else TITLE
        issue = open_issue(forge, title, text, [DASHBOARD.name])
        # Of two runs at once, the one that opened the second one gives way.
        first = next(iter(issues_of(forge, DASHBOARD.name, project)), issue)
        if first.number != issue.number:
            edit_issue(forge, issue.number, state="closed")
        return first
    issue = existing[0]
    text = keep(text, [tick for tick in ticked(issue.body) if tick not in handled])
    if issue.body.replace("\r\n", "\n") != text:
        edit_issue(forge, issue.number, body=text)
    return issue


def _table(overview: Overview) -> str:
    """What a phone's screen holds: each pin beside its verdict; the rest stands below."""
    lines = ["| Model and pin | Last night |", "|---|---|"]
    for row in overview.rows:
        pull = overview.pulls.get(row.name)
        open_pull = f" {link(f'#{pull.number}', pull.url)}" if pull else ""
        pin = f"**{markdown(row.name)}**{open_pull}<br>{code(row.pin)}"
        lines.append(f"| {pin} | {_night(row)} |")
    return "\n".join(lines)


def _details(overview: Overview) -> str:
    """A fold for each model, open where somebody should look."""
    few = len(overview.rows) <= _OPEN
    return "\n\n".join(_fold(row, few or row.verdict == "red") for row in overview.rows)


def _fold(row: Status, is_open: bool) -> str:
    """A list, as a table would hide on a phone what its longest cell pushes off the screen."""
    said = [
        ("Pin", f"{code(row.pin)} (overridden by the environment)" if row.overridden else ""),
        ("Last night", _told(row)),
        ("Candidate", code(row.candidate) if row.candidate else "none"),
        ("Served", _served(row)),
        ("Validated", str(row.last_validated or "never")),
        ("Pin retires", _retirement(row)),
    ]
    lines = "\n".join(f"- {title}: {what}" for title, what in said if what)
    start = "<details open>" if is_open else "<details>"
    summary = f"<summary><code>{html(one_line(row.name))}</code></summary>"
    return f"{start}{summary}\n\n{lines}\n\n</details>"


def _told(row: Status) -> str:
    """Why it came out as it did, what it cost, and where the rest is."""
    cost = [] if row.cost_usd is None else [f"<span>$</span>{row.cost_usd:.2f}"]
    links = [link("run", row.run_url), link("report", artifacts_url(row.run_url))]
    reason = clipped(row.reasons[0], _REASON) if row.reasons else ""
    return " · ".join(filter(None, [sentence(one_line(reason)), *cost, *links]))


def _served(row: Status) -> str:
    if not row.served:
        return "unknown"
    end = row.served_retires if row.served != row.pin else None
    return code(row.served) + (f" (retires {end})" if end else "")


def _night(row: Status) -> str:
    if row.verdict is None:
        return "none yet"
    said = f"{SIGNS[row.verdict]} {row.verdict}"
    return f"{link(said, row.run_url) or said} {row.dots()}<br>{row.last_night}"


def _retirement(row: Status) -> str:
    if row.retires is None or row.retires_in_days is None:
        return "no date known"
    days = row.retires_in_days
    if days < 0:
        return f"**retired** on {row.retires}"
    left = f"{row.retires} ({counted(days, 'day')})"
    return f"⏳ **{left}**" if days <= 30 else left


def _alarms(alarms: Sequence[Alarm]) -> str:
    if not alarms:
        return ""
    return "\n".join(["### Alarms", "", *map(alarm_line, alarms)])


def alarm_line(alarm: Alarm) -> str:
    """One alarm as an item of a list."""
    sign = "🔴" if alarm.severity == "urgent" else "🟡"
    said = f"{sentence(alarm.sentence)} {sentence(alarm.hint)}"
    return f"- {sign} **{markdown(alarm.name)}**: {said}"


def _ignored(ignored: Mapping[str, Collection[str]]) -> str:
    lines = [
        f"- {markdown(name)}: {', '.join(code(version) for version in sorted(versions))}"
        for name, versions in ignored.items()
        if versions
    ]
    return "\n".join(["### Ignored in models.yml", "", *lines]) if lines else ""


def _boxes(overview: Overview) -> str:
    boxes = []
    for row in overview.rows:
        name = markdown(row.name)
        if row.candidate:
            boxes.append(box(Tick("retry", row.name), f"Play the night of {name} again"))
        if (changed := overview.changed.get(row.name)) and row.served:
            tick = Tick("accept", row.name, row.served, _digest(changed))
            shown = some([code(case) for case in changed], _SHOWN)
            said = f"Accept what {code(row.served)} changed for {name} in {shown}"
            boxes.append(box(tick, said))
        pull = overview.pulls.get(row.name)
        if pull and not _goes_back(pull, row.name) and (marker := find(pull.body)):
            said = f"Make the branch of #{pull.number} anew, on top of the default branch"
            boxes.append(box(Tick("again", row.name), said))
            for new in (move.new for move in marker.moves if move.name == row.name):
                said = f"Close #{pull.number} and ignore {code(new)} for {name}"
                boxes.append(box(Tick("ignore", row.name, new), said))
        for version, decision in overview.unwanted.get(row.name, {}).items():
            said = f"Propose {code(version)} for {name} again ({markdown(decision.because)})"
            boxes.append(box(Tick("want", row.name, version), said))
        if before := overview.previous.get(row.name):
            said = f"Roll {name} back to {code(before)}"
            boxes.append(box(Tick("rollback", row.name), said))
    if not boxes:
        return ""
    return "\n".join(["### Ask for something", "", "The next run reads the boxes.", "", *boxes])


def _goes_back(pull: Pull, name: str) -> bool:
    return pull.branch == branch_of(rollback_of(name))


def _digest(cases: Collection[str]) -> str:
    return sha256("\n".join(sorted(cases)).encode()).hexdigest()[:12]
