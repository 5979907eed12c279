"""`init`: what it would write, and what it leaves alone."""

import json
import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from pytest_modelpin.adopt import workflows
from pytest_modelpin.adopt.installing import Install
from pytest_modelpin.adopt.logical_models import Chosen
from pytest_modelpin.adopt.plan import SNAPSHOT_LINE, Step, carry_out, plan
from pytest_modelpin.adopt.pytest_settings import root_of
from pytest_modelpin.adopt.repository import read_repository
from pytest_modelpin.cli import main
from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.registry import load

TODAY = date(2026, 11, 27)
ACTION = "pytest-modelpin/pytest-modelpin@v1"
JOB = workflows.Job(".", Install(("pip install -e .",)), "3.13", ("OPENAI_API_KEY",))


@pytest.fixture(autouse=True)
def nobody_to_ask(monkeypatch):
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_ALLOW_PROTOCOL", "file")


def git(root):
    subprocess.run(["git", "init", "--quiet"], cwd=root, check=True)
    subprocess.run(["git", "add", "--all"], cwd=root, check=True)


def steps_for(root, *chosen, system="github", jobs=(JOB,)):
    repository = read_repository(root)
    models = {repository.projects[0].folder: chosen}
    return plan(repository, models, jobs, system, ACTION, TODAY)


def actions(steps):
    return {step.path: step.action for step in steps}


def tree(root):
    files = [path for path in root.rglob("*") if path.is_file() and ".git" not in path.parts]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


def test_an_empty_repository_gets_all_four_files(tmp_path):
    steps = steps_for(tmp_path)
    carry_out(tmp_path, steps)
    assert actions(steps) == {
        "models.yml": "create", ".gitattributes": "create", ".gitignore": "create",
        ".github/workflows/model-nightly.yml": "create",
    }  # fmt: skip
    assert all((tmp_path / step.path).is_file() for step in steps)


def test_the_second_time_nothing_is_left_to_do(tmp_path):
    carry_out(tmp_path, steps_for(tmp_path))
    assert set(actions(steps_for(tmp_path)).values()) == {"keep"}


def test_existing_files_keep_every_byte(tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "models.yml").write_text("models: {}\n")
    (tmp_path / ".gitignore").write_bytes(b"*.log")
    carry_out(tmp_path, steps_for(tmp_path))
    assert (tmp_path / "config" / "models.yml").read_text() == "models: {}\n"
    assert (tmp_path / ".gitignore").read_bytes() == b"*.log\n.pytest_modelpin/\n.writing-*.tmp\n"
    assert not (tmp_path / "models.yml").exists()


@pytest.mark.parametrize("name", [".gitignore", ".gitattributes", "pytest.ini"])
def test_no_line_is_added_to_a_file_in_which_none_would_do_anything(tmp_path, name):
    """PowerShell's `>` wrote UTF-16, of which git reads no line."""
    (tmp_path / "test_a.py").write_text("def test_a(snapshot): ...\n")
    (tmp_path / name).write_bytes("[pytest]\r\n".encode("utf-16"))
    with pytest.raises(ModelpinError, match=rf"^{name} is not UTF-8, .* Save it as UTF-8"):
        steps_for(tmp_path)


WRITTEN = ["models.yml", "pytest.ini", workflows.PLACES["github"]]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
@pytest.mark.parametrize("name", WRITTEN)
@pytest.mark.parametrize("kind", ["pipe", "device", "link to itself"])
def test_what_is_no_file_is_said_to_be_none_and_nothing_waits_for_it(
    tmp_path, monkeypatch, capsys, name, kind
):
    """A pipe was waited for without end, and a device read until the memory was full."""
    (tmp_path / "test_a.py").write_text("def test_a(snapshot): ...\n")
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero" if kind == "device" else path)
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    monkeypatch.chdir(tmp_path)
    assert main(["init", "--dry-run"]) == 2
    said = capsys.readouterr().err
    assert f"{name} can't be read or written: " in said
    assert "plain file" in said or kind == "link to itself"


def test_planning_writes_nothing(tmp_path):
    steps_for(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_code_gets_the_pin_in_the_floating_id_s_place_where_it_was_found(tmp_path):
    (tmp_path / "app.py").write_text('MODEL = "gpt-5.4-mini"\n')
    (tmp_path / "prices.py").write_text(
        'PRICES = {"gpt-5.4-mini": 1, "gpt-5.4-mini-2026-03-17": 1}\n'
    )
    (tmp_path / "chat.ts").write_text('const model = "gpt-5.4-mini";\n')
    git(tmp_path)
    one = Chosen(
        "gpt",
        "gpt-5.4-mini-2026-03-17",
        None,
        ("app.py:1", "chat.ts:1"),
        was="gpt-5.4-mini",
        was_in=("app.py", "chat.ts"),
    )
    steps = steps_for(tmp_path, one)
    changed = [step for step in steps if step.action == "edit"]
    assert [step.path for step in changed] == ["app.py"]
    assert changed[0].after == b'MODEL = "gpt-5.4-mini-2026-03-17"\n'
    assert '+MODEL = "gpt-5.4-mini-2026-03-17"' in list(changed[0].diff())
    assert steps.index(changed[0]) == 0, "an interrupted init comes back to code it has not pinned"


def test_what_tells_a_family_apart_is_not_its_next_version(tmp_path, monkeypatch):
    """khoj tells models that reason by `claude-haiku-4`: no id of Anthropic's, and not 4.5's."""
    code = 'REASONING = ["claude-haiku-4"]\nMODEL = "claude-haiku-4-5"\n'
    (tmp_path / "app.py").write_text(code)
    monkeypatch.chdir(tmp_path)
    assert main(["init", "--yes", f"--today={TODAY}"]) == 0
    assert (tmp_path / "app.py").read_text() == code.replace("-4-5", "-4-5-20251001")


def test_code_that_git_does_not_know_is_pinned_all_the_same(tmp_path, monkeypatch):
    (tmp_path / "app.py").write_text('MODEL = "gpt-4.1-mini"\n')
    monkeypatch.chdir(tmp_path)
    assert main(["init", "--yes", f"--today={TODAY}"]) == 0
    pin = load(tmp_path / "models.yml", {})["gpt"]
    assert (tmp_path / "app.py").read_text() == f'MODEL = "{pin}"\n'


def test_another_project_s_models_yml_and_lists_of_models_stay_as_they_are(
    tmp_path, monkeypatch, capsys
):
    """And so does all other code then: looked up in the list, the pin would not be found."""
    other = "models:\n  gpt:\n    production: gpt-4.1-mini-2025-04-14\n    staging: gpt-4.1-mini\n"
    kept = {
        "examples/models.yml": other,
        "prices.json": "".join(f'"gpt-{n}.1-mini": 1,\n' for n in range(1, 30)),
        "app.py": 'MODEL = "gpt-4.1-mini"\nprint(PRICES[MODEL])\n',
    }
    for name, text in kept.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    git(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "500")
    assert main(["init", "--yes", f"--today={TODAY}"]) == 0
    assert {name: (tmp_path / name).read_text() for name in kept} == kept
    model = load(tmp_path / "models.yml", {}).models["gpt-mini"]
    assert (model.production, model.policy) == ("gpt-4.1-mini", "float")
    said = "the code keeps gpt-4.1-mini, which a list of models names, too"
    assert f"{said} (prices.json); it is gpt-4.1-mini-2025-04-14 now" in capsys.readouterr().out


def _service(tmp_path, **more):
    files = {
        "services/a/requirements.txt": "pytest\n",
        "services/a/app.py": 'MODEL = "claude-opus-4-6"\n',
        "services/a/tests/test_app.py": "def test_a(): pass\n",
        **more,
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    git(tmp_path)
    return tmp_path / "services" / "a"


def test_where_pytest_would_take_another_root_the_project_gets_an_ini_file(tmp_path, monkeypatch):
    service = _service(tmp_path, **{"pyproject.toml": "[tool.ruff]\n"})
    monkeypatch.chdir(tmp_path)
    assert main(["init", "--yes"]) == 0
    assert (service / "pytest.ini").read_text() == "[pytest]\n"
    assert root_of(service)[0] == service.resolve()
    monkeypatch.chdir(service)
    assert main(["init", "--yes"]) == 0
    assert (service / "pytest.ini").read_text() == "[pytest]\n"


def test_settings_that_an_ini_file_would_hide_are_left_and_said(tmp_path, monkeypatch, capsys):
    service = _service(tmp_path, **{"pytest.ini": "[pytest]\naddopts = -q\n"})
    monkeypatch.chdir(tmp_path)
    assert main(["init", "services/a", "--yes"]) == 0
    assert not (service / "pytest.ini").exists()
    assert "takes another folder for its root, by pytest.ini" in capsys.readouterr().out


def test_what_is_next_is_said_for_each_folder(tmp_path, monkeypatch, capsys):
    _service(tmp_path, **{"services/b c/requirements.txt": "",
                          "services/b c/app.py": 'MODEL = "claude-opus-4-6"\n',
                          "services/b c/test_b.py": "def test_b(): pass\n"})  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert main(["init", "--yes"]) == 0
    said = capsys.readouterr().out
    assert "`cd services/a && pytest-modelpin record`" in said
    assert "`cd 'services/b c' && pytest-modelpin record`" in said


def test_of_several_projects_one_that_names_no_model_gets_no_file(tmp_path, monkeypatch, capsys):
    """A website's generator beside the library got an example of a models.yml, and nights."""
    service = _service(tmp_path, **{"web site/requirements.txt": "",
                                    "web site/test_b.py": "def test_b(): pass\n"})  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert main(["init", "--yes"]) == 0
    assert (service / "models.yml").exists()
    assert not (tmp_path / "web site/models.yml").exists()
    assert "web site" not in (tmp_path / workflows.PLACES["github"]).read_text()
    assert "`pytest-modelpin init 'web site'` would write one" in capsys.readouterr().out
    assert main(["init", "web site", "--yes"]) == 0
    assert (tmp_path / "web site/models.yml").exists()


@pytest.mark.parametrize(("needs", "said"), [("", True), ("pytest-modelpin>=1\n", False)])
def test_tests_that_do_not_bring_the_plugin_are_to_list_it(
    tmp_path, monkeypatch, capsys, needs, said
):
    (tmp_path / "requirements-dev.txt").write_text(f"pytest\n{needs}")
    (tmp_path / "test_a.py").write_text('MODEL = "gpt-4.1-mini"\ndef test_a(): pass\n')
    monkeypatch.chdir(tmp_path)
    assert main(["init", "--yes"]) == 0
    assert ("Add `pytest-modelpin` to what your tests need" in capsys.readouterr().out) is said


@pytest.mark.parametrize(
    ("name", "text", "is_told"),
    [
        ("tox.ini", "[testenv]\ndeps = pytest\ncommands = pytest\n", True),
        ("pyproject.toml", "[tool.tox]\nenv_list = ['py']\n", True),
        ("tox.ini", "[pytest]\n", False),
    ],
)
def test_tox_is_to_be_told_what_else_it_hides(tmp_path, monkeypatch, capsys, name, text, is_told):
    (tmp_path / name).write_text(text)
    (tmp_path / "app.py").write_text('MODEL = "claude-opus-4-6"\n')
    git(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "500")
    assert main(["init", "--yes", f"--today={TODAY}"]) == 0
    said = "name `pytest-modelpin` in `deps`, and ANTHROPIC_API_KEY in `pass_env`"
    assert (said in capsys.readouterr().out) == is_told


def test_below_several_models_yml_commands_say_where_they_are(tmp_path, monkeypatch, capsys):
    _service(tmp_path, **{"services/a/models.yml": "models: {a: {production: claude-opus-4-6}}\n",
                          "b/config/models.yml": "models: {b: {production: x}}\n"})  # fmt: skip
    monkeypatch.chdir(tmp_path)
    for command in ("doctor", "check", "record"):
        assert main([command]) == 2
        assert "there is one in b, services/a: run this there" in " ".join(
            capsys.readouterr().err.split()
        )


def test_of_many_models_yml_a_few_are_named_and_no_disk_is_read_for_them(
    tmp_path, monkeypatch, capsys
):
    """From a home folder 200 were named, after 13 seconds: those of package caches, too."""
    for folder in (*"abcdefgh", "a/b/c/d"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "models.yml").write_text("models: {a: {production: x}}\n")
    monkeypatch.chdir(tmp_path)
    assert main(["status"]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "there is one in a, b, c, d, e and 3 more: run this there, or name it" in said


def test_where_there_are_more_models_than_anybody_tries_it_says_which_to_keep(
    tmp_path, monkeypatch, capsys
):
    """A library that speaks to every provider got 113, and no word."""
    (tmp_path / "app.py").write_text('ONE = "claude-opus-4-6"\n')
    ids = [f"gpt-9.{n}-2027-01-{n:02}" for n in range(1, 21)]
    asks = "".join(f'    create(model="{id}")\n' for id in ids)
    for n in range(2):
        half = "".join(asks.splitlines(keepends=True)[n * 10 : n * 10 + 10])
        (tmp_path / f"test_{n}.py").write_text(f"def test_{n}(create):\n{half}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "500")
    assert main(["init", "--dry-run", f"--today={TODAY}"]) == 0
    said = capsys.readouterr().out
    assert "21 models are more than a night should try, 20 of them named by tests alone" in said


def test_what_init_says_fits_eighty_columns(tmp_path, monkeypatch, capsys):
    (tmp_path / "a_rather_long_name_of_a_module.py").write_text(
        'ONE = "gpt-4.1-mini"\nTWO = "claude-sonnet-4-5"\nTHREE = "gpt-5.4-mini"\n'
    )
    (tmp_path / "test_a.py").write_text("def test_a(snapshot): pass\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["init", "--yes", f"--today={TODAY}"]) == 0
    said = [
        line
        for line in capsys.readouterr().out.splitlines()
        if not re.match(r"  [-+@ ]", line)  # a diff is a file's own lines
    ]
    wide = [line for line in said if len(line) > 80 and not re.search(r"`[^`]{60,}`|https:", line)]
    assert not wide


def test_a_pin_that_ends_soon_is_said_to(tmp_path, monkeypatch, capsys):
    (tmp_path / "app.py").write_text('ONE = "claude-sonnet-4-5"\n')
    monkeypatch.chdir(tmp_path)
    assert main(["init", "--yes", "--today=2026-11-28"]) == 0
    assert "it retires in 2 days, on 2026-11-30" in capsys.readouterr().out


def test_a_provider_that_can_t_be_reached_is_asked_once(tmp_path, monkeypatch, capsys):
    from pytest_modelpin.upgrade import resolve

    asked = []

    def nobody(model, *_):
        asked.append(model)
        raise ModelpinError("openai can't be reached (ReadTimeout).")

    monkeypatch.setattr(resolve, "_ask", nobody)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted-0123456789abcdef")
    (tmp_path / "app.py").write_text('A = "gpt-4.1-mini"\nB = "gpt-5.4-mini"\nC = "gpt-5"\n')
    monkeypatch.chdir(tmp_path)
    assert main(["init", "--yes", f"--today={TODAY}"]) == 0
    said = capsys.readouterr().out
    assert len(asked) == 1
    assert said.count("can't be reached (ReadTimeout). It is asked nothing more.") == 1
    assert said.index("Asking openai") < said.index("can't be reached")


def test_outside_of_git_it_says_what_needs_git(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["init", "--yes"]) == 0
    assert "this is no git repository" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("pytest.ini", "[pytest]\naddopts = -q\n", "[pytest]\naddopts = -p no:syrupy -q\n"),
        ("tox.ini", "[pytest]\na = b\n[x]\n", "[pytest]\naddopts = -p no:syrupy\na = b\n[x]\n"),
        (
            "pyproject.toml",
            '[tool.pytest.ini_options]\naddopts = "-ra"\n',
            '[tool.pytest.ini_options]\naddopts = "-p no:syrupy -ra"\n',
        ),
        (
            "pyproject.toml",
            "[tool.pytest.ini_options]\naddopts = ['-ra']\n",
            '[tool.pytest.ini_options]\naddopts = ["-p", "no:syrupy", \'-ra\']\n',
        ),
        ("pyproject.toml", "[tool.pytest]\n", '[tool.pytest]\naddopts = ["-p", "no:syrupy"]\n'),
        ("pytest.toml", "[pytest]\n", '[pytest]\naddopts = ["-p", "no:syrupy"]\n'),
        ("pytest.ini", "[pytest]\naddopts = -p no:syrupy\n", None),
    ],
)
def test_beside_another_library_s_snapshots_syrupy_is_left_out(
    tmp_path, name, before, after, monkeypatch, capsys
):
    """Both add `--snapshot-update`: no pytest started once the plugin was installed."""
    test = "def test_a(snapshot):\n    snapshot.assert_match('a', 'a.txt')\n"
    (tmp_path / "test_a.py").write_text(test)
    (tmp_path / name).write_text(before)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "500")
    assert main(["init", "--yes"]) == 0
    assert (tmp_path / name).read_text() == (after or before)
    assert "with both no pytest starts" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("pytest.ini", "[pytest]\naddopts = -q\n", "[pytest]\n{line}\naddopts = -q\n"),
        ("tox.ini", "[tox]\r\n[pytest]\r\na = b\r\n", "[tox]\r\n[pytest]\r\n{line}\r\na = b\r\n"),
        ("pyproject.toml", "[tool.pytest.ini_options]", "[tool.pytest.ini_options]\n{line}\n"),
        ("pyproject.toml", "[tool.pytest]\naddopts = []", "[tool.pytest]\n{line}\naddopts = []"),
        ("setup.cfg", "[metadata]\nname = x\n", None),
    ],
)  # fmt: skip
def test_an_existing_syrupy_suite_gets_one_ini_line(tmp_path, name, before, after):
    (tmp_path / "test_a.py").write_text("def test_a(snapshot):\n    pass\n")
    (tmp_path / name).write_bytes(before.encode())
    carry_out(tmp_path, steps_for(tmp_path))
    if after is None:
        assert (tmp_path / name).read_bytes() == before.encode()
        assert (tmp_path / "pytest.ini").read_text() == "[pytest]\nmodelpin_snapshot = true\n"
    else:
        assert (tmp_path / name).read_bytes() == after.format(line=SNAPSHOT_LINE).encode()
    assert set(actions(steps_for(tmp_path)).values()) == {"keep"}


def test_a_second_project_s_job_is_added_to_our_workflow_and_to_nobody_else_s(tmp_path):
    carry_out(tmp_path, steps_for(tmp_path))
    other = workflows.Job("services/b", JOB.install, "3.12", ("ANTHROPIC_API_KEY",))
    steps = steps_for(tmp_path, jobs=(other,))
    assert actions(steps)[workflows.PLACES["github"]] == "append"
    carry_out(tmp_path, steps)
    jobs = yaml.safe_load((tmp_path / workflows.PLACES["github"]).read_text())["jobs"]
    assert list(jobs) == ["nightly", "nightly-services-b"]
    assert set(actions(steps_for(tmp_path, jobs=(other,))).values()) == {"keep"}
    (tmp_path / workflows.PLACES["github"]).write_text("name: mine\n")
    assert actions(steps_for(tmp_path, jobs=(other,)))[workflows.PLACES["github"]] == "keep"


def test_gitlab_gets_a_pipeline_and_an_include_where_there_is_none(tmp_path):
    steps = steps_for(tmp_path, system="gitlab")
    carry_out(tmp_path, steps)
    job = yaml.safe_load((tmp_path / ".gitlab" / "model-nightly.yml").read_text())["model-nightly"]
    assert job["rules"] == [{"if": '$CI_PIPELINE_SOURCE == "schedule"'}]
    assert "merge_request.create" in "".join(job["script"])
    included = yaml.safe_load((tmp_path / ".gitlab-ci.yml").read_text())["include"]
    assert included == [{"local": ".gitlab/model-nightly.yml"}]


def test_cron_gets_a_script_that_a_shell_can_read(tmp_path):
    carry_out(tmp_path, steps_for(tmp_path, system="none"))
    script = tmp_path / "scripts" / "model-nightly.sh"
    subprocess.run(["sh", "-n", str(script)], check=True)
    assert "pytest_modelpin nightly --ledger" in script.read_text()


def test_the_action_is_named_by_the_commit_of_its_release_where_that_is_told(monkeypatch):
    lines = b"aaa\trefs/tags/v0.1.0\nbbb\trefs/tags/v0.1.0^{}\nccc\trefs/tags/v0.1.01\n"
    told = subprocess.CompletedProcess([], 0, lines, b"")
    monkeypatch.setattr(workflows, "run_git", lambda *_, **__: told)
    assert workflows.released("0.1.0") == f"{workflows.ACTION}@bbb # v0.1.0"


def test_without_a_network_it_is_named_by_its_tag(monkeypatch):
    def never(*arguments, **more):
        raise subprocess.TimeoutExpired("git", more["seconds"])

    monkeypatch.setattr(workflows, "run_git", never)
    assert workflows.released("0.1.0") == f"{workflows.ACTION}@v0.1.0"


# The command


def test_a_dry_run_shows_a_diff_and_writes_nothing(tmp_path, monkeypatch, capsys):
    (tmp_path / "app.py").write_text('MODEL = "claude-opus-4-6"\n')
    monkeypatch.chdir(tmp_path)
    before = tree(tmp_path)
    assert main(["init", "--dry-run", "--today=2026-11-27"]) == 0
    said = capsys.readouterr().out
    assert "+++ b/models.yml" in said
    assert "+    production: claude-opus-4-6" in said
    assert tree(tmp_path) == before


def test_where_nobody_can_be_asked_nothing_is_written_and_a_script_hears_of_it(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    assert main(["init"]) == 2
    said = capsys.readouterr().err
    assert "Nothing was written" in said
    assert "models.yml" in said
    assert "`pytest-modelpin init --yes`" in said
    assert tree(tmp_path) == {}
    assert main(["init", "--yes"]) == 0
    assert main(["init"]) == 0  # nothing is left to be written


def test_a_person_who_says_no_is_not_told_of_an_error(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr("builtins.input", lambda _: "n")
    assert main(["init"]) == 0
    assert "init --yes" in capsys.readouterr().out
    assert tree(tmp_path) == {}


@pytest.mark.parametrize("ci", ["github", "gitlab"])
def test_what_no_file_lists_is_named_to_be_added(tmp_path, monkeypatch, capsys, ci):
    """The workflow would install pytest alone, and the first night would fail to import."""
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "__init__.py").write_text(
        "from . import x\nimport yaml.nodes, json\n'''\nimport the goods\nfrom here on\n'''\n"
    )
    (tmp_path / "test_app.py").write_text("import own, httpx, pytest\nfrom openai import OpenAI\n")
    (tmp_path / "broken.py").write_text("import (\n")
    monkeypatch.chdir(tmp_path)
    assert main(["init", "--yes", f"--ci={ci}"]) == 0
    written = (tmp_path / workflows.PLACES[ci]).read_text()
    said = " ".join(capsys.readouterr().out.split())
    assert "# Add what your code imports: httpx, openai, yaml." in written
    assert "imports (httpx, openai, yaml)" in said
    yaml.safe_load(written)


def test_what_a_file_lists_is_not_asked_for(tmp_path, monkeypatch, capsys):
    (tmp_path / "requirements.txt").write_text("httpx\n")
    (tmp_path / "app.py").write_text("import httpx\n")
    monkeypatch.chdir(tmp_path)
    assert main(["init", "--yes"]) == 0
    assert "Add what your code" not in (tmp_path / workflows.PLACES["github"]).read_text()


def test_the_example_where_nothing_was_found_raises_no_alarm(tmp_path, monkeypatch, capsys):
    git(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main(["init", "--yes", f"--today={TODAY}"]) == 0
    capsys.readouterr()
    assert main(["check", f"--today={TODAY}"]) == 0
    assert "No alarms" in capsys.readouterr().out


def test_with_a_key_and_no_network_what_is_known_here_is_pinned(tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted-0123456789abcdef")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    (tmp_path / "app.py").write_text('ONE = "gpt-4.1-mini"\n')
    git(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main(["init", "--yes", f"--today={TODAY}"]) == 0
    assert load(tmp_path / "models.yml", {})["gpt"] == "gpt-4.1-mini-2025-04-14"


LITELLM = """\
model_list:
  - model_name: cheap
    litellm_params: {model: openai/gpt-4.1-mini}
  - model_name: good
    litellm_params: {model: anthropic/claude-haiku-4-5}
"""


def test_before_a_slash_litellm_says_whose_an_id_is(tmp_path, monkeypatch):
    """It asks OpenAI for `gpt-4.1-mini`; `openai/gpt-4.1-mini` never goes over the wire."""
    (tmp_path / "litellm.yaml").write_text(LITELLM)
    (tmp_path / "ask.py").write_text('import litellm\nMODEL = "openai/gpt-4.1-mini"\n')
    git(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main(["init", "--yes", f"--today={TODAY}"]) == 0
    models = load(tmp_path / "models.yml", {}).models.values()
    assert {each.production for each in models} == {
        "gpt-4.1-mini-2025-04-14", "claude-haiku-4-5-20251001",
    }  # fmt: skip
    code = (tmp_path / "litellm.yaml").read_text() + (tmp_path / "ask.py").read_text()
    assert code.count("openai/gpt-4.1-mini-2025-04-14") == 2
    assert "anthropic/claude-haiku-4-5-20251001" in code
    workflow = (tmp_path / workflows.PLACES["github"]).read_text()
    assert "OPENAI_API_KEY" in workflow
    assert "ANTHROPIC_API_KEY" in workflow
    assert "OPENROUTER" not in workflow


@pytest.mark.parametrize(
    "reads",
    [
        "import instructor\nclient = instructor.from_provider(MODEL)\n",
        "from any_llm import completion\ncompletion(model=MODEL)\n",
        "from mirascope import llm\n@llm.call(MODEL)\ndef ask(): ...\n",
        "provider, model = MODEL.split('/')\ninit_chat_model(model, model_provider=provider)\n",
    ],
)
def test_others_that_write_a_route_as_litellm_does_are_read_as_it_is(tmp_path, monkeypatch, reads):
    """An instructor user was told to set OPENROUTER_API_KEY for what asks OpenAI."""
    (tmp_path / "ask.py").write_text(f'MODEL = "openai/gpt-4.1-mini"\n{reads}')
    git(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main(["init", "--yes", f"--today={TODAY}"]) == 0
    models = load(tmp_path / "models.yml", {}).models.values()
    assert [each.production for each in models] == ["gpt-4.1-mini-2025-04-14"]
    assert "openai/gpt-4.1-mini-2025-04-14" in (tmp_path / "ask.py").read_text()
    assert "OPENROUTER" not in (tmp_path / workflows.PLACES["github"]).read_text()


def test_where_openrouter_is_spoken_of_such_ids_are_its_own(tmp_path, monkeypatch):
    (tmp_path / "litellm.yaml").write_text(LITELLM + "# by https://openrouter.ai\n")
    git(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main(["init", "--yes", f"--today={TODAY}"]) == 0
    models = load(tmp_path / "models.yml", {}).models.values()
    assert {each.production for each in models} == {
        "openai/gpt-4.1-mini", "anthropic/claude-haiku-4-5",
    }  # fmt: skip


def test_where_openrouter_has_a_route_of_its_own_ids_without_it_are_their_vendor_s(
    tmp_path, monkeypatch
):
    """A library that asks OpenAI and OpenRouter by routes got a model of OpenRouter's for each."""
    code = (
        "from mirascope import llm\n"
        'MODELS = ["openai/gpt-4.1-mini", "openrouter/openai/gpt-4.1-mini"]\n'
    )
    (tmp_path / "ask.py").write_text(code)
    git(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main(["init", "--yes", f"--today={TODAY}"]) == 0
    models = load(tmp_path / "models.yml", {}).models.values()
    assert "gpt-4.1-mini-2025-04-14" in {each.production for each in models}
    assert '"openai/gpt-4.1-mini-2025-04-14"' in (tmp_path / "ask.py").read_text()


@pytest.mark.parametrize(
    "client",
    [
        "AzureOpenAI(azure_endpoint=ENDPOINT)",
        'OpenAI(base_url=os.environ["AZURE_OPENAI_ENDPOINT"])',
    ],
)
def test_a_deployment_s_name_on_azure_is_no_alias_and_stays_in_the_code(
    tmp_path, monkeypatch, client
):
    """Renamed in code, it would name a deployment that nobody made."""
    code = f'import os\nCLIENT = {client}\nDEPLOYMENT = "gpt-4.1"\n'
    (tmp_path / "app.py").write_text(code)
    git(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main(["init", "--yes", f"--today={TODAY}"]) == 0
    assert (tmp_path / "app.py").read_text() == code
    model = load(tmp_path / "models.yml", {}).models["gpt"]
    assert (model.production, model.provider) == ("gpt-4.1", "azure")
    workflow = (tmp_path / workflows.PLACES["github"]).read_text()
    assert "AZURE_OPENAI_API_KEY: ${{ secrets.AZURE_OPENAI_API_KEY }}" in workflow


CASSETTE = """\
interactions:
- request:
    body: '{"messages": [], "model": "gpt-4.1-mini"}'
  response:
    body:
      string: '{"model": "gpt-4.1-mini-2025-04-14"}'
version: 1
"""


def test_what_cassettes_ask_for_stays_in_the_code_and_no_cassette_is_touched(
    tmp_path, monkeypatch, capsys
):
    """Told by what was asked, a cassette answers no longer once the code asks for another id."""
    cassette = tmp_path / "tests" / "cassettes" / "test_app" / "test_a.yaml"
    cassette.parent.mkdir(parents=True)
    cassette.write_text(CASSETTE)
    (tmp_path / "app.py").write_text('MODEL = "gpt-4.1-mini"\nOTHER = "claude-haiku-4-5"\n')
    git(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "500")
    assert main(["init", "--yes", f"--today={TODAY}"]) == 0
    said = capsys.readouterr().out
    assert cassette.read_text() == CASSETTE
    code = (tmp_path / "app.py").read_text()
    assert code == 'MODEL = "gpt-4.1-mini"\nOTHER = "claude-haiku-4-5-20251001"\n'
    assert set(load(tmp_path / "models.yml", {}).models) == {"gpt", "claude"}
    at = "tests/cassettes/test_app/test_a.yaml"
    assert f"the code keeps gpt-4.1-mini, which 1 cassette asks for ({at})" in said
    assert "moving-in/#from-vcrpy-or-pytest-recording" in said


HTTP_SNAPSHOT = """[
  {
    "request": {"method": "POST", "body": {"model": "claude-haiku-4-5"}},
    "response": {"body": {"model": "claude-haiku-4-5-20251001"}}
  }
]
"""


@pytest.mark.parametrize(
    ("place", "content"),
    [
        ("tests/__inline_snapshot__/test_runner/test_a/0f.json", HTTP_SNAPSHOT),
        ("tests/fixtures/fallback.txt", 'data: {"model": "claude-haiku-4-5"}\n'),
        ("tests/data/replies.jsonl", '{"model": "claude-haiku-4-5"}\n'),
    ],
)
def test_what_a_tests_data_holds_of_answers_stays_in_the_code_that_is_compared_with_it(
    place, content, tmp_path, monkeypatch, capsys
):
    """A code with the pin and data with the alias: tests that passed fail after `init`."""
    data = tmp_path / place
    data.parent.mkdir(parents=True)
    data.write_text(content)
    test = 'def test_a(reply):\n    assert reply.model == "claude-haiku-4-5"\n'
    (tmp_path / "tests" / "test_a.py").write_text(test)
    git(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "500")
    assert main(["init", "--yes", f"--today={TODAY}"]) == 0
    assert data.read_text() == content
    assert (tmp_path / "tests" / "test_a.py").read_text() == test
    asking = "cassette asks for" if place.endswith(".json") else "file of answers names"
    said = f"the code keeps claude-haiku-4-5, which 1 {asking} ({place})"
    assert said in capsys.readouterr().out


def test_the_list_in_a_type_is_no_use_of_a_model_and_stays_as_it_is(tmp_path, monkeypatch):
    types = (
        "from typing import Literal, Union\nimport typing as t\n"
        'Known = Union[str, Literal["gpt-4.1-mini", "gpt-4o-2024-08-06"]]\n'
        'Other = t.Literal["text-embedding-3-large", "text-embedding-3-small"]\n'
    )
    (tmp_path / "types_of_it.py").write_text(types)
    (tmp_path / "app.py").write_text('MODEL = "gpt-4.1-mini"\n')
    git(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main(["init", "--yes", f"--today={TODAY}"]) == 0
    assert (tmp_path / "types_of_it.py").read_text() == types
    assert (tmp_path / "app.py").read_text() == 'MODEL = "gpt-4.1-mini-2025-04-14"\n'
    assert [each.production for each in load(tmp_path / "models.yml", {}).models.values()] == [
        "gpt-4.1-mini-2025-04-14"
    ]


def test_a_tests_made_up_name_makes_no_logical_model(tmp_path, monkeypatch, capsys):
    (tmp_path / "app.py").write_text(
        'MODEL = "claude-opus-4-6"\nOTHER_MODEL = "claude-unknown-model"\n'
        'BETA = "computer-use-2025-01-24"\n'
    )
    git(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "500")
    assert main(["init", "--yes", f"--today={TODAY}"]) == 0
    assert set(load(tmp_path / "models.yml", {}).models) == {"claude"}
    assert "left out: claude-unknown-model" in capsys.readouterr().out


def test_run_twice_it_changes_nothing(tmp_path, monkeypatch):
    (tmp_path / "app.py").write_text('MODEL = "claude-opus-4-6"\n')
    git(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main(["init", "--yes"]) == 0
    after = tree(tmp_path)
    assert main(["init", "--yes"]) == 0
    assert tree(tmp_path) == after


def test_a_notebook_in_one_line_is_shown_by_the_lines_of_its_cells():
    cell = ["import x\n", "llm = Chat(model='{}')\n", "llm('hi')\n", "x" * 9_000]
    old, new = [json.dumps({"cells": [{"source": cell}]}).replace("{}", id) for id in "ab"]
    shown = list(Step("a.ipynb", old.encode(), new.encode()).diff())
    assert "-\"llm = Chat(model='a')\\n\"," in shown
    assert "+\"llm = Chat(model='b')\\n\"," in shown
    assert max(map(len, shown)) <= 300


def test_interrupted_half_way_it_goes_on_where_it_was(tmp_path, monkeypatch):
    from pytest_modelpin.adopt import plan as plan_module

    (tmp_path / "app.py").write_text('MODEL = "claude-opus-4-6"\n')
    git(tmp_path)
    monkeypatch.chdir(tmp_path)
    real, written = plan_module.replace_unchanged, []

    def one_file_then_stop(path, before, after):
        if written:
            raise KeyboardInterrupt
        written.append(path)
        return real(path, before, after)

    monkeypatch.setattr(plan_module, "replace_unchanged", one_file_then_stop)
    assert main(["init", "--yes", "--today=2026-11-27"]) == 130
    monkeypatch.setattr(plan_module, "replace_unchanged", real)
    assert main(["init", "--yes", "--today=2026-11-27"]) == 0
    assert load(tmp_path / "models.yml", {})["claude"] == "claude-opus-4-6"
    assert (tmp_path / workflows.PLACES["github"]).is_file()


def test_what_a_person_writes_while_init_asks_them_stays(tmp_path, monkeypatch, capsys):
    """It wrote what it had planned before: an edit that was made at its question was gone."""
    ignored = tmp_path / ".gitignore"
    ignored.write_text("*.pyc\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: True))

    def meanwhile(_):
        ignored.write_text("*.pyc\n.env\n")
        return "y"

    monkeypatch.setattr("builtins.input", meanwhile)
    assert main(["init"]) == 2
    assert ".gitignore was changed after this was planned" in capsys.readouterr().err
    assert ignored.read_text() == "*.pyc\n.env\n"
    assert main(["init", "--yes"]) == 0
    assert ".env\n.pytest_modelpin/" in ignored.read_text()


@pytest.mark.skipif(sys.platform == "win32", reason="links want rights of their own there")
def test_links_within_the_repository_are_followed_and_those_out_of_it_are_kept(
    tmp_path, monkeypatch
):
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    outside.mkdir()
    (inside / "shared").mkdir(parents=True)
    (outside / "models.yml").write_text("models: {gpt: {production: gpt-4.1-mini-2025-04-14}}\n")
    (outside / "attributes").write_text("*.png binary\n")
    (inside / "shared" / "ignored").write_text("*.pyc\n")
    script = inside / "run.py"
    script.write_text('#!/usr/bin/env python3\nMODEL = "claude-haiku-4-5"\n')
    script.chmod(0o755)
    links = {"models.yml": outside / "models.yml", ".gitattributes": outside / "attributes",
             ".gitignore": inside / "shared" / "ignored"}  # fmt: skip
    for name, target in links.items():
        (inside / name).symlink_to(target)
    git(inside)
    monkeypatch.chdir(inside)
    before = tree(outside)
    assert main(["init", "--yes", f"--today={TODAY}"]) == 0
    assert tree(outside) == before
    assert all((inside / name).is_symlink() for name in links)
    assert ".pytest_modelpin/" in (inside / "shared" / "ignored").read_text()
    (inside / "models.yml").unlink()
    assert main(["init", "--yes", f"--today={TODAY}"]) == 0
    assert "claude-haiku-4-5-20251001" in script.read_text()
    assert script.stat().st_mode & 0o777 == 0o755


def test_a_file_that_can_t_be_written_is_a_sentence(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".github").write_text("a file in the folder's place")
    assert main(["init", "--yes"]) == 2
    said = capsys.readouterr().err
    assert "can't be written" in said
    assert "again" in said


def test_a_folder_that_is_not_there_is_a_sentence(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["init", "nowhere"]) == 2
    assert "no folder nowhere" in capsys.readouterr().err
    assert main(["init", ".."]) == 2
    assert "outside" in capsys.readouterr().err


def test_two_ci_systems_are_said(tmp_path, monkeypatch, capsys):
    (tmp_path / ".github").mkdir()
    (tmp_path / ".gitlab-ci.yml").write_text("stages: []\n")
    monkeypatch.chdir(tmp_path)
    assert main(["init", "--yes"]) == 0
    assert "--ci gitlab" in capsys.readouterr().out
    assert (tmp_path / ".gitlab-ci.yml").read_text() == "stages: []\n"


def test_models_of_two_projects_have_names_of_their_own(tmp_path, monkeypatch):
    for name in ("a", "b"):
        (tmp_path / name / "tests").mkdir(parents=True)
        (tmp_path / name / "requirements.txt").write_text("")
        (tmp_path / name / "app.py").write_text('MODEL = "claude-opus-4-6"\n')
        (tmp_path / name / "tests" / "test_app.py").write_text("def test_a(): pass\n")
    git(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main(["init", "--yes"]) == 0
    names = [set(load(tmp_path / name / "models.yml", {}).models) for name in ("a", "b")]
    assert not names[0] & names[1], "nights are kept by name"
    jobs = yaml.safe_load((tmp_path / workflows.PLACES["github"]).read_text())["jobs"]
    assert list(jobs) == ["nightly-a", "nightly-b"]


def test_the_workflow_gives_no_tool_a_reason_to_complain(tmp_path):
    action = f"{workflows.ACTION}@3d3c42e5aac5ba805825da76410c181273ba90b1 # v0.1.0"
    uv = workflows.Job(
        "b c", Install(("uv sync", 'x -e ".[test]"'), ".venv/bin/python"), "3.12", ()
    )
    path = tmp_path / ".github" / "workflows" / "model-nightly.yml"
    path.parent.mkdir(parents=True)
    path.write_text(workflows.github([JOB, uv], action))
    jobs = yaml.safe_load(path.read_text())["jobs"]
    assert jobs["nightly-b-c"]["steps"][3]["run"] == 'x -e ".[test]"'
    assert jobs["nightly-b-c"]["steps"][4]["with"]["working-directory"] == "b c"
    zizmor = Path(sys.executable).with_name("zizmor")  # which may not be on PATH
    command = (zizmor, "--offline", "--no-progress", "--color=never", path)
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ('A = "claude-3-opus-20240229"\n', "none of them can be a pin; models.yml gets an example"),
        ("A = 1\n", "no model id was found; models.yml gets an example"),
        (
            'A = "claude-sonnet-5"\nB = "claude-sonnet-5-5"\n',
            "no candidate: claude-sonnet-5-5, which comes next, is another's pin here; set",
        ),
    ],
    ids=["retired", "none", "taken"],
)
def test_why_nothing_is_pinned_or_proposed_is_said_as_it_is(
    tmp_path, monkeypatch, capsys, code, said
):
    (tmp_path / "app.py").write_text(code)
    git(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "500")
    assert main(["init", "--dry-run", f"--today={TODAY}"]) == 0
    assert said in capsys.readouterr().out
