"""What `doctor` finds of git and of what plays the nights; and what a finding is."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from shutil import which
from typing import Any, Literal

from pytest_modelpin.adopt.repository import Project, Repository
from pytest_modelpin.adopt.workflows import ACTION, PLACES, minutes_of
from pytest_modelpin.files import OWN_FOLDER
from pytest_modelpin.literals import beginning
from pytest_modelpin.providers import identify, provider_named
from pytest_modelpin.providers.api_keys import opened_by_key
from pytest_modelpin.registry import Pins
from pytest_modelpin.wording import counted

_SECRET = re.compile(r"secrets\.(\w+)")
_WRITES = ("contents", "pull-requests", "issues", "statuses")

State = Literal["fine", "note", "amiss"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the table."""

    state: State
    about: str
    said: str
    cure: str = ""
    """What to do, as a sentence; empty where there is nothing to do."""


def findings_of_git(repository: Repository) -> Iterator[Finding]:
    """What a bump or a rollback lacks of git."""
    if which("git") is None:
        said = "git is not to be found: bumps and rollbacks need it"
        yield Finding("amiss", "git", said, "Install git, or put it on PATH.")
        return
    if not repository.git:
        said = "this is no git repository: bumps and rollbacks need one"
        yield Finding("amiss", "git", said, "Run `git init`, and commit.")
        return
    if (repository.top / ".git" / "shallow").exists():
        said = "a shallow clone: `rollback` can't find the version before"
        cure = "Run `git fetch --unshallow`; in a workflow, `fetch-depth: 0`."
        yield Finding("amiss", "git", said, cure)
    ignored = beginning(repository.top / ".gitignore").decode("utf-8", "replace")
    if OWN_FOLDER not in ignored:
        said = ".gitignore lacks .pytest_modelpin/, where run reports lie"
        yield Finding("note", "git", said, "Run `pytest-modelpin init` again: it adds the line.")


def findings_of_workflow(repository: Repository, project: Project, pins: Pins) -> Iterator[Finding]:
    """What the workflows of GitHub that run our action lack."""
    jobs = list(_jobs(repository.top))
    found = [(file, job, uses) for file, job, uses, at in jobs if at in (project.below, None)]
    if not found:
        if jobs:
            said = f"{jobs[0][0]} plays those of other folders, none of {project.below}"
            cure = f"Run `pytest-modelpin init {shlex.quote(project.below)}` in {repository.top}."
            yield Finding("note", "nights", said, cure)
        elif not any((repository.top / place).exists() for place in PLACES.values()):
            cure = "Run `pytest-modelpin init`, with `--ci gitlab` or `none` elsewhere."
            yield Finding("note", "nights", "nothing plays them", cure)
        return
    for file, job, uses in found:
        granted = job.get("permissions", {})
        lacking = [each for each in _WRITES if granted != "write-all"
                   and (not isinstance(granted, dict) or granted.get(each) != "write")]  # fmt: skip
        if lacking:
            said = f"{file} does not grant {', '.join(lacking)}"
            cure = f"Add `{lacking[0]}: write` and so on below the job's `permissions:`."
            yield Finding("amiss", "workflow", said, cure)
        elif isinstance(granted, dict) and granted.get("checks") != "write":
            said = f"{file} does not grant checks: a night is shown as the commit's status alone"
            yield Finding("note", "workflow", said, "Add `checks: write` for notes at models.yml.")
        if not re.search(r"@[0-9a-f]{40}$", uses):
            said = f"{file} uses an action by a tag, which can be moved: {uses}"
            yield Finding("note", "workflow", said, "Name the action by its commit's SHA.")
        if not any(_depth(step) == 0 for step in job.get("steps", [])):
            said = f"{file} checks out the last commit alone"
            cure = "Give actions/checkout `fetch-depth: 0`: a rollback needs history."
            yield Finding("amiss", "workflow", said, cure)
        limit, needed = job.get("timeout-minutes"), minutes_of(pins)
        if isinstance(limit, int) and limit < needed and "'models'" not in str(job):
            said = f"{file} ends after {counted(limit, 'minute')}, and its nights may take {needed}"
            cure = f"Write `timeout-minutes: {needed}`, or lower `night_minutes` in models.yml."
            yield Finding("note", "workflow", said, cure)
        given, wanted = set(_SECRET.findall(str(job))), opened_by_keys(pins)
        for provider in providers_of(pins):
            known = provider_named(provider)
            if known and provider in wanted and not given.intersection(known.key_variables):
                said = f"{file} gives the tests no key of {provider}"
                cure = f"Hand {known.key_variables[0]} over as a secret, in the step's `env:`."
                yield Finding("note", "workflow", said, cure)
    where = f"{repository.url}/settings/actions" if repository.url else "Settings → Actions"
    yield Finding(
        "note", "GitHub", "whether workflows may open pull requests can't be seen from here",
        f"Tick “Allow GitHub Actions to create and approve pull requests”: {where}",
    )  # fmt: skip


def _jobs(top: Path) -> Iterator[tuple[str, dict[str, Any], str, str | None]]:
    """(file, job, `uses`, folder) of each job that runs our action; None: whichever a matrix says.

    The folder is told from git's top, as a project's is.
    """
    import yaml

    folder = top / ".github" / "workflows"
    for path in sorted([*folder.glob("*.yml"), *folder.glob("*.yaml")]):
        try:
            document = yaml.safe_load(beginning(path)) or {}
            jobs = document.get("jobs", {}).values()
            for job in jobs:
                for step in job.get("steps", []):
                    uses = str(step.get("uses", ""))
                    if uses.startswith(f"{ACTION}@"):
                        every = {"permissions": document.get("permissions"), **job}
                        yield path.name, every, uses, _folder(step)
        except (yaml.YAMLError, AttributeError):
            continue  # GitHub says what is wrong with it


def _folder(step: Mapping[str, Any]) -> str | None:
    given = step.get("with")
    named = str(given.get("working-directory", ".")) if isinstance(given, dict) else "."
    return None if "${{" in named else PurePosixPath(named).as_posix()


def _depth(step: Any) -> object:
    given = step.get("with") if isinstance(step, dict) else None
    return given.get("fetch-depth") if isinstance(given, dict) else None


def opened_by_keys(pins: Pins) -> set[str | None]:
    """The providers whose keys open the pins."""
    return {opened_by_key(model.production, model.provider) for model in pins.models.values()}


def providers_of(pins: Pins) -> list[str]:
    """The providers of the pins, by name."""
    found = {identify(m.production, m.provider).provider for m in pins.models.values()}
    return sorted(provider for provider in found if provider)
