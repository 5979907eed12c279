"""The docs, held to the code: what exists is described, and what is described exists."""

from __future__ import annotations

import argparse
import ast
import re
from collections import Counter
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import get_args

import pytest
import yaml

from modelpin_runtime.registry import schema
from pytest_modelpin.cli import main
from pytest_modelpin.cli.command_parser import COMMANDS, command_of
from pytest_modelpin.drift.drift import DriftKind
from pytest_modelpin.errors import ExitCode
from pytest_modelpin.report.findings import MEANINGS

ROOT = Path(__file__).parents[2]
PAGES = {path.name: path.read_text("utf-8") for path in sorted((ROOT / "docs").rglob("*.md"))}
README = (ROOT / "README.md").read_text("utf-8")
ALL = "\n".join((README, *PAGES.values()))
ARCHITECTURE = PAGES["architecture.md"]


BETWEEN_OURSELVES = {
    "--model-tolerant",
    "--model-samples-of",
    "--model-accept-new",
    "--model-accept-all",
}
"""What the nightly tells the tests' process; no user's business."""


def keys_of(reader: object) -> tuple[str, ...]:
    """The keys that a mapping's reader knows, from the closure that `record` made."""
    cells = dict(zip(reader.__code__.co_freevars, reader.__closure__, strict=True))  # type: ignore[attr-defined]
    return tuple(cells["fields"].cell_contents)


def options_of_pytest() -> list[str]:
    tree = ast.parse((ROOT / "pytest_modelpin" / "plugin.py").read_text("utf-8"))
    return sorted(
        {
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and re.fullmatch(r"--model[a-z-]*|modelpin_[a-z_]+", node.value)
            and node.value not in BETWEEN_OURSELVES
        }
    )


def options_of_commands() -> list[tuple[str, str]]:
    found = []
    for command in COMMANDS:
        parser = argparse.ArgumentParser()
        subparsers = parser.add_subparsers()
        command_of(command).add_parser(subparsers)
        for action in subparsers.choices[command]._actions:
            if action.help != argparse.SUPPRESS and action.dest != "help":
                found += [
                    (command, option) for option in action.option_strings if option[:2] == "--"
                ]
    return found


@pytest.mark.parametrize("option", options_of_pytest())
def test_every_option_and_ini_value_of_pytest_is_described(option):
    assert re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", ALL)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_described(command):
    assert re.search(rf"pytest-modelpin {command}\b", ALL)


@pytest.mark.parametrize(("command", "option"), options_of_commands())
def test_every_option_of_a_command_is_described(command, option):
    assert re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", ALL), f"{command} {option}"


@pytest.mark.parametrize("key", [*keys_of(schema._MODEL), *keys_of(schema._SETTINGS)])
def test_every_key_of_models_yml_is_described(key):
    assert re.search(rf"(?<!\w){re.escape(key)}(?!\w)", PAGES["models-yml.md"])


@pytest.mark.parametrize("kind", get_args(DriftKind))
def test_every_kind_of_drift_is_described_and_has_a_meaning(kind):
    assert f"| `{kind}` |" in PAGES["drift.md"]
    assert MEANINGS[kind]


def test_every_input_and_output_of_the_action_is_described():
    action = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    missing = [
        name
        for name in (*action["inputs"], *action["outputs"])
        if f"`{name}`" not in PAGES["github.md"]
    ]
    assert missing == []


@pytest.mark.parametrize("code", list(ExitCode))
def test_every_exit_code_is_described(code):
    assert re.search(rf"\b{int(code)}\b[^.\n]{{0,80}}", ALL)


def test_the_reference_of_commands_is_that_of_the_code():
    spec = spec_from_file_location("make_reference", ROOT / "docs" / "make_reference.py")
    assert spec is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)  # type: ignore[union-attr]
    assert PAGES["commands.md"] == module.page(), "run `make reference`"


def test_a_command_below_a_command_is_told_with_its_options():
    _, _, section = PAGES["commands.md"].partition("### pytest-modelpin judge calibrate\n")
    assert "`--pairs`" in section.partition("\n## ")[0]


@pytest.mark.parametrize("command", [*COMMANDS, "judge calibrate"])
def test_a_command_s_help_is_shown_as_it_is_meant(capsys, command):
    with pytest.raises(SystemExit):
        main([*command.split(), "--help"])
    assert "%%" not in capsys.readouterr().out


def _public() -> dict[str, tuple[str, ...]]:
    spec = spec_from_file_location("make_reference", ROOT / "docs" / "make_reference.py")
    assert spec is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)  # type: ignore[union-attr]
    assert PAGES["api.md"] == module.api(), "run `make reference`"
    return dict(module.PUBLIC)


SHOWN = {"README.md": README, **{name: text for name, text in PAGES.items() if name != "api.md"}}


def _imports(text: str) -> set[tuple[str, str]]:
    """(module, name) of each import from the package in a page's blocks of Python."""
    found = set()
    for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        if "pytest_modelpin" not in block:
            continue
        for node in ast.walk(ast.parse(block)):
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith("pytest_modelpin"):
                found |= {(str(node.module), each.name) for each in node.names}
            if isinstance(node, ast.Import):
                found |= {(each.name, "") for each in node.names if "modelpin" in each.name}
    return found


def test_what_the_pages_import_is_public():
    public = {(module, name) for module, names in _public().items() for name in names}
    imported = {page: _imports(text) for page, text in SHOWN.items()}
    assert {page: found - public for page, found in imported.items() if found - public} == {}
    assert len(set().union(*imported.values())) >= 8


def test_no_page_leads_into_a_private_module():
    """Outside of the page for developers: `architecture.md` is about the inside."""
    named = {
        page: set(re.findall(r"`(pytest_modelpin(?:\.\w+)+)`", text))
        for page, text in SHOWN.items()
        if page != "architecture.md"
    }
    public = _public()
    known = {*public, *(f"{module}.{name}" for module, names in public.items() for name in names)}
    assert {page: found - known for page, found in named.items() if found - known} == {}


PATHS = sorted(
    path
    for path in set(re.findall(r"`((?:[\w.]+/)+[\w.]*|[\w.]+\.py)`", ARCHITECTURE))
    if not path.startswith(".pytest_modelpin")  # made when it is needed
)


@pytest.mark.parametrize("path", PATHS)
def test_every_path_that_the_architecture_names_exists(path):
    places = (
        ROOT,
        ROOT / "pytest_modelpin",
        ROOT / "runtime",
        ROOT / "runtime" / "modelpin_runtime",
    )
    assert any((place / path).exists() for place in places)


def test_every_test_that_holds_a_promise_is_there():
    """Six had been renamed, and nothing said so."""
    named = set(re.findall(r"`([\w/]+\.py)`", PAGES["promises.md"]))
    assert len(named) > 50
    assert [name for name in sorted(named) if not (ROOT / "tests" / name).is_file()] == []


GLOSSARY = re.findall(r"^\| `(\w+)` \|[^|]*\| `([\w/.]+\.py)` \|", ARCHITECTURE, re.M)


@pytest.mark.parametrize(("noun", "path"), GLOSSARY)
def test_every_noun_of_the_glossary_stands_where_it_says(noun, path):
    homes = (ROOT / "pytest_modelpin" / path, ROOT / "runtime" / path)
    text = next(home for home in homes if home.exists()).read_text("utf-8")
    assert re.search(rf"^(class {noun}\b|{noun}\b.* = )", text, re.M)


def test_the_glossary_is_not_empty():
    assert len(GLOSSARY) >= 10


HERE = "https://github.com/pytest-modelpin/pytest-modelpin/blob/main/"
"""Where the README's links lead: PyPI shows it, too, and knows no files beside it."""

LINKS = [
    (name, target)
    for name, text in {"README.md": README.replace(HERE, ""), **PAGES}.items()
    for target in re.findall(r"\]\((?!https?://|mailto:)([^)#\s]+)", text)
]


@pytest.mark.parametrize(("page", "target"), LINKS)
def test_every_link_within_the_project_leads_somewhere(page, target):
    folder = ROOT if page == "README.md" else ROOT / "docs"
    assert (folder / target).exists()


def test_no_module_grew_too_long():
    long = {
        str(path.relative_to(ROOT)): lines
        for folder in ("pytest_modelpin", "runtime/modelpin_runtime")
        for path in (ROOT / folder).rglob("*.py")
        if "lexicon" not in path.parts and (lines := path.read_text("utf-8").count("\n")) > 350
    }
    assert long == {}


def test_the_readme_has_no_link_that_an_index_could_not_follow():
    assert re.findall(r"\]\((?!https?://|#)[^)]*\)", README) == []


def test_both_distributions_have_one_version():
    import modelpin_runtime
    import pytest_modelpin

    assert modelpin_runtime.__version__ == pytest_modelpin.__version__


def test_the_changelog_says_nothing_twice_and_each_thing_below_its_subject():
    lines = (ROOT / "CHANGELOG.md").read_text("utf-8").splitlines()
    said = [line for line in lines if line.startswith("- ")]
    assert [line for line, count in Counter(said).items() if count > 1] == []
    begin = lines.index("## Unreleased")
    first = next(line for line in lines[begin + 1 :] if line)
    assert first.startswith("###"), "put it below the heading of its subject"
