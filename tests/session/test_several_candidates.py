"""Several candidates of one logical model in one call of pytest."""

import json
import subprocess
import sys

import pytest

from pytest_modelpin.session.several_candidates import several

A, B = "gpt-4o-2024-11-20", "gpt-4.1-2025-04-14"


def test_a_name_that_is_given_twice_has_several_candidates():
    assert several(["candidate", "gpt=a", "claude=c", "gpt=b", "gpt=a"]) == ("gpt", ("a", "b"))
    assert several(["candidate", "gpt=a", "claude=c", "gpt=a"]) is None
    with pytest.raises(pytest.UsageError, match="one logical model at a time"):
        several(["gpt=a", "claude=c", "gpt=b", "claude=d"])


@pytest.mark.long
def test_each_is_tried_and_can_be_put_side_by_side(project):
    project.record()
    options = [f"--model=support={A}", "--model", f"support={B}", "-q"]
    pytest_ = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options]
    done = subprocess.run(pytest_, cwd=project.folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    place = project.folder / ".pytest_modelpin" / "candidates" / "support"
    reports = {path.stem: json.loads(path.read_text()) for path in place.iterdir()}
    assert set(reports) == {"production", A, B}
    assert done.stdout.splitlines()[-1].endswith("--name support --pick best")
    command = done.stdout.splitlines()[-1].partition("pytest-modelpin ")[2].split()
    compared = subprocess.run(
        [sys.executable, "-m", "pytest_modelpin", *command],
        cwd=project.folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert A in compared.stdout, compared.stderr
    assert B in compared.stdout
    assert "Traceback" not in compared.stderr


def test_a_page_is_of_one_candidate(project):
    result = project.run(f"--model=support={A}", f"--model=support={B}", "--model-html=page.html")
    assert result.ret == 4
    assert "--model-html shows one candidate's answers" in result.stderr.str()
