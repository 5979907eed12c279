"""What a suite has accepted by means of its own stays as it is, or the night says nothing."""

import subprocess

import pytest

from modelpin_runtime.registry.models import Model, Pins, Settings
from pytest_modelpin.errors import UpgradeError
from pytest_modelpin.results.case import Case, Sample
from pytest_modelpin.results.run import Asked, Run
from pytest_modelpin.upgrade.accepted_files import for_comparison, modified, refuse_written
from pytest_modelpin.upgrade.nightly import NightlyContext, alone
from pytest_modelpin.upgrade.nightly.one_night import one_night
from pytest_modelpin.upgrade.suite import Suite


@pytest.fixture
def root(tmp_path):
    for name in ("tests/test_a.py", "tests/goldens/a.txt", "README.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("It is $42.\n")
    for command in (
        ["init", "-q"],
        ["add", "--all"],
        ["-c", "user.name=A", "-c", "user.email=a@b.c", "commit", "-q", "-m", "x"],
    ):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    return tmp_path


def written(root, before=None):
    refuse_written(root, [before or {}], [root / "tests/test_a.py"])


def test_what_is_as_it_was_is_fine(root):
    (root / "tests/goldens/a.txt").write_text("It is $420.\n")
    (root / "tests/new.txt").write_text("no file of git's")
    written(root, modified(root))


def test_what_lies_elsewhere_is_a_persons_own(root):
    (root / "README.md").write_text("More words.\n")
    written(root)


def test_an_answer_that_was_written_meanwhile_is_named(root):
    before = modified(root)
    golden = root / "tests/goldens/a.txt"
    golden.write_text("It is $420.\n")
    with pytest.raises(UpgradeError, match=r"^tests/goldens/a\.txt was written while the night"):
        written(root, before)
    changed = modified(root)
    golden.write_text("It is $4200.\n")
    with pytest.raises(UpgradeError, match=r"tests/goldens/a\.txt"):
        written(root, changed)
    golden.unlink()
    with pytest.raises(UpgradeError, match=r"tests/goldens/a\.txt"):
        written(root, changed)


def test_what_each_side_writes_in_turn_is_no_less_written(root):
    """The day after, the file began as it ended: with the candidate's answer."""
    golden = root / "tests/goldens/a.txt"
    golden.write_text("It is $420.\n")
    begun = modified(root)
    golden.write_text("It is $42!\n")
    replayed = modified(root)
    golden.write_text("It is $420.\n")
    written(root, begun)
    with pytest.raises(UpgradeError, match=r"tests/goldens/a\.txt"):
        refuse_written(root, [begun, replayed], [root / "tests/test_a.py"])


def test_what_is_recorded_is_no_answer_that_was_accepted(root):
    recording = root / "tests/__recordings__/v1/test_a.json"
    recording.parent.mkdir(parents=True)
    recording.write_text("{}")
    subprocess.run(["git", "add", "--all"], cwd=root, check=True)
    recording.write_text("{ }")
    assert modified(root) == {}


def test_outside_of_git_nothing_is_known(tmp_path):
    assert modified(tmp_path) == {}


def test_a_variable_that_accepts_does_not_reach_the_tests():
    asked = for_comparison({"EXPECTTEST_ACCEPT": "1", "INLINE_SNAPSHOT_DEFAULT_FLAGS": "fix"})
    assert asked == {"EXPECTTEST_ACCEPT": "", "INLINE_SNAPSHOT_DEFAULT_FLAGS": "disable"}


def test_a_night_whose_tests_accept_what_they_are_answered_is_not_green(root):
    """By a variable of the team's own, a golden file was written anew, and the night was green."""

    class Accepting(Suite):
        def run(self, *options, report, tests=(), deadline=None) -> Run:
            (root / "tests/goldens/a.txt").write_text("It is $420.\n")
            asked = Asked("claude", "v1", "candidate", "alias", "all", ("v2",))
            case = Case("tests/test_a.py::test_a", (Sample("passed"),), models=("claude",))
            return Run({"claude": asked}, (case,))

    model = Model("claude", "v1", "alias")
    pins = Pins({"claude": model}, Settings(), root / "models.yml")
    suite = Accepting(root)
    nightly = NightlyContext(suite, pins, root / ".night", "2026-11-17", say=lambda _: None)
    with alone(nightly) as begun:
        production = Run(
            {"claude": Asked("claude", "v1", "production", "v1", "none", ("v1",))},
            (Case("tests/test_a.py::test_a", (Sample("passed"),), models=("claude",)),),
        )
        night = one_night(begun, model, production, []).night
    assert night.colour == "inconclusive"
    assert night.reasons[0].startswith("tests/goldens/a.txt was written while the night ran")
