"""`init`: bring pytest-modelpin into this repository."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_modelpin import __version__
from pytest_modelpin.cli import tell, today_of
from pytest_modelpin.cli.init_output import (
    findings,
    named_outside_of,
    next_steps,
    of_place,
    shown,
    unasked,
)
from pytest_modelpin.errors import ExitCode, ModelpinError
from pytest_modelpin.files import relative_path
from pytest_modelpin.wording import counted, plural, some

if TYPE_CHECKING:
    from datetime import date

    from pytest_modelpin.adopt.logical_models import Answer, Ask, Chosen
    from pytest_modelpin.adopt.repository import Project, Repository
    from pytest_modelpin.adopt.workflows import Job, System


def options(parser: argparse.ArgumentParser) -> None:
    """Declare its options."""
    parser.description = (
        "Read this repository, and write its models.yml and what plays the nights. "
        "Nothing that exists is overwritten; run again, it writes only what is missing."
    )
    parser.add_argument(
        "folders", nargs="*", metavar="FOLDER",
        help="projects below this one that get a models.yml each; default: found by themselves",
    )  # fmt: skip
    parser.add_argument("--yes", action="store_true", help="write without asking")
    parser.add_argument(
        "--dry-run", action="store_true", help="only show what would change, as a diff"
    )
    parser.add_argument(
        "--ci", choices=("github", "gitlab", "none"),
        help="what plays the nights: a GitHub workflow, a GitLab pipeline, or a script for cron; "
        "default: what the repository uses, else github",
    )  # fmt: skip
    parser.add_argument(
        "--offline", action="store_true",
        help="ask neither providers (with your keys, what floating ids stand for) nor GitHub "
        "(which commit the action's release is)",
    )  # fmt: skip
    parser.add_argument("--today", metavar="YYYY-MM-DD", help=argparse.SUPPRESS)


def run(arguments: argparse.Namespace) -> int:
    """Show the plan, and carry it out once it is agreed to."""
    from pytest_modelpin.adopt import workflows
    from pytest_modelpin.adopt.plan import carry_out, plan
    from pytest_modelpin.adopt.repository import read_repository

    here = Path.cwd()
    _check_folders(here, arguments.folders)
    repository = read_repository(here, arguments.folders)
    if not arguments.folders:
        repository = _without_those_that_name_no_model(repository)
    ask = _ask(offline=arguments.offline, today=today_of(arguments))
    chosen: dict[Path, Sequence[Chosen]] = {}
    jobs: list[Job] = []
    for project in repository.projects:
        job, models = _of_project(repository, project, chosen, ask, today_of(arguments))
        jobs.append(job)
        chosen[project.folder] = models
    system: System = arguments.ci or ("gitlab" if repository.systems == ("gitlab",) else "github")
    action = ""
    if system == "github":
        offline = arguments.offline or arguments.dry_run
        fixed = f"{workflows.ACTION}@v{__version__}"
        action = fixed if offline else workflows.released(__version__)
    steps = plan(repository, chosen, jobs, system, action, today_of(arguments))
    for step in steps:
        print("\n".join(shown(step)))
    if arguments.dry_run:
        return ExitCode.FINE
    if any(step.action != "keep" for step in steps):
        if not (arguments.yes or sys.stdin.isatty()):
            raise ModelpinError(unasked(steps))
        if not (arguments.yes or _agreed()):
            print("Nothing was written. `pytest-modelpin init --yes` writes it.")
            return ExitCode.FINE
        try:
            carry_out(repository.top, steps)
        except OSError as error:
            raise ModelpinError(
                f"{error.filename} can't be written: {error.strerror}. What was written before it "
                "stays; run `pytest-modelpin init` again once it can."
            ) from None
    print()
    tell(*next_steps(repository, jobs, chosen, system, arguments.ci, action))
    return ExitCode.FINE


def _without_those_that_name_no_model(repository: Repository) -> Repository:
    """Of several projects those that name a model; all where none does."""
    from pytest_modelpin.alarms.scan import known_of
    from pytest_modelpin.registry import find

    naming = [
        each
        for each in repository.projects
        if find(each.folder) is not None or known_of(each.contents.ids)
    ]
    if not naming:
        return repository
    folders = [each.folder for each in repository.projects if each not in naming]
    others = [relative_path(each, Path()) for each in folders]
    if others:
        these = plural(len(others), "It gets", "These get")
        tell(
            f"No model id was found in {some(others)}. {these} no models.yml; "
            f"`pytest-modelpin init {shlex.quote(others[0])}` would write one."
        )
    return replace(repository, projects=tuple(naming))


def _check_folders(here: Path, folders: Sequence[str]) -> None:
    for name in folders:
        folder = (here / name).resolve()
        if not folder.is_dir():
            raise ModelpinError(f"There is no folder {name}; name folders below {here}.")
        if not folder.is_relative_to(here.resolve()):
            raise ModelpinError(f"{name} lies outside of {here}; run `init` there.")


def _of_project(
    repository: Repository,
    project: Project,
    others: dict[Path, Sequence[Chosen]],
    ask: Ask,
    today: date,
) -> tuple[Job, Sequence[Chosen]]:
    """The nights of one project, and its logical models where it has no models.yml yet."""
    from modelpin_runtime.registry.models import Settings
    from pytest_modelpin.adopt.asking_tests import may_ask
    from pytest_modelpin.adopt.contents import unlisted_imports
    from pytest_modelpin.adopt.logical_models import choose
    from pytest_modelpin.adopt.repository import keys_needed, speaks_of
    from pytest_modelpin.adopt.unused_ids import in_table
    from pytest_modelpin.adopt.workflows import Job, minutes_for, minutes_of
    from pytest_modelpin.alarms.scan import known_of
    from pytest_modelpin.providers.api_keys import opened_by_key
    from pytest_modelpin.registry import find, load

    existing = find(project.folder)
    models: Sequence[Chosen] = ()
    if existing is None:
        where = project.below if project.below != "." else "this repository"
        print(f"Reading {where}, {counted(len(project.paths), 'file')} …", flush=True)
        models, skipped = choose(
            known_of(project.contents.ids),
            ask,
            today,
            lines=_line_of(project.folder),
            taken=_names_taken(repository, others),
            sellers=speaks_of(project),
            asked=project.contents.kept,
            may_ask=may_ask(project.folder),
            in_table=in_table(project.folder),
        )
        tell(*findings(project, models, skipped, today), *of_place(repository, project))
        if not (models or skipped):
            tell(*named_outside_of(repository, project))
    pins = load(existing) if existing else None
    asked = pins.models.values() if pins else models
    providers = {opened_by_key(one.production, one.provider) for one in asked}
    keys = keys_needed((each for each in providers if each), project.contents.variables)
    install = project.install
    if not install.by:
        unlisted = unlisted_imports(project.contents.imports, project.paths)
        install = replace(install, unlisted=unlisted)
    tried = sum(one.staging is not None for one in models)
    minutes = minutes_of(pins) if pins else minutes_for(tried, Settings().night_minutes)
    return Job(project.below, install, project.python, keys, minutes), models


def _ask(*, offline: bool, today: date) -> Ask:
    """What a floating id stands for, and whether a candidate is there: asked with a key, if any.

    A provider that can't be reached is not asked again: each time would be a wait for nothing.
    """
    from pytest_modelpin.adopt.logical_models import Answer
    from pytest_modelpin.providers import identify, provider_named
    from pytest_modelpin.upgrade.resolve import describe, is_unreachable

    told: set[str] = set()  # providers of which it was said that they are asked
    silent: dict[str, str] = {}

    @cache
    def ask(id: str, provider: str | None) -> Answer:
        named = provider_named(provider or identify(id).provider)
        variables = named.key_variables if named else ()
        live = not offline and any(map(os.environ.get, variables))
        name = named.name if named else ""
        if live and name not in told:
            told.add(name)
            print(f"Asking {name} which versions there are …", flush=True)
        found = describe(id, provider, today=today, live=live and name not in silent)
        if found.problem and is_unreachable(found.problem):
            silent[name] = found.problem
            tell(f"  {found.problem} It is asked nothing more.")
        if found.points_to:
            return Answer(found.points_to, told_by=f"by its {found.told_by}")
        if found.problem:
            gone = " 404 " in found.problem or "not found" in found.problem.lower()
            if not gone and (only := _only_version(id, found.pin_instead)):
                return Answer(only, told_by="its only known version")
            return Answer(None, exists=not gone, why=found.problem)
        if not live and (only := _only_version(id, found.pin_instead)):
            return Answer(only, told_by="its only known version")
        if name in silent:
            return Answer(None, why=silent[name])
        if live:
            return Answer(None, why=f"neither {provider}'s list of models nor its replies tell")
        key = f"set {' or '.join(variables[:2])}" if variables else ""
        key = f"{key} to have it asked" if key and not offline else "not asked"
        return Answer(None, why=f"which version it stands for is not known here; {key}")

    return ask


def _only_version(id: str, pins: Sequence[str]) -> str | None:
    """The one pin that an alias can stand for; none where that is of another version than it names.

    `claude-haiku-4`, as code tells families apart by it, is not claude-haiku-4-5-20251001.
    """
    from pytest_modelpin.adopt.logical_names import version_of

    (only,) = pins if len(pins) == 1 else (None,)
    return only if only and version_of(only) == version_of(id) else None


def _line_of(folder: Path) -> Callable[[str, int], str]:
    @cache
    def text(path: str) -> list[str]:
        try:
            return (folder / path).read_text("utf-8", "replace").splitlines()
        except OSError:
            return []

    def line(path: str, number: int) -> str:
        lines = text(path)
        return lines[number - 1] if 0 < number <= len(lines) else ""

    return line


def _names_taken(repository: Repository, others: dict[Path, Sequence[Chosen]]) -> set[str]:
    """Logical names of the repository's other models.yml: nights are kept by name."""
    from pytest_modelpin.literals import files
    from pytest_modelpin.registry import PLACES, load

    taken = {one.name for models in others.values() for one in models}
    for path in files(repository.top) if repository.git else ():
        if any(path == place or path.endswith(f"/{place}") for place in PLACES):
            try:
                taken |= set(load(repository.top / path, {}).models)
            except ModelpinError:
                continue
    return taken


def _agreed() -> bool:
    typed = input("Write these? [Y/n] ").strip().lower()
    return typed in ("", "y", "yes")
