"""The command line: thin modules of one command or of a few that belong together.

Each command has a function that declares its parser and one that it runs.
"""

from __future__ import annotations

import argparse
import io
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from importlib import import_module
from types import ModuleType
from typing import NamedTuple, NoReturn, TextIO, cast

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

_MODULES = {
    "accept": "review",
    "diff": "compare",
    "doctor": "check",
    "env": "export",
    "history": "status",
    "import": "traffic",
    "promote": "moves",
    "render": "export",
    "resolve": "ids",
    "rollback": "moves",
    "scan": "ids",
    "shadow": "traffic",
    "sync": "export",
}
"""Where a command is that no module is named after."""

_EXITS = "exit codes: 0 fine, 1 the check found something, 2 wrong usage, 3 inconclusive"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the console script with `arguments` (default: the process's); gives its exit code.

    Whatever it prints, it prints without secrets, and in a job's log without commands to the runner
    but those that `check` is asked for.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a Windows pipe has no ● to say a streak with
            stream.reconfigure(errors="replace")
    if arguments is None:
        isolate_tokens(sys.argv[1:])
    harmless = _harmless(os.environ)
    out, err = RedactingStream(sys.stdout, harmless), RedactingStream(sys.stderr, harmless)
    with redirect_stdout(cast(TextIO, out)), redirect_stderr(cast(TextIO, err)):
        try:
            return _run(arguments)
        finally:
            out.flush()


def _harmless(environment: Mapping[str, str]) -> Callable[[str], str]:
    if environment.get("GITHUB_ACTIONS") != "true":  # so say Forgejo's and Gitea's runners, too
        return str
    from pytest_modelpin.report.escape import job_log

    return job_log


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


class Command(NamedTuple):
    """One command, as its module has it."""

    add_parser: Callable[[argparse._SubParsersAction[argparse.ArgumentParser]], None]
    said: str
    """What it is for, a sentence; empty by python -OO, which keeps no docstrings."""


def command_of(name: str) -> Command:
    """A command by its name: `add_<name>_parser` of its module, or `add_parser` of its own."""
    module = module_of(name)
    shared = getattr(module, f"add_{name}_parser", None)
    paragraph = ((shared or module).__doc__ or "").partition("\n\n")[0]
    said = " ".join(paragraph.split()).partition(": ")[2]
    return Command(shared or module.add_parser, f"{said[:1].upper()}{said[1:]}")


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
        found = command_of(command)
        found.add_parser(subparsers)
        of_command = subparsers.choices[command]
        if of_command.description is None:
            of_command.description = found.said or None
    return parser
