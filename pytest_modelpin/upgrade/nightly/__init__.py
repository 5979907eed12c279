"""A night: every watched model tried, written down, and what people are told of it.

Here is what it watches: the suite, the models with a candidate, and the recorded pin's run.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from modelpin_runtime.registry.models import Model, Pins
from pytest_modelpin.errors import UpgradeError
from pytest_modelpin.locks import lock_file
from pytest_modelpin.recordings.beside_questions import nothing_to_compare
from pytest_modelpin.registry.selection import names_no
from pytest_modelpin.upgrade.accepted_files import modified
from pytest_modelpin.upgrade.git import commit, from_top
from pytest_modelpin.wording import OWN_CACHE, counted, some

if TYPE_CHECKING:
    from pytest_modelpin.judge.judge import Judge
    from pytest_modelpin.results.run import Run
    from pytest_modelpin.upgrade.suite import Suite

Say = Callable[[str], None]
"""Tells the user how far the work is, a line at a time."""


@dataclass(frozen=True, slots=True)
class NightlyContext:
    """What a night needs to know besides the model."""

    suite: Suite
    pins: Pins
    folder: Path
    """Where this night's reports and recordings go."""
    day: str
    """UTC, YYYY-MM-DD."""
    run_url: str | None = None
    say: Say = print
    live_baseline: int | None = None
    """Samples of every case for which the pin is asked live, too; None: from its recordings."""
    judge: Judge | None = None
    """Of the whole nightly, so that all its models share one budget."""
    commit: str = ""
    """What was checked out when it began; empty outside of git."""
    file: str = ""
    """models.yml, from the repository's root with `/`; empty outside of git."""
    again: bool = False
    """Whether a workflow's run was started again, which checks out the commit that it had."""
    modified: tuple[Mapping[str, str], ...] = ()
    """What was not as git has it when it began, and after the pin's replay, as
    `accepted_files.modified` says."""


_LOCK = "night.lock"
_PATIENCE = 120.0
"""Seconds to wait for another night, or for the tests that a killed one has left running."""


@contextmanager
def alone(nightly: NightlyContext) -> Iterator[NightlyContext]:
    """The night with its folder to itself: what another one writes there would be judged as its.

    Raises UpgradeError where another night, or tests that a killed one has left running, hold the
    folder for too long, and OSError where nothing can be written there.
    """
    folder, suite = nightly.folder, nightly.suite
    folder.mkdir(parents=True, exist_ok=True)
    with lock_file(folder / _LOCK, patience=_PATIENCE) as held:
        if held is None:
            raise UpgradeError(
                f"Another night, or the tests of one that was killed, has been at work in {folder} "
                f"for {_PATIENCE:.0f} seconds, and two would read each other's reports. Wait until "
                "it is done, or give this one a folder of its own with `--reports DIR`."
            )
        held_by_tests = replace(suite, holds=(*suite.holds, held))
        at = commit(suite.root)
        file = from_top(suite.root, nightly.pins.path) if at else ""
        begun = (modified(suite.root),) if at else ()
        yield replace(nightly, suite=held_by_tests, commit=at, file=file, modified=begun)


def watched(pins: Pins, names: Sequence[str]) -> list[Model]:
    """The logical models that have a candidate; `names` narrows them."""
    if any(name not in pins.models for name in names):
        raise UpgradeError(names_no(pins.path, names, pins.models))
    chosen = [pins.models[name] for name in names] if names else list(pins.models.values())
    found = [model for model in chosen if model.staging]
    if not found:
        raise UpgradeError(
            f"No logical model in {pins.path} has a candidate to watch; add a line such as "
            "`staging: claude-sonnet-4-5` below a model's `production:`."
        )
    return found


def production_run(nightly: NightlyContext) -> Run:
    """The pinned suite, replayed. Raises UpgradeError where pytest could not run it."""
    began = time.monotonic()
    nightly.say("production: replaying what is recorded …")
    run = nightly.suite.replayed(nightly.folder / "production.json")
    cases = counted(len(run.cases), "case")
    nightly.say(f"production: {cases} replayed in {time.monotonic() - began:.1f} s")
    return run


def by_one_suite(model: Model, production: Run, run: Run) -> None:
    """Raise UpgradeError where a run had not the models.yml, or the tests, of the night's first.

    Each reads them anew, and somebody may edit them, or switch branches, while a night runs.
    """
    selections = (production.selection, run.selection)
    for asked in [selection[model.name] for selection in selections if model.name in selection]:
        tried = asked.id if asked.which == "candidate" else model.staging
        if (asked.production, tried) != (model.pin, model.staging):
            raise UpgradeError(
                f"models.yml was changed while the night ran: it began with {model.pin} as the pin "
                f"of {model.name} and {model.staging} as its candidate, and a run found "
                f"{asked.production} and {tried}. What was heard counts for neither; run the night "
                "again."
            )
    before = {case.id: case.source for case in production.cases}
    edited = [case.id for case in run.cases if before.get(case.id, case.source) != case.source]
    if edited:
        raise UpgradeError(
            f"the file of {some(edited)}, or a conftest or module of tests that it uses, was "
            "changed while the night ran, so that both versions were not asked by the same tests; "
            "run the night again."
        )


def unrecorded(production: Run, models: Sequence[Model]) -> list[Model]:
    """Those of whose pin no test has a recording: their candidate has nothing to be beside."""
    heard = {name for case in production.cases for name in case.models}
    return [model for model in models if model.name not in heard]


def nothing_recorded(models: Sequence[Model], root: Path) -> str:
    """What to do about models that are `unrecorded` below `root`, as a sentence."""
    names = ", ".join(model.name for model in models)
    pins = ", ".join(dict.fromkeys(model.pin for model in models))
    if beside := nothing_to_compare(root, [model.pin for model in models]):
        return beside
    return (
        f"No recording of {pins} answers what the tests ask, so a candidate of {names} has nothing "
        "to be compared with, and none was asked. Run `pytest-modelpin record`, and commit what "
        "it writes. Where tests were moved or renamed, plain `pytest` says how to take along what "
        f"is recorded of them. Where all is recorded, {OWN_CACHE} answered in its place: turn it "
        f"off for tests. Where it records nothing, no test asks {names}: write one, or take "
        "`staging:` out of models.yml there, since a night that saw nothing of a candidate is "
        "inconclusive."
    )
