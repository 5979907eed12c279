import ast

import pytest

from pytest_modelpin.adopt.critical_mark import MARK, Marked, mark_critical, with_mark

PLAIN = (
    '"""Tests."""\n\nfrom __future__ import annotations\n\nimport os\n\n\ndef test_a():\n    pass\n'
)


def test_the_mark_stands_above_the_test_and_pytest_is_imported():
    text, marked = with_mark(PLAIN, ["test_a"])
    lines = text.splitlines()
    assert lines[marked.line - 1] == MARK
    assert lines[marked.line] == "def test_a():"
    assert lines[3] == "import pytest"
    assert text.replace(f"{MARK}\n", "").replace("import pytest\n", "") == PLAIN


def test_a_method_a_decorator_and_windows_line_ends_are_kept():
    source = (
        "import pytest\r\n\r\nclass TestIt:\r\n    @pytest.mark.skip\r\n"
        "    async def test_a(self): ...\r\n"
    )
    text, marked = with_mark(source, ["TestIt", "test_a"])
    assert text.splitlines(keepends=True)[marked.line - 1] == f"    {MARK}\r\n"
    assert "    @pytest.mark.skip" in text.splitlines()[marked.line]
    ast.parse(text)


def test_a_test_that_is_critical_already_stays_as_it_is():
    source = f"import pytest\n\n{MARK}\ndef test_a(): ...\n"
    assert with_mark(source, ["test_a"]) == (source, Marked(3, new=False))


@pytest.mark.parametrize(
    "source",
    [
        "import pytest\n\n@pytest.mark.modelpin(samples=3)\ndef test_a(): ...\n",
        "def test_b(): ...\n",
    ],
)
def test_what_cannot_be_marked_by_line_is_left(source):
    assert with_mark(source, ["test_a"]) is None


def test_the_file_is_found_by_the_id_and_never_outside_of_the_folder(tmp_path):
    root = tmp_path / "project"
    (root / "tests").mkdir(parents=True)
    (root / "tests" / "test_x.py").write_text("def test_a(): ...\n")
    (tmp_path / "test_y.py").write_text("def test_a(): ...\n")
    assert mark_critical(root, "tests/test_x.py::test_a[de-1]") == Marked(2, new=True, lines=2)
    assert MARK in (root / "tests" / "test_x.py").read_text()
    assert mark_critical(root, "../test_y.py::test_a") is None
    assert mark_critical(root, "tests/gone.py::test_a") is None
    assert MARK not in (tmp_path / "test_y.py").read_text()
