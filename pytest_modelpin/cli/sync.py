"""`sync`: the pins in a gateway's own configuration, and whether it still serves them."""

from __future__ import annotations

import argparse
from pathlib import Path

from pytest_modelpin.cli.project_options import add_project_options, pins_of
from pytest_modelpin.errors import ExitCode, ModelpinError
from pytest_modelpin.report.escape import terminal
from pytest_modelpin.wording import counted

_FORMS = ("litellm", "openfeature", "cloudflare", "vercel", "env")


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "sync",
        help="write pins, fallbacks and canary shares into a gateway's own configuration",
        description="litellm: a configuration of LiteLLM's proxy and Router. openfeature: flag "
        "definitions of flagd. cloudflare: dynamic routes of its AI Gateway. vercel: items of an "
        "Edge Config. env: a dotenv file.",
    )
    parser.add_argument("--to", choices=_FORMS, required=True, help="whose configuration")
    parser.add_argument(
        "--file", metavar="FILE", type=Path, help="where it lies; without it, print it"
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing; name the routes of the file that serve something else, and exit 1",
    )
    add_project_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Write the configuration, or check it. Raises ModelpinError."""
    from pytest_modelpin.production.gateways import GATEWAYS
    from pytest_modelpin.production.served import MADE, differences, served_by_pins
    from pytest_modelpin.redaction.written import write_redacted

    pins, gateway = pins_of(arguments), GATEWAYS[arguments.to]
    path: Path | None = arguments.file
    there = _text(path) if path is not None else None
    if arguments.check:
        if path is None or there is None:
            raise ModelpinError("--check needs the gateway's configuration: `--file FILE`.")
        says = served_by_pins(pins, canaries=gateway.canaries, fallbacks=gateway.fallbacks)
        found = list(differences(says, gateway.read(there, str(path), pins)))
        for difference in found:
            print(f"{path}: {terminal(difference)}")
        if not found:
            print(f"{path} serves what {pins.path.name} says.")
        return ExitCode.FOUND if found else ExitCode.FINE
    text = gateway.write(pins)
    if path is None:
        print(text, end="")
        return ExitCode.FINE
    if there is not None and MADE not in there:
        raise ModelpinError(
            f"{path} was written by someone else, so it stays as it is; print the routes without "
            "--file and take them over, then hold it with --check."
        )
    write_redacted(path, text)
    print(f"{path}: {counted(len(pins.models), 'logical model')}")
    return ExitCode.FINE


def _text(path: Path) -> str | None:
    return path.read_bytes().decode("utf-8", "replace") if path.is_file() else None
