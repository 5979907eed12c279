"""Which commands there are, in groups by what somebody is about, where each is, and their parser.

Each command has a function that declares its options and one that it runs.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, NamedTuple

from modelpin_runtime.errors import did_you_mean
from pytest_modelpin import __version__

if TYPE_CHECKING:
    from typing_extensions import TypeIs


class Entry(NamedTuple):
    """A command, as the list of all of them has it."""

    help: str
    module: str = ""
    """Of `cli/`; empty where it is named after the command."""


_GROUPS: Mapping[str, Mapping[str, Entry]] = {
    "start": {
        "demo": Entry("the whole story on an embedded provider: offline, no key, about 20 seconds"),
        "init": Entry("write models.yml and the nightly workflow here"),
        "record": Entry("record the pins: run your tests live, once, and ask only what is missing"),
        "doctor": Entry(
            "keys, root folder, ids, clients, git, workflow: what is amiss, and its cure", "check"
        ),
    },
    "look": {
        "status": Entry("each model's pin, candidate, streak, countdown"),
        "check": Entry("alarms: floating, retiring and stale pins, red or missing nights"),
        "diff": Entry("how two recorded versions' answers differ", "compare"),
        "compare": Entry("run reports side by side, with a verdict"),
        "view": Entry("open a comparison's page in the browser", "nightly"),
        "history": Entry(
            "every version that was the pin: when, why, shown how, accepted by whom", "status"
        ),
        "scan": Entry("model ids that are hard-coded in this repository", "ids"),
        "resolve": Entry(
            "is an id a pin, what does it stand for, when does it end, what does it cost", "ids"
        ),
    },
    "nights": {
        "nightly": Entry("one night: candidate live against the pin"),
        "plan": Entry("before a night: calls, dollars, minutes, what it could show"),
        "review": Entry("the last night's changed answers one by one: accept or reject"),
        "accept": Entry("what changed in a version's answers is wanted", "review"),
        "judge": Entry("measure the judge that models.yml names"),
    },
    "move a pin": {
        "promote": Entry("move a pin here, for you to review and commit", "moves"),
        "rollback": Entry("back to the version before the last move", "moves"),
    },
    "in production": {
        "health": Entry(
            "ask every pin and fallback the critical cases; 1 where one is degraded or down"
        ),
        "canary": Entry("hold, advance or roll back a canary"),
        "shadow": Entry(
            "ask pin and candidate what production asked, and compare them as a night does",
            "traffic",
        ),
        "import": Entry(
            "a sample of what production asked, as pytest cases with recordings", "traffic"
        ),
        "proxy": Entry(
            "record and replay what is no child of a test: containers, workers, services"
        ),
        "env": Entry("the versions in force as environment variables", "export"),
        "render": Entry("write the pins as a module that needs nothing", "export"),
        "sync": Entry(
            "write pins, fallbacks and canary shares into a gateway's own configuration", "export"
        ),
    },
}
COMMANDS: Mapping[str, Entry] = {
    name: entry for group in _GROUPS.values() for name, entry in group.items()
}


class CommandParser(argparse.ArgumentParser):
    """Shows the commands in groups, and has a guess at a mistyped one."""

    def format_help(self) -> str:
        """As argparse lays it out, with a heading for each group."""
        formatter = self._get_formatter()
        formatter.add_usage(self.usage, self._actions, self._mutually_exclusive_groups)
        formatter.add_text(self.description)
        commands = next(each for each in self._actions if _are_commands(each))
        by_name = {each.dest: each for each in commands._get_subactions()}
        for title, names in _GROUPS.items():
            formatter.start_section(title)
            formatter.add_arguments(by_name[name] for name in names)
            formatter.end_section()
        formatter.start_section("options")
        formatter.add_arguments(each for each in self._actions if not _are_commands(each))
        formatter.end_section()
        formatter.add_text(self.epilog)
        return formatter.format_help()

    def of_command(self, name: str | None) -> argparse.ArgumentParser:
        """The parser of a command's own options; this one without a command."""
        commands = next(each for each in self._actions if _are_commands(each))
        return commands.choices[name] if name else self

    def _check_value(self, action: argparse.Action, value: object) -> None:
        if _are_commands(action) and value not in COMMANDS:
            guess = did_you_mean(str(value), COMMANDS)
            self.error(f"there is no command {value!r}.{guess} `{self.prog} --help` lists all.")
        super()._check_value(action, value)


def _are_commands(
    action: argparse.Action,
) -> TypeIs[argparse._SubParsersAction[argparse.ArgumentParser]]:
    return isinstance(action, argparse._SubParsersAction)


class Command(NamedTuple):
    """One command, as its module has it."""

    name: str
    options: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]
    said: str
    """What it is for, a sentence; empty by python -OO, which keeps no docstrings."""

    def add_parser(self, subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
        """Declare it."""
        parser = subparsers.add_parser(self.name, help=COMMANDS[self.name].help)
        self.options(parser)
        parser.description = parser.description or self.said or None
        parser.set_defaults(run=self.run)


def command_of(name: str) -> Command:
    """A command by its name: `options` and `run` of its own module, or `<name>_options` and
    `run_<name>` of one that it shares.
    """
    module = module_of(name)
    shared = getattr(module, f"{name}_options", None)
    paragraph = ((shared or module).__doc__ or "").partition("\n\n")[0]
    said = " ".join(paragraph.split()).partition(": ")[2]
    options = shared or module.options
    run = getattr(module, f"run_{name}") if shared else module.run
    return Command(name, options, run, f"{said[:1].upper()}{said[1:]}")


def module_of(command: str) -> ModuleType:
    """Where a command is."""
    return import_module(f"pytest_modelpin.cli.{COMMANDS[command].module or command}")


def make_parser() -> CommandParser:
    """The parser of the whole command line."""
    parser = CommandParser(
        prog="pytest-modelpin",
        description="Pin your LLM versions, test the next one with your own pytest suite, "
        "and upgrade by reviewed pull request.",
        epilog="exit codes: 0 fine, 1 the check found something, 2 wrong usage, 3 inconclusive. "
        "`pytest-modelpin COMMAND --help` has its options; `pytest --help` those of pytest.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    subparsers = parser.add_subparsers(
        dest="command", metavar="COMMAND", parser_class=argparse.ArgumentParser
    )
    for command in COMMANDS:
        command_of(command).add_parser(subparsers)
    return parser
