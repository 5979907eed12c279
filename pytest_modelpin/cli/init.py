"""`init`: bring pytest-modelpin into this repository."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_modelpin import __version__
from pytest_modelpin.cli.project_options import tell, today_of
from pytest_modelpin.errors import ExitCode, ModelpinError
from pytest_modelpin.wording import counted, plural

if TYPE_CHECKING:
    from datetime import date

    from pytest_modelpin.adopt.logical_models import Answer, Ask, Chosen, Skipped
    from pytest_modelpin.adopt.plan import Step
    from pytest_modelpin.adopt.repository import Project, Repository
    from pytest_modelpin.adopt.workflows import Job, System

_SHOWN = 10  # places or ids told of one by one


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "init",
        help="write models.yml and the nightly workflow here",
        description="Read this repository, and write its models.yml and what plays the nights. "
        "Nothing that exists is overwritten; run again, it writes only what is missing.",
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
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Show the plan, and carry it out once it is agreed to."""
    from pytest_modelpin.adopt import workflows
    from pytest_modelpin.adopt.plan import carry_out, plan
    from pytest_modelpin.adopt.repository import look

    here = Path.cwd()
    _check_folders(here, arguments.folders)
    repository = look(here, arguments.folders)
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
        print("\n".join(_shown(step)))
    if arguments.dry_run:
        return ExitCode.FINE
    if any(step.action != "keep" for step in steps):
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
    tell(*_next(repository, jobs, system, arguments.ci, action))
    return ExitCode.FINE


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
    from pytest_modelpin.adopt.logical_models import choose
    from pytest_modelpin.adopt.repository import keys_needed, speaks_of
    from pytest_modelpin.adopt.workflows import Job
    from pytest_modelpin.alarms.scan import known_of
    from pytest_modelpin.alarms.status import providers_used
    from pytest_modelpin.providers import identify
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
        )
        tell(*_findings(project, models, skipped, today), *_of_place(repository, project))
        providers = {identify(one.production, one.provider).provider for one in models}
    else:
        providers = set(providers_used(load(existing)))
    keys = keys_needed((each for each in providers if each), project.contents.variables)
    return Job(project.below, project.install, project.python, keys), models


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
        named = provider_named(provider or identify(id).provider or "")
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
            if not gone and len(found.pin_instead) == 1:
                return Answer(found.pin_instead[0], told_by="its only known version")
            return Answer(None, exists=not gone, why=found.problem)
        if not live and len(found.pin_instead) == 1:
            return Answer(found.pin_instead[0], told_by="its only known version")
        if name in silent:
            return Answer(None, why=silent[name])
        if live:
            return Answer(None, why=f"neither {provider}'s list of models nor its replies tell")
        key = f"set {variables[0]} to have it asked" if variables and not offline else "not asked"
        return Answer(None, why=f"which version it stands for is not known here; {key}")

    return ask


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
    from pytest_modelpin.literals.listing import files
    from pytest_modelpin.registry import PLACES, load

    taken = {one.name for models in others.values() for one in models}
    for path in files(repository.top) if repository.git else ():
        if any(path == place or path.endswith(f"/{place}") for place in PLACES):
            try:
                taken |= set(load(repository.top / path, {}).models)
            except ModelpinError:
                continue
    return taken


def _findings(
    project: Project, models: Sequence[Chosen], skipped: Sequence[Skipped], today: date
) -> Iterator[str]:
    from pytest_modelpin.adopt.logical_models import SOON
    from pytest_modelpin.providers import retirement
    from pytest_modelpin.providers.retirements import when

    for one in models:
        places = ", ".join(one.places[:3]) + (" …" if len(one.places) > 3 else "")
        pin = f"{one.was} -> {one.production}, {one.told_by}" if one.was else one.production
        yield f"  {one.name}: {pin}  ({places})"
        if one.floating:
            yield f"    floats, so it is watched and never moved: {one.floating}"
        elif one.staging is None:
            yield "    no candidate: none newer is known; set `staging:` to the next id to try"
        end = retirement(one.production, one.provider)
        if end and (end.retires - today).days <= SOON:
            candidate = f"; the candidate is {one.staging}" if one.staging else ""
            yield f"    it {when(end.retires, today)}{candidate}"
    for each in skipped[:_SHOWN]:
        yield f"  left out: {each.id}  ({each.places[0]}): {each.because}"
    if more := len(skipped[_SHOWN:]):
        yield f"  … and {counted(more, 'more id')}; `pytest-modelpin scan` lists all"
    if not models:
        yield "  no model id was found; models.yml gets an example to fill in"
    if unread := project.contents.unread:
        count, first = counted(len(unread), "file"), unread[0]
        yield f"  {count} can't be read here, such as {first}: what they name is not known"
    if not project.tests:
        yield "  no tests were found: `record` records what tests ask, so write one first"
    if plain := project.contents.plain_snapshots:
        yield (
            f"  {counted(len(plain), 'file')} of tests use syrupy's `snapshot` ({plain[0]}): on an "
            "answer, every new wording would turn a night red, and accepting a candidate's would "
            "rewrite the pin's. One ini line treats it as `model_snapshot`."
        )


def _of_place(repository: Repository, project: Project) -> Iterator[str]:
    """What of the place keeps what is written from working."""
    from pytest_modelpin.adopt.repository import past_pytest

    for path in past_pytest(repository, project)[:1]:
        yield f"  {path} runs tests without pytest, unreplayed: `pytest` runs unittest's, too"
    if not repository.git:
        yield (
            "  this is no git repository: plain `pytest` and `record` work, nights that end in a "
            "bump and `rollback` need one (`git init`)"
        )
    if project.root_above and project.root_above.has_settings:
        yield (
            f"  pytest called in {project.below} takes another folder for its root, by "
            f"{project.root_above.by}, and finds no models.yml here: run `init` there, or give "
            f"{project.below} a pytest.ini of its own"
        )


def _shown(step: Step) -> Iterator[str]:
    if step.action == "keep":
        yield f"keep   {step.path} (as it is)"
        return
    yield f"{step.action:<6} {step.path}"
    yield from (f"  {line}" for line in step.diff())


def _next(
    repository: Repository,
    jobs: Sequence[Job],
    system: System,
    asked: str | None,
    action: str,
) -> Iterator[str]:
    """What is left to a person."""
    from pytest_modelpin.adopt.repository import lists_plugin
    from pytest_modelpin.adopt.workflows import PLACES

    keys = list(dict.fromkeys(key for job in jobs for key in job.keys))
    missing = [key for key in keys if not os.environ.get(key)]
    needs = f", with {', '.join(missing)} in the environment" if missing else ""
    if not any(project.tests for project in repository.projects):
        needs = f"{needs}, when a test asks a model"
    if len(jobs) == 1 and not _at(repository, jobs[0]):
        yield f"Next, live and once{needs}: `pytest-modelpin record`"
    else:
        yield f"Next, live and once{needs}:"
        yield from (f"  `{_at(repository, job)}pytest-modelpin record`" for job in jobs)
    yield "Then commit, and plain `pytest` is offline. `pytest-modelpin doctor` says what is amiss."
    if not all(map(lists_plugin, repository.projects)):
        yield "Add `pytest-modelpin` to what your tests need: other CI jobs must install it, too."
    if len(repository.systems) > 1 and asked is None:
        yield "Both GitHub and GitLab are set up here; `--ci gitlab` writes GitLab's pipeline."
    if system == "github":
        web = repository.url or "https://github.com/OWNER/NAME"
        if keys:
            secrets = plural(len(keys), "secret")
            yield f"On GitHub, set the {secrets} {', '.join(keys)}: {web}/settings/secrets/actions"
        yield (
            f"{'And' if keys else 'On GitHub,'} tick “Allow GitHub Actions to create and approve "
            f"pull requests”: {web}/settings/actions"
        )
        if "#" not in action:
            name, _, tag = action.partition("@")
            yield (
                f"GitHub did not say which commit {tag} is, so the workflow names the action by "
                f"that tag, which can be moved. Put the commit in its place: "
                f"`git ls-remote https://github.com/{name} {tag}`"
            )
    elif system == "gitlab":
        yield f"On GitLab: schedule a pipeline; {PLACES['gitlab']} names the variables it needs."
        yield f"An existing .gitlab-ci.yml has to include it: `- local: {PLACES['gitlab']}`"
    else:
        yield f"For cron: {PLACES['none']} says the line."


def _at(repository: Repository, job: Job) -> str:
    """How to get to a job's folder from here, for a shell; empty where it is here."""
    folder = (repository.top / job.folder).resolve()
    here = Path.cwd().resolve()
    if folder == here:
        return ""
    return f"cd {shlex.quote(os.path.relpath(folder, here))} && "


def _agreed() -> bool:
    typed = sys.stdin.isatty() and input("Write these? [Y/n] ").strip().lower()
    return typed in ("", "y", "yes")
