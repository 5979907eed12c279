"""`demo`: the whole story, offline, with no key, in about 20 seconds."""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

from pytest_modelpin.errors import ExitCode, ModelpinError


def options(parser: argparse.ArgumentParser) -> None:
    """Declare its options."""
    parser.add_argument(
        "--folder",
        metavar="DIR",
        help="play it there instead of in a new folder of the temporary one",
    )


def run(arguments: argparse.Namespace) -> int:
    """Play the demo."""
    from pytest_modelpin.demo.story import tell

    folder = Path(arguments.folder or tempfile.mkdtemp(prefix="modelpin-demo-"))
    if folder.exists() and any(folder.iterdir()):
        raise ModelpinError(f"{folder} is not empty; name a new or an empty folder.")
    folder.mkdir(parents=True, exist_ok=True)
    try:
        tell(folder.resolve(), _show)
    except BaseException:
        if not arguments.folder:  # half a story is nothing to look at, and nobody knows of it
            shutil.rmtree(folder, ignore_errors=True)
        raise
    return ExitCode.FINE


def _show(kind: str, text: str) -> None:
    from rich.console import Console
    from rich.rule import Rule
    from rich.text import Text

    # No line is broken: the terminal does that, so that what was one command is copied as one.
    console = Console(highlight=False, soft_wrap=True)
    match kind:
        case "title":
            console.print()
            console.print(Rule(Text(text, style="bold"), align="left", style="cyan"))
        case "command":
            console.print(Text(f"$ {text}", style="bold green"))
        case "diff":
            for line in text.splitlines():
                console.print(Text(line, style=_style(line)))
        case "note":
            console.print(Text(text, style="italic"))
        case _:
            console.print(Text.from_ansi(text))


def _style(line: str) -> str:
    """Of a line of a diff, as git has it: a theme's white text is none on a light terminal."""
    if line.startswith(("diff ", "index ", "+++", "---")):
        return "bold"
    return {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "")
