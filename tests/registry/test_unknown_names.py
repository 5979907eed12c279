"""A mistyped logical name: what there is, and the nearest."""

import pytest

from pytest_modelpin.cli import main
from pytest_modelpin.registry.unknown_names import names_no


@pytest.mark.parametrize(
    "command",
    [
        ("nightly", "suport"), ("promote", "suport", "--to", "x"), ("rollback", "suport"),
        ("diff", "suport"), ("history", "suport"), ("health", "suport"), ("accept", "suport"),
    ],
)  # fmt: skip
def test_a_typo_is_answered_with_the_name_that_was_meant(tmp_path, monkeypatch, capsys, command):
    (tmp_path / "models.yml").write_text(
        "models:\n  support:\n    production: gpt-4.1-2025-04-14\n"
    )
    monkeypatch.chdir(tmp_path)
    assert main(command) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "it names: support. Did you mean `support`?" in said


def test_several_names_are_not_guessed():
    assert (
        names_no("models.yml", ["a", "b", "c"], ["c"])
        == "models.yml names no 'a', 'b'; it names: c."
    )
