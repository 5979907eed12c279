"""What the rehearsal of a release would not let pass."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATH = ROOT / "scripts" / "rehearse_release.py"
METADATA = b"""\
Metadata-Version: 2.4
Name: x
Version: 1
Summary: s
License-Expression: MIT
License-File: LICENSE
Requires-Python: >=3.11
Keywords: k
Classifier: c
Project-URL: Source, https://example.com
Requires-Dist: pytest
Description-Content-Type: text/markdown

# A page
"""


def test_a_wheel_holds_the_package_and_what_is_said_about_it(script):
    good = [
        "pytest_modelpin/cli/init.py", "pytest_modelpin/demo/project/tests/test_support.py",
        "pytest_modelpin-1.dist-info/METADATA",
    ]  # fmt: skip
    bad = [
        "tests/test_a.py", "pytest_modelpin/tests/test_b.py", "pytest_modelpin/conftest.py",
        "README.md", "pytest_modelpin/a.pyc", ".ci/run",
    ]  # fmt: skip
    assert list(script.strange_in_wheel("pytest_modelpin", [*good, *bad])) == bad


def test_an_sdist_holds_what_is_named_at_its_top_and_no_readme_of_another_folder(script):
    names = ["x-1/pyproject.toml", "x-1/PKG-INFO", "x-1/README.md", "x-1/docs/index.md"]
    assert script.strange_in_sdist("pytest_modelpin", names) == []
    stray = [*names, "x-1/examples/a/README.md", "x-1/tests/docs/test_a.py"]
    assert script.strange_in_sdist("pytest_modelpin", stray) == ["examples", "tests"]


def test_metadata_that_an_index_would_show_empty_are_named(script):
    assert script.missing(METADATA) == []
    assert script.missing(METADATA.replace(b"Summary: s\n", b"")) == ["Summary"]
    assert script.missing(METADATA.replace(b"# A page\n", b"")) == ["Description"]


def test_what_an_sdist_includes_is_named_from_the_top():
    """Without the slash, a name is looked for in every folder: tests/docs came along as docs."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    included = project["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    assert [each for each in included if not each.startswith("/")] == []
    assert all((ROOT / each.strip("/")).exists() for each in included)


def test_ci_rehearses_and_checks_what_came_of_it():
    run = (ROOT / ".ci" / "run").read_text("utf-8")
    assert 'python scripts/rehearse_release.py "$built"' in run
    assert 'twine check --strict "$built"/*' in run
