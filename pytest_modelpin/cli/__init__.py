"""The command line: thin modules of one command or of a few that belong together.

Here is what starts them, and the options that they share.
"""

from __future__ import annotations

import argparse
import io
import os
import shlex
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext, redirect_stderr, redirect_stdout
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TextIO, cast

from modelpin_runtime.errors import did_you_mean
from pytest_modelpin.cli.command_parser import make_parser
from pytest_modelpin.clock import utc_today
from pytest_modelpin.errors import SITE, ExitCode, ModelpinError, RegistryError, page_of
from pytest_modelpin.files import OWN_FOLDER
from pytest_modelpin.redaction.written import RedactingStream
from pytest_modelpin.registry import Model, Pins, find, load
from pytest_modelpin.registry.selection import names_no
from pytest_modelpin.wording import IN_PLAIN, counted, some
from pytest_modelpin.write_access import isolate_tokens, runner_files_kept

if TYPE_CHECKING:
    from pytest_modelpin.forge import Forge
    from pytest_modelpin.ledger.store import Ledger


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the console script with `arguments` (default: the process's); gives its exit code.

    Whatever it prints, it prints without secrets, and in a job's log without commands to the runner
    but those that `check` is asked for.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a Windows pipe has no ● to say a streak with
            stream.reconfigure(errors=IN_PLAIN)
    if arguments is None:
        isolate_tokens(sys.argv[1:])
    harmless = _harmless(os.environ)
    out, err = RedactingStream(sys.stdout, harmless), RedactingStream(sys.stderr, harmless)
    with redirect_stdout(cast(TextIO, out)), redirect_stderr(cast(TextIO, err)):
        try:
            return _run(arguments)
        except KeyboardInterrupt:
            print("\nstopped; nothing is half-written", file=sys.stderr)
            return 130
        finally:
            out.flush()


def _harmless(environment: Mapping[str, str]) -> Callable[[str], str]:
    if environment.get("GITHUB_ACTIONS") != "true":  # so say Forgejo's and Gitea's runners, too
        return str
    from pytest_modelpin.report.escape import job_log

    return job_log


def _run(arguments: Sequence[str] | None) -> int:
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
            if signal.getsignal(number) is signal.SIG_DFL:  # `nohup` has one ignored
                signal.signal(number, _terminated)
    parser = make_parser()
    parsed, unknown = parser.parse_known_args(arguments)
    given = list(sys.argv if arguments is None else arguments)
    behind = given[given.index("--") + 1 :] if "--" in given else []
    if not {"arguments", "command_line"} & vars(parsed).keys():  # which take what stands there
        unknown = behind if any(each.startswith("-") for each in behind) else unknown
    if unknown:
        command = parser.of_command(parsed.command)
        command.error(_not_known(command, parsed, unknown))
    if not hasattr(parsed, "run"):
        parser.print_help()
        return ExitCode.USAGE
    try:
        # A night writes outputs of its own there, once its tests have ended.
        with nullcontext() if parsed.command == "nightly" else runner_files_kept(_complain):
            return int(parsed.run(parsed))
    except ModelpinError as error:
        _complain(f"pytest-modelpin {parsed.command}: {error}")
        print(f"More: {page_of(error)}", file=sys.stderr)
        return error.exit_code
    except OSError as error:
        _complain(f"pytest-modelpin {parsed.command}: {_refused(error)}")
        print(f"More: {SITE}troubleshooting/", file=sys.stderr)
        return ExitCode.USAGE


def _not_known(
    parser: argparse.ArgumentParser, parsed: argparse.Namespace, unknown: Sequence[str]
) -> str:
    """What is said of options that the command lacks: mistyped ones, or meant for pytest."""
    given, command = shlex.join(unknown), parser.prog
    said, way = f"there is no {given} here; `{command} --help` lists what there is.", ""
    option = unknown[0].partition("=")[0]
    own = (each for each in parser._option_string_actions if each.startswith("--"))
    if option.startswith("--") and (guess := did_you_mean(option, own)):
        return f"there is no {option} here.{guess} `{command} --help` lists what there is."
    if hasattr(parsed, "arguments"):  # record's: whatever pytest is to be given
        way = f" Options for pytest go behind `--`: `{command} -- {given}`."
    elif hasattr(parsed, "tests"):
        way = f" Options for pytest go into one: `{command} --tests={shlex.quote(given)}`."
    return said + way


def _complain(said: str) -> None:
    """On stderr, as `tell`; what is quoted, and so indented, is broken nowhere."""
    from pytest_modelpin.report.ansi import width, wrapped
    from pytest_modelpin.report.escape import terminal

    for line in terminal(said).splitlines():
        pieces = [line] if line.startswith("  ") else wrapped(line, width(sys.stderr))
        print("\n".join(pieces), file=sys.stderr)


def _terminated(number: int, frame: object) -> NoReturn:
    """End as an exception does, putting back what was begun: so does a cancelled workflow end."""
    raise SystemExit(128 + number)


def _refused(error: OSError) -> str:
    return f"{error.filename or 'A file here'} can't be read or written: {error.strerror or error}."


REPORTS = Path(OWN_FOLDER)

MANY_FILES = 10_000
"""From here on reading them takes a second and more, and is told of."""


def add_project_options(parser: argparse.ArgumentParser, *, tests: bool = False) -> None:
    """The options that every command with a models.yml shares."""
    parser.add_argument("--registry", metavar="PATH", help="models.yml, where it lies elsewhere")
    if tests:
        parser.add_argument(
            "--tests", default="", metavar="ARGS", help='what pytest is run with: "tests/llm -n 4"'
        )


def tell_of_reading(count: int) -> None:
    """Say that many files are about to be read; on stderr, as what follows may be JSON."""
    if count >= MANY_FILES:
        print(f"Reading {counted(count, 'file')} …", file=sys.stderr, flush=True)


def tell_of_running(what: str) -> None:
    """Say on a terminal what goes on: `Replaying the suite …`.

    On stderr, as what follows may be JSON; a log or a script needs no such line.
    """
    if sys.stderr.isatty():
        from pytest_modelpin.report.escape import terminal

        print(f"{terminal(what)} …", file=sys.stderr, flush=True)


def pins_of(arguments: argparse.Namespace) -> Pins:
    """The models.yml that the command is about. Raises RegistryError."""
    if arguments.registry:
        return load(Path(arguments.registry))
    try:
        return load()
    except RegistryError as error:
        if below := _folders_with_one():
            raise RegistryError(
                f"No models.yml is here or above, but there is one in {some(below)}: run "
                "this there, or name it with --registry."
            ) from error
        raise


def models_of(pins: Pins, names: Sequence[str]) -> list[Model]:
    """The logical models of these names, or all without any.

    Raises ModelpinError where models.yml has no such name.
    """
    if any(name not in pins.models for name in names):
        raise ModelpinError(names_no(pins.path, names, pins.models))
    return [pins.models[name] for name in names or pins.models]


def pins_if_any(arguments: argparse.Namespace) -> Pins | None:
    """models.yml; None where there is none, for commands that can do without."""
    if arguments.registry:
        return load(Path(arguments.registry))
    found = find(Path.cwd())
    return load(found) if found else None


def registry_for_pytest(arguments: argparse.Namespace) -> tuple[str, ...]:
    """`--registry` as pytest takes it."""
    path = arguments.registry
    return ("-o", f"modelpin_registry={Path(path).absolute()}") if path else ()


_FOLDERS_DOWN = 3
"""How far below a folder that is in no repository a models.yml is looked for."""


def _folders_with_one() -> list[str]:
    """The folders below this one that have a models.yml, where none is here or above."""
    from pytest_modelpin.literals import files, folder_of_registry

    here = Path.cwd()
    if any(find(folder) is not None for folder in (here, *here.parents)):
        return []
    found = map(folder_of_registry, files(here, deepest=_FOLDERS_DOWN))
    return sorted({folder for folder in found if folder is not None})


def tests_of(arguments: argparse.Namespace) -> tuple[str, ...]:
    """`--tests` as separate arguments. Raises ModelpinError where a quote is not closed."""
    try:
        return tuple(shlex.split(arguments.tests))
    except ValueError as error:
        raise ModelpinError(f"--tests {arguments.tests!r} can't be read: {error}.") from None


def today_of(arguments: argparse.Namespace) -> date:
    """`--today`, or the current day in UTC. Raises ModelpinError where it is no date."""
    if not arguments.today:
        return utc_today()
    try:
        return date.fromisoformat(arguments.today)
    except ValueError:
        raise ModelpinError(
            f"--today {arguments.today!r} is no date; write it as YYYY-MM-DD."
        ) from None


def tell(*sentences: str, hanging: int | None = None) -> None:
    """Print lines no wider than the window, broken at blanks; nothing in them steers a terminal.

    `hanging` is by how many columns the pieces after a line's first are indented.
    """
    from pytest_modelpin.report.ansi import width, wrapped
    from pytest_modelpin.report.escape import terminal

    for sentence in sentences:
        print("\n".join(wrapped(terminal(sentence), width(), hanging)))


def add_ledger(parser: argparse.ArgumentParser) -> None:
    """The option that says where nights and decisions are kept."""
    parser.add_argument(
        "--ledger",
        metavar="DIR|github",
        help="where nights are kept: a folder, or the branch modelpin-ledger on GitHub "
        "(default on GitHub Actions; else the folder .pytest_modelpin/ledger)",
    )


def add_ledger_folder(parser: argparse.ArgumentParser) -> None:
    """The option of commands that only read the nights, else from where they are at hand."""
    parser.add_argument(
        "--ledger", metavar="DIR", type=Path, help="read the nights from this folder"
    )


def forge_of(arguments: argparse.Namespace) -> Forge | None:
    """The GitHub repository this runs in; None outside of GitHub. Raises ForgeError."""
    wanted = arguments.ledger == "github"
    if not (wanted or all(map(os.environ.get, ("GITHUB_REPOSITORY", "GITHUB_TOKEN")))):
        return None
    from pytest_modelpin.forge import connect

    return connect(os.environ)


def ledger_here(arguments: argparse.Namespace) -> Ledger:
    """The ledger of what is done by hand: GitHub's only where `--ledger` asks for it."""
    return ledger_of(arguments, forge_of(arguments) if arguments.ledger == "github" else None)


def ledger_of(arguments: argparse.Namespace, forge: Forge | None) -> Ledger:
    """The ledger; on GitHub the branch, unless a folder is named. Raises ModelpinError."""
    if forge is not None and arguments.ledger in (None, "github"):
        from pytest_modelpin.ledger.store import BranchLedger

        return BranchLedger(forge)
    from pytest_modelpin.ledger.store import FolderLedger

    folder = Path(arguments.ledger) if arguments.ledger else REPORTS / "ledger"
    if folder.exists() and not folder.is_dir():
        raise ModelpinError(f"--ledger {folder} is a file; it has to be a folder.")
    return FolderLedger(folder)
