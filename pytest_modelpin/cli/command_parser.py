"""Which commands there are, in groups by what somebody is about, and how they are listed."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING

from modelpin_runtime.errors import did_you_mean

if TYPE_CHECKING:
    from typing_extensions import TypeIs

_GROUPS: Mapping[str, tuple[str, ...]] = {
    "start": ("demo", "init", "record", "doctor"),
    "look": ("status", "check", "diff", "compare", "view", "history", "scan", "resolve"),
    "nights": ("nightly", "plan", "review", "accept", "judge"),
    "move a pin": ("promote", "rollback"),
    "in production": ("health", "canary", "shadow", "import", "proxy", "env", "render", "sync"),
}
COMMANDS = tuple(command for group in _GROUPS.values() for command in group)


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

    def _check_value(self, action: argparse.Action, value: object) -> None:
        if _are_commands(action) and value not in COMMANDS:
            guess = did_you_mean(str(value), COMMANDS)
            self.error(f"there is no command {value!r}.{guess} `{self.prog} --help` lists all.")
        super()._check_value(action, value)


def _are_commands(
    action: argparse.Action,
) -> TypeIs[argparse._SubParsersAction[argparse.ArgumentParser]]:
    return isinstance(action, argparse._SubParsersAction)
