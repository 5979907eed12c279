"""What a benchmark measured, put between its marks in a page; what people wrote around it stays."""

from __future__ import annotations

import os
import platform
import re
from datetime import UTC, datetime
from pathlib import Path

from pytest_modelpin.wording import counted

DOCS = Path(__file__).parent.parent / "docs"


def between(text: str, name: str, block: str) -> str:
    """The text with `block` between the marks of `name`; ValueError where it has no such marks."""
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    marked = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if not marked.search(text):
        raise ValueError(f"the page has no place for {name}: {begin} … {end}")
    return marked.sub(lambda _: f"{begin}\n\n{block}\n\n{end}", text, count=1)


def put(page: Path, name: str, block: str) -> None:
    """Write the page with `block` between the marks of `name`."""
    page.write_text(between(page.read_text("utf-8"), name, block), "utf-8")


def circumstances() -> str:
    """When and on what: a line to stand before figures."""
    busy = ""
    if hasattr(os, "getloadavg"):
        running = counted(round(os.getloadavg()[0]), "process", "processes")
        busy = f", {running} ready to run"
    return (
        f"{datetime.now(UTC).date().isoformat()}, Python {platform.python_version()} on "
        f"{platform.system()} {platform.machine()}, {counted(os.cpu_count() or 1, 'core')}{busy}."
    )
