"""`env`: the versions in force as environment variables, for shells, Docker and CI."""

from __future__ import annotations

import argparse
import json
import shlex

from pytest_modelpin.cli.project_options import add_project_options, pins_of
from pytest_modelpin.errors import ExitCode


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("env", help="the versions in force as environment variables")
    parser.add_argument(
        "--model", action="append", default=[], metavar="WHICH", help="as for pytest"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    add_project_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print `MODELPIN_<NAME>=<id>` lines, which win over models.yml wherever they are set."""
    from pytest_modelpin.registry import environment_variable, select

    selection = select(pins_of(arguments), arguments.model)
    values = {
        environment_variable(name): selected.id for name, selected in selection.models.items()
    }
    if arguments.json:
        print(json.dumps(values, indent=2))
    else:
        print("\n".join(f"{name}={shlex.quote(value)}" for name, value in values.items()))
    return ExitCode.FINE
