"""`status`: each logical model's pin, candidate, streak and countdown.

And `history`, which goes through the pins that there were.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import sys
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_modelpin.cli import (
    add_ledger_folder,
    add_project_options,
    models_of,
    pins_of,
    tell,
    today_of,
)
from pytest_modelpin.errors import ExitCode
from pytest_modelpin.report.ansi import width
from pytest_modelpin.report.escape import one_line, terminal
from pytest_modelpin.wording import counted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from modelpin_runtime.registry.models import Model
    from pytest_modelpin.alarms.status import Status
    from pytest_modelpin.production.lineage import PinPeriod, RegistryRevision
    from pytest_modelpin.registry import Pins
    from pytest_modelpin.report.ansi import Palette


def options(parser: argparse.ArgumentParser) -> None:
    """Declare its options."""
    add_project_options(parser)
    add_ledger_folder(parser)
    parser.add_argument("--today", metavar="DATE", help="instead of the current day, YYYY-MM-DD")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON")
    form.add_argument(
        "--html", metavar="DIR", type=Path, help="write the ledger there as a static site"
    )
    form.add_argument("--ical", action="store_true", help="print the retirements as a calendar")


def run(arguments: argparse.Namespace) -> int:
    """Print the table."""
    from pytest_modelpin.alarms.pin_facts import PinFacts
    from pytest_modelpin.alarms.status import answered_by_another, as_json, nights_at_hand, status
    from pytest_modelpin.providers import retirement

    pins, today = pins_of(arguments), today_of(arguments)
    nights = nights_at_hand(pins, Path.cwd(), arguments.ledger)
    answered = answered_by_another(pins, Path.cwd())
    rows = status(PinFacts(pins, nights, today, retirement, answered))
    if arguments.ical:
        from pytest_modelpin.alarms.site import ical

        dated = ((row.name, row.pin, row.retires) for row in rows if row.retires)
        # What is printed gets the system's line ends; on Windows each would have had two CRs.
        sys.stdout.write(
            ical(dated, today).replace("\r\n", "\n" if os.linesep == "\r\n" else "\r\n")
        )
        return ExitCode.FINE
    if arguments.html:
        from pytest_modelpin.alarms.site import site
        from pytest_modelpin.production import lineage
        from pytest_modelpin.redaction.written import write_redacted

        versions = {
            name: lineage.rows(pin_periods(pins, name, arguments.ledger, today))
            for name in pins.models
        }
        made = site(rows, nights, versions, pins.settings.margin, f"{today}")
        for name, text in made.items():
            write_redacted(arguments.html / name, text)
        print(f"{len(made)} files: {arguments.html / 'index.html'}")
        return ExitCode.FINE
    if arguments.json:
        print(json.dumps(as_json(rows), indent=2))
    else:
        _print_table(rows)
        _print_what_became_of_them(rows, pins)
    return ExitCode.FINE


_HEADINGS = ("model", "pin", "candidate", "served", "streak", "last night", "validated", "retires")


def _print_table(rows: Sequence[Status]) -> None:
    """A table; where the window is too narrow for it, a block a model, so that ids stay whole."""
    from pytest_modelpin.report.ansi import palette

    colours, columns = palette(), width()
    table = [_HEADINGS, *map(_cells, rows)]
    widths = [max(len(row[column]) for row in table) for column in range(len(_HEADINGS))]
    if columns is None or sum(widths) + 2 * (len(widths) - 1) <= columns:
        for number, cells in enumerate(table):
            padded = [cell.ljust(room) for cell, room in zip(cells, widths, strict=True)]
            line = "  ".join(padded).rstrip()
            print(_coloured(line, rows[number - 1], colours) if number else
                  colours.paint(line, "bold"))  # fmt: skip
        return
    for row in rows:
        of_row = _cells(row)
        print(colours.paint(of_row[0], "bold"))
        for heading, cell in zip(_HEADINGS[1:], of_row[1:], strict=True):
            if cell:
                print(_coloured(f"  {heading:<10}  {cell}", row, colours))


def _print_what_became_of_them(rows: Sequence[Status], pins: Pins) -> None:
    """Of each model whose streak is full: where its bump is, or that there will be none."""
    for row in rows:
        if row.streak < row.needed or not row.served:
            continue
        if row.served in pins.models[row.name].ignore:
            said = f"{row.served} is on `ignore` in {pins.path.name}, so it is not proposed."
        elif ref := _bump_branch(pins.models[row.name].group or row.name):
            said = f"the bump is on the branch {ref}: `git diff HEAD...{ref}`"
        else:
            continue
        tell(f"{row.name}: {said}")


def _bump_branch(name: str) -> str | None:
    """The branch of a bump, as this clone knows it; None where it knows of none."""
    from pytest_modelpin.errors import UpgradeError
    from pytest_modelpin.upgrade.git import git
    from pytest_modelpin.upgrade.proposal.branch_commit import branch_of

    branch = branch_of(name)
    try:
        refs = git(
            Path.cwd(), "for-each-ref", "--format=%(refname:short)",
            f"refs/heads/{branch}", f"refs/remotes/*/{branch}",
        )  # fmt: skip
    except UpgradeError:  # outside of git there is none
        return None
    return refs.split("\n", 1)[0] or None


def _coloured(line: str, row: Status, colours: Palette) -> str:
    if not row.verdict or not row.last_night:
        return line
    last = f"{row.verdict}, {row.last_night}"
    return line.replace(last, f"{colours.word(row.verdict)}, {row.last_night}")


def _cells(row: Status) -> tuple[str, ...]:
    pin = row.pin if row.kind == "pinned" else f"{row.pin} ({row.kind})"
    if row.overridden:
        pin += f" by the environment; the file has {row.overridden}"
    last = f"{row.verdict}, {row.last_night}" if row.verdict else "none yet"
    left = row.retires_in_days
    retires = "no date known" if left is None else f"{row.retires} ({counted(left, 'day')})"
    if left is not None and left < 0:
        retires = f"{row.retires} (has retired)"
    if row.not_before:
        retires = f"not before {row.not_before}"
    cells = (
        row.name, pin, row.candidate or "", row.served or "", row.dots(), last,
        str(row.last_validated or "never"), retires,
    )  # fmt: skip
    return tuple(terminal(one_line(cell)) for cell in cells)


def history_options(parser: argparse.ArgumentParser) -> None:
    """`history`: every version that was the pin, where it came from and what was shown of it."""
    parser.description = (
        "From git's history of models.yml, the ledger and the retirement table. Nothing is sent."
    )
    parser.add_argument("name", metavar="NAME", help="the logical model")
    add_project_options(parser)
    add_ledger_folder(parser)
    parser.add_argument("--today", metavar="DATE", help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true", help="print JSON")


def run_history(arguments: argparse.Namespace) -> int:
    """Print the versions, the newest first. Raises ModelpinError."""
    from pytest_modelpin.production.lineage import lines

    pins = pins_of(arguments)
    models_of(pins, [arguments.name])
    periods = pin_periods(pins, arguments.name, arguments.ledger, today_of(arguments))
    if arguments.json:
        print(json.dumps([dataclasses.asdict(each) for each in periods], indent=2))
    else:
        tell(*lines(arguments.name, periods))
    return ExitCode.FINE


def pin_periods(pins: Pins, name: str, ledger: Path | None, today: date) -> tuple[PinPeriod, ...]:
    """Every version that was the pin of a logical model, oldest first."""
    from pytest_modelpin.alarms.status import decisions_at_hand, nights_at_hand
    from pytest_modelpin.production.lineage import Sources, lineage, versions
    from pytest_modelpin.providers import retirement

    root, model = Path.cwd(), pins.models[name]
    revisions = tuple(registry_revisions(pins.path, name))
    known = {version: retirement(version, model.provider) for version in versions(model, revisions)}
    sources = Sources(
        revisions,
        nights_at_hand(pins, root, ledger)[name],
        decisions_at_hand(name, root, ledger),
        {version: found.retires if found else None for version, found in known.items()},
    )
    return lineage(model, sources, today)


def registry_revisions(registry: Path, name: str) -> Iterator[RegistryRevision]:
    """What each commit's models.yml says of a logical model, oldest first; none outside of git."""
    from pytest_modelpin.errors import UpgradeError
    from pytest_modelpin.production.lineage import RegistryRevision
    from pytest_modelpin.upgrade.git import git, top

    try:
        root = top(registry.resolve().parent)
    except UpgradeError:
        return
    path = registry.resolve().relative_to(root.resolve()).as_posix()
    own = frozenset(git(root, "rev-list", "--first-parent", "HEAD").split())
    # Whoever commits writes a name and a subject, and only NUL and a line feed are in neither.
    form = "--format=%H%n%cs%n%an%n%s"
    for entry in git(root, "log", "-z", "--reverse", form, "--", path).split("\0"):
        if not entry:
            continue
        commit, day, author, subject = entry.split("\n", 3)
        model = _entry(root, f"{commit}:{path}", registry, name)
        yield RegistryRevision(commit, day, author, subject, model, _merged_by(root, commit, own))


def _entry(root: Path, blob: str, registry: Path, name: str) -> Model | None:
    """None where the file is not there or can't be read: that commit says nothing."""
    from modelpin_runtime.errors import RegistryError
    from modelpin_runtime.registry import schema
    from pytest_modelpin.errors import UpgradeError
    from pytest_modelpin.upgrade.git import git

    try:
        return schema.read(git(root, "show", blob), registry, blob).models.get(name)
    except (UpgradeError, RegistryError):
        return None


def _merged_by(root: Path, commit: str, own: Collection[str]) -> str:
    """Subject of the merge that brought a commit into the branch whose `own` commits these are."""
    from pytest_modelpin.upgrade.git import git

    if commit in own:
        return ""
    form = "--format=%H%n%s"
    span = f"{commit}..HEAD"
    merges = git(root, "log", "-z", "--merges", "--reverse", "--ancestry-path", form, span)
    found = (entry.split("\n", 1) for entry in merges.split("\0") if entry)
    return next((subject for merge, subject in found if merge in own), "")
