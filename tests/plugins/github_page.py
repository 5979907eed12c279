"""Markdown as GitHub lays it out, for a browser: what fits a phone and what doesn't.

The style sheet follows GitHub's own in what decides widths: fonts, padding, tables that scroll by
themselves, and code that breaks at hyphens.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from playwright.sync_api import Page

_STYLE = """
:root { color-scheme: light dark; --text: light-dark(#1f2328, #f0f6fc);
  --line: light-dark(#d1d9e0, #3d444d);
  --muted: light-dark(#f6f8fa, #151b23); --code: light-dark(#818b981f, #656c7633);
  --link: light-dark(#0969da, #4493f8); --page: light-dark(#ffffff, #0d1117);
  --added: light-dark(#dafbe1, #12261e); --removed: light-dark(#ffebe9, #25171c); }
body { box-sizing: border-box; max-width: 880px; margin: 0 auto; padding: 16px;
  color: var(--text); background: var(--page); overflow-wrap: break-word;
  font: 14px/1.5 -apple-system, "Segoe UI", "Noto Sans", Helvetica, Arial, "DejaVu Sans",
    sans-serif, "Noto Color Emoji"; }
h1 { font-size: 26px; font-weight: 400; line-height: 1.25; margin: 0 0 16px; }
h2 { font-size: 1.5em; border-bottom: 1px solid var(--line); padding-bottom: .3em; }
h3 { font-size: 1.25em; margin: 24px 0 16px; }
p, ul, table, pre, details { margin: 0 0 16px; }
ul { padding-left: 2em; }
li + li { margin-top: .25em; }
table { display: block; width: max-content; max-width: 100%; overflow: auto;
  border-collapse: collapse; }
th, td { border: 1px solid var(--line); padding: 6px 13px; }
th { font-weight: 600; }
tr:nth-child(2n) { background: var(--muted); }
code { font: 85% ui-monospace, "SF Mono", "DejaVu Sans Mono", monospace; padding: .2em .4em;
  white-space: break-spaces; background: var(--code); border-radius: 6px; }
pre { padding: 16px; overflow: auto; background: var(--muted); border-radius: 6px; }
pre code { background: none; padding: 0; font-size: 85%; white-space: pre; }
pre .new { background: var(--added); } pre .old { background: var(--removed); }
blockquote { margin: 0 0 16px; padding: 0 1em; border-left: .25em solid var(--link); }
a { color: var(--link); text-decoration: none; }
hr { border: 0; height: 4px; background: var(--line); margin: 24px 0; }
li:has(> input) { list-style: none; } li > input { margin: 0 .4em 0 -1.4em; }
"""


def github_page(markdown: str, title: str = "") -> str:
    """The page that GitHub would make of an issue's or pull request's text."""
    rendered = MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown)
    for mark, attribute in (("[ ]", ""), ("[x]", " checked")):
        box = f'<input type="checkbox" disabled{attribute} aria-label="box"> '
        rendered = rendered.replace(f"<li>{mark} ", f"<li>{box}")
    rendered = "\n".join(map(_coloured, rendered.split("\n")))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width, initial-scale=1"><title>{html.escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body><main>"
        f"{f'<h1>{html.escape(title)}</h1>' if title else ''}{rendered}</main></body></html>"
    )


def _coloured(line: str) -> str:
    """A line of a diff; `-` and `+` are followed by a blank in ours, an item of a list by none."""
    for sign, fate in (("- ", "old"), ("+ ", "new")):
        if line.startswith(sign):
            return f'<span class="{fate}">{line}</span>'
    return line


def too_wide(page: Page) -> list[str]:
    """What of the page is wider than its place: the start of each table or block's text."""
    found: list[str] = page.evaluate(
        "[document.documentElement, ...document.querySelectorAll('table')]"
        ".filter((each) => each.scrollWidth > each.clientWidth)"
        ".map((each) => `${each.innerText.slice(0, 60)}: "
        "${each.scrollWidth} in ${each.clientWidth} px`)"
    )
    return found
