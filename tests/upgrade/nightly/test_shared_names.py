import subprocess

import pytest

from pytest_modelpin.errors import UpgradeError
from pytest_modelpin.upgrade.nightly.shared_names import owner_elsewhere, refuse_shared

PINS = "models:\n  claude:\n    production: claude-a\n"


@pytest.fixture
def repository(tmp_path):
    """A repository with two projects, each with a models.yml."""
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    who = ["-c", "user.name=You", "-c", "user.email=you@example.com"]
    for name in ("support", "triage"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "models.yml").write_text(PINS)
    commit = ["git", *who, "commit", "--quiet", "--allow-empty", "-m", "Two projects"]
    subprocess.run(commit, cwd=tmp_path, check=True)
    return tmp_path


def test_a_name_that_another_models_yml_has_is_refused(repository, night):
    """Each project's night ended the other's streak, and moved the other's pull request."""
    theirs = [night(file="triage/models.yml")]
    said = r"logical model of triage/models.yml, too.* the one in support/models.yml otherwise"
    with pytest.raises(UpgradeError, match=said):
        refuse_shared("claude", theirs, "support/models.yml", repository / "support")


@pytest.mark.parametrize("last", ["support/models.yml", "", "old/models.yml", None])
def test_ones_own_one_that_was_moved_and_one_of_an_older_night_are_none(repository, night, last):
    nights = [night(file="triage/models.yml"), night("2026-11-21", file=last)] if last else []
    nights = [night(file="")] if last == "" else nights
    assert owner_elsewhere("claude", nights, "support/models.yml", repository) is None


def test_one_that_has_given_the_name_up_is_none(repository, night):
    (repository / "triage" / "models.yml").write_text(PINS.replace("claude:", "sorter:"))
    theirs = [night(file="triage/models.yml")]
    assert owner_elsewhere("claude", theirs, "support/models.yml", repository) is None


def test_one_that_cannot_be_read_may_have_it(repository, night):
    (repository / "triage" / "models.yml").write_text("models: [")
    theirs = [night(file="triage/models.yml")]
    assert owner_elsewhere("claude", theirs, "support/models.yml", repository)
