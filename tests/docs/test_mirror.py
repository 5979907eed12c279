"""Who looks for the tests of a module finds them: they lie as the package does."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = (ROOT / "pytest_modelpin", ROOT / "runtime" / "modelpin_runtime")

BEHAVIOUR = "behaviour"
"""Folders of what several modules of a package do together; their files say what that is."""

ELSEWHERE = {
    "counterparts": "real programs beside ours: SDKs of other languages, `act`, the GitHub Action",
    "docs": "the documentation, held to the code",
    "doors": "every client library and framework that is said to work, asked in the same way",
    "guards": "what no change may make slower or load sooner",
    "plugins": "fixtures and servers that several folders share",
    "repositories": "the suites of the repositories that `init` is tried on",
    "scripts": "the scripts of a release and of the tables of retirements",
}
"""Folders that are of no package, and what they hold."""

TESTS = sorted(
    path.relative_to(ROOT / "tests")
    for path in (ROOT / "tests").rglob("test_*.py")
    if not ELSEWHERE.keys() & set(path.relative_to(ROOT).parts[:-1])
)


@pytest.mark.parametrize("test", TESTS, ids=Path.as_posix)
def test_each_file_of_tests_names_a_module_or_says_what_it_holds(test: Path) -> None:
    if test.parent.name == BEHAVIOUR:
        folder = test.parent.parent
        assert (ROOT / "tests" / test).read_text("utf-8").startswith('"""'), "say what it holds"
        assert any((package / folder).is_dir() for package in PACKAGES)
        return
    subject = test.with_name(test.name.removeprefix("test_"))
    homes = [package / subject for package in PACKAGES]
    named = any(home.is_file() or home.with_suffix("").is_dir() for home in homes)
    # What a package's own `__init__` holds is tested beside its modules, by the package's name.
    named |= subject.stem == test.parent.name and any(home.parent.is_dir() for home in homes)
    assert named, (
        f"tests/{test} is named for no module: name it for the one that it tests, or put what "
        f"several do together into tests/{test.parent}/{BEHAVIOUR}/"
    )


def test_so_do_those_of_the_runtime() -> None:
    subjects = [
        path.name.removeprefix("test_") for path in (ROOT / "runtime/tests").glob("test_*.py")
    ]
    assert [name for name in subjects if not (PACKAGES[1] / name).is_file()] == []
    assert len(subjects) >= 5


def test_there_are_tests_to_look_at() -> None:
    assert len(TESTS) >= 150
