"""`canary`: what production saw of a canary, and whether to hold, advance or roll it back."""

from __future__ import annotations

import argparse
import glob
import json
import math
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

from modelpin_runtime.errors import RegistryError
from pytest_modelpin.cli import (
    add_ledger,
    add_project_options,
    forge_of,
    ledger_here,
    ledger_of,
    pins_of,
)
from pytest_modelpin.clock import utc_now, utc_text, utc_today
from pytest_modelpin.errors import ExitCode, ModelpinError, SelectionError
from pytest_modelpin.files import named_content
from pytest_modelpin.registry.selection import names_no

if TYPE_CHECKING:
    from modelpin_runtime.registry.models import Canary, Pins
    from pytest_modelpin.gate.verdict import Colour
    from pytest_modelpin.production.canary import Counts, Decision
    from pytest_modelpin.registry.editing import Changes


def options(parser: argparse.ArgumentParser) -> None:
    """Declare its options."""
    parser.add_argument("name", metavar="NAME", help="the logical model")
    seen = parser.add_mutually_exclusive_group()
    seen.add_argument(
        "--observations", metavar="PATH", help="folder or glob (default: MODELPIN_OBSERVATIONS)"
    )
    seen.add_argument(
        "--spans", metavar="PATH", help="OpenTelemetry's GenAI spans: OTLP as JSON, file or glob"
    )
    seen.add_argument("--counts", metavar="FILE", type=Path, help="counts made by another engine")
    written = parser.add_mutually_exclusive_group()
    written.add_argument("--apply", action="store_true", help="write the decision into models.yml")
    written.add_argument(
        "--pr",
        action="store_true",
        help="leave this folder as it is and propose it as a pull request; outside of GitHub, on a "
        "branch",
    )
    parser.add_argument(
        "--watch", metavar="SECONDS", type=float, help="look again after so long, until stopped"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    add_ledger(parser)
    add_project_options(parser)


class _NoCanaryError(SelectionError):
    """models.yml offers nothing to look at."""


def run(arguments: argparse.Namespace) -> int:
    """Print the decision; 1 where it is to roll back. Raises ModelpinError.

    A watch that has begun outlives a file that breaks: it says so and looks again.
    """
    seconds: float | None = arguments.watch
    if seconds is not None and not 0 < seconds < math.inf:
        raise ModelpinError(f"--watch {seconds:g}: it must be above 0, in seconds.")
    code = _once(arguments)
    while seconds is not None and code != ExitCode.FOUND:
        time.sleep(max(seconds, 1.0))
        try:
            code = _once(arguments)
        except _NoCanaryError:
            raise
        except (ModelpinError, RegistryError) as error:
            print(f"{error} Nothing is decided; looking again in {seconds:g} s.", file=sys.stderr)
    return code


def _once(arguments: argparse.Namespace) -> int:
    from pytest_modelpin.production.canary import decide

    pins = pins_of(arguments)
    canary = _canary(pins, arguments.name)
    counts = _counts(arguments, pins, canary)
    decision = decide(canary, counts)
    say = sys.stderr if arguments.json else sys.stdout
    if arguments.json:
        print(json.dumps(_as_json(decision, counts), indent=2))
    else:
        print(f"{arguments.name}: {canary.model} at {canary.percent:g} %: {decision.action}")
        for reason in decision.reasons:
            print(f"  {reason}")
    if arguments.ledger:
        _note(arguments, canary, decision)
    if arguments.pr and decision.action != "hold":
        print(_propose(arguments, pins, canary, decision), file=say)
    if arguments.apply and decision.action != "hold":
        _apply(arguments, pins, canary, decision)
        print(f"models.yml says so now: `git diff {pins.path.name}`.", file=say)
    return ExitCode.FOUND if decision.action == "roll back" else ExitCode.FINE


def _canary(pins: Pins, name: str) -> Canary:
    if name not in pins.models:
        raise _NoCanaryError(names_no(pins.path, [name], pins.models))
    canary = pins.models[name].canary
    if canary is None:
        raise _NoCanaryError(
            f"{name} has no canary in {pins.path}; add `canary: {{model: <id>, percent: 1}}`."
        )
    return canary


def _counts(arguments: argparse.Namespace, pins: Pins, canary: Canary) -> Counts:
    from pytest_modelpin.production.canary import count, read_counts

    if arguments.counts:
        return read_counts(arguments.counts)
    since = datetime.fromisoformat(canary.since.replace("Z", "+00:00")) if canary.since else None
    model = pins.models[arguments.name]
    pin = model.pin

    def counted(source: str | Path) -> Counts:
        start = since.timestamp() if since else 0.0
        return count(source, arguments.name, pin, canary.model, start)

    if arguments.spans:
        with tempfile.TemporaryDirectory() as made:
            names = dict.fromkeys((pin, canary.model), arguments.name)
            _write_observations(arguments.spans, names, Path(made) / "spans.jsonl")
            return counted(made)
    source = arguments.observations or os.environ.get("MODELPIN_OBSERVATIONS")
    if not source:
        raise ModelpinError(
            "No observations were named; use `--observations FOLDER` (what `load(observations=…)` "
            "writes), `--spans FILE`, or `--counts FILE`."
        )
    return counted(source)


def _write_observations(source: str, names: Mapping[str, str], path: Path) -> None:
    """The spans of these files as observations. Raises ModelpinError where there are no files."""
    from pytest_modelpin.production.spans import observations
    from pytest_modelpin.redaction.written import write_redacted

    # Not Path.glob, which takes no absolute pattern.
    files = sorted(glob.glob(source, recursive=True))  # noqa: PTH207
    if not files:
        raise ModelpinError(f"There are no spans at {source}.")
    made = (
        json.dumps(each) for file in files for each in observations(_lines_of(Path(file)), names)
    )
    write_redacted(path, "\n".join(made) + "\n")


def _lines_of(path: Path) -> Iterator[str]:
    if not path.is_file():  # a pipe, of which a span is heard once
        yield from TextIOWrapper(BytesIO(named_content(path)), "utf-8", errors="replace")
        return
    with path.open(encoding="utf-8", errors="replace") as file:
        yield from file


def _note(arguments: argparse.Namespace, canary: Canary, decision: Decision) -> None:
    """Keep in the ledger how it ended, for `require:`; while it is under way, nothing is said."""
    from pytest_modelpin.ledger import StageEvidence, last_of_each

    if decision.action != "roll back" and not decision.finished:
        return
    colour: Colour = "green" if decision.finished else "red"
    ledger = ledger_here(arguments)
    last = last_of_each(ledger.stages(arguments.name), canary.model).get("canary")
    if last is not None and last.colour == colour:
        return  # said before: `--watch` looks again and again
    why = decision.reasons[0].rstrip(".")
    said = StageEvidence(arguments.name, canary.model, "canary", colour, why, utc_text())
    ledger.add_stage(said)


def _propose(arguments: argparse.Namespace, pins: Pins, canary: Canary, decision: Decision) -> str:
    from pytest_modelpin.upgrade import UpgradeContext
    from pytest_modelpin.upgrade.proposal.canary_move import CanaryMove, request

    told = (
        "taken back"
        if decision.action == "roll back"
        else f"from {canary.percent:g} to {decision.percent:g} percent"
    )
    changes = _changes(arguments.name, decision)
    move = CanaryMove(arguments.name, canary.model, told, decision.reasons, changes)
    forge, today = forge_of(arguments), utc_today()
    context = (
        UpgradeContext(forge, ledger_of(arguments, forge), pins.settings, today) if forge else None
    )
    sentence, pull = request(move, pins, Path.cwd(), today=today, context=context)
    return f"{sentence} {pull.url}" if pull else sentence


def _apply(arguments: argparse.Namespace, pins: Pins, canary: Canary, decision: Decision) -> None:
    from pytest_modelpin.registry import update

    name, now = arguments.name, pins_of(arguments).models.get(arguments.name)
    if now is None or now.canary != canary:
        raise ModelpinError(
            f"{pins.path} has changed while the canary of {name} was counted, so nothing is "
            "written: run it again."
        )
    model = pins.models[name]
    if model.policy == "protected" and not os.environ.get("CI"):
        raise ModelpinError(
            f"{name} has `policy: protected`: its canary moves only in CI, by a commit or a pull "
            "request."
        )
    update(pins.path, _changes(name, decision))


def _changes(name: str, decision: Decision) -> Changes:
    """What the decision changes in models.yml."""
    at = ("models", name, "canary")
    if decision.action == "roll back":
        return {at: None}
    now = utc_now().strftime("%Y-%m-%dT%H:%M:%SZ")
    return {(*at, "percent"): decision.percent, (*at, "since"): now}


def _as_json(decision: Decision, counts: Counts) -> dict[str, object]:
    return {
        "action": decision.action,
        "percent": decision.percent,
        "reasons": decision.reasons,
        "requests": {"pin": counts.pin, "canary": counts.canary, "hours": round(counts.hours, 2)},
        "evidence": {
            metric: {
                "pin_rate": found.pin_rate,
                "canary_rate": found.canary_rate,
                "log_e": round(found.log_e, 3),
                "highest_log_e": round(found.highest, 3),
            }
            for metric, found in decision.evidence.items()
        },
    }
