"""`demo`: the whole story, offline."""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from pytest_modelpin import demo
from pytest_modelpin.cli import demo as command
from pytest_modelpin.demo import story
from pytest_modelpin.demo.story import as_read
from pytest_modelpin.providers import retirement


def test_a_pull_requests_text_is_shown_as_it_reads():
    text = (
        "| **support** | `v1` →<br>`v2` |\n|---|---|\n| Cost | <span>$</span>0.19, as before |\n"
        "| Old pin retires | **2027-04-01** ([notice](https://example.com)) |\n\n"
        "### What changed\n\n<details><summary>3 cases</summary>"
    )
    assert as_read(text) == (
        "support                v1 → v2\n"
        "Cost                   $0.19, as before\n"
        "Old pin retires        2027-04-01 (notice)\n\n"
        "What changed\n\n3 cases"
    )


def test_a_difference_can_be_read_on_a_light_terminal(capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    command._show("diff", "@@ -1 +1 @@\n same\n-old\n+new")
    told = capsys.readouterr().out
    assert "\n same\n" in told  # in the terminal's own colour, whichever that is
    assert "\x1b[31m-old" in told
    assert "\x1b[32m+new" in told


@pytest.mark.long
def test_the_story_is_told_to_its_end(tmp_path):
    # Below somebody's repository, whose settings are none of the demo's.
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --of-a-plugin-that-is-not-here\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest_modelpin", "demo", "--folder", str(tmp_path / "demo")],
        env={**os.environ, "COLUMNS": "80"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (compare,) = [line for line in done.stdout.splitlines() if "modelpin compare" in line]
    assert compare.endswith("support/candidate.json")  # whole, to be copied
    assert "-100.0 pp" in next(line for line in done.stdout.splitlines() if "answer held" in line)
    pages = [
        "Requests that reached the provider: 0.",
        "served gpt-5.1-2026-02-18",
        "support: RED",
        "unparseable",
        "RED: support, gpt-5.1-2025-11-13 -> gpt-5.1",  # `compare` says what the night said
        "3 of 3 green nights",
        "+    production: gpt-5.1-2026-02-18",
        "Move support from gpt-5.1-2025-11-13 to gpt-5.1-2026-02-18",
        "with the provider gone",
    ]
    positions = [done.stdout.find(page) for page in pages]
    assert -1 not in positions
    assert positions == sorted(positions)
    assert "the price of" not in done.stdout
    assert "one sample of the pin" not in done.stdout
    assert "<br>" not in done.stdout
    assert "DeprecationWarning" not in done.stdout
    seen, look, stays, begin = done.stdout.strip().splitlines()[-4:]
    assert stays.endswith(f"rm -r {tmp_path / 'demo'}")
    assert "a sound one proved and merged" in seen
    (page,) = re.findall(r"/\S+\.html", look)
    assert "<title>support: green</title>" in Path(page).read_text("utf-8")
    body = tmp_path / "demo" / ".pytest_modelpin" / "pull_request.md"
    assert body.read_text("utf-8").startswith("Move support from ")
    assert begin.endswith("pytest-modelpin init")


def test_the_pin_that_it_moves_to_outlives_the_one_that_it_leaves():
    left = retirement(demo.PIN, "openai")
    taken = retirement(demo.NEXT, "openai")
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


def test_a_demo_that_is_broken_off_leaves_no_folder_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def broken_off(folder, show):
        (folder / "begun").write_text("")
        raise KeyboardInterrupt

    monkeypatch.setattr(story, "tell", broken_off)
    with pytest.raises(KeyboardInterrupt):
        command.run(argparse.Namespace(folder=None))
    assert list(tmp_path.iterdir()) == []


def test_the_demos_own_project_counts_nothing_that_its_tests_would_have_to_keep():
    project = Path(demo.__file__).parent / "project"
    words = r"\b(two|three|four|five|six) (questions|tests)\b"
    assert not [path for path in project.rglob("*.py") if re.search(words, path.read_text())]
