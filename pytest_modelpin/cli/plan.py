"""`plan`: before a night, what it would take and what it could show."""

from __future__ import annotations

import argparse
import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_modelpin.cli import (
    REPORTS,
    add_ledger_folder,
    add_project_options,
    pins_of,
    tell,
    tell_of_running,
    tests_of,
)
from pytest_modelpin.clock import utc_today
from pytest_modelpin.errors import ExitCode, ModelpinError
from pytest_modelpin.files import safe_name
from pytest_modelpin.wording import counted, dollars, some

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modelpin_runtime.registry.models import Model, Pins, Settings
    from pytest_modelpin.ledger import Night
    from pytest_modelpin.ledger.decision import Decision
    from pytest_modelpin.results.run import Run
    from pytest_modelpin.upgrade.nightly.planning import Option, PlannedCase


def options(parser: argparse.ArgumentParser) -> None:
    """Declare its options."""
    parser.description = (
        "What a night would take and could show for each choice of `samples:`, from "
        "the pin's recordings, which are replayed, and the nights so far. Nothing is sent."
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="logical models; default: all")
    add_project_options(parser, tests=True)
    add_ledger_folder(parser)
    parser.add_argument(
        "--report", metavar="FILE", type=Path, help="a run report of the pin, instead of a replay"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print a table for each model."""
    from pytest_modelpin.alarms.candidate_requests import lines, refused_requests
    from pytest_modelpin.alarms.status import decisions_at_hand, nights_at_hand
    from pytest_modelpin.upgrade.nightly import watched

    pins = pins_of(arguments)
    models = watched(pins, arguments.names)
    if not (arguments.report or tests_of(arguments) or _recorded(models)):
        raise ModelpinError(_nothing_to_plan_with(models[0].name))
    production = _production(arguments)
    nights = nights_at_hand(pins, Path.cwd(), arguments.ledger)
    told = [
        _Plan(
            pins, model, production, nights[model.name],
            decisions_at_hand(model.name, Path.cwd(), arguments.ledger),
        )
        for model in models
    ]  # fmt: skip
    if arguments.json:
        print(json.dumps({plan.model.name: plan.as_json() for plan in told}, indent=2))
    else:
        refused = [each for each in refused_requests(pins, Path.cwd())
                   if each.name in {model.name for model in models}]  # fmt: skip
        paragraphs = [plan.lines() for plan in told] + [[line] for line in lines(refused)]
        for number, paragraph in enumerate(paragraphs):
            tell(*([""] if number else []), *paragraph)
    return ExitCode.FINE


def _recorded(models: Sequence[Model]) -> bool:
    """Whether any pin has a recording here: a suite without one may run for long to no end."""
    from pytest_modelpin.upgrade.bump.version_files import recording_folders

    kept = [safe_name(model.production) for model in models]
    return any((each / name).is_dir() for each in recording_folders(Path.cwd()) for name in kept)


def _nothing_to_plan_with(name: str) -> str:
    return (
        f"No case of {name} replays from recordings, so there is nothing to plan with; run "
        "`pytest-modelpin record` first."
    )


def _production(arguments: argparse.Namespace) -> Run:
    from pytest_modelpin.results import report_file
    from pytest_modelpin.upgrade.suite import Suite

    if arguments.report:
        return report_file.read(arguments.report)
    report = (REPORTS / "plan" / "production.json").absolute()
    tell_of_running("Replaying the suite on what is recorded of the pins")
    return Suite(Path.cwd(), tests_of(arguments)).replayed(report)


class _Plan:
    """The plan of one logical model."""

    def __init__(
        self, pins: Pins, model: Model, production: Run, past: Sequence[Night],
        decisions: Sequence[Decision],
    ) -> None:  # fmt: skip
        from pytest_modelpin.compare.opinions import asks_judge
        from pytest_modelpin.intercept.interceptor import JOBS
        from pytest_modelpin.ledger.decision import accepted_since
        from pytest_modelpin.ledger.nights import earlier_nights
        from pytest_modelpin.upgrade.nightly import planning

        self.model = model
        self.settings: Settings = pins.settings
        self.judge_usd = pins.settings.judge_budget_usd if asks_judge(pins.settings) else 0.0
        self.version = planning.candidate_version(model, past)
        self.cases: list[PlannedCase] = planning.planned_cases(
            production, model, pins.settings, self.version
        )
        if not self.cases:
            raise ModelpinError(_nothing_to_plan_with(model.name))
        settled = partial(accepted_since, decisions)
        self.earlier = earlier_nights(past, _tonight(model, past), settled)
        self.measured = planning.seconds_a_sample(past)
        self.options: tuple[Option, ...] = planning.options(
            self.cases, self.earlier, pins.settings, jobs=min(JOBS, len(self.cases)),
            seconds_a_sample=self.measured,
        )  # fmt: skip
        self.cheapest = planning.cheapest(self.options)
        self.confirming_usd = planning.confirming_usd(self.cases)
        self.wavering = planning.wavering(self.cases)

    def lines(self) -> list[str]:
        """For a person, in eighty columns."""
        if self.nothing_to_move:
            return self._of_the_pin()
        model, runs = self.model, self.settings.green_runs
        pin = model.pin
        heads = ("samples", "calls", "dollars", "minutes", "drop seen", "nights", f"by {runs}")
        rows = [heads, *map(self._row, self.options)]
        said = [
            f"{model.name}: {counted(len(self.cases), 'case')}; pin {pin}, "
            f"{self._recorded()} of each",
            f"candidate {model.staging}; {self._priced()}",
        ]
        if self.earlier.nights:
            said.append(
                f"{counted(len(self.earlier.nights), 'night')} of this version {self._since()}, "
                f"{self.earlier.greens} green"
            )
        said += ["", *(_columns(row) for row in rows), ""]
        said += [
            "*          as set; calls, dollars and minutes are a night's,",
            f"           {self._timed()}",
            "drop seen  the smallest drop of the pass rate, in percentage points, that",
            f"           {counted(runs, 'night')} would show 8 times in 10",
            f"nights     {self._further}s until a bump, if the candidate is as good as the pin",
            f"by {runs:<8}how likely the bump is by green night {runs}",
            f"A case that looks worse is asked 16 times more{self._each()}.",
        ]
        if self.judge_usd:
            most = dollars(self.judge_usd)
            said.append(f"The judge may cost {most} a night beside that, all models together.")
        if self.wavering:
            shown = some(self.wavering, 3)
            said.append(f"The pin does not always pass {shown}.")
        return [*said, *self._advice()]

    @property
    def nothing_to_move(self) -> bool:
        """Whether the candidate is served by the very version of the pin, as far as is known."""
        return self.version == self.model.pin

    def _of_the_pin(self) -> list[str]:
        """What a night takes, and that none of them counts."""
        model, now = self.model, self.options[0]
        cost = "" if now.usd is None else f", {dollars(now.usd)}"
        return [
            f"{model.name}: {counted(len(self.cases), 'case')}; the candidate "
            f"{model.staging} is served by the pin itself "
            f"({model.pin}), so there is nothing to move and no night counts towards a "
            f"bump. A night asks it all the same ({counted(round(now.calls), 'call')}{cost}), to "
            "see when it answers as another version; to try one now, set `staging:` in models.yml "
            "to it (`pytest-modelpin resolve` names the newest).",
        ]

    def as_json(self) -> dict[str, Any]:
        """For a script; where there is nothing to move, no number of nights gets to a bump."""
        still = self.nothing_to_move
        cheapest = None if still else self.cheapest
        return {
            "pin": self.model.pin,
            "candidate": self.model.staging,
            "priced_as": self.version,
            "nothing_to_move": self.nothing_to_move,
            "cases": len(self.cases),
            "nights_so_far": len(self.earlier.nights),
            "greens_so_far": self.earlier.greens,
            "budget_usd": self.settings.budget_usd,
            "judge_budget_usd": self.judge_usd,
            "confirming_usd": self.confirming_usd,
            "wavering": self.wavering,
            "cheapest": cheapest.samples if cheapest else None,
            "options": [
                {
                    "samples": option.samples,
                    "calls": round(option.calls, 1),
                    "usd": option.usd,
                    "minutes": round(option.minutes, 2),
                    "drop": round(option.drop, 4),
                    "nights": None if still else option.nights,
                    "chance": 0.0 if still else round(option.chance, 4),
                }
                for option in self.options
            ],
        }

    def _row(self, option: Option) -> tuple[str, ...]:
        mark = " *" if option.samples == self.settings.samples else "  "
        return (
            f"{option.samples}{mark}",
            f"{option.calls:,.0f}",
            "unknown" if option.usd is None else f"{option.usd:,.2f}",
            "< 0.1" if option.minutes < 0.05 else f"{option.minutes:,.1f}",
            f"{100 * option.drop:.1f} pp",
            "> 14" if option.nights is None else f"{option.nights}",
            f"{100 * option.chance:.0f} %",
        )

    def _recorded(self) -> str:
        """Of how many samples the pin's recordings are."""
        fewest, most = (f(case.samples for case in self.cases) for f in (min, max))
        return f"{fewest} to {most} samples" if fewest < most else counted(most, "sample")

    def _since(self) -> str:
        return "since it was red" if self.earlier.reds else "so far"

    def _priced(self) -> str:
        if self.version is None:
            return "its price is known once it has answered"
        if self.options[0].usd is None:
            return "what a reply of it costs is not known: see `settings: prices:`"
        return f"priced as {self.version}"

    def _timed(self) -> str:
        return "timed by the last one" if self.measured else "timed by the recorded replies"

    def _each(self) -> str:
        return "" if self.confirming_usd is None else f" ({dollars(self.confirming_usd)})"

    @property
    def _further(self) -> str:
        return "more night" if self.earlier.nights else "night"

    def _advice(self) -> list[str]:
        if self.cheapest is None:
            return ["None of these gets to a bump within 14 nights: add cases, or widen `margin`."]
        takes = self.cheapest.until_bump() or 0.0
        what = f"{takes:,.0f} calls" if self.cheapest.usd is None else dollars(takes)
        nights = counted(self.cheapest.nights or 0, self._further)
        told = [f"Cheapest until a bump: `samples: {self.cheapest.samples}`, {what} in {nights}."]
        now = self.options[0]
        if now.usd is not None and now.usd > self.settings.budget_usd:
            most = dollars(self.settings.budget_usd)
            told.append(f"As set, a night passes budget_usd ({most}): cases will be lost.")
        return told


def _columns(cells: Sequence[str]) -> str:
    widths = (9, 9, 10, 9, 11, 8, 8)
    return "".join(cell.rjust(width) for cell, width in zip(cells, widths, strict=True))


def _tonight(model: Model, past: Sequence[Night]) -> Night:
    """A night like the last one, for asking the ledger what it holds of the version."""
    from pytest_modelpin.ledger import Night

    last = past[-1] if past else None
    return Night(
        day=utc_today().isoformat() if last is None else _after(last.day),
        name=model.name,
        pin=model.pin,
        asked=str(model.staging),
        served=last.served if last else None,
        fingerprint=last.fingerprint if last else "",
        colour="inconclusive",
    )


def _after(day: str) -> str:
    """The day after the ledger's last: whatever today is, that night counts."""
    from datetime import date, timedelta

    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()
