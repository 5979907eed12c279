"""`health`: ask every pin and fallback the critical cases, and say how each does."""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_modelpin.cli import (
    REPORTS,
    add_project_options,
    models_of,
    pins_of,
    tell_of_running,
    tests_of,
)
from pytest_modelpin.errors import ExitCode, ModelpinError

if TYPE_CHECKING:
    from modelpin_runtime.registry.models import Model, Pins
    from pytest_modelpin.production.health import Health
    from pytest_modelpin.results.run import Run
    from pytest_modelpin.upgrade.suite import Suite

STATUS = REPORTS / "health.json"


def options(parser: argparse.ArgumentParser) -> None:
    """Declare its options."""
    parser.description = (
        "Run the cases marked `critical=True` live against every pin and fallback, "
        "and write the small file by which `pins.chain()` goes round a model that degrades."
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="logical models; default: all")
    add_project_options(parser, tests=True)
    parser.add_argument("--samples", type=int, default=2, metavar="N", help="of each case; 2")
    parser.add_argument(
        "--budget", type=float, metavar="USD", help="for all; default: settings.budget_usd"
    )
    parser.add_argument(
        "--status", metavar="FILE", type=Path, default=STATUS, help=f"written; {STATUS}"
    )
    parser.add_argument(
        "--fresh", type=float, default=900, metavar="SECONDS", help="how long it counts; 900"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """Ask, print, and write the status; 1 where a model is degraded or down, 3 where unknown."""
    from pytest_modelpin.production.health import lines, status, targets
    from pytest_modelpin.redaction.written import write_redacted
    from pytest_modelpin.upgrade.suite import Suite

    if arguments.samples < 1 or arguments.fresh <= 0:
        raise ModelpinError("--samples and --fresh must be above 0.")
    pins = pins_of(arguments)
    models = models_of(pins, arguments.names)
    folder = (REPORTS / "health").absolute()
    suite = Suite(Path.cwd(), tests_of(arguments))
    tell_of_running("Replaying the suite on what is recorded of the pins")
    production = suite.replayed(folder / "production.json")
    budget = pins.settings.budget_usd if arguments.budget is None else arguments.budget
    check = _Check(suite, pins, production, folder, arguments.samples)
    found: dict[str, list[Health]] = {}
    for model in models:
        critical = [
            case.id for case in production.cases if case.critical and model.name in case.models
        ]
        if not critical:
            continue
        found[model.name] = []
        for id in targets(pins, model):
            health, spent = check.ask(model, id, critical, budget)
            budget -= spent
            found[model.name].append(health)
    if not found:
        raise ModelpinError(
            "No case is marked `@pytest.mark.modelpin(critical=True)`, so nobody is asked; mark "
            "the few that production can't do without."
        )
    every = [health for of_model in found.values() for health in of_model]
    told = status(every, time.time(), arguments.fresh)
    write_redacted(arguments.status, json.dumps(told, indent=1) + "\n")
    if arguments.json:
        by_name = {name: [asdict(health) for health in healths] for name, healths in found.items()}
        print(json.dumps({"models": by_name, "status": str(arguments.status)}, indent=2))
    else:
        for name, healths in found.items():
            asked = {health.id for health in healths}
            left = [id for id in pins.fallbacks(name) if id not in asked]
            print("\n".join(lines(name, healths, left)))
        print(f"status: {arguments.status}, for {arguments.fresh:g} seconds")
    states = {each.state for each in every}
    if states & {"degraded", "down"}:
        return ExitCode.FOUND
    return ExitCode.INCONCLUSIVE if "unknown" in states else ExitCode.FINE


@dataclass(frozen=True, slots=True)
class _Check:
    """One check of all versions that production may ask."""

    suite: Suite
    pins: Pins
    production: Run
    folder: Path
    samples: int

    def ask(
        self, model: Model, id: str, critical: list[str], budget: float
    ) -> tuple[Health, float]:
        """How one version does, and what asking it cost in US dollars as far as it is known."""
        from pytest_modelpin.compare.comparison import compare
        from pytest_modelpin.files import safe_name
        from pytest_modelpin.production.health import judge, without_stand_ins
        from pytest_modelpin.upgrade.nightly.live_runs import spent

        place = self.folder / safe_name(model.name) / safe_name(id)
        live = self.suite.asked_anew(
            f"{model.name}={id}",
            f"--model-samples={self.samples}",
            budget=budget,
            report=place / "run.json",
            tests=critical,
        )
        live = without_stand_ins(live, model.name)
        asked = compare(self.production, live, model.name, self.pins.settings)
        return judge(id, asked, self.pins.settings.on_drift), spent(live, self.pins.settings)
