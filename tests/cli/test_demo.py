"""`demo`: the whole story, offline."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_modelpin.demo import answers
from pytest_modelpin.providers import retirement


@pytest.mark.long
def test_the_story_is_told_to_its_end(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "pytest_modelpin", "demo", "--folder", str(tmp_path / "demo")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    pages = [
        "Requests that reached the provider: 0.",
        "served gpt-5.1-2026-02-18",
        "support: RED",
        "unparseable",
        "3 of 3 green nights",
        "+    production: gpt-5.1-2026-02-18",
        "Move support from gpt-5.1-2025-11-13 to gpt-5.1-2026-02-18",
        "with the provider gone",
    ]
    positions = [done.stdout.find(page) for page in pages]
    assert -1 not in positions
    assert positions == sorted(positions)
    assert "the price of" not in done.stdout
    assert "DeprecationWarning" not in done.stdout
    seen, look, begin = done.stdout.strip().splitlines()[-3:]
    assert "a sound one proved and merged" in seen
    (page,) = re.findall(r"/\S+\.html", look)
    assert "<title>support: green</title>" in Path(page).read_text("utf-8")
    body = tmp_path / "demo" / ".pytest_modelpin" / "pull_request.md"
    assert body.read_text("utf-8").startswith("Move support from ")
    assert begin.endswith("pytest-modelpin init")


def test_the_pin_that_it_moves_to_outlives_the_one_that_it_leaves():
    left = retirement(answers.PIN, "openai")
    taken = retirement(answers.NEXT, "openai")
    assert left is not None
    assert taken is None or taken.retires > left.retires


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path):
    (tmp_path / "mine").write_text("")
    done = subprocess.run(
        [sys.executable, "-m", "pytest_modelpin", "demo", "--folder", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "is not empty" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
