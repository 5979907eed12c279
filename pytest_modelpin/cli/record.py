"""`record`: ask the pins live whatever the suite asks and no recording holds yet."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_modelpin.cli import (
    REPORTS,
    add_project_options,
    pins_of,
    registry_for_pytest,
    tell,
    tests_of,
)
from pytest_modelpin.cli.recorded_samples import told_by_samples
from pytest_modelpin.errors import ExitCode, ModelpinError
from pytest_modelpin.wording import OWN_CACHE, counted, dollars, plural, some, total

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from modelpin_runtime.registry.models import Settings
    from pytest_modelpin.registry import Pins
    from pytest_modelpin.results.case import Case
    from pytest_modelpin.results.run import Run

_NOTHING_COLLECTED = 5  # pytest's exit code
_WANTS_FOLDER = (
    "Plain `pytest` can't import your code: `python -m pytest`, as tests are run here and at "
    "night, has this folder on its path. Write `pythonpath = .` into pytest's ini file, or go on "
    "with `python -m pytest`."
)


def options(parser: argparse.ArgumentParser) -> None:
    """Declare its options."""
    parser.description = (
        "Run pytest on the pins in models.yml, live where a reply is not recorded "
        "yet, and accept the answers that have no accepted one. Further samples of each case say "
        "what may vary. Run again, it asks only what is missing."
    )
    parser.epilog = "exit codes: 0 recorded, 1 a test failed, 2 nothing could be run"
    parser.add_argument(
        "arguments",
        nargs="*",
        metavar="ARG",
        help="for pytest: paths and node ids; options after `--`, as in `record -- -k refund`",
    )
    parser.add_argument(
        "--samples", type=int, metavar="N", help="of each case; default: settings.pin_samples, 5"
    )
    add_project_options(parser, tests=True)


def run(arguments: argparse.Namespace) -> int:
    """Record; 0 where every test passed, 1 where one failed, 2 where pytest ran none."""
    from pytest_modelpin.recordings.beside_questions import nothing_to_compare
    from pytest_modelpin.results import report_file
    from pytest_modelpin.upgrade.bump.first_samples import put_passing_first_of_new
    from pytest_modelpin.upgrade.bump.kept_answers import in_force, write_readable
    from pytest_modelpin.upgrade.suite import Suite

    pins = pins_of(arguments)
    samples = pins.settings.pin_samples if arguments.samples is None else arguments.samples
    if samples < 1:
        raise ModelpinError(f"--samples {samples}: it must be a whole number from 1.")
    report = (REPORTS / "record" / "run.json").absolute()
    _make_room(report)
    suite = Suite(Path.cwd(), (*tests_of(arguments), *arguments.arguments))
    code = suite.shown(
        "--model=production",
        "--model-record=new",
        f"--model-samples={samples}",
        "--model-accept-new",
        f"--model-report={report}",
        *registry_for_pytest(arguments),
    )
    if code == _NOTHING_COLLECTED:
        raise ModelpinError(
            "pytest found no tests, so nothing is recorded; write one that asks a model, or name "
            "the folder of those there are."
        )
    if code not in (0, 1) or not report.exists():
        raise ModelpinError(f"pytest did not run the tests (its exit code is {code}); see above.")
    recorded = report_file.read(report)
    heard = any(case.models for case in recorded.cases)
    if not heard and (no_key := want_of_keys(recorded)):
        raise ModelpinError(f"Nothing was recorded: {no_key}")
    if not any(case.models or case.lost for case in recorded.cases):
        beside = "" if code else nothing_to_compare(Path.cwd(), in_force(pins))
        tell(nothing_asked(recorded, failed=code == 1, beside=beside))
        return ExitCode.FOUND if code else ExitCode.FINE
    in_front = put_passing_first_of_new(suite, recorded, in_force(pins))
    answered = {case.id for case in recorded.cases if any(one.answers for one in case.samples)}
    if accepting := [id for id in in_front if id in answered]:
        suite.run(
            "--model=production",
            "--model-record=none",
            "--model-accept-all",
            *registry_for_pytest(arguments),
            report=report.with_name("first_samples.json"),
            tests=accepting,
        )
    tell(*lines(recorded, samples, pins.settings, in_front))
    if not (suite.arguments or recorded.deselected):
        tell(*unasked(recorded, pins))
    write_readable(Path.cwd(), in_force(pins))
    if suite.wants_its_folder():
        tell(_WANTS_FOLDER)
    return ExitCode.FOUND if code else ExitCode.FINE


def _make_room(report: Path) -> None:
    """Take an earlier report away. Raises ModelpinError where none may be written: else a whole
    suite would be asked, and paid for, before that comes to light.
    """
    from pytest_modelpin.redaction.written import write_redacted

    try:
        write_redacted(report, "")
        report.unlink()
    except OSError as error:
        raise ModelpinError(
            f"{report.parent} can't be written to ({error.strerror}), so nobody was asked. "
            "Recordings are files of the repository: run `record` in a checkout that you may "
            "write to."
        ) from None


def want_of_keys(run: Run) -> str | None:
    """What is said of the first key that is missing, where no model of the run has one."""
    said = [note.partition("there is no key for ") for note in run.notes]
    without = [f"{no_key}{rest}" for _, no_key, rest in said if no_key]
    return without[0] if without and len(without) >= len(run.selection) else None


def nothing_asked(run: Run, *, failed: bool, beside: str = "") -> str:
    """Why nothing was recorded; `failed`: whether a test did.

    `beside` is what is said of pins that were asked in other calls than questions.
    """
    if unseen := _not_recorded([case for case in run.cases if case.left_out]):
        return f"Nothing was recorded: {unseen[0]}"
    if failed:
        return (
            "Nothing was recorded: tests failed, and none got as far as asking one of models.yml: "
            f"{', '.join(run.selection)}. Why they failed stands above; a cassette (vcrpy's) that "
            "lacks what a test asks fails it before its model is asked."
        )
    if beside:
        return beside
    return (
        "Nothing was recorded, for no test that ran asks one of models.yml: "
        f"{', '.join(run.selection)}. Write one that calls the code which asks it, or name the "
        f"folder of those there are. Where one does, {OWN_CACHE} answered: turn it off for tests."
    )


def lines(run: Run, samples: int, settings: Settings, in_front: Collection[str] = ()) -> list[str]:
    """What was recorded and what it cost, then the cases that need another look.

    `in_front`: ids of the cases of which a sample that passes was put first.
    """
    from pytest_modelpin.results.case import shared_once

    cases = [case for case in run.cases if any(one.calls or one.shared for one in case.samples)]
    heard = replace(run, cases=shared_once(run.cases))
    calls = [call for case in heard.cases for sample in case.samples for call in sample.calls]
    fresh = [call for call in calls if call.fresh]
    said = [
        f"{counted(len(cases), 'case')}, {counted(samples, 'sample')} each: "
        f"{counted(len(fresh), 'reply', 'replies')} recorded, "
        f"{len(calls) - len(fresh)} known already"
    ]
    lost = [case.id for case in run.cases if case.lost]
    past = [case for case in run.cases if case.left_out]
    if calls and not fresh and not lost and not past:
        said[0] += "; nothing was missing, so nothing was asked"
    if fresh:
        usage = [call.reply.usage for call in fresh]
        tokens_in = total(each.input_tokens for each in usage)
        tokens_out = total(each.output_tokens for each in usage)
        said[0] += f"; tokens {tokens_in} in, {tokens_out} out; {_cost(heard, settings)}"
    said += _failed([case for case in run.cases if case.id not in lost], in_front)
    said += _not_recorded(past)
    said += told_by_samples(run, cases)
    no_key = {id: key for id in lost if (key := _no_key(run, id))}
    lost = [id for id in lost if id not in no_key]
    if no_key:
        has = plural(len(no_key), "case has", "cases have")
        keys = " and ".join(dict.fromkeys(no_key.values()))
        said.append(
            f"{len(no_key)} {has} no recording, for want of a key: {some(list(no_key))}. "
            f"Set {keys}, then run `pytest-modelpin record` again; it asks only what is missing."
        )
    if lost:
        said.append(
            f"{counted(len(lost), 'case')} lost to provider errors, so not recorded whole: "
            f"{some(lost)}. Run `pytest-modelpin record` again; it asks only what is missing."
        )
    return said


def _failed(cases: Sequence[Case], in_front: Collection[str]) -> list[str]:
    """What plain `pytest` makes of the cases that failed, in all samples or in some."""
    failing = [case for case in cases if case.passes < case.tries]
    waver = {
        case.id: f"{case.id} ({case.passes} of {case.tries} passed)"
        for case in failing
        if case.id in in_front or case.samples[0].outcome == "passed"
    }
    fail = [case.id for case in failing if case.id not in waver]
    said = []
    if waver:
        has = plural(len(waver), "wavers", "waver")
        said.append(
            f"{counted(len(waver), 'case')} {has} on the pin: {some(list(waver.values()))}. Plain "
            "`pytest` replays a sample that passes; nights count them all."
        )
    if fail:
        said.append(
            f"{counted(len(fail), 'case')} failed on the pin, and what was heard is recorded all "
            f"the same: {some(fail)}"
        )
    return said


def _not_recorded(cases: Sequence[Case]) -> list[str]:
    """A sentence about the cases that asked a model where nothing could be recorded."""
    if not cases:
        return []
    first = cases[0]
    more = f" (and {counted(len(cases) - 1, 'other')})" if len(cases) > 1 else ""
    cure = first.left_out_cure
    return [
        f"{counted(len(cases), 'case')} {plural(len(cases), 'is', 'are')} not recorded whole: "
        f"{first.id} {first.left_out}{more}."
        + (f" What helps: {cure}, then run `pytest-modelpin record` again." if cure else "")
    ]


def unasked(run: Run, pins: Pins) -> list[str]:
    """A sentence about the models that no test of a whole suite asks, where others are asked."""
    asked = {name for case in run.cases for name in case.models}
    judge = pins.settings.judge
    names = [name for name in run.selection if name not in asked and name != judge]
    if not names or not asked:
        return []
    waiting = [name for name in names if pins.models[name].staging]
    watched = [name for name in names if name not in waiting]
    its = plural(len(waiting), "its candidate", "their candidates")
    of_it = plural(len(watched), "it", "them")
    said = {f"no night can try {its}": waiting, f"nothing is recorded of {of_it}": watched}
    return [
        f"No test asks {', '.join(each)}, so {consequence}."
        for consequence, each in said.items()
        if each
    ]


def _no_key(run: Run, id: str) -> str | None:
    """The variable of the key that a lost case says it lacks; None where it was lost else."""
    from pytest_modelpin.providers import provider_named
    from pytest_modelpin.providers.api_keys import key_lacked

    messages = (one.message for case in run.cases if case.id == id for one in case.samples)
    named = provider_named(next(filter(None, map(key_lacked, messages)), None))
    return named.key_variables[0] if named and named.key_variables else None


def _cost(run: Run, settings: Settings) -> str:
    from pytest_modelpin.providers.prices import counts_tokens, price, why_unpriced
    from pytest_modelpin.results.run import fresh_calls, spent_on

    spent, priced = spent_on(run.cases, settings.prices)
    calls = fresh_calls(run.cases)
    unknown = len(calls) - priced
    if not unknown:
        return dollars(spent)
    of = [call.reply for call in calls if price(call.reply, settings.prices) is None]
    why = list(dict.fromkeys(why_unpriced(reply) for reply in of if counts_tokens(reply)))
    if why:
        why[-1] += (
            ". Name it under `settings: prices:` in models.yml, so that a budget can count it"
        )
    said = "; ".join((*_uncounted(run), *why))
    return (
        f"{dollars(spent)} + {unknown} of unknown price: {said}"
        if priced
        else (f"price unknown: {said}")
    )


def _uncounted(run: Run) -> list[str]:
    """Which fresh replies count no tokens, by model, in which cases, and what helps."""
    from pytest_modelpin.providers.prices import counts_tokens, why_uncounted
    from pytest_modelpin.results.run import fresh_calls

    found: dict[tuple[str, str], list[str]] = {}
    for case in run.cases:
        for call in fresh_calls([case]):
            if not counts_tokens(call.reply):
                why = why_uncounted(call.reply, case.questions.get(call.request))
                found.setdefault((call.name, why), []).append(case.id)
    return [
        f"{counted(len(cases), 'reply', 'replies')} of {name} "
        f"({some(list(dict.fromkeys(cases)), 3)}) {why}"
        for (name, why), cases in found.items()
    ]
