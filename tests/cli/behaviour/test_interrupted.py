"""Ctrl-C ends a command with a sentence, from its first moment on."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import pytest

from pytest_modelpin import cli
from pytest_modelpin.__main__ import main
from pytest_modelpin.cli import command_parser


@pytest.mark.parametrize("where", ["module_of", "make_parser", "runner_files_kept"])
def test_a_command_that_is_stopped_says_so(
    where: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    home = command_parser if where == "module_of" else cli
    monkeypatch.setattr(home, where, stopped)
    assert cli.main(["status"]) == 130
    assert capsys.readouterr().err == "\nstopped; nothing is half-written\n"


def test_so_does_one_that_is_stopped_while_it_is_loaded(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Stopped:
        def find_spec(self, name: str, *_: object) -> None:
            if name == "pytest_modelpin.cli":
                raise KeyboardInterrupt

    monkeypatch.delitem(sys.modules, "pytest_modelpin.cli")
    monkeypatch.delattr("pytest_modelpin.cli")
    monkeypatch.setattr(sys, "meta_path", [Stopped(), *sys.meta_path])
    assert main() == 130
    assert capsys.readouterr().err == "\nstopped; nothing is half-written\n"


def test_the_console_script_is_the_module() -> None:
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text("utf-8"))
    assert project["project"]["scripts"] == {"pytest-modelpin": "pytest_modelpin.__main__:main"}
