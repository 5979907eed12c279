"""`render`: models.yml as one Python module that needs nothing."""

from __future__ import annotations

import argparse
from pathlib import Path

from pytest_modelpin.cli.project_options import add_project_options, pins_of
from pytest_modelpin.errors import ExitCode, ModelpinError
from pytest_modelpin.wording import counted


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("render", help="write the pins as a module that needs nothing")
    parser.add_argument(
        "--python", metavar="FILE", type=Path, required=True, help="the module to write"
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing; 1 where the module is not up to date"
    )
    add_project_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Write the module, or check it. Raises ModelpinError."""
    from pytest_modelpin.production.rendering import is_module_name, python_module
    from pytest_modelpin.redaction.written import write_redacted

    path: Path = arguments.python
    if path.suffix != ".py" or not is_module_name(path.stem):
        raise ModelpinError(f"--python {path}: no module can be called so; write `pins.py`.")
    pins = pins_of(arguments)
    text = python_module(pins, pins.path.name)
    there = path.read_bytes().decode("utf-8", "replace") if path.is_file() else None
    if there == text:
        print(f"{path} is up to date.")
        return ExitCode.FINE
    if arguments.check:
        what = "is not what models.yml says" if there is not None else "is not there"
        print(f"{path} {what}; run `pytest-modelpin render --python {path}`.")
        return ExitCode.FOUND
    if there is not None and "Made by `pytest-modelpin render`" not in there:
        raise ModelpinError(f"{path} was written by someone else; name another file.")
    write_redacted(path, text)
    print(f"{path}: {counted(len(pins.models), 'logical model')}")
    return ExitCode.FINE
