"""By which files a suite is told for the same: what a version's nights count for."""

import pytest

from pytest_modelpin.session.suite_source import source_fingerprint

SOURCES = {
    "conftest.py": "import pytest",
    "app/answers.py": "def ask(): ...",
    "app/tests.py": "TRIES = 3",
    "other/conftest.py": "import os",
    "tests/conftest.py": "from graders import is_polite\npytest_plugins = ['tests.shared.judging']",
    "tests/graders.py": "from . import words",
    "tests/words.py": "RUDE = ()",
    "tests/unasked.py": "import os",
    "tests/shared/__init__.py": "",
    "tests/shared/judging.py": "",
    "tests/fees/amounts.py": "from ..units import *",
    "tests/units.py": "from app import answers",
    "tests/fees/test_fee.py": "from .amounts import fee\nfrom app import tests\nassert fee",
}


def source_of(root, **changed):
    """What tells tests/fees/test_fee.py, with files of SOURCES changed."""
    for name, text in (SOURCES | changed).items():
        (root / "suite" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "suite" / name).write_bytes(text.encode())
    return source_fingerprint(root / "suite" / "tests" / "fees" / "test_fee.py", root / "suite")


@pytest.mark.parametrize(
    "file",
    [
        "tests/fees/test_fee.py",
        "tests/conftest.py",
        "conftest.py",
        "tests/graders.py",
        "tests/words.py",
        "tests/shared/__init__.py",
        "tests/shared/judging.py",
        "tests/fees/amounts.py",
        "tests/units.py",
    ],
)
def test_a_test_is_told_by_all_files_that_may_check_an_answer(tmp_path, file):
    """A grader beside the tests was loosened, and a version's nights went on counting."""
    before = source_of(tmp_path / "before")
    assert source_of(tmp_path / "after", **{file: SOURCES[file] + "\n# Loosened"}) != before


@pytest.mark.parametrize(
    "file",
    ["app/answers.py", "app/tests.py", "other/conftest.py", "tests/unasked.py", "../conftest.py"],
)
def test_a_test_is_told_by_no_other_file(tmp_path, file):
    """Else no version would have three nights while a team works on its code."""
    before = source_of(tmp_path / "before")
    assert source_of(tmp_path / "after", **{file: "# Worked on"}) == before


def test_line_ends_tell_no_tests_apart(tmp_path):
    """git writes them anew, where a checkout wants the system's."""
    windows = {name: text.replace("\n", "\r\n") for name, text in SOURCES.items()}
    assert source_of(tmp_path / "plain") == source_of(tmp_path / "windows", **windows)


def test_modules_that_import_each_other_and_no_python_are_told_without_end(tmp_path):
    told = {
        text: source_of(tmp_path / text, **{
            "tests/words.py": "import tests.graders", "tests/units.py": f"is {text} no Python",
        })
        for text in ("this", "that")
    }  # fmt: skip
    assert all(told.values())
    assert told["this"] != told["that"]


def test_beside_what_is_tested_a_test_is_told_by_itself_alone(tmp_path):
    """Its folder holds what it tests."""
    told = set()
    for answer in ("yes", "no"):
        (tmp_path / answer / "app").mkdir(parents=True)
        (tmp_path / answer / "app" / "main.py").write_text(f"ANSWER = '{answer}'")
        (tmp_path / answer / "app" / "test_main.py").write_text("from app.main import ANSWER")
        told.add(source_fingerprint(tmp_path / answer / "app" / "test_main.py", tmp_path / answer))
    assert len(told) == 1


@pytest.mark.parametrize("cell", ["", "[Cell1]"])
def test_the_tests_of_a_notebooks_cell_are_told_by_the_notebook(tmp_path, cell):
    """They changed, and a version's nights went on counting as if they had not."""
    told = []
    for text in ("assert True", "assert False"):
        (tmp_path / text).mkdir()
        (tmp_path / text / "faq.ipynb").write_text(text)
        told.append(source_fingerprint(tmp_path / text / f"faq.ipynb{cell}", tmp_path / text))
    assert all(told)
    assert told[0] != told[1]


def test_a_file_that_cant_be_read_tells_nothing(tmp_path):
    assert source_fingerprint(tmp_path / "test_gone.py", tmp_path) == ""
