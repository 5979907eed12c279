"""What plays the nights: a workflow for GitHub, a pipeline for GitLab, a script for cron."""

from __future__ import annotations

import re
import subprocess
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from modelpin_runtime.registry.models import Pins
from pytest_modelpin.adopt.installing import Install
from pytest_modelpin.run_git import run_git

System = Literal["github", "gitlab", "none"]

ACTION = "pytest-modelpin/pytest-modelpin"
_CHECKOUT = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1"
_SETUP_PYTHON = "actions/setup-python@5fda3b95a4ea91299a34e894583c3862153e4b97 # v7.0.0"
_SECONDS = 10  # that GitHub may take to say which commit a tag is

PLACES: dict[System, str] = {
    "github": ".github/workflows/model-nightly.yml",
    "gitlab": ".gitlab/model-nightly.yml",
    "none": "scripts/model-nightly.sh",
}


@dataclass(frozen=True, slots=True)
class Job:
    """The nights of one models.yml."""

    folder: str
    """From git's top; `.` where it is the top."""
    install: Install
    python: str
    keys: tuple[str, ...]
    minutes: int = 90
    """After which its runner ends it: see `minutes_for`."""


_REST = 45
"""Minutes for what a job does beside asking models: installing, the pin's replay, the bumps."""
_LONGEST = 360
"""Minutes that GitHub's runners give a job at most."""


def minutes_for(models: int, night_minutes: int) -> int:
    """How long a job may have to take: each model's night has `night_minutes` of its own.

    What is cut off is not written down, and its bump is not opened.
    """
    return min(max(models, 1) * night_minutes + _REST, _LONGEST)


def minutes_of(pins: Pins) -> int:
    """The same for the nights of one models.yml."""
    tried = sum(model.staging is not None for model in pins.models.values())
    return minutes_for(tried, pins.settings.night_minutes)


def released(version: str) -> str:
    """The action at the commit of its release, `name@sha # tag`; at the tag where none is told.

    Asks GitHub, for a few seconds at most.
    """
    tag = f"v{version}"
    try:
        address = f"https://github.com/{ACTION}"
        done = run_git(Path.cwd(), "ls-remote", address, f"refs/tags/{tag}*", seconds=_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return f"{ACTION}@{tag}"
    refs: dict[str, str] = {}
    for line in done.stdout.decode("utf-8", "replace").splitlines():
        sha, _, ref = line.partition("\t")
        refs[ref] = sha
    # Of an annotated tag, the commit is what `^{}` says.
    commit = refs.get(f"refs/tags/{tag}^{{}}") or refs.get(f"refs/tags/{tag}")
    return f"{ACTION}@{commit} # {tag}" if commit else f"{ACTION}@{tag}"


def github(jobs: Sequence[Job], action: str) -> str:
    """The whole workflow; `action` is what `released` gave."""
    return _GITHUB_HEAD + "".join(github_job(job, action, alone=len(jobs) == 1) for job in jobs)


def github_job(job: Job, action: str, *, alone: bool) -> str:
    """One job, as it stands at the end of the workflow."""
    at = job.folder != "."
    folder = f'\n        working-directory: "{job.folder}"' if at else ""
    runs = _to_add(job, "      ") + "".join(
        f"      - run: {_yaml(command)}{folder}\n" for command in job.install.commands
    )
    inputs = {
        "working-directory": f'"{job.folder}"' if at else "",
        "python": job.install.python if job.install.python != "python" else "",
        "artifact": "" if alone else f"pytest-modelpin-night-{_slug(job.folder)}",
    }
    given = "".join(f"          {key}: {value}\n" for key, value in inputs.items() if value)
    keys = "".join(f"          {key}: ${{{{ secrets.{key} }}}}\n" for key in job.keys)
    return _GITHUB_JOB.format(
        id="nightly" if alone else f"nightly-{_slug(job.folder)}",
        checkout=_CHECKOUT,
        setup_python=_SETUP_PYTHON,
        python=job.python,
        minutes=job.minutes,
        runs=runs,
        action=action,
        inputs=f"        with:\n{given}" if given else "",
        keys=f"        env:\n{keys}" if keys else "",
    )


def has_job(text: str, job: Job) -> bool:
    """Whether a workflow plays the nights of that folder already."""
    if job.folder == ".":
        return ACTION in text
    folder = re.escape(job.folder)
    return re.search(rf'working-directory: "?{folder}"?\s*$', text, re.MULTILINE) is not None


def gitlab(jobs: Sequence[Job]) -> str:
    """The pipeline to include; it runs in scheduled pipelines alone."""
    return _GITLAB_HEAD + "".join(
        _GITLAB_JOB.format(
            id="model-nightly" if len(jobs) == 1 else f"model-nightly-{_slug(job.folder)}",
            python=job.python,
            minutes=job.minutes,
            keys=", ".join(job.keys) or "none",
            folder=job.folder,
            runs=_to_add(job, "    ")
            + "".join(f"    - {_yaml(command)}\n" for command in job.install.commands),
            interpreter=job.install.python,
        )
        for job in jobs
    )


def cron(jobs: Sequence[Job]) -> str:
    """A script for cron, run in a clone of the repository whose environment has the keys."""
    return (
        _CRON_HEAD
        + "".join(
            _CRON_JOB.format(folder=job.folder, interpreter=job.install.python) for job in jobs
        )
        + 'exit "$worst"\n'
    )


def _to_add(job: Job, indent: str) -> str:
    """What the line below does not install, as a comment; empty where files list it."""
    if not job.install.unlisted:
        return ""
    names = ", ".join(job.install.unlisted)
    said = textwrap.wrap(
        f"Add what your code imports: {names}. No requirements file or pyproject.toml lists it "
        "here, and without it the night fails.",
        100 - len(indent) - 2,
    )
    return "".join(f"{indent}# {line}\n" for line in said)


def _slug(folder: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in folder).strip("-").lower()


def _yaml(command: str) -> str:
    plain = not any(mark in command for mark in (": ", " #")) and command[:1].isalpha()
    return command if plain else "'" + command.replace("'", "''") + "'"


_GITHUB_HEAD = """\
# Tries the next model versions every night, and opens a pull request once one has proved itself.
# Written by `pytest-modelpin init`; yours to change.
name: Model nightly

on:
  schedule:
    - cron: "37 3 * * *" # off the hour: at :00 GitHub delays schedules and drops some
  workflow_dispatch:

permissions: {}

concurrency:
  group: model-nightly
  cancel-in-progress: false

jobs:
"""

_GITHUB_JOB = """\
  {id}:
    runs-on: ubuntu-latest
    timeout-minutes: {minutes}
    permissions:
      contents: write # the ledger's branch and the bump's
      pull-requests: write # the pull request
      issues: write # its label, the dashboard
      statuses: write # the streak, shown on the commit
      checks: write # each pin's night, at its line of models.yml
    steps:
      - uses: {checkout}
        with:
          persist-credentials: false
          fetch-depth: 0 # all of history: a rollback finds the version before there
      - uses: {setup_python}
        with:
          python-version: "{python}"
{runs}      - uses: {action}
{inputs}{keys}"""

_GITLAB_HEAD = """\
# Tries the next model versions in scheduled pipelines, and opens a merge request once one has
# proved itself. Written by `pytest-modelpin init`; yours to change. Include it in .gitlab-ci.yml:
#
#   include:
#     - local: .gitlab/model-nightly.yml
#
# Needs CI/CD variables (masked): the keys that each job names, and MODELPIN_PUSH_TOKEN, a project
# access token with the role Developer and the scope write_repository.
"""

_GITLAB_JOB = """
{id}:
  image: python:{python}
  rules:
    - if: $CI_PIPELINE_SOURCE == "schedule"
  resource_group: model-nightly
  timeout: {minutes} minutes
  variables:
    GIT_DEPTH: "0" # all of history: a rollback finds the version before there
    LEDGER: $CI_PROJECT_DIR/.pytest_modelpin/ledger
  # Keys: {keys}
  script:
    - cd "{folder}"
{runs}    - {interpreter} -m pip install pytest-modelpin || true # where your tests don't bring it
    - export GIT_AUTHOR_NAME="model nightly" GIT_AUTHOR_EMAIL="nightly@$CI_SERVER_HOST"
    - export GIT_COMMITTER_NAME="$GIT_AUTHOR_NAME" GIT_COMMITTER_EMAIL="$GIT_AUTHOR_EMAIL"
    - remote="https://nightly:$MODELPIN_PUSH_TOKEN@$CI_SERVER_HOST/$CI_PROJECT_PATH.git"
    # The ledger is a clone of its own: a runner that keeps its folder cleans up no worktrees.
    - rm -rf "$LEDGER" && git init --quiet --initial-branch=modelpin-ledger "$LEDGER"
    - |
      known=0
      git ls-remote --exit-code --heads "$remote" modelpin-ledger >/dev/null || known=$?
      case $known in
        0) git -C "$LEDGER" fetch --quiet "$remote" modelpin-ledger &&
             git -C "$LEDGER" reset --quiet --hard FETCH_HEAD ;;
        2) ;; # the first night
        *) exit "$known" ;; # no access, no network: nights that are there must not be lost
      esac
      begun=$(git -C "$LEDGER" rev-parse --quiet --verify HEAD || true)
    # Whether the night could be kept, found out before it is paid for: only a push tells.
    - |
      git -C "$LEDGER" commit --quiet --allow-empty -m "A night begins"
      git -C "$LEDGER" push --quiet --force-with-lease="refs/heads/modelpin-ledger:$begun" \\
        "$remote" HEAD:refs/heads/modelpin-ledger || {{
          echo "modelpin-ledger can't be pushed, so nothing was asked. Where it is protected"
          echo "(Settings > Repository), let MODELPIN_PUSH_TOKEN push there; else run again."
          exit 1
        }}
      begun=$(git -C "$LEDGER" rev-parse HEAD)
    # Bumps as they are, with what people committed to them; those that were merged are forgotten.
    - |
      for at in heads seen; do
        git fetch --quiet --prune "$remote" "+refs/heads/modelpin/*:refs/$at/modelpin/*"
      done
    - |
      status=0
      env -u MODELPIN_PUSH_TOKEN {interpreter} -m pytest_modelpin nightly \\
        --ledger "$LEDGER" || status=$?
      git -C "$LEDGER" add --all
      git -C "$LEDGER" diff --cached --quiet || git -C "$LEDGER" commit --quiet -m "A night"
      # Lines that others have pushed meanwhile, such as what was accepted, stay beside the night's;
      # those that somebody has taken out meanwhile stay out.
      git -C "$LEDGER" config merge.append.driver 'tail -c +$(($(wc -c <%O) + 1)) %B >>%A'
      echo "* merge=append" > "$LEDGER/.git/info/attributes"
      for tries_left in 2 1 0; do
        git -C "$LEDGER" push --quiet --force-with-lease="refs/heads/modelpin-ledger:$begun" \\
          "$remote" HEAD:refs/heads/modelpin-ledger && break
        [ "$tries_left" -gt 0 ]
        git -C "$LEDGER" fetch --quiet "$remote" modelpin-ledger
        git -C "$LEDGER" rebase --quiet --onto FETCH_HEAD "$begun"
        begun=$(git -C "$LEDGER" rev-parse FETCH_HEAD)
      done
      for name in $(git for-each-ref --format='%(refname:lstrip=2)' refs/heads/modelpin/); do
        seen=$(git rev-parse --quiet --verify "refs/seen/$name" || true)
        if [ "$seen" = "$(git rev-parse "refs/heads/$name")" ]; then continue; fi
        git push --quiet --force-with-lease="refs/heads/$name:$seen" "$remote" \\
          "refs/heads/$name" -o merge_request.create \\
          -o merge_request.target="$CI_DEFAULT_BRANCH"
      done
      # What the night left behind, it has deleted; GitLab closes a merge request with its branch.
      for name in $(git for-each-ref --format='%(refname:lstrip=2)' refs/seen/modelpin/); do
        if git rev-parse --quiet --verify "refs/heads/$name" >/dev/null; then continue; fi
        git push --quiet --force-with-lease="refs/heads/$name:$(git rev-parse "refs/seen/$name")" \\
          "$remote" ":refs/heads/$name" || echo "$name was pushed to meanwhile, and stays"
      done
      if [ "$status" = 3 ]; then exit 0; fi # inconclusive: an outage is no regression
      exit "$status"
  artifacts:
    when: always
    expire_in: 30 days
    paths: ["{folder}/.pytest_modelpin/nights"]
"""

_CRON_HEAD = """\
#!/bin/sh
# Plays a night; from cron, in a clone of its own, with the providers' keys in the environment:
#
#   37 3 * * *  cd /path/of/the/clone && git pull --quiet && sh scripts/model-nightly.sh
#
# Nights are kept below .pytest_modelpin/ledger. When a bump is due, a branch modelpin/NAME is made
# here: look at it, push it, merge it. Written by `pytest-modelpin init`; yours to change.
worst=0
"""

_CRON_JOB = """
(cd "{folder}" && {interpreter} -m pytest_modelpin nightly --ledger .pytest_modelpin/ledger)
status=$?
if [ "$status" -ne 0 ] && [ "$status" -ne 3 ]; then worst=$status; fi
"""
