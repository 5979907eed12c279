"""An option that the command lacks is mostly meant for pytest: the way there is named."""

from __future__ import annotations

import re

import pytest

from pytest_modelpin.cli import main
from pytest_modelpin.cli.command_parser import COMMANDS


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["record", "-q"], "go behind `--`: `pytest-modelpin record -- -q`"),
        (["nightly", "-x"], "go into one: `pytest-modelpin nightly --tests=-x`"),
        (["promote", "support", "-n", "4"], "`pytest-modelpin promote --tests='-n 4'`"),
        (["nightly", "claude", "--", "-p", "no:x"], "`pytest-modelpin nightly --tests='-p no:x'`"),
        (["status", "-x"], "there is no -x here; `pytest-modelpin status --help`"),
        (["--nothing"], "there is no --nothing here; `pytest-modelpin --help`"),
    ],
)
def test_the_way_to_pytest_is_named(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["check", "--jsn"], "there is no --jsn here. Did you mean `--json`?"),
        (["nightly", "claude", "--test=tests/llm", "--ledgr=x"], "Did you mean `--ledger`?"),
        (["record", "--sample-s", "3"], "Did you mean `--samples`?"),
    ],
)
def test_a_mistyped_option_is_guessed_among_those_of_its_command(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert said in told
    assert told.startswith(f"usage: pytest-modelpin {words[0]} ")
    assert "pytest go" not in told  # a mistyped option of ours is none of pytest's


def test_a_mistyped_command_is_guessed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["nigthly"])
    assert ended.value.code == 2
    assert "there is no command 'nigthly'. Did you mean `nightly`?" in capsys.readouterr().err


def test_the_help_has_every_command_below_what_it_is_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert main([]) == 2
    said = capsys.readouterr().out
    first = {line.split()[0] for line in said.splitlines() if re.match("  ? ? ?[a-z]", line)}
    assert set(COMMANDS) <= first
    assert said.index("\nstart:") < said.index(" init ") < said.index("\nin production:")
    assert max(map(len, said.splitlines())) <= 80
