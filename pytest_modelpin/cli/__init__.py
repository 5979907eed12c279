"""The command line: one module a command, thin; each gives its parser and what it runs."""

from __future__ import annotations

import argparse
import io
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from importlib import import_module
from types import ModuleType
from typing import NoReturn, TextIO, cast

from pytest_modelpin import __version__
from pytest_modelpin.cli.isolation import isolate_tokens
from pytest_modelpin.errors import SITE, ExitCode, ModelpinError, page_of
from pytest_modelpin.redaction.written import RedactingStream

COMMANDS = (
    "demo",
    "init",
    "doctor",
    "record",
    "status",
    "check",
    "scan",
    "resolve",
    "diff",
    "compare",
    "view",
    "judge",
    "review",
    "nightly",
    "accept",
    "plan",
    "promote",
    "rollback",
    "history",
    "health",
    "canary",
    "shadow",
    "import",
    "proxy",
    "env",
    "render",
    "sync",
)

_MODULES = {"import": "import_traffic"}
"""Where a command's name can't be a module's."""

_EXITS = "exit codes: 0 fine, 1 the check found something, 2 wrong usage, 3 inconclusive"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the console script with `arguments` (default: the process's); gives its exit code.

    Whatever it prints, it prints without secrets.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a Windows pipe has no ● to say a streak with
            stream.reconfigure(errors="replace")
    if arguments is None:
        isolate_tokens(sys.argv[1:])
    out, err = RedactingStream(sys.stdout), RedactingStream(sys.stderr)
    with redirect_stdout(cast(TextIO, out)), redirect_stderr(cast(TextIO, err)):
        try:
            return _run(arguments)
        finally:
            out.flush()


def _run(arguments: Sequence[str] | None) -> int:
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _terminated)
    parser = _parser()
    parsed = parser.parse_args(arguments)
    if not hasattr(parsed, "run"):
        parser.print_help()
        return ExitCode.USAGE
    try:
        return int(parsed.run(parsed))
    except ModelpinError as error:
        _complain(f"pytest-modelpin {parsed.command}: {error}")
        print(f"More: {page_of(error)}", file=sys.stderr)
        return error.exit_code
    except OSError as error:
        _complain(f"pytest-modelpin {parsed.command}: {_refused(error)}")
        print(f"More: {SITE}troubleshooting/", file=sys.stderr)
        return ExitCode.USAGE
    except KeyboardInterrupt:
        print("\nstopped; nothing is half-written", file=sys.stderr)
        return 130


def _complain(said: str) -> None:
    """On stderr, no wider than the window; what is quoted, and so indented, as it stands."""
    from pytest_modelpin.report.ansi import width, wrapped

    columns = width(sys.stderr)
    for line in said.splitlines():
        pieces = [line] if line.startswith("  ") else wrapped(line, columns)
        print("\n".join(pieces), file=sys.stderr)


def _terminated(number: int, frame: object) -> NoReturn:
    """End as an exception does, putting back what was begun: so does a cancelled workflow end."""
    raise SystemExit(128 + number)


def _refused(error: OSError) -> str:
    place = f"{error.filename} " if error.filename else ""
    return f"{place}can't be read or written: {error.strerror or error}."


def module_of(command: str) -> ModuleType:
    """Where a command is."""
    return import_module(f"pytest_modelpin.cli.{_MODULES.get(command, command)}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pytest-modelpin",
        description="Pin your LLM versions, test the next one with your own pytest suite, "
        "and upgrade by reviewed pull request.",
        epilog=_EXITS,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for command in COMMANDS:
        module = module_of(command)
        module.add_parser(subparsers)
        of_command = subparsers.choices[command]
        if of_command.description is None and module.__doc__:  # none by python -OO
            said = module.__doc__.splitlines()[0].partition(": ")[2]
            of_command.description = f"{said[:1].upper()}{said[1:]}"
    return parser
