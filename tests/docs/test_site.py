"""The site: what its pages tell people to type, to look for and to call is there."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from pytest_modelpin.cli import main
from pytest_modelpin.cli.command_parser import COMMANDS, make_parser
from pytest_modelpin.errors import SITE, ModelpinError, page_of

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
        make_parser().parse_args(words)  # raises SystemExit over what it does not know
        return
    for word in words:
        if word.startswith("--model"):
            assert f'"{word.partition("=")[0]}"' in SOURCES, f"{page}: {line}"


def inline_commands():
    """(page, line) of each `pytest-modelpin …` in a sentence or a table."""
    for page in [*sorted(DOCS.glob("*.md")), ROOT / "README.md", ROOT / "SECURITY.md"]:
        prose = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
        for line in re.findall(r"`pytest-modelpin ([^`\n]+)`", prose):
            if line not in ("COMMAND", "ID…"):
                yield page.name, line


@pytest.mark.parametrize(("page", "line"), sorted(set(inline_commands())))
def test_every_command_in_a_sentence_is_one(page, line):
    words = shlex.split(line)
    if len(words) == 1:  # spoken of, not typed
        assert words[0] in COMMANDS
        return
    make_parser().parse_args(words)


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


@pytest.mark.parametrize(("page", "made"), [("api.md", "api"), ("values.md", "values")])
def test_the_reference_is_what_the_code_makes(page, made):
    script = f"import make_reference as m; print(m.{made}(), end='')"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=DOCS, capture_output=True, text=True, check=True
    )
    assert (DOCS / page).read_text("utf-8") == done.stdout, "run `make reference`"


def test_every_key_and_value_of_the_reference_has_an_effect():
    rows = re.findall(r"^\| `.*$", (DOCS / "values.md").read_text("utf-8"), re.MULTILINE)
    assert len(rows) > 90
    assert [row for row in rows if re.search(r"\|\s*\|", row)] == []


def _kinds(error: type[ModelpinError]) -> set[type[ModelpinError]]:
    below = {kind for each in error.__subclasses__() for kind in _kinds(each)}
    return {error} | {kind for kind in below if kind.__module__.startswith(OURS)}


OURS = ("pytest_modelpin.", "modelpin_runtime.")


@pytest.mark.parametrize("kind", sorted(_kinds(ModelpinError), key=str))
def test_every_error_leads_to_the_part_of_a_page_that_explains_it(kind):
    address = page_of(kind.__new__(kind))
    page, _, anchor = address.removeprefix(SITE).partition("#")
    headings = re.findall(r"^##? (.+)$", (DOCS / f"{page.strip('/')}.md").read_text(), re.M)
    assert not anchor or anchor in [each.lower() for each in headings]
    assert anchor or kind.__name__ in ("ModelpinError", "SlackError")


def test_an_error_of_the_command_line_ends_with_its_address(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["status"]) == 2
    assert capsys.readouterr().err.splitlines()[-1] == f"More: {SITE}troubleshooting/#registryerror"


def test_so_does_what_the_file_system_refused(tmp_path, monkeypatch, capsys):
    def full(_):
        raise OSError(28, "No space left on device", "models.yml")

    monkeypatch.setattr("pytest_modelpin.cli.demo.run", full)
    assert main(["demo"]) == 2
    said = capsys.readouterr().err.splitlines()
    assert "No space left on device" in said[0]
    assert said[-1] == f"More: {SITE}troubleshooting/"
