"""`check`: alarms, as text, JSON, GitHub annotations or SARIF; exit code 1 where there is any.

And `doctor`, which looks at the suite and its surroundings instead of the pins.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_modelpin.cli import (
    add_ledger_folder,
    add_project_options,
    pins_of,
    tell,
    tell_of_reading,
    today_of,
)
from pytest_modelpin.errors import ExitCode, ModelpinError
from pytest_modelpin.redaction.written import RedactingStream
from pytest_modelpin.report.escape import terminal
from pytest_modelpin.wording import counted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from pytest_modelpin.adopt.nights_checkup import Finding
    from pytest_modelpin.alarms.alarm import Alarm
    from pytest_modelpin.alarms.pin_facts import Retirements
    from pytest_modelpin.registry import Pins


_OLD_DAYS = 60
"""Days after which a table of dates misses announcements: providers give 60 and more."""


def options(parser: argparse.ArgumentParser) -> None:
    """Declare its options."""
    add_project_options(parser)
    add_ledger_folder(parser)
    parser.add_argument("--today", metavar="DATE", help="instead of the current day, YYYY-MM-DD")
    parser.add_argument(
        "--refresh", action="store_true",
        help="ask the providers' own model lists for retirement dates (live; keys from the "
        "environment)",
    )  # fmt: skip
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON")
    form.add_argument("--annotations", action="store_true", help="print GitHub annotations")
    parser.add_argument("--sarif", metavar="PATH", help="also write SARIF 2.1.0 there")
    parser.add_argument(
        "--slack", action="store_true",
        help="also tell Slack of any alarm, by the webhook in MODELPIN_SLACK_WEBHOOK",
    )  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    """Print the alarms."""
    from pytest_modelpin.alarms.alarm import alarms
    from pytest_modelpin.alarms.annotations import workflow_commands
    from pytest_modelpin.alarms.candidate_requests import refused_requests
    from pytest_modelpin.alarms.pin_facts import PinFacts
    from pytest_modelpin.alarms.status import answered_by_another, nights_at_hand

    slack = _webhook() if arguments.slack else None
    pins, today, root = pins_of(arguments), today_of(arguments), Path.cwd()
    nights = nights_at_hand(pins, root, arguments.ledger)
    retirements, dates = _retirements(arguments, pins, today)
    answered, refused = answered_by_another(pins, root), refused_requests(pins, root)
    found = alarms(PinFacts(pins, nights, today, retirements, answered, refused))
    file = _from_root(pins.path, root)
    if arguments.sarif:
        _write_sarif(Path(arguments.sarif), found, file)
    if arguments.json:
        rung = [asdict(alarm) for alarm in found]
        print(json.dumps({"as_of": dates.as_of, "age_days": dates.age, "alarms": rung}, indent=2))
    elif arguments.annotations:
        out = sys.stdout
        write = out.write_commands if isinstance(out, RedactingStream) else out.write
        write(workflow_commands(found, file))
    else:
        _print(found, file, dates)
    if slack:
        _tell_slack(slack, found)
    return ExitCode.FOUND if found else ExitCode.FINE


def _webhook() -> str:
    from pytest_modelpin.upgrade.nightly.announcement import VARIABLE, webhook

    address = webhook(os.environ)
    if address is None:
        raise ModelpinError(
            f"--slack: {VARIABLE} is not set; set it to the address that Slack shows under "
            "“Incoming Webhooks”."
        )
    return address


def _tell_slack(address: str, found: Sequence[Alarm]) -> None:
    """What goes wrong with it costs a line: the alarms are printed, and the exit code tells."""
    from pytest_modelpin.upgrade.nightly.announcement import alarm_message, post

    message = alarm_message(found)
    try:
        if message:
            post(address, message)
    except ModelpinError as error:
        print(f"warning: {error}", file=sys.stderr)


@dataclass(frozen=True, slots=True)
class _Dates:
    """Of when the retirement dates are."""

    as_of: str
    age: int
    """Days since the table was brought up to date."""

    def __str__(self) -> str:
        days = f"{counted(self.age, 'day')} old"
        old = self.age > _OLD_DAYS
        cure = "; upgrade pytest-modelpin, or ask the providers with --refresh" if old else ""
        return f"Retirement dates as of {self.as_of}, {days}{cure}."


def _retirements(
    arguments: argparse.Namespace, pins: Pins, today: date
) -> tuple[Retirements, _Dates]:
    """How to look a retirement up, and of when the dates are."""
    from pytest_modelpin.providers import retirement
    from pytest_modelpin.providers.retirements import as_of

    age = max(0, (today - as_of()).days)
    if not arguments.refresh:
        return retirement, _Dates(str(as_of()), age)
    from pytest_modelpin.alarms.retirement_dates import refresh
    from pytest_modelpin.alarms.status import providers_used

    refreshed = refresh(providers_used(pins), os.environ, today)
    for problem in refreshed.problems:
        print(f"--refresh: {problem}", file=sys.stderr)
    asked = f" ({', '.join(refreshed.asked)}: {today})" if refreshed.asked else ""
    return refreshed.over(), _Dates(f"{as_of()}{asked}", age)


def _print(found: Sequence[Alarm], file: str, dates: _Dates) -> None:
    from pytest_modelpin.report.ansi import palette

    colours = palette()
    for alarm in found:
        place = f"{file}:{alarm.line}" if alarm.line else file
        severity = colours.word(alarm.severity, f"{alarm.severity:<6}")
        print(f"{severity}  {colours.paint(terminal(alarm.name), 'bold')}  {place}")
        tell(f"        {alarm.sentence}", f"        {alarm.hint}")
    tell(f"{counted(len(found), 'alarm') if found else 'No alarms'}. {dates}")


def _write_sarif(path: Path, found: Sequence[Alarm], file: str) -> None:
    from pytest_modelpin.alarms.annotations import sarif
    from pytest_modelpin.redaction.written import write_redacted

    try:
        write_redacted(path, json.dumps(sarif(found, file), indent=2))
    except OSError as error:
        raise ModelpinError(f"--sarif {path} can't be written: {error.strerror}.") from None


def _from_root(path: Path, root: Path) -> str:
    try:
        return path.resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        return path.as_posix()


_MARKS = {"fine": "ok", "note": "note", "amiss": "AMISS"}


_READABLE = 38  # columns for what is said; where fewer are left, it stands below


def doctor_options(parser: argparse.ArgumentParser) -> None:
    """`doctor`: what keeps this suite from being recorded, replayed or tried at night, and its
    cure.
    """
    add_project_options(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")


def run_doctor(arguments: argparse.Namespace) -> int:
    """Print the table; 1 where something is amiss."""
    from pytest_modelpin.adopt.checkup import checkup
    from pytest_modelpin.adopt.repository import read_repository
    from pytest_modelpin.report.ansi import width

    pins, repository = pins_of(arguments), read_repository(Path.cwd(), ["."])
    tell_of_reading(len(repository.projects[0].paths))
    found = (*checkup(repository, pins, os.environ), *_half_done(repository.projects[0].folder))
    if arguments.json:
        print(json.dumps([asdict(each) for each in found], indent=2))
    else:
        print("\n".join(_lines(found, width())))
    return ExitCode.FOUND if any(each.state == "amiss" for each in found) else ExitCode.FINE


def _half_done(root: Path) -> Iterator[Finding]:
    """A pin's move that was killed: the folder holds half of it, and plain `pytest` may fail."""
    from pytest_modelpin.adopt.nights_checkup import Finding
    from pytest_modelpin.upgrade.bump.journal import half_done

    if half := half_done(root):
        yield Finding("amiss", "move", *half)


def _lines(found: Sequence[Finding], columns: int | None = None) -> list[str]:
    from pytest_modelpin.report.ansi import wrapped

    longest = max(len(each.about) for each in found)
    column = longest + 9  # where what is said begins
    narrow = columns is not None and columns - column < _READABLE
    lines = []
    for each in found:
        head = f"{_MARKS[each.state]:<5}  {each.about:<{longest}}  "
        if narrow:
            lines.append(head.rstrip())
            head, column = "  ", 2
        lines += wrapped(head + terminal(each.said), columns, column)
        if each.cure:
            lines += wrapped(f"{'':<{column}}-> {terminal(each.cure)}", columns, column + 3)
    amiss = sum(each.state == "amiss" for each in found)
    notes = sum(each.state == "note" for each in found)
    return [*lines, f"{amiss or 'Nothing'} amiss, {counted(notes, 'note')}."]
