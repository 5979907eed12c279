"""The site: what its pages tell people to type, to look for and to call is there."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from pytest_modelpin.cli import _parser

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
SOURCES = "\n".join(
    path.read_text("utf-8")
    for folder in ("pytest_modelpin", "runtime/modelpin_runtime")
    for path in (ROOT / folder).rglob("*.py")
)
SOURCES += (ROOT / "action.yml").read_text("utf-8")


def commands():
    """(page, line) of each `pytest-modelpin …` and `pytest …` in a block of shell."""
    for page in [*sorted(DOCS.glob("*.md")), ROOT / "README.md"]:
        for block in re.findall(r"```sh\n(.*?)```", page.read_text("utf-8"), re.DOTALL):
            for line in block.splitlines():
                if line.startswith(("pytest-modelpin ", "pytest ")):
                    yield page.name, line.partition(" #")[0].strip()


@pytest.mark.parametrize(("page", "line"), sorted(set(commands())))
def test_every_command_of_a_page_is_one(page, line):
    program, *words = shlex.split(line)
    if program == "pytest-modelpin":
        _parser().parse_args(words)  # raises SystemExit over what it does not know
        return
    for word in words:
        if word.startswith("--model"):
            assert f'"{word.partition("=")[0]}"' in SOURCES, f"{page}: {line}"


def test_every_page_is_in_the_site_s_contents():
    config = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))
    listed = set(re.findall(r"[\w-]+\.md", str(config["nav"])))
    assert listed == {path.name for path in DOCS.glob("*.md")}


HEADINGS = re.findall(r"^## (.+)$", (DOCS / "troubleshooting.md").read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize("heading", [each for each in HEADINGS if not each.startswith("401")])
def test_every_message_that_is_explained_is_said(heading):
    plain = re.sub(r'"\s*\n\s*f?"', "", SOURCES)  # sentences stand over several lines
    for part in re.split(r"\s*…[,.]?\s*", heading):
        assert part in plain, f"{part!r} is said nowhere"


def test_the_reference_is_what_the_code_makes():
    script = "import make_reference as m; print(m.api(), end='')"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=DOCS, capture_output=True, text=True, check=True
    )
    assert (DOCS / "api.md").read_text("utf-8") == done.stdout, "run `make reference`"
