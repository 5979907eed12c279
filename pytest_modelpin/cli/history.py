"""`history`: every version that was the pin, where it came from and what was shown of it."""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_modelpin.cli.project_options import add_project_options, pins_of, today_of
from pytest_modelpin.errors import ExitCode, ModelpinError
from pytest_modelpin.registry.unknown_names import names_no
from pytest_modelpin.report.ansi import width, wrapped
from pytest_modelpin.report.escape import terminal

if TYPE_CHECKING:
    from datetime import date

    from modelpin_runtime.registry.models import Model, Pins
    from pytest_modelpin.production.lineage import PinPeriod, RegistryRevision


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "history",
        help="every version that was the pin: when, why, shown how, accepted by whom",
        description="From git's history of models.yml, the ledger and the retirement table. "
        "Nothing is sent.",
    )
    parser.add_argument("name", metavar="NAME", help="the logical model")
    add_project_options(parser)
    parser.add_argument("--ledger", metavar="DIR", help="read the nights from this folder")
    parser.add_argument("--today", metavar="DATE", help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the versions, the newest first. Raises ModelpinError."""
    from pytest_modelpin.production.lineage import lines

    pins = pins_of(arguments)
    if arguments.name not in pins.models:
        raise ModelpinError(names_no(pins.path, [arguments.name], pins.models))
    ledger = Path(arguments.ledger) if arguments.ledger else None
    periods = pin_periods(pins, arguments.name, ledger, today_of(arguments))
    if arguments.json:
        print(json.dumps([dataclasses.asdict(each) for each in periods], indent=2))
    else:
        columns = width()
        for line in lines(arguments.name, periods):
            print("\n".join(wrapped(terminal(line), columns)))
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
    form = "--format=%H%x1f%cs%x1f%an%x1f%s"
    own = frozenset(git(root, "rev-list", "--first-parent", "HEAD").split())
    for line in git(root, "log", "--reverse", form, "--", path).splitlines():
        commit, day, author, subject = line.split("\x1f", 3)
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
    form = "--format=%H%x1f%s"
    span = f"{commit}..HEAD"
    merges = git(root, "log", "--merges", "--reverse", "--ancestry-path", form, span).splitlines()
    found = (line.split("\x1f", 1) for line in merges)
    return next((subject for merge, subject in found if merge in own), "")
