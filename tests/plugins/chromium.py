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


@pytest.fixture(scope="session")
def axe() -> str:
    """The program axe-core, which finds what keeps people from reading a page."""
    from github_emulator import counterparts

    program = counterparts() / "node_modules" / "axe-core" / "axe.min.js"
    if not program.exists():
        reason = f"axe-core is not installed in {program.parents[2]} (`make setup` installs it)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    return program.read_text("utf-8")


def violations(page: Page, axe: str) -> list[str]:
    """What axe-core finds, a line each; it runs in a world of its own, outside of the policy."""
    session = page.context.new_cdp_session(page)
    frame = session.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
    world = session.send("Page.createIsolatedWorld", {"frameId": frame})["executionContextId"]
    session.send("Runtime.evaluate", {"expression": axe, "contextId": world})
    ran = session.send(
        "Runtime.evaluate",
        {
            "expression": "axe.run().then((found) => found.violations.map((each) => "
            "`${each.impact} ${each.id}: ${each.nodes.map((node) => node.target).join(' ')}`))",
            "contextId": world,
            "awaitPromise": True,
            "returnByValue": True,
        },
    )
    found: list[str] = ran["result"]["value"]
    return found


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
