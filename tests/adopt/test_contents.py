"""Each of a project's files is opened once, however much is asked of it."""

import json
import os
import subprocess
import sys

import pytest

from pytest_modelpin.adopt import repository
from pytest_modelpin.adopt.contents import contents
from pytest_modelpin.adopt.repository import read_repository

COUNTING = """
import collections, io, json, os, sys, contextlib
opened, root = collections.Counter(), os.getcwd() + os.sep
def hook(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, os.PathLike)):
        path = os.path.abspath(arguments[0])
        if path.startswith(root):
            opened[path[len(root):].replace(os.sep, "/")] += 1
sys.addaudithook(hook)
from pytest_modelpin.cli import main
with contextlib.redirect_stdout(io.StringIO()):
    main(sys.argv[1:])
print(json.dumps(opened))
"""


def test_what_a_project_says_is_gathered(tmp_path):
    files = {
        "app.py": 'import grpc\nMODEL = "gpt-4o-2024-08-06"\nKEY = os.environ["ACME_KEY"]\n',
        "tests/test_app.py": 'from websockets import a\nos.environ["ACME_KEY"] = "x"\n'
        "def test_a(\n    snapshot\n): pass\n",
        "web.ts": 'ask("gpt-4o"); // ACME_TOKEN acme.example\n',
        "requirements.txt": "acme.example\n",
        "Makefile": "test:\n\tpython -m unittest\n",
        "notes.md": "OTHER_KEY other.example\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    said = contents(tmp_path, sorted(files), ["acme.example", "other.example"], ["ACME_KEY"])
    assert [(path, line, model.id) for path, line, model in said.ids] == [
        ("app.py", 2, "gpt-4o-2024-08-06"),
        ("web.ts", 1, "gpt-4o"),
    ]
    assert said.variables == {"ACME_KEY"}  # TypeScript's are not this suite's
    assert said.words == {"acme.example"}
    assert said.plain_snapshots == ("tests/test_app.py",)
    assert said.other_runners == ("Makefile",)
    assert said.keys_set == (("ACME_KEY", "tests/test_app.py:2"),)
    assert said.unseen == (("grpc", "app.py:1"), ("websockets", "tests/test_app.py:1"))
    assert said.unread == ()


@pytest.mark.parametrize(
    ("path", "text", "is_set"),
    [
        ("tests/test_app.py", 'ACME_KEY = os.environ.get("OTHER") or "sk-…"\n', False),
        ("tests/conftest.py", 'monkeypatch.setenv("ACME_KEY", "x")\n', True),
        ("pytest.ini", "[pytest]\nenv =\n    ACME_KEY=x\n", True),
    ],
)
def test_a_constant_called_as_a_key_s_variable_sets_no_key(tmp_path, path, text, is_set):
    (tmp_path / "tests").mkdir()
    (tmp_path / path).write_text(text)
    assert bool(contents(tmp_path, [path], [], ["ACME_KEY"]).keys_set) == is_set


@pytest.mark.parametrize(
    "path", ["requirements-dev.txt", "dev-requirements.txt", "requirements/test.txt", "reqs.txt"]
)
def test_lists_of_requirements_are_read(tmp_path, path):
    (tmp_path / "requirements").mkdir()
    (tmp_path / path).write_text("litellm>=1\n")
    said = contents(tmp_path, [path], ["litellm"], [])
    assert said.words == ({"litellm"} if "requirements" in path else frozenset())


@pytest.mark.skipif(sys.platform == "win32", reason="no such pipes")
@pytest.mark.parametrize("held_open", [False, True])
def test_a_pipe_among_the_files_is_not_waited_for(tmp_path, held_open):
    os.mkfifo(tmp_path / "app.py")
    other = os.open(tmp_path / "app.py", os.O_RDWR) if held_open else None
    try:
        assert contents(tmp_path, ["app.py"], (), ()).ids == ()
    finally:
        if other is not None:
            os.close(other)


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [["init", "--dry-run", "--offline"], ["scan"], ["doctor"]],
    ids=lambda words: words[0],
)
def test_no_file_is_opened_twice(tmp_path, command):
    names = [f"part{at % 7}/module{at}.py" for at in range(400)]
    names += [f"part{at % 7}/test_module{at}.py" for at in range(50)]
    names += [f"part{at % 7}/settings{at}.yml" for at in range(50)]
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("SOME_KEY = 'a-b'\nimport openai\n")
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    (tmp_path / "app.py").write_text('MODEL = "gpt-4o-2024-08-06"\n')
    if command != ["init", "--dry-run", "--offline"]:
        (tmp_path / "models.yml").write_text("models: {a: {production: gpt-4o-2024-08-06}}\n")
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    done = subprocess.run(
        [sys.executable, "-c", COUNTING, *command],
        cwd=tmp_path, capture_output=True, text=True, timeout=300, check=True,
    )  # fmt: skip
    opened = json.loads(done.stdout)
    assert {name: opened[name] for name in names if opened[name] != 1} == {}


@pytest.mark.long
def test_a_thousand_projects_are_found_without_going_through_all_files_for_each(
    tmp_path, monkeypatch
):
    """The paths that are looked at grow with the files, not with files times projects."""
    asked = []

    class Path(str):
        __slots__ = ()

        def startswith(self, *words):
            asked.append(self)
            return super().startswith(*words)

    names = [f"services/s{at}/{name}" for at in range(1000)
             for name in ("pyproject.toml", "a.py", "test_a.py")]  # fmt: skip
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    monkeypatch.setattr(repository, "files", lambda folder: sorted(map(Path, names)))
    found = read_repository(tmp_path)
    assert len(found.projects) == 1000
    assert {project.paths for project in found.projects} == {
        ("a.py", "pyproject.toml", "test_a.py")
    }
    assert len(asked) <= 4 * len(names)


@pytest.mark.parametrize("name", ["a.yaml", "tests/test_a.py", "pytest.ini"])
@pytest.mark.parametrize("line", ["\n", "# a\n", " \n", "def test("])
def test_reading_grows_with_the_number_of_blank_lines(tmp_path, growth, name, line):
    """Ten thousand of them, which a stranger's pull request may bring, took minutes."""
    for lines in (2_000, 20_000):
        path = tmp_path / str(lines) / name
        path.parent.mkdir(parents=True)
        path.write_text(f'{line * lines}\nmodel: "gpt-4o"\nOPENAI_API_KEY snapshot grpc\n')

    def work(lines):
        contents(tmp_path / str(lines), [name], (), ["OPENAI_API_KEY"])

    assert growth(work, 2_000, 20_000) < 3
