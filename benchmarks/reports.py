"""What it costs to compare big runs, to merge a divided one, and to look years back.

All through the command line, in a process of its own. Comparing uses all cores, so that what
counts is the time on the clock, and the memory of all its processes together.
"""

from __future__ import annotations

import sys
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from statistics import median

from answers import PIN, Change, write_report
from figures import Figure, Group, Row, rows
from memory import peak_megabytes
from timing import medians, process_cost

from pytest_modelpin.errors import ExitCode
from pytest_modelpin.ledger import Night, night_line
from pytest_modelpin.ledger.store import nights_file

_MODELPIN = (sys.executable, "-m", "pytest_modelpin")
_PAGE = """
import os
from pathlib import Path
from pytest_modelpin.results.report_file import collector_paused
from pytest_modelpin.compare.comparison import compare
from pytest_modelpin.compare.decide import decide
from pytest_modelpin.report.page import comparison_page
from pytest_modelpin.results.report_file import read

@collector_paused()
def page():
    production, candidate = read(Path("production.json")), read(Path("{change}.json"))
    comparison = compare(production, candidate, "support", jobs=os.cpu_count())
    page = comparison_page(comparison, decide(comparison), production, candidate)
    Path("{change}.html").write_text(page, "utf-8")

page()
"""
_READ = """
from pathlib import Path
from pytest_modelpin.ledger.store import FolderLedger
from pytest_modelpin.ledger.nights import streak

ledger = FolderLedger(Path("ledger"))
for number in range({models}):
    streak(ledger.read(f"model-{{number}}"))
"""
_CHANGES: dict[Change, str] = {
    "half": "another number in half of the answers",
    "all": "all answers in other words",
}


_SAMPLED: dict[Change, str] = {
    "half": "half of the cases unchanged, half reworded with another number",
    "all": "all answers reworded",
}


def comparing(folder: Path, cases: int, repeats: int) -> Group:
    """Two reports, compared; printed, and as an HTML page."""
    folder.mkdir(parents=True)
    write_report(folder / "production.json", range(cases))
    measured, figures = [], []
    for change, changed in _CHANGES.items():
        write_report(folder / f"{change}.json", range(cases), change)
        compared = (*_MODELPIN, "compare", "production.json", f"{change}.json")
        page = (sys.executable, "-c", _PAGE.format(change=change))
        for form, command in (("printed", compared), ("HTML page", page)):
            seconds = median(process_cost(command, folder).clock for _ in range(repeats))
            megabytes = peak_megabytes(command, folder)
            name = f"{changed}: {form}"
            measured.append(Row(name, seconds, megabytes=megabytes))
            figures += [
                Figure(f"{name} (s)", seconds, at_most=5),
                Figure(f"{name} (MB)", megabytes, at_most=1000),
            ]
    return Group(
        f"Compare: {cases:,} cases with an answer of 1 KB",
        tuple(measured),
        tuple(figures),
        clock="clock",
    )


def comparing_samples(folder: Path, cases: int, repeats: int) -> Group:
    """Three samples of the candidate's against five of the pin's, no two worded alike.

    The bars are 5 and 20 seconds on two cores; counted are the processor's, of both together, so
    that a busy machine tells as much as an idle one.
    """
    folder.mkdir(parents=True)
    write_report(folder / "production.json", range(cases), samples=5)
    subjects = {}
    for change in _SAMPLED:
        write_report(folder / f"{change}.json", range(cases), change, samples=3)
        compared = (*_MODELPIN, "compare", "production.json", f"{change}.json")
        code = ExitCode.INCONCLUSIVE if change == "half" else ExitCode.FINE  # to be confirmed
        subjects[_SAMPLED[change]] = partial(process_cost, compared, folder, expected=code)
    costs = {name: cost.seconds for name, cost in medians(subjects, repeats).items()}
    return Group(
        f"Compare: {cases:,} cases, 3 samples against 5 of the pin",
        rows(costs),
        tuple(
            Figure(f"{name}: of two cores (s)", seconds / 2, at_most=most)
            for (name, seconds), most in zip(costs.items(), (5, 20), strict=True)
        ),
    )


def merging(folder: Path, cases: int, shards: int, repeats: int) -> Group:
    """The reports of a suite that ran on several machines, made one."""
    folder.mkdir(parents=True)
    write_report(folder / "whole.json", range(cases), "half")
    for shard in range(shards):
        write_report(folder / f"{shard}.json", range(shard, cases, shards), "half")
    reports = [f"{shard}.json" for shard in range(shards)]
    merge = (*_MODELPIN, "compare", "--merge", *reports, "-o", "merged.json")
    costs = medians({"": partial(process_cost, merge, folder)}, repeats)
    return Group(
        f"Scale: {cases:,} cases in the reports of {shards} machines",
        rows({"merged into one": costs[""].seconds}),
    )


def looking_back(folder: Path, models: int, years: int, repeats: int) -> Group:
    """Years of nights beside none: read with each model's streak, and in `status`."""
    read = (sys.executable, "-c", _READ.format(models=models))
    status = (*_MODELPIN, "status", "--ledger", "ledger", "--today", "2026-11-20")
    subjects = {}
    for name, nights in (("no night yet", 0), (f"{365 * years * models:,} nights", 365 * years)):
        _ledger(folder / name, models, nights)
        for what, command in (("read, with the streaks", read), ("`status`", status)):
            subjects[f"{what}: {name}"] = partial(process_cost, command, folder / name)
    costs = {name: cost.seconds for name, cost in medians(subjects, repeats).items()}
    read_none, status_none, read_all, status_all = costs.values()
    return Group(
        f"Scale: a ledger of {years} years × {models} models",
        rows(costs),
        (
            Figure("added to reading by the nights (s)", read_all - read_none, at_most=0.2),
            Figure("added to `status` by the nights (s)", status_all - status_none, at_most=0.2),
        ),
    )


def _ledger(folder: Path, models: int, nights: int) -> None:
    """A models.yml, and each model's nights of 40 cases: green, by one version for a month."""
    ledger = folder / "ledger"
    ledger.mkdir(parents=True)
    names = [f"model-{number}" for number in range(models)]
    pins = [
        f"  {name}:\n    production: {PIN}\n    staging: gpt-4o\n    last_validated: 2026-11-02\n"
        for name in names
    ]
    (folder / "models.yml").write_text("models:\n" + "".join(pins))
    cases = {f"tests/test_answers.py::test_case[{n}]": (3, 3, 3, 3) for n in range(40)}
    days = [date(2026, 11, 20) - timedelta(days=n) for n in reversed(range(nights))]
    for name in names:
        lines = [
            night_line(
                Night(
                    day=day.isoformat(),
                    name=name,
                    pin=PIN,
                    asked="gpt-4o",
                    served=f"gpt-4o-{day:%Y-%m}-01",
                    fingerprint="a1",
                    colour="green",
                    cases=cases,
                    at=f"{day.isoformat()}T03:00:00+00:00",
                )
            )
            for day in days
        ]
        (ledger / nights_file(name)).write_text("".join(f"{line}\n" for line in lines))
