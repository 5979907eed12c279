"""The page of one pytest session: what was tried, beside the pin's recordings."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

from modelpin_runtime.registry.models import Pins
from pytest_modelpin.compare.comparison import compare
from pytest_modelpin.compare.decide import decide
from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.redaction.written import write_redacted
from pytest_modelpin.report.page.context import context_of_runs
from pytest_modelpin.report.page.render import comparison_page
from pytest_modelpin.results.case import Answer, Case, Sample
from pytest_modelpin.results.report_file import from_json, redacted
from pytest_modelpin.results.run import Asked, Run


def write_pages(
    path: Path,
    run: Run,
    pins: Mapping[str, Case],
    models: Pins,
    secrets: Collection[str] = (),
) -> tuple[Path, ...]:
    """Write a page for each logical model that was tried on another version; gives the files.

    `pins` are, by case id, what the pin replied as it is recorded. With several models each page's
    name ends with its model's. Raises ModelpinError where nothing was tried or a file can't be
    written.
    """
    tried = [asked for asked in run.selection.values() if asked.id != asked.production]
    tried = [asked for asked in tried if any(asked.name in case.models for case in run.cases)]
    if not tried:
        raise ModelpinError(
            "--model-html shows a version beside its pin, and no test asked any other version; "
            "add `--model candidate`."
        )
    # The page packs the answers, where no secret can be found any more: they are taken out before.
    run = from_json(redacted(run, secrets))
    written = []
    for asked in tried:
        named = path if len(tried) == 1 else path.with_stem(f"{path.stem}-{asked.name}")
        production = pinned_run(run, pins, asked)
        comparison = compare(production, run, asked.name, models.settings)
        verdict = decide(comparison, models.settings)
        model = models.models.get(asked.name)
        context = context_of_runs(comparison, production, run, models.settings, model)
        page = comparison_page(comparison, verdict, production, run, context)
        try:
            write_redacted(named, page)
        except OSError as error:
            raise ModelpinError(
                f"--model-html {named} can't be written: {error.strerror or error}."
            ) from None
        written.append(named)
    return tuple(written)


def pinned_run(run: Run, pins: Mapping[str, Case], asked: Asked) -> Run:
    """Production's side, made of the pin's recordings and the accepted answers.

    A case that has neither is left out: it has nothing to be compared with.
    """
    cases = []
    for case in run.cases:
        accepted = _accepted(case)
        samples = pins[case.id].samples if case.id in pins else ()
        if asked.name in case.models and (samples or accepted):
            beside = samples or (Sample("passed"),)
            cases.append(
                replace(case, samples=tuple(replace(each, answers=accepted) for each in beside))
            )
    pin = Asked(asked.name, asked.production, "production", asked.production, "none",
                (asked.production,))  # fmt: skip
    return replace(run, selection={asked.name: pin}, cases=tuple(cases), notes=(), unseen=())


def _accepted(case: Case) -> tuple[Answer, ...]:
    """What the repository accepts for each of the case's snapshots, as if the pin had said it."""
    answers = case.samples[0].answers if case.samples else ()
    return tuple(
        Answer(each.snapshot, each.accepted, each.accepted)
        for each in answers
        if each.accepted is not None
    )
