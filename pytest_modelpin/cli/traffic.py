"""Captured traffic: `import` makes pytest cases of it, `shadow` asks it again, side by side."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from dataclasses import asdict, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_modelpin.cli import (
    add_ledger,
    add_project_options,
    ledger_here,
    models_of,
    pins_of,
)
from pytest_modelpin.errors import ExitCode, ModelpinError
from pytest_modelpin.wording import counted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from modelpin_runtime.registry.models import Model, Pins, Settings
    from pytest_modelpin.compare.comparison import Comparison
    from pytest_modelpin.gate.verdict import Verdict
    from pytest_modelpin.production.captured_suite import CapturedCase, Chosen, Hook
    from pytest_modelpin.production.traffic import Captured
    from pytest_modelpin.results.run import Run
    from pytest_modelpin.upgrade.nightly.live_runs import FreshSamples
    from pytest_modelpin.upgrade.suite import Suite


def import_options(parser: argparse.ArgumentParser) -> None:
    """`import`: a sample of what production asked, as pytest cases with recordings."""
    parser.description = (
        "Write a test module with one case for each captured request, and a recording "
        "of each captured reply of the pin's. Secrets are taken out of both."
    )
    add_traffic(parser, sample=20)
    parser.add_argument(
        "--into", metavar="FOLDER", type=Path, default=Path("tests/captured"),
        help="where the cases go; tests/captured",
    )  # fmt: skip
    add_project_options(parser)


def add_traffic(parser: argparse.ArgumentParser, *, sample: int) -> None:
    """What `import` and `shadow` have in common."""
    parser.add_argument(
        "traffic", metavar="TRAFFIC", type=Path,
        help="observations with content, request logs as JSON lines, GenAI spans, HAR; or a folder",
    )  # fmt: skip
    parser.add_argument("--name", metavar="NAME", help="the logical model; default: the one asked")
    parser.add_argument(
        "--sample", type=int, default=sample, metavar="N",
        help=f"different requests at most; {sample}",
    )  # fmt: skip
    parser.add_argument(
        "--redact", metavar="MODULE:FUNCTION",
        help="called with each request's body: gives the body to use, or None to leave it out",
    )  # fmt: skip


_BIG = 50 * 2**20
"""Bytes; from here on reading takes seconds, and is told of."""


def chosen(arguments: argparse.Namespace, pins: Pins) -> tuple[Model, Chosen]:
    """The logical model that the traffic asks, and the cases. Raises ModelpinError."""
    from pytest_modelpin.production.captured_suite import choose
    from pytest_modelpin.production.traffic import read, size_of

    if arguments.sample < 1:
        raise ModelpinError(f"--sample {arguments.sample}: it must be a whole number from 1.")
    if (size := size_of(arguments.traffic)) >= _BIG:
        print(f"Reading {size / 2**20:,.0f} MB …", file=sys.stderr, flush=True)
    traffic = read(arguments.traffic)
    model = _model(pins, arguments.name, traffic.requests)
    hook = _hook(arguments.redact) if arguments.redact else None
    found = choose(traffic.requests, model, arguments.sample, hook)
    if traffic.torn:
        found = replace(
            found, left_out={**found.left_out, "in lines that are no JSON": traffic.torn}
        )
    return model, found


def summary(found: Chosen) -> str:
    """What was chosen, and what became of the rest, in a sentence."""
    left = _told(found.left_out)
    return f"{counted(len(found.cases), 'captured request')}{f'; {left}' if left else ''}"


def run_import(arguments: argparse.Namespace) -> int:
    """Write the cases; 2 where the folder holds tests of somebody else's."""
    from pytest_modelpin.production.captured_suite import module_of, refuse_others_work, write_suite

    folder: Path = arguments.into
    model, found = chosen(arguments, pins_of(arguments))
    module = module_of(folder, model.name)
    refuse_others_work(folder, model.name)
    recorded = write_suite(folder, found.cases, model, "import")
    print(summary(found))
    print(f"wrote {module}, and {counted(recorded, 'recording')} of {model.production}")
    if recorded < len(found.cases):
        missing = counted(len(found.cases) - recorded, "case")
        print(f"{missing} without a captured reply of the pin's: asked by `pytest-modelpin record`")
    else:
        print(f"accept the answers with `pytest --snapshot-update {module.as_posix()}`")
    print("read what stands in there before you commit it: it is what your users wrote")
    return ExitCode.FINE


def _model(pins: Pins, name: str | None, traffic: Sequence[Captured]) -> Model:
    from pytest_modelpin.providers import bare

    if name is not None:
        return models_of(pins, [name])[0]
    asked = {bare(each.model) for each in traffic if each.model}
    found = [
        model for model in pins.models.values() if asked & {bare(id) for id in model.versions()}
    ]
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(model.name for model in found)
        raise ModelpinError(
            f"The traffic asks several logical models ({names}): add `--name NAME`."
        )
    raise ModelpinError(
        f"The traffic asks no model of {pins.path}; it asks: {', '.join(sorted(asked)) or 'none'}."
    )


def _hook(named: str) -> Hook:
    module, mark, function = named.partition(":")
    sys.path.insert(0, str(Path.cwd()))
    try:
        made: Hook = getattr(import_module(module), function)
    except (ImportError, AttributeError, ValueError) as error:
        raise ModelpinError(
            f"--redact {named}: {error}. Name a function that can be imported from here, as "
            "package.module:function."
        ) from None
    finally:
        sys.path.pop(0)
    if not mark or not callable(made):
        raise ModelpinError(f"--redact {named}: name a function, as package.module:function.")
    return made


def _told(left: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {reason}" for reason, count in left.items())


_CANDIDATE_SAMPLES = 3


def shadow_options(parser: argparse.ArgumentParser) -> None:
    """`shadow`: what production asked, asked again of the pin and the candidate, side by side."""
    parser.description = (
        "Ask a sample of captured requests again, of the pin (several samples, for its "
        "own variance) and of the candidate, and compare the answers with the same drift and gate "
        "as a night. Nobody's traffic waits for it, and nothing is stored unless --keep or --html "
        "asks for it."
    )
    parser.epilog = "exit codes: 0 green, 1 red, 2 wrong usage, 3 inconclusive"
    add_traffic(parser, sample=50)
    parser.add_argument(
        "--to", metavar="WHICH", default="candidate",
        help="candidate (the default), canary, or a model id",
    )  # fmt: skip
    parser.add_argument(
        "--samples", type=int, default=_CANDIDATE_SAMPLES, metavar="N",
        help=f"of the candidate, for each request; {_CANDIDATE_SAMPLES}",
    )  # fmt: skip
    parser.add_argument(
        "--pin-samples", type=int, metavar="N", help="of the pin; default: settings.pin_samples"
    )
    parser.add_argument(
        "--budget", type=float, metavar="USD", help="for all; default: settings.budget_usd"
    )
    parser.add_argument("--html", metavar="FILE", type=Path, help="write the page of a comparison")
    parser.add_argument(
        "--keep", metavar="FOLDER", type=Path, help="keep cases, recordings and run reports there"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    add_ledger(parser)
    add_project_options(parser)


def run_shadow(arguments: argparse.Namespace) -> int:
    """Ask, compare, print."""
    from pytest_modelpin.cli.compare import write_page
    from pytest_modelpin.gate.verdict import EXIT_CODES
    from pytest_modelpin.report.ansi import palette, width
    from pytest_modelpin.report.comparison_text import answers_by_case, comparison_text

    pins = pins_of(arguments)
    model, found = chosen(arguments, pins)
    model = replace(model, staging=_version(model, arguments.to))
    if arguments.keep is not None and arguments.keep.exists():
        raise ModelpinError(f"{arguments.keep} exists already; name a new folder by --keep.")
    say = sys.stderr if arguments.json else sys.stdout
    print(summary(found), file=say, flush=True)
    with tempfile.TemporaryDirectory(prefix="modelpin-shadow-") as made:
        folder = Path(made).resolve()
        shadowed = _shadow(arguments, pins, model, found.cases, folder)
        if arguments.keep is not None:
            shutil.copytree(folder, arguments.keep, ignore=shutil.ignore_patterns("__pycache__"))
    comparison, verdict, production, candidate = shadowed
    if arguments.ledger:
        _note(arguments, comparison, verdict, len(found.cases))
    if arguments.html:
        from pytest_modelpin.compare.comparison import RunPair

        runs = RunPair(production, candidate, pins.settings)
        write_page(arguments.html, comparison, verdict, runs, model)
    if arguments.json:
        told = {"verdict": asdict(verdict), "requests": len(found.cases), "left": found.left_out}
        print(json.dumps(told, indent=2, default=str))
    else:
        answers = answers_by_case(comparison, production, candidate)
        sys.stdout.write(comparison_text(comparison, verdict, palette(), width(), answers))
    return EXIT_CODES[verdict.colour]


def _note(
    arguments: argparse.Namespace, comparison: Comparison, verdict: Verdict, requests: int
) -> None:
    """Keep in the ledger what came of it, for `require:`, by the version that served."""
    from pytest_modelpin.clock import utc_text
    from pytest_modelpin.compare.decide import served_version
    from pytest_modelpin.ledger import StageEvidence

    version, _ = served_version(comparison.candidate)
    if version is None:
        return
    because = f"{counted(requests, 'captured request')}, {(verdict.told or ('no worse',))[0]}"
    ledger_here(arguments).add_stage(
        StageEvidence(comparison.name, version, "shadow", verdict.colour, because, utc_text())
    )


def _version(model: Model, wanted: str) -> str:
    if wanted in ("candidate", "staging"):
        version = model.staging
    elif wanted == "canary":
        version = model.canary.model if model.canary else None
    else:
        version = wanted
    if version is None:
        raise ModelpinError(
            f"{model.name} has no {wanted} in models.yml; add one, or name an id by --to."
        )
    return version


def _shadow(
    arguments: argparse.Namespace,
    pins: Pins,
    model: Model,
    cases: tuple[CapturedCase, ...],
    folder: Path,
) -> tuple[Comparison, Verdict, Run, Run]:
    from pytest_modelpin.clock import utc_today
    from pytest_modelpin.compare.comparison import compare
    from pytest_modelpin.production.captured_suite import write_suite
    from pytest_modelpin.results.run import NightOutcome
    from pytest_modelpin.upgrade.nightly.outcome import keep_outcome
    from pytest_modelpin.upgrade.suite import Suite

    settings = replace(pins.settings, green_runs=1)  # one look, not the first of several nights
    registry = f"modelpin_registry={pins.path.absolute()}"
    suite = Suite(folder, ("-o", registry, "-p", "no:cacheprovider", "."))
    asking = _Asking(arguments, settings, model, suite)
    write_suite(folder, cases, model, "shadow", foretelling=True)
    production = asking.ask("production", model.pin, asking.pin_samples, "--model-accept-all")
    candidate = asking.ask("candidate", str(model.staging), arguments.samples)
    comparison = compare(production, candidate, model.name, settings, jobs=os.cpu_count() or 1)
    verdict, fresh = asking.confirm(comparison, production)
    outcome = NightOutcome(
        production.started, str(utc_today()), verdict.colour, verdict.told, fresh.counts
    )
    keep_outcome(folder / "candidate.json", candidate, outcome)
    return comparison, verdict, production, candidate


class _Asking:
    """Asks both sides, within one budget and until one deadline, and says so."""

    def __init__(
        self, arguments: argparse.Namespace, settings: Settings, model: Model, suite: Suite
    ) -> None:
        """Raises ModelpinError for options that are no numbers of samples or dollars."""
        self.pin_samples: int = arguments.pin_samples or settings.pin_samples
        self._budget = settings.budget_usd if arguments.budget is None else arguments.budget
        if arguments.samples < 1 or self.pin_samples < 1 or self._budget < 0:
            raise ModelpinError(
                "--samples and --pin-samples are whole numbers from 1, --budget from 0."
            )
        self._settings = settings
        self._model = model
        self._suite = suite
        self._deadline = time.monotonic() + 60 * settings.night_minutes
        self._shown = sys.stderr if arguments.json else sys.stdout

    def ask(self, side: str, version: str, samples: int, *options: str) -> Run:
        """The run of so many samples of a version, live; `side` names its report."""
        from pytest_modelpin.upgrade.nightly.live_runs import spent

        self._say(f"asking {version}, {counted(samples, 'sample')} of each …")
        run = self._suite.run(
            f"--model={self._model.name}={version}",
            "--model-record=all",
            f"--model-samples={samples}",
            f"--model-budget={max(0.0, self._budget):.6f}",
            *options,
            report=self._suite.root / f"{side}.json",
            deadline=self._deadline,
        )
        self._budget -= spent(run, self._settings)
        return run

    def confirm(self, comparison: Comparison, production: Run) -> tuple[Verdict, FreshSamples]:
        """The verdict, after what looks worse was asked anew of both sides; and what that gave."""
        from pytest_modelpin.compare.decide import decide
        from pytest_modelpin.upgrade.nightly.live_runs import FreshSamples, LiveRuns

        settings, suite = self._settings, self._suite
        verdict = decide(comparison, settings)
        if not verdict.flagged:
            return verdict, FreshSamples()
        changed = counted(len(verdict.flagged), "request")
        self._say(f"{changed} worse or changed; asking both sides anew …")
        live = LiveRuns(
            suite, settings, self._model, production, suite.root, deadline=self._deadline
        )
        fresh = live.confirm(verdict.flagged, self._budget)
        return decide(comparison, settings, confirmations=fresh.of(verdict.flagged)), fresh

    def _say(self, text: str) -> None:
        print(text, file=self._shown, flush=True)
