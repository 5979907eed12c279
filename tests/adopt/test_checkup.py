"""`doctor`: each thing that is amiss, with its cure."""

import json
import os
import subprocess

import pytest

from pytest_modelpin.adopt import workflows
from pytest_modelpin.adopt.checkup import checkup
from pytest_modelpin.adopt.installing import Install
from pytest_modelpin.adopt.repository import read_repository
from pytest_modelpin.cli import main
from pytest_modelpin.registry import load

KEY = "sk-proj-0123456789abcdefghij"
MODELS = "models: {claude: {production: claude-opus-4-6}}\n"


@pytest.fixture
def repository(tmp_path):
    """One in which nothing is amiss."""
    job = workflows.Job(".", Install(("pip install -e .",)), "3.13", ("ANTHROPIC_API_KEY",))
    files = {
        "models.yml": MODELS,
        "pytest.ini": "[pytest]\n",
        "app.py": 'MODEL = "claude-opus-4-6"\n',
        "tests/test_app.py": "def test_a(): pass\n",
        "tests/__recordings__/claude-opus-4-6/test_app/test_a.json": (
            '{"schema":1,"test":"t","version":"v","recorded":"2026-01-01","exchanges":[]}'
        ),
        ".gitignore": ".pytest_modelpin/\n",
        workflows.PLACES["github"]: workflows.github([job], f"{workflows.ACTION}@{'a' * 40} # v1"),
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    return tmp_path


def found(folder, environment=None, registry=None):
    pins = load(registry or folder / "models.yml", {})
    given = {"ANTHROPIC_API_KEY": KEY} if environment is None else environment
    return checkup(read_repository(folder, ["."]), pins, given)


def lines(findings, about):
    return [(each.state, each.said, each.cure) for each in findings if each.about == about]


def test_where_nothing_is_amiss_only_github_s_own_setting_is_left(repository):
    findings = found(repository)
    assert [each.about for each in findings if each.state != "fine"] == ["GitHub"]
    assert KEY not in str(findings)


def test_projects_below_that_have_a_models_yml_are_named(repository):
    """`doctor` at the top said nothing of them, and that was read as all being well."""
    below = repository / "packages/a b/config/models.yml"
    below.parent.mkdir(parents=True)
    below.write_text(MODELS)
    (repository / "data").mkdir()
    (repository / "data/models.yml").write_text("- none of ours\n")
    ((state, said, cure),) = lines(found(repository), "models.yml below")
    assert state == "note"
    assert said == "packages/a b has a models.yml of its own, which this does not look at"
    assert "`cd 'packages/a b' && pytest-modelpin doctor`" in cure


def test_a_model_that_no_test_asks_is_not_to_be_recorded_again_and_again(repository):
    """`record` had just said that no test asks it."""
    more = "models: {claude: {production: claude-opus-4-6}, other: {production: claude-opus-4-8}}\n"
    (repository / "models.yml").write_text(more)
    ((_, said, cure),) = lines(found(repository), "recordings")
    assert said.startswith("claude-opus-4-8 has none")
    assert cure.endswith("write one, or take it out of models.yml.")


def test_a_judge_which_no_test_asks_is_not_to_be_taken_out(repository):
    judged = MODELS.replace("}}\n", "}, j: {production: claude-opus-4-8}}\n")
    (repository / "models.yml").write_text(judged + "settings: {judge: j}\n")
    assert not [each for each in found(repository) if "claude-opus-4-8" in str(each)]


def test_claude_on_vertex_is_asked_with_a_login_and_no_key_of_gemini_s(repository):
    vertex = MODELS.replace("claude-opus-4-6", "claude-opus-4-1@20250805")
    (repository / "models.yml").write_text(vertex)
    assert not [each for each in found(repository, {}) if "GEMINI_API_KEY" in str(each)]
    gemini = vertex.replace("}}\n", "}, other: {production: gemini-2.5-flash-001}}\n")
    (repository / "models.yml").write_text(gemini)
    assert len([each for each in found(repository, {}) if "GEMINI_API_KEY" in str(each)]) == 2


def test_a_recording_in_conflict_is_named_before_a_test_trips_over_it(repository):
    path = repository / "tests/__recordings__/claude-opus-4-6/test_app/test_a.json"
    path.write_text(f"<<<<<<< HEAD\n{path.read_text()}=======\n>>>>>>> other\n")
    ((state, said, cure),) = lines(found(repository), "recordings")
    assert (state, "test_app/test_a.json can't be read" in said) == ("amiss", True)
    assert "pytest-modelpin record" in cure


def test_where_git_is_not_installed_nobody_is_told_to_make_a_repository(repository, monkeypatch):
    monkeypatch.setenv("PATH", "")
    ((state, said, cure),) = lines(found(repository), "git")
    assert (state, "git is not to be found" in said, "Install git" in cure) == ("amiss", True, True)


def test_a_variable_that_overrides_nothing_is_told_with_the_one_that_would(repository):
    (said,) = lines(found(repository, {"MODELPIN_CLAUD": "x"}), "override")
    assert "MODELPIN_CLAUD is set and overrides no pin" in str(said)
    assert lines(found(repository, {"MODELPIN_WAREHOUSE": "x"}), "override") == []


def test_a_missing_key_says_which_to_set(repository):
    ((state, said, cure),) = lines(found(repository, {}), "key of anthropic")
    assert (state, "ANTHROPIC_API_KEY" in said, "record" in cure) == ("note", True, True)


def test_a_key_that_is_none_is_seen_without_being_told(repository):
    ((_, said, _),) = lines(
        found(repository, {"ANTHROPIC_API_KEY": "test-1234567890"}), "key of anthropic"
    )
    assert "does not look like a key" in said
    assert "1234567890" not in said


def test_a_base_url_is_named_by_its_host(repository):
    environment = {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": "https://me:secret@gw.acme/v1"}
    ((_, said, cure),) = lines(found(repository, environment), "base URL")
    assert said.endswith("requests to gw.acme")
    assert "ANTHROPIC_BASE_URL" in cure


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("tests/conftest.py", 'import os\nos.environ["ANTHROPIC_API_KEY"] = "test"\n', 2),
        (
            "tests/conftest.py",
            'def f(monkeypatch):\n  monkeypatch.setenv("ANTHROPIC_API_KEY", "x")\n',
            2,
        ),
        ("pytest.ini", "[pytest]\nenv =\n  ANTHROPIC_API_KEY=test\n", 3),
    ],
)
def test_a_fake_key_of_the_tests_is_found_where_it_stands(repository, path, text, line):
    (repository / path).write_text(text)
    ((state, said, cure),) = lines(found(repository), "fake key")
    assert (state, said.startswith(f"{path}:{line} ")) == ("amiss", True)
    assert "401" in said
    assert "setdefault" in cure


def test_a_fake_key_of_one_test_is_told_and_stops_nothing(repository):
    (repository / "tests" / "test_keys.py").write_text(
        'def test_a(monkeypatch):\n    monkeypatch.setenv("ANTHROPIC_API_KEY", "test")\n'
    )
    ((state, said, _),) = lines(found(repository), "fake key")
    assert (state, said.startswith("tests/test_keys.py:2 ")) == ("note", True)


def test_fake_keys_of_many_tests_are_one_note(repository):
    for name in "abcd":
        (repository / "tests" / f"test_{name}.py").write_text(
            'def test_a(monkeypatch):\n    monkeypatch.setenv("ANTHROPIC_API_KEY", "test")\n'
        )
    ((_, said, _),) = lines(found(repository), "fake key")
    first = ", ".join(f"tests/test_{name}.py:2" for name in "abc")
    assert said.startswith(f"{first} and 1 more set ANTHROPIC_API_KEY: ")


def test_cassettes_of_models_answers_are_told_of(repository):
    assert lines(found(repository), "cassettes") == []
    cassettes = repository / "tests" / "cassettes"
    cassettes.mkdir()
    (cassettes / "weather.yaml").write_text("interactions: [{request: {uri: /today}}]\n")
    assert lines(found(repository), "cassettes") == []
    (cassettes / "a.yaml").write_text('interactions: [{request: {body: "gpt-5.4-mini"}}]\n')
    ((state, said, cure),) = lines(found(repository), "cassettes")
    assert (state, "1 cassette" in said, "tests/cassettes/a.yaml" in said) == ("note", True, True)
    assert "vcrpy" in cure


def test_pins_without_recordings_are_one_line(repository):
    (repository / "models.yml").write_text(
        "models:\n  a: {production: gpt-5.4-mini-2026-03-17}\n  b: {production: claude-opus-5-5}\n"
    )
    ((_, said, _),) = lines(found(repository), "recordings")
    assert "gpt-5.4-mini-2026-03-17, claude-opus-5-5 have none" in said
    assert "asks a, b" in said


def test_a_key_that_only_stands_in_is_no_fake(repository):
    text = 'import os\nos.environ.setdefault("ANTHROPIC_API_KEY", "test")\n'
    (repository / "tests" / "conftest.py").write_text(text)
    assert lines(found(repository), "fake key") == []


def test_ids_that_models_yml_lacks_are_named_and_those_of_typescript_are_not(repository):
    (repository / "other.py").write_text('MODEL = "gpt-5.2-2025-12-11"\n')
    (repository / "chat.ts").write_text('const model = "gpt-5.4-mini";\n')
    ((state, said, _),) = lines(found(repository), "ids in code")
    assert (state, "gpt-5.2-2025-12-11 (other.py:1)" in said) == ("note", True)
    assert "gpt-5.4-mini" not in said


def test_an_id_that_models_yml_lacks_is_named_once_and_what_tests_ask_before_the_others(repository):
    """The three that were named of a library's hundred were of its list of models."""
    (repository / "list.py").write_text("".join(f'X{n} = "gpt-5.{n}-mini"\n' for n in (1, 2, 4)))
    (repository / "tests").mkdir(exist_ok=True)
    asked = 'def test_a(): assert "42" in ask("gpt-5.2-2025-12-11")\n'
    (repository / "tests/test_b.py").write_text(asked * 2)
    ((_, said, _),) = lines(found(repository), "ids in code")
    assert said.startswith("models.yml lacks gpt-5.2-2025-12-11 (tests/test_b.py:1), gpt-5.1-mini ")
    assert said.endswith(" and 1 more id")


def test_an_embedding_is_no_model_that_models_yml_lacks(repository):
    (repository / "other.py").write_text('MODEL = "text-embedding-3-small"\n')
    assert lines(found(repository), "ids in code")[0][0] == "fine"


def test_settings_of_a_project_below_want_to_be_told_where_models_yml_is(repository):
    below = repository / "services"
    below.mkdir()
    (below / "pyproject.toml").write_text("[tool.pytest.ini_options]\n")
    looked = found(below, registry=repository / "models.yml")
    ((state, _, cure),) = lines(looked, "root folder")
    assert state == "amiss"
    assert "`modelpin_registry = ../models.yml` in pyproject.toml" in cure


def test_a_root_that_a_file_above_takes_away(repository):
    below = repository / "services"
    below.mkdir()
    (below / "models.yml").write_text(MODELS)
    ((state, said, cure),) = lines(found(below), "root folder")
    assert state == "amiss"
    assert "by its pytest.ini" in said
    assert str(below) in cure


def test_clients_that_no_hook_sees_are_named(repository):
    (repository / "old.py").write_text("import os\nimport google.generativeai as genai\n")
    ((state, said, cure),) = lines(found(repository), "client")
    assert (state, said.startswith("old.py:2 ")) == ("note", True)
    assert "unseen" in cure


def test_a_pin_without_recordings_says_record(repository):
    (repository / "models.yml").write_text(MODELS.replace("4-6", "5-5"))
    ((_, said, cure),) = lines(found(repository), "recordings")
    assert "claude-opus-5-5" in said
    assert "pytest-modelpin record" in cure


def test_a_root_that_is_not_where_models_yml_lies(repository):
    below = repository / "services"
    below.mkdir()
    (repository / "pytest.ini").unlink()
    ((state, _, cure),) = lines(found(below, registry=repository / "models.yml"), "root folder")
    assert (state, str(repository) in cure) == ("amiss", True)
    ((state, _, cure),) = lines(found(repository), "root folder")
    assert (state, "pytest.ini" in cure) == ("note", True)


def test_a_shallow_clone_is_amiss(repository):
    (repository / ".git" / "shallow").write_text("0" * 40 + "\n")
    assert any("--unshallow" in cure for _, _, cure in lines(found(repository), "git"))


def test_no_git_no_tests_no_workflow(tmp_path):
    (tmp_path / "models.yml").write_text(MODELS)
    findings = found(tmp_path)
    assert {each.about for each in findings if each.state == "amiss"} == {"git", "tests"}
    assert "init" in lines(findings, "nights")[0][2]


def test_a_checkout_that_may_not_be_written_to_is_amiss(repository, monkeypatch):
    assert lines(found(repository), "files") == []
    monkeypatch.setattr("os.access", lambda path, mode: mode != os.W_OK)
    ((state, said, cure),) = lines(found(repository), "files")
    assert (state, "may not be written to" in said, "`record`" in cure) == ("amiss", True, True)


def test_a_workflow_that_lacks_something_is_told_what(repository):
    path = repository / workflows.PLACES["github"]
    text = path.read_text().replace("statuses: write", "statuses: read")
    text = text.replace("fetch-depth: 0", "fetch-depth: 1").replace("a" * 40, "main")
    path.write_text(text.replace("ANTHROPIC_API_KEY", "OTHER_KEY"))
    said = " ".join(said for _, said, _ in lines(found(repository), "workflow"))
    for part in (
        "does not grant statuses",
        "can be moved",
        "last commit alone",
        "no key of anthropic",
    ):
        assert part in said


def test_a_workflow_without_leave_for_checks_is_told_what_it_misses(repository):
    path = repository / workflows.PLACES["github"]
    assert not any("checks" in said for _, said, _ in lines(found(repository), "workflow"))
    path.write_text(path.read_text().replace("checks: write", "checks: read"))
    told = lines(found(repository), "workflow")
    (missed,) = [(state, cure) for state, said, cure in told if "does not grant checks" in said]
    assert missed == ("note", "Add `checks: write` for notes at models.yml.")


def test_only_the_jobs_of_its_own_folder_are_a_projects(repository):
    jobs = [
        workflows.Job(folder, Install(("pip install -e .",)), "3.13", keys)
        for folder, keys in ((".", ("ANTHROPIC_API_KEY",)), ("services/a", ("OPENAI_API_KEY",)))
    ]
    path = repository / workflows.PLACES["github"]
    path.write_text(workflows.github(jobs, f"{workflows.ACTION}@v1"))
    ((_, said, _),) = lines(found(repository), "workflow")
    assert "can be moved" in said
    path.write_text(workflows.github(jobs[1:], f"{workflows.ACTION}@v1"))
    assert lines(found(repository), "workflow") == []
    ((_, said, cure),) = lines(found(repository), "nights")
    assert said == "model-nightly.yml plays those of other folders, none of ."
    assert "pytest-modelpin init ." in cure
    matrix = path.read_text().replace('"services/a"', "${{ matrix.folder }}")
    path.write_text(matrix)
    assert "no key of anthropic" in " ".join(
        said for _, said, _ in lines(found(repository), "workflow")
    )


def test_the_command_prints_a_table_and_tells_by_its_exit_code(repository, monkeypatch, capsys):
    monkeypatch.chdir(repository)
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.delenv("ANTHROPIC_BASE_URL", raising=False)
    assert main(["doctor"]) == 0
    assert "Nothing amiss, 1 note." in capsys.readouterr().out
    (repository / "tests" / "test_app.py").unlink()
    assert main(["doctor", "--json"]) == 1
    rows = json.loads(capsys.readouterr().out)
    assert {row["state"] for row in rows} == {"fine", "note", "amiss"}


def test_the_table_fits_a_narrow_terminal(repository, monkeypatch, capsys):
    monkeypatch.chdir(repository)
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setenv("COLUMNS", "40")
    main(["doctor"])
    printed = capsys.readouterr().out.splitlines()
    # A path, which is to be copied, stays whole.
    assert [line for line in printed if len(line) > 40 and str(repository) not in line] == []


def test_without_a_models_yml_it_says_init(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    assert main(["doctor"]) == 2
    assert "pytest-modelpin init" in capsys.readouterr().err
