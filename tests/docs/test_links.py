"""Every link of the project's pages to itself leads somewhere, to the heading that it names."""

import re
import subprocess
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).parents[2]
TRACKED = subprocess.run(
    ["git", "ls-files", "-z", "*.md", "pyproject.toml", "runtime/pyproject.toml"],
    cwd=ROOT, capture_output=True, text=True, check=True,
).stdout.split("\0")  # fmt: skip
PAGES = sorted(
    path for path in TRACKED if path and "tests" not in path.split("/") and "/demo/" not in path
)
SITE = "https://pytest-modelpin.github.io/pytest-modelpin/"
REPOSITORY = re.compile(
    r"https://github\.com/pytest-modelpin/pytest-modelpin/(?:blob|raw|tree)/main/(.+)"
)
LINK = re.compile(r"""\]\(<?([^)\s>]+)|^\[[^\]]+\]:\s*(\S+)|(?:href|src)="([^"]+)"|(https://\S+)""")
SCHEMES = ("only-light", "only-dark")  # of the site, in which a picture is shown
MADE = re.compile(r"models\.schema\.json$")  # beside the site's pages


def prose(text: str) -> str:
    """Without what stands in blocks of code."""
    return re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)


def links(page: str, text: str) -> Iterator[str]:
    for found in LINK.finditer(text if page.endswith(".toml") else prose(text)):
        yield next(each for each in found.groups() if each).rstrip("\"'`).,;>*|")


def on_the_site(heading: str) -> str:
    """As python-markdown's table of contents does."""
    plain = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode()
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", plain).strip().lower())


def on_github(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def anchors(text: str, spelling: Callable[[str], str]) -> set[str]:
    shown = (
        re.sub(r"\[([^\]]*)\]\([^)]*\)|`", r"\1", each)
        for each in re.findall(r"^#{1,6} +(.+?) *#*$", prose(text), re.MULTILINE)
    )
    return {spelling(each) for each in shown} | set(re.findall(r'(?:id|name)="([^"]+)"', text))


def wrong(page: str, target: str, root: Path = ROOT) -> str | None:
    """What is wrong with a link of a page; None: nothing, or it leads to somebody else's."""
    target, _, anchor = target.partition("#")
    spelling = on_the_site if page.startswith("docs/") else on_github
    if target.startswith(SITE):
        name = target.removeprefix(SITE).strip("/") or "index"
        file, spelling = root / "docs" / (name if MADE.search(name) else f"{name}.md"), on_the_site
    elif found := REPOSITORY.fullmatch(target):
        file, spelling = root / found[1], on_github
    elif re.match(r"[a-z]+:", target):
        return None
    else:
        file = root / PurePosixPath(page).parent / target if target else root / page
    if not file.exists():
        return f"{page}: {target} is not there"
    if anchor in SCHEMES and file.suffix == ".png":
        return None
    if anchor and anchor not in anchors(file.read_text("utf-8"), spelling):
        return f"{page}: {target or page} has no heading #{anchor}"
    return None


@pytest.mark.parametrize("page", PAGES)
def test_every_link_to_the_project_itself_leads_somewhere(page):
    text = (ROOT / page).read_text("utf-8")
    assert [said for target in links(page, text) if (said := wrong(page, target))] == []


def test_there_are_pages_and_links_within_them():
    assert {"README.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs/index.md"} <= set(PAGES)
    ours = [
        target
        for page in PAGES
        for target in links(page, (ROOT / page).read_text("utf-8"))
        if not target.startswith("http") or SITE in target or REPOSITORY.match(target)
    ]
    assert len(ours) > 100
    assert sum("#" in target for target in ours) > 20


def test_addresses_that_the_code_names_are_there():
    code = [*ROOT.glob("pytest_modelpin/**/*.py"), *ROOT.glob("runtime/modelpin_runtime/**/*.py")]
    named = {
        found.rstrip(".,")
        for path in code
        for found in re.findall(rf"{re.escape(SITE)}[\w./#-]*", path.read_text("utf-8"))
    }
    assert named
    assert [said for target in sorted(named) if (said := wrong("docs/index.md", target))] == []


ON_GITHUB = "https://github.com/pytest-modelpin/pytest-modelpin/blob/main/docs/"


@pytest.mark.parametrize(
    ("target", "found"),
    [
        ("b.md", True), ("b.md#two-words", True), ("b.md#three", False), ("c.md", False),
        ("#here--there", False), ("#here-there", True), (f"{SITE}b/#two-words", True),
        (f"{SITE}b/#one", False), (f"{SITE}c/", False), ("https://example.com/#x", True),
        (f"{ON_GITHUB}a.md#here--there", True), (f"{ON_GITHUB}c.md", False),
    ],
)  # fmt: skip
def test_a_page_or_heading_that_is_gone_is_seen(tmp_path, target, found):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text("# Here – there\n")
    (tmp_path / "docs" / "b.md").write_text("## `Two` words\n```\n# three\n```\n")
    assert (wrong("docs/a.md", target, tmp_path) is None) is found
