"""Model ids: `resolve` says what is to be known of one, `scan` which are hard-coded here."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_modelpin.cli import (
    add_project_options,
    pins_if_any,
    pins_of,
    tell,
    tell_of_reading,
    today_of,
)
from pytest_modelpin.errors import ExitCode, ModelpinError
from pytest_modelpin.report.escape import one_line, terminal
from pytest_modelpin.wording import counted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from pytest_modelpin.alarms.scan import Found
    from pytest_modelpin.registry import Pins
    from pytest_modelpin.upgrade.resolve import Resolved


_MANY_PLACES = 30
"""Above which `scan` says, behind all places, how many each id has."""


def resolve_options(parser: argparse.ArgumentParser) -> None:
    """`resolve`: what is to be known of a model id, and of an alias which version it stands for."""
    parser.add_argument(
        "names", nargs="*", metavar="NAME|ID",
        help="logical names (their production id) or ids; none: who serves each candidate now "
        "(live)",
    )  # fmt: skip
    add_project_options(parser)
    parser.add_argument(
        "--live", action="store_true",
        help="ask the providers' lists of models, and where they don't tell, the model itself",
    )  # fmt: skip
    parser.add_argument(
        "--write", action="store_true", help="pin in models.yml what the named models stand for"
    )
    parser.add_argument("--provider", metavar="NAME", help="whose ids they are")
    parser.add_argument("--today", metavar="DATE", help="instead of the current day, YYYY-MM-DD")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run_resolve(arguments: argparse.Namespace) -> int:
    """Say what is known of each id; 3 where one is of no known kind or a question has no answer."""
    from pytest_modelpin.upgrade.resolve import describe

    if not arguments.names:
        return _served_now(arguments)
    live = arguments.live or arguments.write
    pins = _pins(arguments)
    found = []
    today = today_of(arguments)
    for word in arguments.names:
        model = pins.models.get(word) if pins else None
        id = model.production if model else word
        provider = model.provider if model else arguments.provider
        prices = pins.settings.prices if pins else {}
        # The id of a logical model may be a deployment's name; one that is asked about is meant.
        served = None if model else id
        known = describe(id, provider, today=today, live=live, prices=prices, served=served)
        found.append(known)
    written = _write(pins, arguments.names, found) if arguments.write else []
    if arguments.json:
        print(json.dumps([asdict(each) for each in found], indent=2, default=str))
    else:
        tell(*(line for each in found for line in _lines(each, today, live)), hanging=14)
        tell(*written)
    open_questions = any(_is_open(each, live, arguments.write) for each in found)
    return ExitCode.INCONCLUSIVE if open_questions else ExitCode.FINE


def _is_open(each: Resolved, live: bool, write: bool) -> bool:
    """Whether something is left to be known: not where no name of the provider's is a version.

    Where a pin was to be written, one that can't be is left, too.
    """
    if each.kind == "pinned":
        return False
    if each.points_to is not None or write:
        return write and each.points_to not in each.pin_instead
    return bool(each.problem) or (each.can_be_pinned and (live or each.kind == "unknown"))


def _pins(arguments: argparse.Namespace) -> Pins | None:
    """models.yml; None where there is none, since an id can be asked about without."""
    from pytest_modelpin.registry import find

    here = Path.cwd()
    nowhere = all(find(folder) is None for folder in (here, *here.parents))
    if arguments.registry is None and not arguments.write and nowhere:
        return None
    return pins_of(arguments)


def _served_now(arguments: argparse.Namespace) -> int:
    from pytest_modelpin.upgrade.nightly import watched
    from pytest_modelpin.upgrade.resolve import resolve

    found: dict[str, str | None] = {}
    problems: dict[str, str] = {}
    for model in watched(pins_of(arguments), ()):
        if model.staging:
            found[model.staging] = None
            try:
                found[model.staging] = resolve(model.staging, model.provider)
            except ModelpinError as error:
                problems[model.staging] = str(error)
    if problems and len(problems) == len(found):  # nobody could be asked
        raise ModelpinError(" ".join(dict.fromkeys(problems.values())))
    if arguments.json:
        print(json.dumps(found, indent=2))
        for problem in problems.values():
            print(terminal(problem), file=sys.stderr)
    else:
        width = max(map(len, found), default=0)
        for asked, served in found.items():
            said = served or (f"not known: {why}" if (why := problems.get(asked)) else "")
            said = said or "unknown: the provider's replies do not say which version answered"
            print(f"{asked:<{width}}  served by  {terminal(one_line(said))}")
    return ExitCode.FINE if all(found.values()) else ExitCode.INCONCLUSIVE


def _lines(each: Resolved, today: date, live: bool) -> list[str]:
    from pytest_modelpin.providers.retirements import when

    lines = [f"{each.id}  {each.kind}" + (f", {each.provider}" if each.provider else "")]
    said = {"rule": each.rule}
    if each.points_to:
        only_tells = "" if each.pin_instead else f"; {_NO_PIN}"
        said["stands for"] = f"{each.points_to} (its {each.told_by}){only_tells}"
    elif each.problem:
        said["stands for"] = f"not known: {each.problem}"
    elif each.kind == "floating" or (live and each.kind == "unknown" and each.provider):
        said["stands for"] = (
            f"not told: neither its list of models nor its replies say; {_NO_PIN}"
            if live
            else "not known here: `--live` asks the provider"
        )
    if each.retires:
        instead = f"; instead: {each.replacement}" if each.replacement else ""
        said["end"] = f"{when(each.retires, today)} ({each.retires_source}){instead}"
    elif each.not_before:
        said["end"] = f"not sooner than {each.not_before}"
    else:
        said["end"] = "no date is known"
    if each.price:
        said["price"] = f"${each.price[0]:g} read, ${each.price[1]:g} written, a million tokens"
    elif each.kind == "floating":
        said["price"] = "unknown: that of the version behind it"
    else:
        said["price"] = "unknown"
    if each.pin_instead:
        said["pin"] = ", ".join(each.pin_instead)
    elif not (each.can_be_pinned or live):
        said["pin"] = f"none: {_NO_PIN}"
    return [*lines, *(f"  {name:<10}  {text}" for name, text in said.items())]


_NO_PIN = "it can't be pinned by name"


def _write(pins: Pins | None, names: Sequence[str], found: Sequence[Resolved]) -> list[str]:
    """Set the versions in models.yml, all at once; what was set, a line each.

    Raises ModelpinError where an id is no logical model's.
    """
    from pytest_modelpin.registry import load, update

    assert pins is not None, "--write reads models.yml"
    now = load(pins.path).models  # providers may have taken a minute to answer
    changes: dict[tuple[str, ...], str] = {}
    lines: list[str] = []
    for word, each in zip(names, found, strict=True):
        owners = [name for name, model in pins.models.items() if word in (name, model.production)]
        if not owners:
            raise ModelpinError(
                f"--write: no logical model of {pins.path} has the production id {word}; name one "
                f"of: {', '.join(pins.models)}."
            )
        if each.points_to is None or each.points_to not in each.pin_instead:
            named = each.points_to is None and each.can_be_pinned
            why = f" is {each.kind}" if named else f": {_NO_PIN}"
            lines.append(f"{word}: left as it is, {each.id}{why}.")
            continue
        for name in owners:
            if name not in now or now[name].production != pins.models[name].production:
                lines.append(f"{name}: left as it is, {pins.path.name} was changed meanwhile.")
                continue
            changes[("models", name, "production")] = each.points_to
            lines.append(f"{name}: production is now {each.points_to} (was {each.id}).")
    if changes:
        update(pins.path, changes)
    return lines


def scan_options(parser: argparse.ArgumentParser) -> None:
    """`scan`: every model id that is hard-coded in this repository."""
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="only these files (default: all that git tracks)"
    )
    add_project_options(parser)
    parser.add_argument(
        "--strict",
        action="store_true",
        help="exit 1 where models.yml does not know an id, or a file can't be read",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def run_scan(arguments: argparse.Namespace) -> int:
    """Print what was found; with --strict 1 where models.yml lacks an id, or a file is unread."""
    from pytest_modelpin.alarms.scan import scan
    from pytest_modelpin.literals import files, forbidden

    root = Path.cwd()
    missing = [path for path in arguments.paths if not (root / path).is_file()]
    if missing:
        raise ModelpinError(f"No file at {missing[0]}; `scan` without a path looks at all files.")
    paths = arguments.paths or files(root)
    tell_of_reading(len(paths))
    found = scan(root, pins_if_any(arguments), paths=paths)
    unread = forbidden(root, paths)
    if arguments.json:
        rows = [
            {**asdict(each), "retires": each.retires and each.retires.isoformat()} for each in found
        ]
        print(json.dumps(rows, indent=2))
    else:
        _print_places(found)
    if unread:
        count = counted(len(unread), "file")
        said = f"{count} can't be read here, such as {unread[0]}: what they name is not known."
        print(said, file=sys.stderr)
    unknown = bool(unread) or any(not each.known for each in found)
    return ExitCode.FOUND if arguments.strict and unknown else ExitCode.FINE


def _print_places(found: Sequence[Found]) -> None:
    from pytest_modelpin.report.ansi import fitted, shown_width, width

    places = [one_line(f"{each.path}:{each.line}") for each in found]
    details = [
        f"{each.model}  {each.kind}"
        + (f", retires {each.retires}" if each.retires else "")
        + ("" if each.known else ", not in models.yml")
        for each in found
    ]
    room = [shown_width(terminal(place)) for place in places]
    longest, columns = max(room, default=0), width()
    widest = longest + 2 + max((shown_width(terminal(said)) for said in details), default=0)
    for place, taken, said in zip(places, room, details, strict=True):
        if columns is None or widest <= columns:
            tell(f"{place}{' ' * (longest - taken)}  {said}")
        else:
            tell(place, f"  {said}")
    if len(found) > _MANY_PLACES:
        print("\nPlaces of each id:")
        for said, count in Counter(details).most_common():
            tell(*fitted(f"{count:>6,}  {said}", columns, 8))
    ids = len({each.model for each in found})
    print(f"{counted(len(found), 'place')}, {counted(ids, 'id')}.")
