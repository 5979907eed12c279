"""A real browser for what is graphical: Debian's chromium, driven by Playwright."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser, started once a module; skips where there is none, fails in CI.

    No longer: while it runs, no test of this process can run an event loop of its own.
    """
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        reason = "chromium is not installed; `make setup` installs it"
        if os.environ.get("CI") == "true":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(_FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """`open_page(html, hash="", **context)`: the file in a new tab.

    The test fails where the page logged an error or asked the network for anything.
    """
    trouble: list[str] = []
    contexts: list[Any] = []

    def open_(html: str, hash: str = "", **options: Any) -> Page:
        file = tmp_path / "report.html"
        file.write_text(html, "utf-8")
        context = chromium.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on(
            "console",
            lambda line: trouble.append(line.text) if line.type in ("error", "warning") else None,
        )
        page.on(
            "request",
            lambda asked: trouble.append(asked.url) if not asked.url.startswith("file:") else None,
        )
        page.goto(f"{file.as_uri()}{hash}")
        return page

    yield open_
    for context in contexts:
        context.close()
    assert trouble == []
