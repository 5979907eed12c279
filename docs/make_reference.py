"""Writes docs/commands.md from the code: every command with its arguments and options.

python docs/make_reference.py          # or `make reference`
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from pytest_modelpin.cli import COMMANDS

PAGE = Path(__file__).with_name("commands.md")
HEAD = """\
# Commands

Made from the code by `make reference`. Every command is `pytest-modelpin COMMAND`, or
`python -m pytest_modelpin COMMAND`.

Exit codes: 0 fine, 1 the check found something (red, alarms), 2 wrong usage or configuration,
3 inconclusive.
"""


def page() -> str:
    """The whole page."""
    return HEAD + "".join(f"\n{section(command)}" for command in COMMANDS)


def section(command: str) -> str:
    """One command: what it is for, how it is called, what each option does."""
    parser = argparse.ArgumentParser(prog="pytest-modelpin")
    subparsers = parser.add_subparsers()
    module = import_module(f"pytest_modelpin.cli.{command}")
    module.add_parser(subparsers)
    own: argparse.ArgumentParser = subparsers.choices[command]
    said = (module.__doc__ or "").strip().splitlines()[0].partition(": ")[2].rstrip(".")
    lines = [f"## pytest-modelpin {command}\n", f"{said[:1].upper()}{said[1:]}.\n"]
    rows = list(options(own))
    if rows:
        lines += ["| argument | what it does |", "|---|---|", *rows, ""]
    return "\n".join(lines)


def options(parser: argparse.ArgumentParser) -> Iterator[str]:
    """A table row for each argument that is not hidden."""
    for action in parser._actions:
        if action.dest == "help" or action.help == argparse.SUPPRESS:
            continue
        metavar = action.metavar or (action.dest.upper() if action.nargs != 0 else "")
        value = metavar if isinstance(metavar, str) else " ".join(metavar)
        names = ", ".join(f"`{name}`" for name in action.option_strings)
        if names and value and action.nargs != 0:
            names += f" `{value}`"
        shown = (names or f"`{value}`").replace("|", "\\|")
        yield f"| {shown} | {(action.help or '').replace('%%', '%').replace('|', '/')} |"


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), "utf-8")
    print(f"{PAGE.name}: {len(COMMANDS)} commands", file=sys.stderr)


if __name__ == "__main__":
    main()
