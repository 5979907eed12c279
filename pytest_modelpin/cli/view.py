"""`view`: open a comparison's page, the newest one where none is named."""

from __future__ import annotations

import argparse
import webbrowser
from pathlib import Path

from pytest_modelpin.cli import REPORTS
from pytest_modelpin.errors import ExitCode, ModelpinError


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("view", help="open a comparison's page in the browser")
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="default: the newest")
    parser.add_argument("--print", action="store_true", help="only say where it is")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Open the page. Raises ModelpinError where there is none."""
    page: Path = arguments.file or _newest()
    if not page.is_file():
        raise ModelpinError(
            f"There is no page at {page}; `pytest-modelpin view` alone opens the newest."
        )
    print(page)
    # Where no browser can be opened, as over SSH, the path is all that helps.
    if not arguments.print and not webbrowser.open(page.resolve().as_uri()):
        print("No browser could be opened here; copy the file to where there is one.")
    return ExitCode.FINE


def _newest() -> Path:
    pages = sorted(REPORTS.rglob("*.html"), key=lambda page: page.stat().st_mtime)
    if not pages:
        raise ModelpinError(
            f"There is no page below {REPORTS} yet; `pytest-modelpin nightly` writes one, and so "
            "do `pytest --model candidate --model-html FILE` and `pytest-modelpin compare --html`."
        )
    return pages[-1]
