"""Ctrl-C ends a command with a sentence, from its first moment on."""

from __future__ import annotations

import pytest

from pytest_modelpin import cli


@pytest.mark.parametrize("where", ["module_of", "_parser", "runner_files_kept"])
def test_a_command_that_is_stopped_says_so(
    where: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, where, stopped)
    assert cli.main(["status"]) == 130
    assert capsys.readouterr().err == "\nstopped; nothing is half-written\n"
