"""`judge calibrate`: measure the judge on the pin's own samples before it is believed."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_modelpin.cli import (
    REPORTS,
    add_project_options,
    pins_of,
    registry_for_pytest,
    tell_of_running,
    tests_of,
)
from pytest_modelpin.errors import ExitCode, ModelpinError
from pytest_modelpin.wording import counted, dollars

if TYPE_CHECKING:
    from modelpin_runtime.registry.models import Pins
    from pytest_modelpin.judge.calibration import Calibration
    from pytest_modelpin.results.case import Case


def options(parser: argparse.ArgumentParser) -> None:
    """Declare its options."""
    commands = parser.add_subparsers(dest="judge_command", metavar="calibrate", required=True)
    calibrate = commands.add_parser(
        "calibrate",
        help="how good the judge is, on equal answers of the pin's and on seeded changes",
        description="Replay the tests on the pins, put pairs of their own recorded samples to the "
        "judge, equal ones and ones with a changed number, negation, sentence or name, and keep "
        "what it found in judges/ beside models.yml, to be committed. A judge is believed only "
        "where it finds 70 % of the changes and calls at most 20 % of the equal pairs different.",
        epilog="exit codes: 0 believed, 1 not believed, 2 wrong usage, 3 not measured",
    )
    calibrate.add_argument(
        "--pairs", type=int, default=40, metavar="N", help="of either sort, at most; default 40"
    )
    calibrate.add_argument(
        "--budget", type=float, metavar="USD", help="default: `budget_usd` of `settings: judge:`"
    )
    calibrate.add_argument("--json", action="store_true", help="print JSON")
    add_project_options(calibrate, tests=True)


def run(arguments: argparse.Namespace) -> int:
    """Measure and keep; 0 believed, 1 not believed, 3 where too little could be measured."""
    from pytest_modelpin.judge.calibration import (
        Calibration,
        measure,
        path_of,
        why_too_few,
        write_calibration,
    )
    from pytest_modelpin.judge.calibration_pairs import pairs_of
    from pytest_modelpin.judge.judge import FOLDER, Judge

    pins = pins_of(arguments)
    if pins.settings.judge is None:
        raise ModelpinError(
            f"{pins.path} names no judge; add `settings: judge:` with a logical name of the file."
        )
    if arguments.pairs < 1:
        raise ModelpinError(f"--pairs {arguments.pairs}: it must be a whole number from 1.")
    if arguments.budget is not None and not 0 <= arguments.budget < float("inf"):
        raise ModelpinError("--budget must be a number of US dollars from 0.")
    judge = Judge(pins, Path.cwd() / FOLDER, usd=arguments.budget)
    if why := judge.why_not("", ()):
        raise ModelpinError(why)
    pairs = pairs_of(_cases(arguments, pins), arguments.pairs)
    if why := why_too_few(pairs, judge.model.production):
        if arguments.json:
            print(
                json.dumps(
                    _as_json(Calibration(judge.model.production, 0, 0, 0, 0), why, 0, 0.0), indent=2
                )
            )
        else:
            print(f"not measured, and nothing was asked: {why}")
        return ExitCode.INCONCLUSIVE
    most = pins.settings.judge_budget_usd if arguments.budget is None else arguments.budget
    calls = counted(2 * len(pairs.all), "call")
    tell_of_running(f"Asking {judge.model.production}, {calls} or {dollars(most)} at most")
    calibration = measure(judge, pairs)
    unread = len(pairs.all) - calibration.pairs
    path = path_of(judge.committed, judge.model.production)
    if calibration.is_measured:
        write_calibration(path, calibration)
    if arguments.json:
        print(json.dumps(_as_json(calibration, judge.problem, unread, judge.spent), indent=2))
    else:
        spent = judge.spent if judge.is_priced else None
        print("\n".join(_lines(calibration, judge.problem, unread, spent)))
        if calibration.is_measured:
            print(f"kept in {path}: commit it")
    if not calibration.is_measured:
        return ExitCode.INCONCLUSIVE
    return ExitCode.FOUND if calibration.why_not_believed else ExitCode.FINE


def _cases(arguments: argparse.Namespace, pins: Pins) -> list[Case]:
    """All cases on the pins, with as many samples as were recorded; the judge's own left out."""
    from pytest_modelpin.upgrade.suite import ALL_RECORDED, Suite

    suite = Suite(Path.cwd(), tests_of(arguments))
    tell_of_running("Replaying the suite on what is recorded of the pins")
    replayed = suite.run(
        "--model=production",
        f"--model-samples={ALL_RECORDED}",
        *registry_for_pytest(arguments),
        report=(REPORTS / "judge" / "production.json").absolute(),
    )
    return [case for case in replayed.cases if pins.settings.judge not in case.models]


def _lines(calibration: Calibration, problem: str, unread: int, spent: float | None) -> list[str]:
    """For a person; `spent` is None where the price of a reply is not known."""
    intervals = calibration.intervals()
    told = {
        "sensitivity": ("changes found", calibration.found, calibration.changed),
        "specificity": (
            "equal answers left alone",
            calibration.equal - calibration.false_alarms,
            calibration.equal,
        ),
    }
    said = [f"judge: {calibration.judge}"]
    for name, (what, hits, tries) in told.items():
        low, high = intervals[name]
        share = f": {hits / tries:.0%}, between {low:.0%} and {high:.0%}" if tries else ""
        said.append(f"{what}: {hits} of {tries}{share}")
    if calibration.injected:
        said.append(
            f"obeyed answers that told it to call them the same: {calibration.obeyed} of "
            f"{calibration.injected}"
        )
    if unread:
        of = unread + calibration.pairs
        said.append(f"no opinion on {unread} of {counted(of, 'pair')}: {problem}")
    why = calibration.why_not_believed
    if unread and not calibration.is_measured:
        said.append("not measured: too few opinions; mend what the line above says, and run again")
    elif not calibration.is_measured:
        said.append(f"not measured: {why}")
    else:
        said.append(f"not believed: {why}" if why else "believed: asked where detectors are unsure")
    unknown = "not known; name its price under `settings: prices:` in models.yml, so that "
    unknown += "`budget_usd` can count it"
    said.append(f"cost: {unknown if spent is None else dollars(spent)}")
    return said


def _as_json(
    calibration: Calibration, problem: str, unread: int, spent: float
) -> dict[str, object]:
    return {
        **asdict(calibration),
        "sensitivity": calibration.sensitivity,
        "specificity": calibration.specificity,
        "intervals": calibration.intervals(),
        "believed": not calibration.why_not_believed,
        "why_not": calibration.why_not_believed,
        "problem": problem,
        "unread": unread,
        "cost_usd": spent,
    }
