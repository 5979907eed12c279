"""Make the pictures in docs/images/ anew: `python docs/make_images.py`.

What is shown is the product's own output for one comparison that holds every kind of drift. Needs
the `test` group, chromium, and a font with the signs of GitHub's texts (Noto Color Emoji). Look at
each picture before you keep it.
"""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from datetime import date
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests" / "plugins"))

import golden  # noqa: E402
from github_page import github_page  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.text import Text  # noqa: E402

from pytest_modelpin.report.ansi import Palette  # noqa: E402
from pytest_modelpin.report.comparison_text import findings, heading  # noqa: E402
from pytest_modelpin.report.page import comparison_page  # noqa: E402
from pytest_modelpin.upgrade.proposal.body import body, title  # noqa: E402


def pages() -> dict[str, tuple[str, dict[str, object]]]:
    """File names, and the HTML and the browser's options of each picture."""
    report = comparison_page(golden.comparison(), golden.VERDICT, *golden.runs(), golden.context())
    desk = {"viewport": {"width": 1280, "height": 1180}}
    return {
        "page-light.png": (report, desk | {"color_scheme": "light"}),
        "page-dark.png": (report, desk | {"color_scheme": "dark"}),
        "page-phone.png": (report, {"viewport": {"width": 390, "height": 844}}),
        "pull-request.png": (_pull_request(), desk | {"viewport": {"width": 900, "height": 1180}}),
        "terminal.png": (_terminal(), {"viewport": {"width": 760, "height": 600}}),
    }


def _pull_request() -> str:
    bump = golden.bump()
    text = body(bump, run_url="https://github.com/shop/support/actions/runs/1015",
                today=date(2026, 11, 15))  # fmt: skip
    return github_page(text, title(bump))


def _terminal() -> str:
    compared, palette = golden.comparison(), Palette(on=True)
    lines = [
        *heading(compared, golden.VERDICT, palette, 80),
        "",
        *findings(compared, most=4, palette=palette, columns=80),
    ]
    console = Console(record=True, width=80, file=io.StringIO())
    console.print(Text.from_ansi("\n".join(lines)), soft_wrap=True)
    return console.export_html(
        code_format="<!doctype html><meta charset='utf-8'><style>body{{background:#fff;"
        "margin:16px 20px}}pre{{font:13px/1.45 'DejaVu Sans Mono',monospace}}</style>"
        "<pre>{code}</pre>",
        inline_styles=True,
    )


def main() -> None:
    """Take each picture."""
    (HERE / "images").mkdir(exist_ok=True)
    program = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for name, (html, options) in pages().items():
            file = Path(folder, "page.html")
            file.write_text(html, "utf-8")
            page = browser.new_context(**options).new_page()  # type: ignore[arg-type]
            page.goto(file.as_uri())
            page.wait_for_timeout(300)  # the first cases unpack themselves
            page.screenshot(path=HERE / "images" / name)
            print(HERE / "images" / name)
        browser.close()


if __name__ == "__main__":
    main()
