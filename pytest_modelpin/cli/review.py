"""`review`: through what a night or a run changed, the worst first: accept or reject."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_modelpin.cli.project_options import (
    add_ledger,
    add_project_options,
    forge_of,
    ledger_of,
    pins_of,
    who,
)
from pytest_modelpin.errors import ExitCode, ModelpinError
from pytest_modelpin.wording import counted

if TYPE_CHECKING:
    from rich.console import Console

    from pytest_modelpin.compare.comparison import CaseComparison
    from pytest_modelpin.ledger.store import Ledger
    from pytest_modelpin.report.changed_answers import ChangedAnswer
    from pytest_modelpin.results.case import Case

_KEYS = "a accept   r reject   s skip   i question   d other diff   q quit"


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "review",
        help="the last night's changed answers one by one: accept or reject",
        description="Go through the changed answers of the last night, or of what `pytest --model "
        "candidate` tried since, the worst first.",
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
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Review what changed; 0 where nothing is left to decide, 1 where something was rejected."""
    from rich.console import Console

    from pytest_modelpin.cli.review_case import show
    from pytest_modelpin.cli.review_runs import runs_to_review
    from pytest_modelpin.compare.comparison import compare
    from pytest_modelpin.ledger.decision import accepted_cases
    from pytest_modelpin.report.changed_answers import changed_answers

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
    done = _Decided(remembered, ledger, comparison.name, versions[0])
    accepted = accepted_cases(ledger.decisions(comparison.name), versions[0])
    cases = {case.id: case for case in comparison.cases}
    answers = [
        answer
        for answer in changed_answers(comparison, production, candidate)
        if answer.case not in accepted and "*" not in accepted and answer.case not in done.rejected
    ]
    console = Console(file=sys.stdout, highlight=False)
    if arguments.accept_all:
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


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a person is asked about: one case, on both sides."""

    case: CaseComparison
    answer: ChangedAnswer
    production: Case
    candidate: Case
    version: str


class _Decided:
    """What a person has decided so far: accepted into the ledger, rejected beside the night."""

    def __init__(self, path: Path, ledger: Ledger, name: str, version: str) -> None:
        self._path, self._ledger, self._name, self._version = path, ledger, name, version
        self.rejected: list[str] = json.loads(path.read_text("utf-8")) if path.exists() else []

    def accept(self, cases: list[str]) -> None:
        from pytest_modelpin.clock import utc_now
        from pytest_modelpin.ledger.decision import Decision

        at = utc_now().isoformat(timespec="milliseconds")
        self._ledger.decide(
            Decision(
                self._name,
                self._version,
                "accepted",
                "reviewed",
                at,
                cases=tuple(cases),
                who=who(),
            )
        )

    def reject(self, case: str) -> None:
        from pytest_modelpin.redaction.written import write_redacted

        self.rejected.append(case)
        write_redacted(self._path, json.dumps(self.rejected, indent=1))


def _only(case: CaseComparison, kind: str) -> bool:
    kinds = {drift.kind for drift in case.drifts}
    return kinds == {kind} and case.candidate.passes == case.candidate.samples


def _decide(console: Console, done: _Decided, one: _Asked, by_line: bool) -> bool:
    """Ask until there is a decision; False to stop."""
    from pytest_modelpin.cli.review_case import ask, show_answers
    from pytest_modelpin.cli.review_reject import reject

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
