"""`review`: through what a night or a run changed, the worst first: accept or reject.

And `accept`, which decides for all of a version's changes at once.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, get_args

from modelpin_runtime.errors import did_you_mean
from pytest_modelpin.cli import (
    REPORTS,
    add_ledger,
    add_project_options,
    forge_of,
    ledger_of,
    models_of,
    pins_of,
    tell,
    tell_of_running,
    tests_of,
)
from pytest_modelpin.drift.drift import DriftKind
from pytest_modelpin.errors import SITE, ExitCode, ModelpinError
from pytest_modelpin.run_git import who
from pytest_modelpin.wording import counted

if TYPE_CHECKING:
    from rich.console import Console

    from pytest_modelpin.cli.review_case import Decided
    from pytest_modelpin.compare.comparison import CaseComparison, Comparison
    from pytest_modelpin.registry import Pins
    from pytest_modelpin.report.comparison_text import ChangedAnswer
    from pytest_modelpin.results.case import Case
    from pytest_modelpin.results.run import Run


_KEYS = "a accept   r reject   s skip   i question   d other diff   q quit"


def options(parser: argparse.ArgumentParser) -> None:
    """Declare its options."""
    parser.description = (
        "Go through the changed answers of the last night, or of what `pytest --model "
        "candidate` tried since, the worst first."
    )
    parser.add_argument(
        "name", nargs="?", metavar="NAME", help="the logical model; default: the one tried last"
    )
    parser.add_argument(
        "--accept-all",
        metavar="KIND",
        help="accept, without asking, every case whose findings are of this kind alone",
    )
    add_project_options(parser, tests=True)
    add_ledger(parser)


def run(arguments: argparse.Namespace) -> int:
    """Review what changed; 0 where nothing is left to decide, 1 where something was rejected."""
    from rich.console import Console

    from pytest_modelpin.cli.review_case import Decided, show
    from pytest_modelpin.compare.comparison import compare
    from pytest_modelpin.ledger.decision import accepted_cases
    from pytest_modelpin.report.comparison_text import changed_answers

    pins = pins_of(arguments)
    name, production, candidate, source, remembered = runs_to_review(arguments, pins)
    comparison = compare(production, candidate, name, pins.settings)
    versions = comparison.candidate.served
    if len(versions) != 1:
        raise ModelpinError(
            f"In {source}, {len(versions)} versions answered; a decision holds for exactly one. "
            "Play another night."
        )
    ledger = ledger_of(arguments, forge_of(arguments))
    done = Decided(remembered, ledger, comparison.name, versions[0])
    accepted = accepted_cases(ledger.decisions(comparison.name), versions[0])
    cases = {case.id: case for case in comparison.cases}
    answers = [
        answer
        for answer in changed_answers(comparison, production, candidate)
        if answer.case not in accepted and "*" not in accepted and answer.case not in done.rejected
    ]
    console = Console(file=sys.stdout, highlight=False)
    if arguments.accept_all:
        _refuse_no_kind(arguments.accept_all, comparison)
        taken = [a.case for a in answers if _only(cases[a.case], arguments.accept_all)]
        if taken:
            done.accept(taken)
        console.print(f"{len(taken)} of {len(answers)} changed answers accepted.")
        return ExitCode.FINE
    console.print(f"{source}: {counted(len(answers), 'changed answer')}")
    before = {case.id: case for case in production.cases}
    after = {case.id: case for case in candidate.cases}
    for number, answer in enumerate(answers, 1):
        case = cases[answer.case]
        by_line = show(console, case, answer, f"{number} of {len(answers)}")
        one = _Asked(case, answer, before[case.id], after[case.id], versions[0])
        if not _decide(console, done, one, by_line):
            console.print("Stopped; run it again to go on from here.")
            break
    else:
        console.print("Nothing is left to review.")
    return ExitCode.FOUND if done.rejected else ExitCode.FINE


def _refuse_no_kind(kind: str, comparison: Comparison) -> None:
    """A team's own detectors have kinds of their own, of which a finding shows the name."""
    known = {
        *get_args(DriftKind),
        *(drift.kind for case in comparison.cases for drift in case.drifts),
    }
    if kind not in known:
        raise ModelpinError(
            f"--accept-all {kind}: no finding is of that kind.{did_you_mean(kind, known)} "
            f"All kinds: {SITE}drift/#the-kinds"
        )


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a person is asked about: one case, on both sides."""

    case: CaseComparison
    answer: ChangedAnswer
    production: Case
    candidate: Case
    version: str


def _only(case: CaseComparison, kind: str) -> bool:
    kinds = {drift.kind for drift in case.drifts}
    return kinds == {kind} and case.candidate.passes == case.candidate.samples


def _decide(console: Console, done: Decided, one: _Asked, by_line: bool) -> bool:
    """Ask until there is a decision; False to stop."""
    from pytest_modelpin.cli.review_case import ask, reject, show_answers

    console.print(f"  {_KEYS}", style="dim")
    keys = typed()
    for key in keys:
        match key:
            case "a":
                done.accept([one.case.id])
                console.print(f"accepted for {one.version}", style="green")
                return True
            case "r":
                if reject(console, keys, one.case, one.production, one.candidate):
                    done.reject(one.case.id)
                    return True
            case "s" | " ":
                return True
            case "i":
                ask(console, one.candidate)
            case "d":
                by_line = show_answers(console, one.answer, not by_line)
            case "q":
                return False
        console.print(f"  {_KEYS}", style="dim")
    return False


def typed() -> Iterator[str]:
    """The keys as they are pressed; lines where the input is no terminal. Ends with the input."""
    try:
        import termios
        import tty
    except ImportError:  # Windows: each key needs Enter
        yield from (line.strip()[:1].lower() for line in sys.stdin)
        return
    if not sys.stdin.isatty():
        yield from (line.strip()[:1].lower() for line in sys.stdin)
        return
    place = sys.stdin.fileno()
    before = termios.tcgetattr(place)
    while True:
        try:
            tty.setcbreak(place, termios.TCSADRAIN)  # what was typed ahead stays
            key = sys.stdin.read(1)
        finally:
            termios.tcsetattr(place, termios.TCSADRAIN, before)
        if not key or key == "\x04":
            return
        yield key.lower()


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
    night = last_night(arguments.name)
    tried = _last_tried()
    if night is not None and (night / "candidate.json").stat().st_mtime >= tried:
        return _of_night(night)
    if not tried:
        if arguments.name:
            models_of(pins, [arguments.name])  # a slip in the name is said first
        raise ModelpinError(
            f"There is no night of {arguments.name or 'any model'} below {REPORTS / 'nights'}, and "
            "no version was tried by hand; `pytest-modelpin nightly` plays one, `pytest --model "
            "candidate` tries one, or download the artifact of a run there."
        )
    tried_by_hand = _tried_by_hand(arguments, pins)
    if night is not None and not tried_by_hand.candidate.selection[tried_by_hand.name].served:
        return _of_night(night)  # it was another model that somebody tried since
    return tried_by_hand


def last_night(name: str | None) -> Path | None:
    """The folder of the newest night that holds both sides' reports; None where there is none."""
    found = sorted(REPORTS.glob(f"nights/*/{name or '*'}/candidate.json"), reverse=True)
    beside = (each.parent for each in found if (each.parents[1] / "production.json").is_file())
    return next(beside, None)


def heard_at_night(night: Path) -> tuple[Run, Run, str]:
    """Both sides' reports, and which night it was."""
    from pytest_modelpin.results.report_file import read

    day = night.parent
    return read(day / "production.json"), read(night / "candidate.json"), f"the night of {day.name}"


def _last_tried() -> float:
    """When a run by hand last recorded anything; 0 where none did."""
    from pytest_modelpin.recordings.owner import TRIED

    return max((file.stat().st_mtime for file in TRIED.rglob("*.json")), default=0.0)


def _of_night(folder: Path) -> Reviewed:
    return Reviewed(folder.name, *heard_at_night(folder), folder / "review.json")


def _tried_by_hand(arguments: argparse.Namespace, pins: Pins) -> Reviewed:
    from pytest_modelpin.files import safe_name

    if arguments.name:
        models_of(pins, [arguments.name])
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
    tell_of_running(f"Replaying the suite on {pins[name]} and on {version}")
    production, candidate = (
        suite.run(
            f"--model={name}={each}",
            "--model-record=none",
            "--model-samples=1000",  # all there are: the pin's say what may vary
            report=(REPORTS / "diff" / f"{side}.json").absolute(),
        )
        for side, each in (("production", pins[name]), ("other", version))
    )
    return production, candidate


def accept_options(parser: argparse.ArgumentParser) -> None:
    """`accept`: what changed in a version's answers is wanted."""
    parser.add_argument("name", metavar="NAME", help="the logical model")
    parser.add_argument(
        "cases", nargs="*", default=[],  # without one, argparse would say that a CASE is required
        metavar="CASE", help="test ids, or how they end; default: every case",
    )  # fmt: skip
    parser.add_argument("--to", metavar="ID", help="the version; default: what last served")
    add_ledger(parser)
    add_project_options(parser)


def run_accept(arguments: argparse.Namespace) -> int:
    """Write it to the ledger; the next night goes by it."""
    from pytest_modelpin.cli.moves import served_last
    from pytest_modelpin.ledger.decision import accept

    models_of(pins_of(arguments), [arguments.name])
    ledger = ledger_of(arguments, forge_of(arguments))
    version = arguments.to or served_last(arguments, ledger)
    if not version:
        raise ModelpinError(
            f"The ledger knows no version that answered for {arguments.name}, so there is nothing "
            "to accept. Run `pytest-modelpin nightly` first, or name its place with --ledger."
        )
    accepted = accept(
        ledger,
        arguments.name,
        version,
        arguments.cases,
        because="accepted by command",
        who=who(Path.cwd()),
    )
    what = ", ".join(accepted) if accepted else "every case"
    tell(f"{arguments.name}: what changed in {version} is accepted for {what}.")
    tell(
        "From the next night on, these answers are held to the candidate's own; the tests' own "
        "asserts have to hold as before. Another version is asked about anew."
    )
    return ExitCode.FINE
