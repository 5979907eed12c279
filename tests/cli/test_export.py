"""`render --python`: a module that needs nothing and says what models.yml does."""

import subprocess
import sys

import pytest

from modelpin_runtime import load
from pytest_modelpin.cli import main

YML = """\
models:
  claude:
    production: claude-a   # the pin
    fallback: [gpt, claude-c]
    canary: {model: claude-b, percent: 30}
  a-b.c:
    production: gpt-4o-2024-08-06
  gpt:
    production: gpt-4o-2024-11-20
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("CLAUDE", "GPT", "A_B_C"):
        monkeypatch.delenv(f"MODELPIN_{name}", raising=False)
    (tmp_path / "models.yml").write_text(YML)
    return tmp_path


def rendered(project):
    """The module's names; executed from its text, so that no stale byte code can answer."""
    assert main(["render", "--python", "pins.py"]) == 0
    names = {}
    exec((project / "pins.py").read_text(), names)
    return names


def test_it_answers_as_the_runtime_does(project, monkeypatch):
    module, pins = rendered(project), load(project / "models.yml", environment={})
    for name in pins:
        assert module["pin"](name) == pins[name]
        assert module["chain"](name) == tuple(each.id for each in pins.chain(name))
    keys = [f"user {number}" for number in range(500)]
    assert [module["route"]("claude", key) for key in keys] == [
        pins.route("claude", key=key).id for key in keys
    ]
    assert module["route"]("claude") == "claude-a"
    assert module["route"]("claude", 7) == pins.route("claude", key=7).id
    monkeypatch.setenv("MODELPIN_CLAUDE", "claude-z")
    assert module["pin"]("claude") == "claude-z"
    assert {module["route"]("claude", key) for key in keys} == {"claude-z"}


def test_it_imports_nothing_but_the_standard_library(project):
    rendered(project)
    code = "import sys, pins; print([m for m in ('yaml', 'modelpin_runtime') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=project, capture_output=True,
                          text=True, check=True)  # fmt: skip
    assert done.stdout == "[]\n"


def test_the_environment_of_the_one_who_renders_is_not_written_down(project, monkeypatch):
    monkeypatch.setenv("MODELPIN_CLAUDE", "claude-mine")
    assert rendered(project)["PINS"]["claude"] == "claude-a"


def test_a_module_that_lags_behind_is_found_in_ci(project, capsys):
    assert main(["render", "--python", "pins.py", "--check"]) == 1
    assert main(["render", "--python", "pins.py"]) == 0
    assert main(["render", "--python", "pins.py", "--check"]) == 0
    (project / "models.yml").write_text(YML.replace("claude-a", "claude-n"))
    assert main(["render", "--python", "pins.py", "--check"]) == 1
    assert "run `pytest-modelpin render --python pins.py`" in capsys.readouterr().out


def test_a_file_of_a_persons_own_is_not_overwritten(project, capsys):
    (project / "pins.py").write_text("MINE = 1\n")
    assert main(["render", "--python", "pins.py"]) == 2
    assert (project / "pins.py").read_text() == "MINE = 1\n"
    assert main(["render", "--python", "class.py"]) == 2
    assert "no module can be called so" in capsys.readouterr().err


def test_a_slip_becomes_no_version_in_production(tmp_path, monkeypatch, capsys):
    """`pytest --model foo` refused it; `env --model foo` exported it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models.yml").write_text("models: {gpt: {production: gpt-4o-2024-08-06}}")
    assert main(["env", "--model", "foo"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "--model foo: no provider has a model of that name" in " ".join(said.err.split())
    assert main(["env", "--model", "gpt=foo"]) == 0
    assert capsys.readouterr().out == "MODELPIN_GPT=foo\n"
