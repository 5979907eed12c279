"""Commands that run the suite say so before they wait for it."""

import sys

import pytest

from pytest_modelpin.cli import tell_of_running


@pytest.mark.parametrize(("terminal", "said"), [(True, "Replaying …\n"), (False, "")])
def test_only_who_watches_a_terminal_is_told(capsys, monkeypatch, terminal, said):
    """`diff`, `plan` and `rollback` were silent for as long as the suite took."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    tell_of_running("Replaying")
    assert capsys.readouterr() == ("", said)
