"""Moving a pin by hand: `promote` to another version, and `rollback` to the one before."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_modelpin.cli import (
    REPORTS,
    add_ledger,
    add_project_options,
    forge_of,
    ledger_here,
    ledger_of,
    models_of,
    pins_of,
    tell,
    tell_of_running,
    tests_of,
    today_of,
)
from pytest_modelpin.clock import utc_today
from pytest_modelpin.errors import ExitCode, ModelpinError
from pytest_modelpin.wording import plural, some

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_modelpin.ledger import Night
    from pytest_modelpin.ledger.store import Ledger
    from pytest_modelpin.registry import Model
    from pytest_modelpin.upgrade.bump.promote import Checkout, Promotion


_COMMIT = (
    "Plain `pytest` passes, offline. Look at it with `git add --all` and `git diff --staged`: "
    "some recordings are new files. Then commit."
)
_MOST_LEFT = 10
"""Places that are told of; the pull request and `scan` tell of all."""


def promote_options(parser: argparse.ArgumentParser) -> None:
    """`promote`: move a pin in the working tree, with its answers and recordings."""
    parser.add_argument("name", metavar="NAME", help="the logical model")
    parser.add_argument("--to", metavar="ID", help="the version; default: what last served")
    add_ledger(parser)
    add_project_options(parser, tests=True)
    parser.add_argument("--today", metavar="YYYY-MM-DD", help=argparse.SUPPRESS)


def run_promote(arguments: argparse.Namespace) -> int:
    """Move the pin; what changed is left uncommitted."""
    from pytest_modelpin.providers.retirements import retirement, when
    from pytest_modelpin.upgrade.bump.journal import one_move_at_a_time, recover
    from pytest_modelpin.upgrade.bump.promote import Checkout, Extra, others_pinned_to, promote
    from pytest_modelpin.upgrade.bump.version_files import recorded_by_nights
    from pytest_modelpin.upgrade.suite import Suite

    root, name = Path.cwd(), arguments.name
    with one_move_at_a_time(root) as lock:
        broken_off = recover(root)
        if broken_off:
            tell(broken_off.sentence)
            move = broken_off.move
            same = (move.kind, move.name) == ("promote", name) and arguments.to in (None, move.new)
            if broken_off.finished and same:
                return ExitCode.FINE
        pins = pins_of(arguments)
        models_of(pins, [name])
        suite = Suite(root, tests_of(arguments), holds=(lock,))
        new = arguments.to or _wanted(
            last_served(arguments), pins.models[name], ledger_of(arguments, forge_of(arguments))
        )
        mind = mind_the_night(nights_so_far(arguments, ledger_here(arguments)), new)
        asked = pins.models[name].staging if others_pinned_to(pins, name, new) else None
        extra = Extra(recordings=recorded_by_nights(REPORTS, root, name, new, asked))
        checkout = Checkout(suite, pins, today_of(arguments), REPORTS / "promote")
        tell_of_running(f"Moving {name} to {new}, with which plain `pytest` has to pass")
        moved = promote(checkout, name, new, extra)
    tell(f"{moved.name}: {moved.old} -> {moved.new}")
    print_places(moved)
    if end := retirement(moved.new, pins.models[name].provider):
        tell(f"Mind that {moved.new} itself {when(end.retires, today_of(arguments))}.")
    if mind:
        tell(mind)
    tell(_COMMIT)
    return ExitCode.FINE


def _wanted(served: str, model: Model, ledger: Ledger) -> str:
    """The version that `promote` takes unasked. Raises ModelpinError where it was turned down."""
    from pytest_modelpin.ledger.decision import unwanted

    decision = unwanted(ledger.decisions(model.name)).get(served)
    if served in model.ignore:
        why = "is on `ignore` in models.yml: it was rolled back or turned down"
        way = "name it, which takes it off there"
    elif decision is not None:
        why, way = f"is not wanted ({decision.because})", "name it"
    else:
        return served
    raise ModelpinError(
        f"{served}, which answered {model.name} last, {why}. If it is wanted after all, {way}: "
        f"`pytest-modelpin promote {model.name} --to {shlex.quote(served)}`."
    )


def mind_the_night(nights: Sequence[Night], version: str) -> str:
    """That the last of a model's `nights` on which `version` answered was not green; else empty."""
    last = next((night for night in reversed(nights) if night.served == version), None)
    if last is None or last.colour == "green":
        return ""
    return (
        f"Mind that the last night of {version}, {last.day}, was {last.colour}: "
        f"`pytest-modelpin review {last.name}` shows what changed."
    )


def print_places(moved: Promotion) -> None:
    """Where code named the old pin, and what became of it."""
    for place in moved.literals:
        tell(f"  {place} names {moved.new} now")
    for left in moved.left[:_MOST_LEFT]:
        tell(f"  {left.place} names {moved.old} and stays as it is: {left.because}")
    if len(moved.left) > _MOST_LEFT:
        print(f"  … and {len(moved.left) - _MOST_LEFT} more that stay")
    if moved.copies:
        installed = plural(len(moved.copies), "is installed as a copy", "are installed as copies")
        tell(
            f"{some(moved.copies)} {installed}: {moved.old} stays there until you install again: "
            "`pip install .`, or `pip install -e .` once and for all."
        )


def nights_so_far(arguments: argparse.Namespace, ledger: Ledger) -> Sequence[Night]:
    """The nights of the model that is named, without those of days to come."""
    from pytest_modelpin.ledger.nights import until

    today = today_of(arguments) if "today" in arguments else utc_today()
    return until(ledger.read(arguments.name), str(today))


def served_last(arguments: argparse.Namespace, ledger: Ledger) -> str | None:
    """The version that answered last for the model that is named; None where none did."""
    nights = nights_so_far(arguments, ledger)
    return next((night.served for night in reversed(nights) if night.served), None)


def last_served(arguments: argparse.Namespace) -> str:
    """The version of `name` that the ledger saw last. Raises ModelpinError where it saw none."""
    ledger = ledger_of(arguments, forge_of(arguments))
    served = served_last(arguments, ledger)
    if served is None:
        way = f"{arguments.command} {arguments.name}"
        way += " ID" if arguments.command == "diff" else " --to ID"
        raise ModelpinError(
            f"No night of {arguments.name} is known here, and so no version that served its "
            f"candidate; name it: `pytest-modelpin {way}`. "
            "`pytest --model candidate` says which one serves now."
        )
    return served


_LOGS = REPORTS / "rollback"


def rollback_options(parser: argparse.ArgumentParser) -> None:
    """`rollback`: back to the version before, in the working tree or as a pull request."""
    parser.add_argument("name", metavar="NAME", help="the logical model")
    parser.add_argument(
        "--pr",
        action="store_true",
        help="leave this folder as it is and open a pull request; outside of GitHub, a branch",
    )
    parser.add_argument(
        "--because",
        metavar="WHY",
        help="what was wrong: the pull request says it, and the ledger keeps it",
    )
    add_ledger(parser)
    add_project_options(parser, tests=True)
    parser.add_argument("--today", metavar="YYYY-MM-DD", help=argparse.SUPPRESS)


def run_rollback(arguments: argparse.Namespace) -> int:
    """Move the pin back, here or on a branch of its own."""
    from pytest_modelpin.registry import environment_variable
    from pytest_modelpin.upgrade.bump.journal import one_move_at_a_time, recover
    from pytest_modelpin.upgrade.bump.promote import Checkout
    from pytest_modelpin.upgrade.suite import Suite

    root = Path.cwd()
    with one_move_at_a_time(root) as lock:
        broken_off = recover(root)
        if broken_off:
            tell(broken_off.sentence)
            move = broken_off.move
            if broken_off.finished and (move.kind, move.name) == ("rollback", arguments.name):
                _note(arguments, move.name, move.old)
                return ExitCode.FINE
        pins = pins_of(arguments)
        models_of(pins, [arguments.name])
        suite = Suite(root, tests_of(arguments), holds=(lock,))
        checkout = Checkout(suite, pins, today_of(arguments), _LOGS)
        tell_of_running(f"Going back with {arguments.name}; plain `pytest` has to pass")
        done = _request(arguments, checkout) if arguments.pr else _here(arguments, checkout)
    variable = environment_variable(arguments.name)
    previous = pins.models[arguments.name].previous
    tell(f"To go back right now, without a deployment: {variable}={previous}")
    return done


def _here(arguments: argparse.Namespace, checkout: Checkout) -> ExitCode:
    """What changed is left uncommitted."""
    from pytest_modelpin.upgrade.rollback import roll_back

    moved = roll_back(checkout, arguments.name)
    _note(arguments, moved.name, moved.old)
    tell(f"{moved.name}: back from {moved.old} to {moved.new}; {moved.old} is ignored from now on.")
    print_places(moved)
    tell(_COMMIT)
    return ExitCode.FINE


def _note(arguments: argparse.Namespace, name: str, left: str) -> None:
    """Keep in the ledger, where there is one here, that the version is not wanted."""
    from pytest_modelpin.upgrade.proposal import want_no_more

    if arguments.ledger or (REPORTS / "ledger").is_dir():
        # Not GitHub's unless it is asked for: what is done here is still to be committed.
        ledger = ledger_here(arguments)
        why = f": {arguments.because}" if arguments.because else ""
        want_no_more(ledger, name, left, f"rolled back on {today_of(arguments)}{why}")


def _request(arguments: argparse.Namespace, checkout: Checkout) -> ExitCode:
    from pytest_modelpin.upgrade.rollback import request_rollback

    forge = forge_of(arguments)
    asked = request_rollback(
        checkout,
        arguments.name,
        because=arguments.because or "asked for on the command line",
        ledger=ledger_of(arguments, forge),
        forge=forge,
    )
    moved = asked.rollback
    tell(f"{moved.name}: back from {moved.left} to {moved.back_to}, once it is merged.")
    tell(asked.sentence)
    if asked.pull_request is None:
        return ExitCode.FINE
    print(asked.pull_request.url)
    return ExitCode.FOUND if asked.pull_request.action == "blocked" else ExitCode.FINE
