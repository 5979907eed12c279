import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.adopt.expectation import Expectation, expectation
from pytest_modelpin.adopt.rejected_answer import MARK, Marked, mark_critical, propose, with_mark

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


TEXT = Expectation((), "within 30 days")
CASE = "tests/test_x.py::test_a"


@pytest.fixture
def proposed(tmp_path):
    """`proposed(source)`: what is proposed for `test_a` of this source, and the file."""

    def propose_(source: str, what: Expectation = TEXT, case: str = CASE, place: int = 0):
        file = tmp_path / "tests" / "test_x.py"
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(source.encode())
        made = propose(tmp_path, case, what, place)
        assert file.read_bytes() == source.encode(), "a proposal writes nothing"
        return made

    return propose_


def test_what_has_a_name_gets_one_line_more(proposed):
    source = "def test_a(model_snapshot):\n    said = ask()\n    assert said == model_snapshot\n"
    made = proposed(source)
    assert made.after.decode() == f'{source}    assert "within 30 days" in said\n'
    assert made.added == ('    assert "within 30 days" in said',)
    assert made.line == 4
    assert made.write()
    assert made.file.read_bytes() == made.after


def test_a_call_is_named_first_so_that_the_model_is_asked_once(proposed):
    made = proposed(
        "from shop import answer\n\n\nclass TestIt:\n    async def test_a(self, model_snapshot):\n"
        '        assert await answer("é?") == model_snapshot  # kept\n',
        case="tests/test_x.py::TestIt::test_a",
    )
    assert made.added == (
        '        said = await answer("é?")',
        "        assert said == model_snapshot  # kept",
        '        assert "within 30 days" in said',
    )
    assert made.line == 8
    assert made.after.decode().splitlines()[made.line - 1] == made.added[-1]


def test_data_is_read_as_the_test_reads_it(proposed):
    what = Expectation(("lines", 0, "paid"), True)
    by_key = "def test_a(model_snapshot):\n    assert model_snapshot == found\n"
    assert proposed(by_key, what).added[-1] == '    assert found["lines"][0]["paid"] is True'
    by_field = (
        "def test_a(model_snapshot):\n    assert found.id\n    assert found == model_snapshot"
    )
    assert proposed(by_field, what).added == ("    assert found.lines[0].paid is True",)


def test_windows_line_ends_and_odd_separators_stay(proposed):
    source = (
        '"""A form feed \x0c and a separator \u2028."""\r\n\r\n'
        "def test_a(model_snapshot):\r\n    with time():\r\n"
        "        assert said == model_snapshot\r\n"
    )
    made = proposed(source)
    assert made.after.decode() == f'{source}        assert "within 30 days" in said\r\n'


@pytest.mark.parametrize(
    "source",
    [
        "def test_b(model_snapshot):\n    assert said == model_snapshot\n",
        "def test_a():\n    assert ask() == 'yes'\n",
        "def test_a(model_snapshot):\n    for x in all:\n        assert ask(x) == model_snapshot\n",
        "def test_a(model_snapshot):\n    x = 1; assert ask() == model_snapshot\n",
        "def test_a(model_snapshot): assert ask() == model_snapshot\n",
        "def test_a(model_snapshot):\n    assert ask() == model_snapshot; done()\n",
        "def test_a(model_snapshot):\n    assert ask(\n        1\n    ) == model_snapshot\n",
        "def test_a(model_snapshot:\n",
    ],
)
def test_where_no_line_is_surely_right_it_says_why_and_proposes_nothing(proposed, source):
    assert isinstance(proposed(source), str)


def test_one_assert_is_not_written_for_all_parameters(proposed):
    source = "def test_a(model_snapshot, x):\n    assert ask(x) == model_snapshot\n"
    assert "parameters" in proposed(source, case=f"{CASE}[de]")


def test_the_second_answer_of_a_test_is_held_where_it_stands(proposed):
    source = (
        "def test_a(model_snapshot):\n    assert one == model_snapshot\n"
        "    assert two == model_snapshot(name='b')\n    done()\n"
    )
    made = proposed(source, place=1)
    assert (made.line, made.added) == (4, ('    assert "within 30 days" in two',))


def test_a_file_that_changed_meanwhile_is_left_alone(proposed):
    made = proposed("def test_a(model_snapshot):\n    assert said == model_snapshot\n")
    made.file.write_text("# mine\n")
    assert not made.write()
    assert made.file.read_text() == "# mine\n"


def test_what_lies_outside_of_the_folder_is_not_touched(tmp_path):
    (tmp_path / "root").mkdir()
    (tmp_path / "test_x.py").write_text("def test_a(s):\n    assert x == model_snapshot\n")
    assert isinstance(propose(tmp_path / "root", "../test_x.py::test_a", TEXT), str)


@pytest.mark.parametrize(
    ("pins", "rejected", "condition"),
    [
        (["Yes, within 30 days."], "No.", '"Yes, within 30 days" in x'),
        (["It is $42.00 now.", "Now $42.00."], "It is $420 now.", '"$42.00" in x'),
        (["It is $42."], "It is $420.", '"$42." in x'),
        ([{"a": 1, "b": [2, True]}] * 2, {"a": 1, "b": [2, False]}, 'x["b"][1] is True'),
        ([{"a": "b"}], "Sure! Here it is", 'x["a"] == "b"'),
        ([{"a": 42}], {"a": "42"}, 'x["a"] == 42'),
        ([{"a": 1}, {"a": 2}], {"a": 3}, None),
        (["Hello."], "Hello. And more.", None),
        ([], "x", None),
    ],
)
def test_what_all_of_the_pins_samples_share_and_the_answer_lacks(pins, rejected, condition):
    found = expectation(pins, rejected)
    assert (found and found.condition("x")) == condition


@given(st.text(min_size=2), st.text())
def test_what_a_model_said_is_only_ever_a_literal(pin, rejected):
    found = expectation([pin], rejected)
    if found is not None:
        condition = found.condition("x")
        assert condition.isprintable()
        said = ast.parse(condition, mode="eval").body.left
        assert ast.literal_eval(said) == found.value


def test_the_mark_stands_right_where_a_text_holds_a_separator():
    source = 'X = "\u2028\x0c"\n\n\ndef test_a(): ...\n'
    text, marked = with_mark(source, ["test_a"])
    assert text.split("\n")[marked.line :][0] == "def test_a(): ..."
    ast.parse(text)
