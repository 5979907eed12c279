"""What `init` says: what it found, what it would write, what is left to a person."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_modelpin.errors import SITE
from pytest_modelpin.files import relative_path
from pytest_modelpin.wording import counted, plural, some

if TYPE_CHECKING:
    from datetime import date

    from pytest_modelpin.adopt.logical_models import Chosen, Skipped
    from pytest_modelpin.adopt.plan import Step
    from pytest_modelpin.adopt.repository import Project, Repository
    from pytest_modelpin.adopt.workflows import Job, System

_SHOWN = 10  # places or ids told of one by one
_MANY = 20  # models of one suite, more than somebody looks after


def findings(
    project: Project, models: Sequence[Chosen], skipped: Sequence[Skipped], today: date
) -> Iterator[str]:
    """What was found in one project, and what is made of it."""
    from pytest_modelpin.adopt.logical_names import is_of_tests

    for one in models:
        yield from _of_model(one, today)
    for each in skipped[:_SHOWN]:
        yield f"  left out: {each.id}  ({each.places[0]}): {each.because}"
    if more := len(skipped[_SHOWN:]):
        yield f"  … and {counted(more, 'more id')}; `pytest-modelpin scan` lists all"
    if len(models) > _MANY:
        by_tests = sum(all(map(is_of_tests, one.places)) for one in models)
        yield (
            f"  {len(models)} models are more than a night should try, {by_tests} of them named by "
            "tests alone: before `record`, keep in models.yml those whose answers you stand for, "
            "and delete the others"
        )
    if not models:
        what = "none of them can be a pin" if skipped else "no model id was found"
        yield f"  {what}; models.yml gets an example to fill in"
    yield from _of_files(project)


def _of_model(one: Chosen, today: date) -> Iterator[str]:
    """Its pin and its candidate, and what is amiss with either."""
    from pytest_modelpin.adopt.logical_models import SOON
    from pytest_modelpin.providers import retirement
    from pytest_modelpin.providers.retirements import when

    places = ", ".join(one.places[:3]) + (" …" if len(one.places) > 3 else "")
    pin = f"{one.was} -> {one.production}, {one.told_by}" if one.was else one.production
    yield f"  {one.name}: {pin}  ({places})"
    if one.kept:
        yield f"    the code keeps {one.production}, which {one.kept}; it is {one.version} now"
    if one.floating:
        yield f"    floats, so it is watched and never moved: {one.floating}"
    elif one.staging is None:
        why = f"{one.next_is}, which comes next, is another's pin here"
        why = why if one.next_is else "none newer is known"
        yield f"    no candidate: {why}; set `staging:` to the next id to try"
    end = retirement(one.production, one.provider)
    if end and (end.retires - today).days <= SOON:
        candidate = f"; the candidate is {one.staging}" if one.staging else ""
        yield f"    it {when(end.retires, today)}{candidate}"


def _of_files(project: Project) -> Iterator[str]:
    """What of the project's tests and files keeps a suite from being replayed or tried."""
    if unread := project.contents.unread:
        count, first = counted(len(unread), "file"), unread[0]
        yield f"  {count} can't be read here, such as {first}: what they name is not known"
    if not project.tests:
        yield "  no tests were found: `record` records what tests ask, so write one first"
    if cassettes := project.contents.cassettes:
        yield (
            f"  {counted(len(cassettes), 'cassette')} of other libraries with models' answers: a "
            "test that plays one hears no candidate, and its nights are inconclusive. What to do: "
            f"{SITE}moving-in/#from-vcrpy-or-pytest-recording"
        )
    if other := project.contents.other_snapshots:
        yield (
            f"  {counted(len(other), 'file')} of tests use the `snapshot` of another library than "
            f"syrupy ({other[0]}): both add `--snapshot-update`, and with both no pytest starts. "
            "`-p no:syrupy` in `addopts` leaves syrupy out; only `model_snapshot` needs it."
        )
    elif plain := project.contents.plain_snapshots:
        yield (
            f"  {counted(len(plain), 'file')} of tests use syrupy's `snapshot` ({plain[0]}): on an "
            "answer, every new wording would turn a night red, and accepting a candidate's would "
            "rewrite the pin's. One ini line treats it as `model_snapshot`."
        )


def of_place(repository: Repository, project: Project) -> Iterator[str]:
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


def named_outside_of(repository: Repository, project: Project) -> Iterator[str]:
    """Which ids the rest of the repository names, for a project that names none."""
    from pytest_modelpin.adopt.repository import named_outside

    if found := named_outside(repository):
        first = dict.fromkeys(f"{each.model.id} ({each.path}:{each.line})" for each in found)
        yield (
            f"  outside of {project.below} stands {some(list(first), 3)}: where its code asks "
            "that, write it into models.yml"
        )


def shown(step: Step) -> Iterator[str]:
    """One step of the plan, as a diff."""
    if step.action == "keep":
        yield f"keep   {step.path} (as it is)"
        return
    yield f"{step.action:<6} {step.path}"
    yield from (f"  {line}" for line in step.diff())


def next_steps(
    repository: Repository,
    jobs: Sequence[Job],
    chosen: Mapping[Path, Sequence[Chosen]],
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
    models = [model for each in chosen.values() for model in each]
    if models and not any(model.staging for model in models):
        floats = next((model.name for model in models if model.floating), None)
        pin = f"pin what floats (`pytest-modelpin resolve {floats} --write`, with a key), and "
        yield (
            "No model has a candidate yet, so a night has nothing to try and ends with 2: "
            f"{pin if floats else ''}name in models.yml the id to try next, as `staging:`."
        )
    for job in jobs:
        if job.install.unlisted and system != "none":
            yield (
                f"No requirements file or pyproject.toml lists what {_code_of(job)} imports "
                f"({', '.join(job.install.unlisted[:_SHOWN])}), so {PLACES[system]} does not "
                "install it: add the packages to its `pip install pytest`."
            )
    yield "Then commit, and plain `pytest` is offline. `pytest-modelpin doctor` says what is amiss."
    if not all(map(lists_plugin, repository.projects)):
        yield "Add `pytest-modelpin` to what your tests need: other CI jobs must install it, too."
    if any(map(_runs_by_tox, repository.projects)):
        passed = f", and {', '.join(keys)} in `pass_env`" if keys else ""
        yield f"Under tox, name `pytest-modelpin` in `deps`{passed}: it hides what is not named."
    if len(repository.systems) > 1 and asked is None:
        yield "Both GitHub and GitLab are set up here; `--ci gitlab` writes GitLab's pipeline."
    yield from _on_the_system(repository, system, keys, action)


def _on_the_system(
    repository: Repository, system: System, keys: Sequence[str], action: str
) -> Iterator[str]:
    """What is to be set where the nights are played; `action` is as the workflow names it."""
    from pytest_modelpin.adopt.workflows import PLACES
    from pytest_modelpin.literals import beginning

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
                f"The workflow names the action by its tag {tag}, which can be moved, since GitHub "
                "was not asked or did not say which commit that is. Put the commit in its place: "
                f"`git ls-remote https://github.com/{name} {tag}`"
            )
    elif system == "gitlab":
        yield f"On GitLab: schedule a pipeline; {PLACES['gitlab']} names the variables it needs."
        if PLACES["gitlab"] not in beginning(repository.top / ".gitlab-ci.yml").decode(
            "utf-8", "replace"
        ):
            yield f"Your .gitlab-ci.yml has to include it: `- local: {PLACES['gitlab']}`"
    else:
        yield f"For cron: {PLACES['none']} says the line."


def _runs_by_tox(project: Project) -> bool:
    """Whether the project has environments of tox, which hold what they name and nothing else."""
    from pytest_modelpin.literals import written

    places = {"tox.ini": b"[testenv", "setup.cfg": b"[testenv", "pyproject.toml": b"[tool.tox"}
    return any(mark in written(project.folder / name) for name, mark in places.items())


def _code_of(job: Job) -> str:
    return "your code" if job.folder == "." else f"the code in {job.folder}"


def _at(repository: Repository, job: Job) -> str:
    """How to get to a job's folder from here, for a shell; empty where it is here."""
    folder = (repository.top / job.folder).resolve()
    here = Path.cwd().resolve()
    if folder == here:
        return ""
    return f"cd {shlex.quote(relative_path(folder, here))} && "


def unasked(steps: Sequence[Step]) -> str:
    """That nobody can be asked whether to write; a script must not take that for done."""
    paths = [step.path for step in steps if step.action != "keep"]
    return (
        f"Nothing was written: to write {', '.join(paths)}, `init` asks first, and there is no "
        "terminal to ask at. `pytest-modelpin init --yes` writes without asking; "
        "`pytest-modelpin init --dry-run` only shows."
    )
