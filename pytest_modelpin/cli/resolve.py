"""`resolve`: which version serves an alias right now; one tiny live request a model."""

from __future__ import annotations

import argparse
import json

from pytest_modelpin.cli.place import add_place, pins_of
from pytest_modelpin.errors import ExitCode


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("resolve", help="which version serves an alias now (live)")
    parser.add_argument("names", nargs="*", metavar="NAME|ID", help="default: all candidates")
    add_place(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Ask each model one word and print who answered; 3 where a provider does not say."""
    from pytest_modelpin.upgrade.resolve import resolve

    pins = pins_of(arguments)
    wanted = arguments.names or [name for name, model in pins.models.items() if model.staging]
    found = {}
    for word in wanted:
        model = pins.models.get(word)
        asked = (model.staging or model.production) if model else word
        found[asked] = resolve(asked, model.provider if model else None)
    if arguments.json:
        print(json.dumps(found, indent=2))
    else:
        width = max(map(len, found), default=0)
        for asked, served in found.items():
            said = served or "unknown: the provider's replies do not say which version answered"
            print(f"{asked:<{width}}  served by  {said}")
    return ExitCode.FINE if all(found.values()) else ExitCode.INCONCLUSIVE
