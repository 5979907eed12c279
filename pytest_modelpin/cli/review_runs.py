"""Which two runs `review` goes through: the last night's, or what was tried by hand since."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pytest_modelpin.cli.project_options import REPORTS, tests_of
from pytest_modelpin.errors import ModelpinError

if TYPE_CHECKING:
    import argparse

    from pytest_modelpin.registry import Pins
    from pytest_modelpin.results.run import Run


class Reviewed(NamedTuple):
    """Both sides of what is reviewed."""

    name: str
    """The logical model."""
    production: Run
    candidate: Run
    source: str
    """What it is, to be told."""
    remembered: Path
    """Where rejections are remembered."""


def runs_to_review(arguments: argparse.Namespace, pins: Pins) -> Reviewed:
    """The newest there is. Raises ModelpinError where nothing was tried, by night or by hand."""
    night = _last_night(arguments.name)
    tried = _last_tried()
    if night is not None and night.stat().st_mtime >= tried:
        return _of_night(night.parent)
    if not tried:
        raise ModelpinError(
            f"There is no night of {arguments.name or 'any model'} below {REPORTS / 'nights'}, and "
            "no version was tried by hand; `pytest-modelpin nightly` plays one, `pytest --model "
            "candidate` tries one, or download the artifact of a run there."
        )
    tried_by_hand = _tried_by_hand(arguments, pins)
    if night is not None and not tried_by_hand.candidate.selection[tried_by_hand.name].served:
        return _of_night(night.parent)  # it was another model that somebody tried since
    return tried_by_hand


def _last_night(name: str | None) -> Path | None:
    """The candidate's report of the newest night; None where there is none."""
    found = sorted((REPORTS / "nights").glob(f"*/{name or '*'}/candidate.json"))
    return found[-1] if found else None


def _last_tried() -> float:
    """When a run by hand last recorded anything; 0 where none did."""
    from pytest_modelpin.recordings.owner import TRIED

    return max((file.stat().st_mtime for file in TRIED.rglob("*.json")), default=0.0)


def _of_night(folder: Path) -> Reviewed:
    from pytest_modelpin.results.report_file import read

    return Reviewed(
        folder.name,
        read(folder.parent / "production.json"),
        read(folder / "candidate.json"),
        f"the night of {folder.parent.name}",
        folder / "review.json",
    )


def _tried_by_hand(arguments: argparse.Namespace, pins: Pins) -> Reviewed:
    from pytest_modelpin.cli.promote import check_known
    from pytest_modelpin.files import safe_name

    if arguments.name:
        check_known(pins.models, arguments.name)
    watched = [model for model in pins.models.values() if model.staging]
    chosen = [pins.models[arguments.name]] if arguments.name else watched
    if len(chosen) != 1 or not chosen[0].staging:
        raise ModelpinError(
            "Name the logical model that was tried: `pytest-modelpin review NAME`, one that has a "
            f"candidate: {', '.join(model.name for model in watched) or 'none has'}."
        )
    name, version = chosen[0].name, chosen[0].staging
    production, candidate = as_recorded(arguments, pins, name, version)
    served = "-".join(candidate.selection[name].served) or version
    remembered = REPORTS / "review" / f"{safe_name(name)}-{safe_name(served)}.json"
    return Reviewed(name, production, candidate, f"what was tried by hand of {served}", remembered)


def as_recorded(
    arguments: argparse.Namespace, pins: Pins, name: str, version: str
) -> tuple[Run, Run]:
    """The suite replayed on the pin and on another version, from whatever is recorded."""
    from pytest_modelpin.upgrade.suite import Suite

    suite = Suite(Path.cwd(), tests_of(arguments))
    production, candidate = (
        suite.run(
            f"--model={name}={each}",
            "--model-record=none",
            report=(REPORTS / "diff" / f"{side}.json").absolute(),
        )
        for side, each in (("production", pins[name]), ("other", version))
    )
    return production, candidate
