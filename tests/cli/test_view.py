from __future__ import annotations

import os
from pathlib import Path

import pytest

from pytest_modelpin.cli import main


def page(folder: Path, name: str, age: float) -> Path:
    file = folder / ".pytest_modelpin" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("<html></html>")
    os.utime(file, (1e9 - age, 1e9 - age))
    return file


def test_the_newest_page_is_opened(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda url: opened.append(url) or True)
    page(tmp_path, "nights/2026-11-01/claude/report.html", 100)
    newest = page(tmp_path, "nights/2026-11-02/claude/report.html", 1)
    assert main(["view"]) == 0
    assert opened == [newest.as_uri()]
    assert capsys.readouterr().out == ".pytest_modelpin/nights/2026-11-02/claude/report.html\n"


def test_without_a_browser_the_path_is_said(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("webbrowser.open", lambda url: False)
    file = page(tmp_path, "a.html", 1)
    assert main(["view", str(file)]) == 0
    assert "No browser could be opened here" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["view"], ["view", "nowhere.html"]])
def test_no_page_is_a_sentence(tmp_path, monkeypatch, capsys, arguments):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    assert "There is no page" in capsys.readouterr().err
