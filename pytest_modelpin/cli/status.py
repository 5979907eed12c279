"""`status`: each logical model's pin, candidate, streak and countdown."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_modelpin.cli.place import add_place, pins_of, today_of
from pytest_modelpin.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_modelpin.alarms.status import Status


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("status", help="each model's pin, candidate, streak, countdown")
    add_place(parser)
    parser.add_argument("--ledger", metavar="DIR", help="read the nights from this folder")
    parser.add_argument("--today", metavar="DATE", help="instead of the current day, YYYY-MM-DD")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON")
    form.add_argument(
        "--html", metavar="DIR", type=Path, help="write the ledger there as a static site"
    )
    form.add_argument("--ical", action="store_true", help="print the retirements as a calendar")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the table."""
    from pytest_modelpin.alarms.answered import answered_by_another
    from pytest_modelpin.alarms.nights_at_hand import nights_at_hand
    from pytest_modelpin.alarms.status import as_json, status
    from pytest_modelpin.providers import retirement

    pins = pins_of(arguments)
    ledger = Path(arguments.ledger) if arguments.ledger else None
    nights = nights_at_hand(pins, Path.cwd(), ledger)
    today = today_of(arguments)
    rows = status(pins, nights, today, retirement, answered_by_another(pins, Path.cwd()))
    if arguments.ical:
        from pytest_modelpin.report.ical import ical

        dated = ((row.name, row.pin, row.retires) for row in rows if row.retires)
        sys.stdout.write(ical(dated, today))
        return ExitCode.FINE
    if arguments.html:
        from pytest_modelpin.alarms.pages import pages
        from pytest_modelpin.redaction.written import write_redacted
        from pytest_modelpin.report.site import site

        made = site(pages(rows, nights, pins.settings.margin), f"{today}")
        for name, text in made.items():
            write_redacted(arguments.html / name, text)
        print(f"{len(made)} files: {arguments.html / 'index.html'}")
        return ExitCode.FINE
    if arguments.json:
        print(json.dumps(as_json(rows), indent=2))
    else:
        _print_table(rows)
    return ExitCode.FINE


def _print_table(rows: Sequence[Status]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(header_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("model", "pin", "candidate", "served", "streak", "last night", "validated",
                    "retires"):  # fmt: skip
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in _cells(row)))
    # In a pipe or log nobody sees the edge of a window, and ids read best in one piece.
    Console(highlight=False, width=None if sys.stdout.isatty() else 200).print(table)


def _cells(row: Status) -> tuple[str, ...]:
    pin = row.pin if row.kind == "pinned" else f"{row.pin} ({row.kind})"
    if row.overridden:
        pin += f" by the environment; the file has {row.overridden}"
    last = f"{row.verdict}, {row.last_night}" if row.verdict else "none yet"
    left = row.retires_in_days
    retires = "" if left is None else f"{row.retires} ({left} days)"
    if left is not None and left < 0:
        retires = f"{row.retires} (has retired)"
    if row.not_before:
        retires = f"not before {row.not_before}"
    return (
        row.name, pin, row.candidate or "", row.served or "", row.dots(), last,
        str(row.last_validated or "never"), retires,
    )  # fmt: skip
