"""What `init` leaves to a person, as its last lines say it."""

import subprocess

import pytest

from pytest_modelpin.cli import main


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_app.py").write_text("import openai\n")
    subprocess.run(["git", "init", "--quiet"], check=True)
    return tmp_path


def said(capsys, project, id, *options):
    (project / "app.py").write_text(f'import openai\nMODEL = "{id}"\n')
    assert main(["init", "--offline", "--yes", *options]) == 0
    return " ".join(capsys.readouterr().out.split())


def test_where_nothing_has_a_candidate_no_night_is_promised(project, capsys):
    """The workflow that was just written failed each night."""
    last = said(capsys, project, "gpt-5.4-mini")
    assert "No model has a candidate yet" in last
    assert "`pytest-modelpin resolve gpt --write`" in last


def test_where_one_has_a_candidate_nothing_is_said_of_it(project, capsys):
    last = said(capsys, project, "gpt-4o-2024-08-06")
    assert "staging:" in (project / "models.yml").read_text()
    assert "No model has a candidate" not in last


def test_an_id_that_a_workspace_s_members_share_is_named(project, capsys):
    """It said that there is none, beside a package that the project takes its id from."""
    (project / "packages" / "agent" / "tests").mkdir(parents=True)
    (project / "tests" / "test_app.py").unlink()
    (project / "packages/agent/tests/test_agent.py").write_text("import openai\n")
    (project / "packages/agent/pyproject.toml").write_text('[project]\nname = "agent"\n')
    shared = project / "packages" / "core" / "core.py"
    shared.parent.mkdir()
    shared.write_text('MODEL = "openai:gpt-5-mini-2025-08-07"\n')
    assert main(["init", "--offline", "--yes"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert (
        "outside of packages/agent stands gpt-5-mini-2025-08-07 (packages/core/core.py:1)" in said
    )
    assert main(["init", "--offline", "--yes"]) == 0
    assert "outside of" not in capsys.readouterr().out


def test_a_pipeline_that_init_has_included_is_not_to_be_included_again(project, capsys):
    id = "gpt-4o-2024-08-06"
    assert "has to include it" not in said(capsys, project, id, "--ci", "gitlab")
    (project / ".gitlab-ci.yml").write_text("test: {script: [pytest]}\n")
    assert "Your .gitlab-ci.yml has to include it" in said(capsys, project, id, "--ci", "gitlab")
