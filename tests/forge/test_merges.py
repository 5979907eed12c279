import pytest

from pytest_modelpin.forge.branches import read_commit
from pytest_modelpin.forge.merges import merges_only

pytestmark = pytest.mark.counterpart

LINES = [f"line {n}\n" for n in range(20)]


def text(**changed: str) -> str:
    """Twenty lines, of which some are others."""
    return "".join(changed.get(f"at{n}", line) for n, line in enumerate(LINES))


@pytest.fixture
def merged(github):
    """Whether the merge of `main` into a branch is that alone, where its files are `result`."""

    def ask(main, branch, result, before=None):
        github.commit({"kept.txt": "kept\n", "pins.yml": text(), **(before or {})})
        github.person("POST", "/git/refs", {"ref": "refs/heads/mine", "sha": github.head()})
        github.commit(main)
        github.commit(branch, "mine")
        made = github.commit(result, "mine", "Merge branch 'main' into mine", merges="main")
        forge = github.connect()
        return merges_only(forge, read_commit(forge, made))

    return ask


def test_files_of_both_sides_beside_each_other(merged):
    assert merged(
        {"app.py": "x = 1\n", "old.py": None}, {"test.py": "y\n"},
        {"app.py": "x = 1\n", "old.py": None}, {"old.py": "x = 0\n"},
    )  # fmt: skip


def test_lines_of_both_sides_in_one_file(merged):
    """As where another model's pin was moved in the same models.yml meanwhile."""
    assert merged(
        {"pins.yml": text(at2="theirs\n")},
        {"pins.yml": text(at17="mine\n")},
        {"pins.yml": text(at2="theirs\n", at17="mine\n")},
    )


@pytest.mark.parametrize(
    "result",
    [
        {"app.py": "x = 1\n", "more.py": "z = 1\n"},
        {"app.py": "x = 2\n"},
        {"app.py": "x = 1\n", "test.py": "z\n"},
        {"app.py": "x = 1\n", "test.py": None},
        {"app.py": "x = 1\n", "kept.txt": None},
        {},
    ],
)
def test_what_neither_side_has_is_somebody_s(merged, result):
    assert not merged({"app.py": "x = 1\n"}, {"test.py": "y\n"}, result)


@pytest.mark.parametrize(
    ("theirs", "mine", "result"),
    [
        (text(at2="theirs\n"), text(at2="mine\n"), {"pins.yml": text(at2="mine\n")}),
        (text(at2="theirs\n"), text(at17="mine\n"), {"pins.yml": text(at17="mine\n")}),
        (text(at2="theirs\n"), None, {}),
    ],
)
def test_a_decision_between_both_sides_is_somebody_s(merged, theirs, mine, result):
    assert not merged({"pins.yml": theirs}, {"pins.yml": mine}, result)


def test_what_merges_nothing_is_none(github):
    forge = github.connect()
    assert not merges_only(forge, read_commit(forge, github.commit({"a.txt": "a"})))
