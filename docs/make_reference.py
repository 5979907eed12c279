"""Writes docs/commands.md and docs/api.md from the code: what can be called, and how.

python docs/make_reference.py          # or `make reference`
"""

from __future__ import annotations

import argparse
import inspect
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from pytest_modelpin.cli import COMMANDS, module_of

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
    module = module_of(command)
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


PUBLIC = {
    "pytest_modelpin.registry": ("load", "Pins", "Model", "Settings"),
    "pytest_modelpin.providers": ("identify", "ModelId", "read_reply", "Reply", "Usage"),
    "pytest_modelpin.compare": ("drifts", "case_drifts", "Drift", "verdict", "Verdict"),
}
"""What other programs may call; everything else is private."""

API_HEAD = """\
# Python API

Made from the code by `make reference`. These names are stable, typed and documented; everything
else in the package is private, whatever its spelling. What production needs is
[the runtime's](runtime.md); fixtures and the marker are [pytest's](pytest.md); hooks for a provider
or a detector of your own are in [a provider of your own](own-provider.md).
"""


def api() -> str:
    """The whole page of the Python API."""
    return API_HEAD + "".join(
        f"\n## {module}\n\n" + "\n".join(entry(getattr(import_module(module), n)) for n in names)
        for module, names in PUBLIC.items()
    )


def entry(thing: Any) -> str:
    """A function with its signature, or a class with its fields."""
    if inspect.isclass(thing):
        kinds = inspect.get_annotations(thing).items()
        rows = [f"    {name}: {kind}" for name, kind in kinds if not name.startswith("_")]
        code = "\n".join([f"class {thing.__name__}:", *(rows or ["    ..."])])
    else:
        code = thing.__name__ + signature(thing)
    said = inspect.cleandoc(thing.__doc__ or "")
    return f"### {thing.__name__}\n\n```python\n{code}\n```\n\n{said}\n"


def signature(function: Any) -> str:
    """Its parameters and what it gives, as they are written."""
    return str(inspect.signature(function)).replace("'", "")


def main() -> None:
    """Write the pages."""
    PAGE.write_text(page(), "utf-8")
    PAGE.with_name("api.md").write_text(api(), "utf-8")
    print(f"{PAGE.name}: {len(COMMANDS)} commands", file=sys.stderr)


if __name__ == "__main__":
    main()
