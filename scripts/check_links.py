"""Follows every link that leads out of the documentation, and says which of them are dead.

python scripts/check_links.py          # weekly by .github/workflows/links.yml

A page that says it is gone (404, 410) is dead, and so is a host that is not there. One that refuses
(403, 429), is down or slow says nothing of the link: it is told, and fails nothing. Exit codes: 0
none is dead, 1 one is, 3 not one could be reached, so nothing is known.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal, NamedTuple

import httpx

ROOT = Path(__file__).parents[1]
PAGES = ("*.md", "docs/*.md", "examples/*/README.md", "pyproject.toml", "runtime/pyproject.toml")
SECONDS = 20.0
AT_ONCE = 8
DEAD = frozenset({404, 410})
ADDRESS = re.compile(r"""https?://[^\s<>"'`\])}|]+""")
# Made up, to be read and not to be followed.
EXAMPLES = re.compile(r"example\.|\.example|localhost|127\.0\.0\.1|OWNER|\.\.\.|…|[{}<>$]")

State = Literal["there", "dead", "not told"]


class Link(NamedTuple):
    """An address, and where it stands."""

    url: str
    places: tuple[str, ...]


class Found(NamedTuple):
    """What became of following a link."""

    link: Link
    state: State
    said: str


def links(texts: Iterable[tuple[str, str]]) -> list[Link]:
    """Every address of the texts (name, text), once, without its anchor and what was made up."""
    places: dict[str, list[str]] = {}
    for name, text in texts:
        prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
        for url in ADDRESS.findall(prose):
            bare = url.rstrip(".,;:").partition("#")[0]
            if not EXAMPLES.search(bare):
                places.setdefault(bare, []).append(name)
    return [Link(url, tuple(dict.fromkeys(names))) for url, names in sorted(places.items())]


def follow(link: Link, client: httpx.Client) -> Found:
    """Ask for a page, without reading it to its end."""
    try:
        with client.stream("GET", link.url) as reply:
            status = reply.status_code
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        said = f"{type(error).__name__}: {error}"
        gone = "Name or service not known" in said or "No address associated" in said
        return Found(link, "dead" if gone else "not told", said)
    state: State = "dead" if status in DEAD else "there" if status < 400 else "not told"
    return Found(link, state, f"HTTP {status}")


def follow_all(every: Sequence[Link]) -> list[Found]:
    """All of them, some at once, each for so many seconds at most."""
    limits = httpx.Limits(max_connections=AT_ONCE)
    headers = {"user-agent": "pytest-modelpin's check of its documentation's links"}
    with (
        httpx.Client(
            follow_redirects=True, timeout=SECONDS, limits=limits, headers=headers
        ) as client,
        ThreadPoolExecutor(AT_ONCE) as pool,
    ):
        return list(pool.map(lambda link: follow(link, client), every))


def report(found: Sequence[Found]) -> tuple[list[str], int]:
    """The lines to print, and the exit code."""
    lines = [
        f"{each.state:<8}  {each.link.url}  ({', '.join(each.link.places)}): {each.said}"
        for each in sorted(found, key=lambda each: each.state)
        if each.state != "there"
    ]
    counts = {
        state: sum(each.state == state for each in found) for state in ("there", "dead", "not told")
    }
    told = ", ".join(f"{count} {state}" for state, count in counts.items())
    # Behind a broken network every host is missing.
    if found and not counts["there"]:
        return [*lines, f"{told}: not one was reached, so nothing is known."], 3
    return [*lines, f"{told}."], 1 if counts["dead"] else 0


def main() -> int:
    """Follow the links of the project's own pages."""
    paths = sorted(path for pattern in PAGES for path in ROOT.glob(pattern))
    texts = [(path.relative_to(ROOT).as_posix(), path.read_text("utf-8")) for path in paths]
    lines, code = report(follow_all(links(texts)))
    print("\n".join(lines))
    return code


if __name__ == "__main__":
    sys.exit(main())
