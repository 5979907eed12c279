"""What `doctor` looks at: all that keeps a suite from being recorded, replayed or tried at night.

Nothing is run but git, nothing is asked of the network, and no key's value is ever told.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from urllib.parse import urlsplit

from modelpin_runtime.registry.models import overrides_nothing
from pytest_modelpin.adopt.asking_tests import may_ask
from pytest_modelpin.adopt.contents import TEST_FILE, UNSEEN
from pytest_modelpin.adopt.logical_names import is_of_tests
from pytest_modelpin.adopt.nights_checkup import (
    Finding,
    State,
    findings_of_git,
    findings_of_workflow,
    opened_by_keys,
    providers_of,
)
from pytest_modelpin.adopt.pytest_settings import ini_of, names_of_tests, root_of, shares_settings
from pytest_modelpin.adopt.repository import Project, Repository
from pytest_modelpin.adopt.unused_ids import gives_answers, is_other_language
from pytest_modelpin.alarms.candidate_requests import refused_requests
from pytest_modelpin.alarms.scan import known_of
from pytest_modelpin.errors import SITE, RecordingError
from pytest_modelpin.files import relative_path, safe_name
from pytest_modelpin.literals import folder_of_registry, is_registry, written
from pytest_modelpin.providers import provider_named
from pytest_modelpin.recordings.beside_questions import nothing_to_compare
from pytest_modelpin.recordings.recording_file import read
from pytest_modelpin.registry import Pins
from pytest_modelpin.wording import counted, plural, some

_DISTRIBUTIONS = (
    "pytest", "syrupy", "openai", "anthropic", "google-genai", "boto3", "litellm", "httpx",
    "httpx2",
)  # fmt: skip
_FAKE = re.compile(
    r"fake|dummy|test|placeholder|not.?a.?key|changeme|your.?key|x{4,}|^.{0,11}$", re.IGNORECASE
)


def checkup(
    repository: Repository, pins: Pins, environment: Mapping[str, str]
) -> tuple[Finding, ...]:
    """Every finding about the one project of `repository` and its models.yml."""
    project = repository.projects[0]
    looks: Sequence[Callable[[], Iterator[Finding]]] = (
        _versions,
        lambda: _root(project, pins),
        lambda: _projects_below(project, pins),
        lambda: _overrides(pins, environment),
        lambda: _keys(project, pins, environment),
        lambda: _fakes(project, pins),
        lambda: _ids(project, pins),
        lambda: _clients(project),
        lambda: _recordings(project, pins),
        lambda: findings_of_git(repository),
        lambda: findings_of_workflow(repository, project, pins),
    )
    return tuple(dict.fromkeys(found for look in looks for found in look()))


def _versions() -> Iterator[Finding]:
    there = [f"{name} {found}" for name in _DISTRIBUTIONS if (found := _version(name))]
    python = ".".join(map(str, sys.version_info[:3]))
    said = ", ".join([f"pytest-modelpin {_version('pytest-modelpin')}", f"Python {python}", *there])
    yield Finding("fine", "versions", said)


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _root(project: Project, pins: Pins) -> Iterator[Finding]:
    yield Finding("fine", "models.yml", f"{pins.path}: {', '.join(pins.models)}")
    holder = pins.path.resolve().parent
    holder = holder.parent if holder.name in ("config", ".github") else holder
    root, by = root_of(project.folder)
    name = ini_of(holder)[0]
    ini = f"Put a {name} with `[pytest]` in {holder}."
    if root == holder and by is not None:
        yield Finding("fine", "root folder", f"{holder}, by its {by}")
    elif root == holder:
        said = f"{holder}, only as long as pytest is called there: no ini file says so"
        yield Finding("note", "root folder", said, ini)
    elif by is None:
        said = f"pytest called here takes {root} for its root, and {pins.path} lies elsewhere"
        yield Finding("amiss", "root folder", said, f"Run pytest from {holder}.")
    else:
        said = f"pytest called here takes {root} for its root, by its {by}: it finds no models.yml"
        if shares_settings(root) and holder in root.parents:  # the nearest settings count
            way = relative_path(pins.path.resolve(), root)
            ini = f"Set `modelpin_registry = {way}` in {by}, or give {root.name} one of its own."
        yield Finding("amiss", "root folder", said, ini)


def _projects_below(project: Project, pins: Pins) -> Iterator[Finding]:
    """Projects below that have a models.yml of their own, as packages of a workspace do.

    What is run here is not theirs: their pins are not looked at, and what their tests recorded is
    not replayed.
    """
    mine = pins.path.resolve()
    folders = sorted(
        {
            folder
            for path in project.paths
            if (folder := folder_of_registry(path)) is not None
            and is_registry(path, written(project.folder / path))
            and (project.folder / path).resolve() != mine
        }
    )
    if folders:
        have = plural(len(folders), "has a models.yml of its own", "have a models.yml each")
        said = f"{some(folders, 3)} {have}, which this does not look at"
        cure = f"Run it there, too: `cd {shlex.quote(folders[0])} && pytest-modelpin doctor`."
        yield Finding("note", "models.yml below", said, cure)


def _overrides(pins: Pins, environment: Mapping[str, str]) -> Iterator[Finding]:
    for variable, meant in overrides_nothing(pins.models, environment):
        said = f"{variable} is set and overrides no pin: {pins.path.name} names no model like that"
        yield Finding("note", "override", said, f"Set {meant}, if that is meant.")


def _keys(project: Project, pins: Pins, environment: Mapping[str, str]) -> Iterator[Finding]:
    named, wanted = project.contents.variables, opened_by_keys(pins)
    for provider in providers_of(pins):
        known = provider_named(provider)
        if known is None:
            continue
        there = [name for name in known.key_variables if environment.get(name)]
        if not there and provider in wanted:
            usual = next((n for n in known.key_variables if n in named), known.key_variables[0])
            said = f"{usual} is not set: pytest replays, and nothing can be recorded"
            yield Finding("note", f"key of {provider}", said, f"Set {usual} before `record`.")
        elif there and _FAKE.search(environment[there[0]]):
            said = f"{there[0]} does not look like a key"
            cure = f"Set a real one before `record`, or unset {there[0]}: replays need none."
            yield Finding("note", f"key of {provider}", said, cure)
        elif there:
            yield Finding("fine", f"key of {provider}", f"{there[0]} is set")
        for name in known.base_url_variables:
            if value := environment.get(name):
                host = urlsplit(value if "://" in value else f"//{value}").hostname or "nowhere"
                said = f"{name} sends {provider}'s requests to {host}"
                yield Finding("note", "base URL", said, f"Unset {name} where that is not meant.")


def _fakes(project: Project, pins: Pins) -> Iterator[Finding]:
    """Keys that test files put in a real one's place: a live run then ends in 401."""
    for provider in providers_of(pins):
        known = provider_named(provider)
        for name in known.key_variables if known else ():
            places = [place for variable, place in project.contents.keys_set if variable == name]
            alone = [place for place in places if _is_in_a_test(place)]
            for_all = [place for place in places if not _is_in_a_test(place)]
            found: tuple[tuple[State, list[str]], ...] = (("amiss", for_all), ("note", alone))
            for state, those in found:
                if those:
                    yield Finding(
                        state, "fake key",
                        f"{some(those, 3)} {plural(len(those), 'sets', 'set')} {name}: a live run "
                        "ends in 401",
                        f'Take the line out, since replays get a placeholder; else '
                        f'`os.environ.setdefault("{name}", …)`.',
                    )  # fmt: skip


def _is_in_a_test(place: str) -> bool:
    """Whether it concerns the tests of one module alone, which may never ask a model."""
    return TEST_FILE.fullmatch(place.rpartition(":")[0]) is not None


def _ids(project: Project, pins: Pins) -> Iterator[Finding]:
    lacking = [
        each
        for each in known_of(project.contents.ids, pins)
        if not each.known and not is_other_language(each.path) and gives_answers(each.model)
    ]
    if not lacking:
        yield Finding("fine", "ids in code", "models.yml names each of them")
        return
    asks = may_ask(project.folder)
    # Those that tests ask first, since a replay fails for want of these.
    lacking.sort(key=lambda each: not (
        is_of_tests(each.path) and asks(each.path, each.line, each.model)
    ))  # fmt: skip
    first = {each.model: each for each in reversed(lacking)}
    ids = list(dict.fromkeys(each.model for each in lacking))
    shown = ", ".join(f"{id} ({first[id].path}:{first[id].line})" for id in ids[:3])
    more = f" and {counted(len(ids) - 3, 'more id')}" if len(ids) > 3 else ""
    cure = "Name those that tests ask in models.yml; `pytest-modelpin scan` lists all."
    yield Finding("note", "ids in code", f"models.yml lacks {shown}{more}", cure)


def _clients(project: Project) -> Iterator[Finding]:
    if cassettes := project.contents.cassettes:
        said = (
            f"{counted(len(cassettes), 'cassette')} of other libraries with models' answers, such "
            f"as {cassettes[0]}: a test that plays one hears no candidate"
        )
        cure = f"See {SITE}moving-in/#from-vcrpy-or-pytest-recording for what to take off."
        yield Finding("note", "cassettes", said, cure)
    for module, place in project.contents.unseen:
        said = f"{place} imports {UNSEEN[module]}: what it asks a model can't be recorded"
        yield Finding("note", "client", said, f"{SITE}unseen/ says what happens then.")
    if not project.contents.unseen:
        yield Finding("fine", "clients", "none is imported that no hook sees")


def _recordings(project: Project, pins: Pins) -> Iterator[Finding]:
    folders = {path.name for path in project.folder.rglob("__recordings__/*") if path.is_dir()}
    asked = {n: each.production for n, each in pins.models.items() if n != pins.settings.judge}
    lacking = {name: id for name, id in asked.items() if safe_name(id) not in folders}
    if lacking:
        ids = list(dict.fromkeys(lacking.values()))
        are = f"{', '.join(ids)} {plural(len(ids), 'has none', 'have none')}"
        said = f"{are}: plain pytest fails where a test asks {', '.join(lacking)}"
        cure = "Run `pytest-modelpin record`, with a key."
        if folders:  # it has been run, and may have said that no test asks these
            cure += " What no test asks needs none: write one, or take it out of models.yml."
        beside = nothing_to_compare(project.folder, ids)
        yield Finding("note", "recordings", said, beside or cure)
    if unread := _unreadable(project, pins):
        more = f" and {counted(len(unread) - 1, 'more', 'more')}" if unread[1:] else ""
        said = f"{unread[0]}{more} can't be read: torn, edited by hand, or in conflict"
        cure = "Restore what git has, or delete it and run `pytest-modelpin record`."
        yield Finding("amiss", "recordings", said, cure)
    for each in refused_requests(pins, project.folder):
        yield Finding("amiss", "candidate", f"{each.name}: {each}", each.cure())
    if not os.access(project.folder, os.W_OK):
        said = f"{project.folder} may not be written to: nothing is recorded, no night is played"
        cure = "Run `record` and `nightly` in a checkout that you may write to."
        yield Finding("amiss", "files", said, cure)
    if not project.tests:
        said = f"no {' or '.join(names_of_tests(project.folder))} is here"
        cure = "Write a test that asks a model, or have the ini value python_files name yours."
        yield Finding("amiss", "tests", said, cure)


def _unreadable(project: Project, pins: Pins) -> list[str]:
    """The pins' recordings that no replay can read, from the project's folder on."""
    found = []
    for name in {safe_name(model.production) for model in pins.models.values()}:
        for path in project.folder.rglob(f"__recordings__/{name}/**/*.json"):
            try:
                read(path)
            except RecordingError:
                found.append(path.relative_to(project.folder).as_posix())
    return sorted(found)
