"""An option that the command lacks is mostly meant for pytest: the way there is named."""

from __future__ import annotations

import pytest

from pytest_modelpin.cli import main


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
