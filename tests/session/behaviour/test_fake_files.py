"""Fake file systems and mocked files around a question: recordings and answers are found."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.long

FAKE = ("-p", "no:cacheprovider", "-p", "pyfakefs.pytest_plugin", "-p", "no:randomly")

FIRST_OF_ALL = """
from support import ask

def test_fee(fs, model_snapshot):
    fs.create_file("/question.txt", contents="fee?")
    with open("/question.txt") as file:
        assert ask(file.read()) == model_snapshot

def test_in_a_folder(fs, model_snapshot):
    fs.create_dir("/made-up")
    assert ask("refund?") == model_snapshot
"""

MOCKS = {
    "open": 'patch("builtins.open", mock_open(read_data="fee?"))',
    "Path.open": 'patch("pathlib.Path.open", mock_open(read_data="fee?"))',
    "io.open": 'patch("io.open", mock_open(read_data="fee?"))',
    "read_bytes": 'patch.object(pathlib.Path, "read_bytes", return_value=b"fee?")',
    "read_text": 'patch.object(pathlib.Path, "read_text", return_value="fee?")',
    "is_dir": 'patch.object(pathlib.Path, "is_dir", return_value=False)',
    "is_file": 'patch.object(pathlib.Path, "is_file", return_value=False)',
    "exists": 'patch.object(pathlib.Path, "exists", return_value=True)',
    "stat": 'patch.object(pathlib.Path, "stat", side_effect=FileNotFoundError)',
    "os.access": 'patch("os.access", return_value=False)',
    "os.path": 'patch("os.path.exists", return_value=False)',
    "os.stat": 'patch("os.stat", side_effect=FileNotFoundError)',
}

MOCKED = """
import pathlib
from unittest.mock import mock_open, patch
from support import ask

def test_fee(model_snapshot):
    with {mock}:
        assert ask("fee?") == model_snapshot

def test_after(model_snapshot):
    assert ask("refund?") == model_snapshot
"""

RECORDING = ("--model=production", "--model-record=new", "--snapshot-update")


@pytest.mark.long
def test_a_test_with_a_fake_file_system_may_be_the_first_of_all(project):
    """What is imported only then would hold the fake `os` for good."""
    project.write("tests/test_support.py", FIRST_OF_ALL)
    result = project.pytester.runpytest_subprocess(*FAKE, *RECORDING, timeout=60)
    result.assert_outcomes(passed=2)
    project.server.close()
    project.pytester.runpytest_subprocess(*FAKE, timeout=60).assert_outcomes(passed=2)


@pytest.mark.parametrize("mock", MOCKS)
def test_mocked_files_hide_no_recording_and_no_accepted_answer(project, mock):
    project.write("tests/test_support.py", MOCKED.format(mock=MOCKS[mock]))
    project.run("-p", "no:randomly", *RECORDING).assert_outcomes(passed=2)
    assert len(project.recordings()) == 2
    project.server.close()
    project.run("-p", "no:randomly").assert_outcomes(passed=2)
