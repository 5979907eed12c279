"""What `init` sees of a repository."""

import os
import subprocess
from dataclasses import replace
from datetime import date

import pytest
from _pytest.config.findpaths import determine_setup, locate_config

from pytest_modelpin.adopt import logical_models, repository
from pytest_modelpin.adopt.logical_models import Answer
from pytest_modelpin.adopt.pytest_settings import ini_of, root_of
from pytest_modelpin.adopt.repository import (
    keys_needed,
    past_pytest,
    read_repository,
    speaks_of,
)
from pytest_modelpin.alarms.scan import Found
from pytest_modelpin.providers import PROVIDERS, catalogue
from pytest_modelpin.providers.azure import AZURE

TEST = "def test_it():\n    pass\n"


def write(root, **files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def made(root, files):
    return write(root, **files)


@pytest.mark.parametrize(
    ("files", "commands", "python"),
    [
        (
            {"uv.lock": "", "pyproject.toml": "[project]\n"},
            ["pip install uv", "uv sync --locked", "uv pip install"],
            ".venv/bin/python",
        ),
        ({"uv.lock": 'name = "pytest-modelpin"'}, ["install uv", "uv sync"], ".venv/bin/python"),
        (
            {"uv.lock": 'name = "pytest-modelpin"', ".python-version": "3.10.4"},
            ["install uv", "uv sync --locked --all-extras --all-groups --python 3.13"],
            ".venv/bin/python",
        ),
        (
            {"poetry.lock": "", "requirements.txt": ""},
            ["install poetry", "virtualenvs.create false", "poetry install"],
            "python",
        ),
        ({"Pipfile.lock": "{}"}, ["pip install pipenv", "pipenv sync --dev --system"], "python"),
        (
            {"requirements.txt": "", "requirements-dev.txt": ""},
            ["-r requirements.txt -r requirements-dev.txt"],
            "python",
        ),
        (
            {"pyproject.toml": "[project]\n[dependency-groups]\ndev = []\ndocs = []\n"},
            ["pip install --group dev -e ."],
            "python",
        ),
        (
            {"pyproject.toml": "[project.optional-dependencies]\ntest = []\n"},
            ['pip install -e ".[test]"'],
            "python",
        ),
        (
            {"pyproject.toml": "[project]\n[dependency-groups]\nci = ['pytest>=8']\ndocs = []\n"},
            ["pip install --group ci -e ."],
            "python",
        ),
        (
            {"pyproject.toml": "[project.optional-dependencies]\ndev = []\nx = ['pytest-cov']\n"},
            ['pip install -e ".[dev]"'],
            "python",
        ),
        (
            {"pyproject.toml": "[tool.poetry.dependencies]\n[build-system]\n"},
            ["install poetry", "virtualenvs.create false", "poetry install"],
            "python",
        ),
        (
            {"poetry.lock": "", "pyproject.toml": "[tool.poetry.extras]\nopenai = ['x']\n"},
            ["install poetry", "false", "poetry install --no-interaction --all-extras"],
            "python",
        ),
        (
            {"poetry.lock": "", "pyproject.toml": "[project.optional-dependencies]\na = ['x']\n"},
            ["install poetry", "false", "poetry install --no-interaction --all-extras"],
            "python",
        ),
        (
            {"pdm.lock": "", "pyproject.toml": "[project]\n"},
            ["pip install pdm", "pdm sync --group :all", "pip --python .venv/bin/python install"],
            ".venv/bin/python",
        ),
        (
            {"requirements-dev.lock": "", "requirements.lock": "", "pyproject.toml": "[project]"},
            ["pip install -r requirements-dev.lock"],
            "python",
        ),
        (
            {"pyproject.toml": "[project]\n[tool.hatch.envs.test]\ndependencies = ['pytest']\n"},
            [
                "pip install hatch",
                "HATCH_ENV_TYPE_VIRTUAL_PATH=.venv hatch env create test",
                "pip --python .venv/bin/python install pytest-modelpin",
            ],
            ".venv/bin/python",
        ),
        (
            {
                "pyproject.toml": "[project]\n[tool.hatch.envs.test]\n"
                "extra-dependencies = ['pytest', 'pytest-modelpin']\n"
                "[[tool.hatch.envs.test.matrix]]\npython = ['3.12', '3.13']\n"
            },
            ["pip install hatch", "hatch env create test.py3.13"],
            ".venv/bin/python",
        ),
        (
            {
                "pyproject.toml": "[project]\n[tool.hatch.envs]\nlint = 3\n"
                "test = {dependencies = ['pytest'], matrix = 1}\n"
            },
            ["pip install -e ."],
            "python",
        ),
        ({"setup.py": "setup()"}, ["pip install -e ."], "python"),
        ({"test_a.py": TEST}, ["pip install pytest"], "python"),
        (
            {"environment.yml": "dependencies: [flask, pytest]\n", "test_a.py": TEST},
            [
                'conda" env create --quiet --file environment.yml --prefix .venv',
                ".venv/bin/python -m pip install pytest-modelpin",
            ],
            ".venv/bin/python",
        ),
        (
            {"environment.yml": "dependencies: [pip]\n", "requirements.txt": "flask\n"},
            ["pip install -r requirements.txt"],
            "python",
        ),
    ],
)
def test_tests_are_installed_as_their_owner_does(tmp_path, files, commands, python):
    (project,) = read_repository(made(tmp_path, files)).projects
    assert len(project.install.commands) == len(commands)
    for command, part in zip(project.install.commands, commands, strict=True):
        assert part in command
    assert project.install.python == python


@pytest.mark.parametrize(
    ("keys", "asks"),
    [
        (("AZURE_OPENAI_API_KEY",), {"azure"}),
        (("AZURE_OPENAI_API_KEY", "OPENAI_API_KEY"), set()),
        (("OPENAI_API_KEY",), {"azure"}),  # as Azure's clients of 2023 were given theirs
        ((), {"azure"}),
    ],
)
def test_a_library_that_can_ask_azure_too_is_not_taken_for_a_deployment_s_user(
    tmp_path, keys, asks
):
    read = "".join(f'os.environ["{key}"]\n' for key in keys)
    made(tmp_path, {"app.py": f"client = AzureOpenAI()\n{read}", "test_a.py": TEST})
    (project,) = read_repository(tmp_path).projects
    assert speaks_of(project) == asks


@pytest.mark.parametrize(
    ("more", "asks"),
    [
        ("client = OpenAI()", set()),
        ("llm=ChatOpenAI(temperature=0)", set()),
        ("client = openai.AsyncOpenAI()", set()),
        ("llm = AzureChatOpenAI()", {"azure"}),
        ('OpenAI(base_url=os.environ["AZURE_OPENAI_ENDPOINT"])', {"azure"}),
    ],
)
def test_a_library_that_has_a_client_of_each_and_one_key_asks_the_maker(tmp_path, more, asks):
    code = f'key = os.environ["OPENAI_API_KEY"]\nother = AzureOpenAI()\n{more}\n'
    made(tmp_path, {"app.py": code, "test_a.py": TEST})
    (project,) = read_repository(tmp_path).projects
    assert speaks_of(project) == asks


@pytest.mark.parametrize(
    ("files", "version"),
    [
        ({".python-version": "3.12\n"}, "3.12"),
        ({".python-version": "3.10\n"}, "3.13"),
        ({"pyproject.toml": '[project]\nrequires-python = ">=3.11,<3.13"\n'}, "3.12"),
        ({"pyproject.toml": '[project]\nrequires-python = ">=3.11"\n'}, "3.13"),
        ({"pyproject.toml": "[[[ no toml"}, "3.13"),
        ({"pyproject.toml": "[tool]\npoetry = 1\n[project]\nrequires-python = 3\n"}, "3.13"),
        ({"pyproject.toml": '[project]\nrequires-python = ">=3.14"\n'}, "3.14"),
        ({"pyproject.toml": '[project]\nrequires-python = "== 3.11.*"\n'}, "3.11"),
        ({"pyproject.toml": '[project]\nrequires-python = "<=3.12,!=3.12.*"\n'}, "3.11"),
        ({"pyproject.toml": '[project]\nrequires-python = "~=3.11"\n'}, "3.13"),
        ({"pyproject.toml": '[project]\nrequires-python = "<3.13.0"\n'}, "3.12"),
        ({"pyproject.toml": '[tool.poetry.dependencies]\npython = ">=3.10,<3.13"\n'}, "3.12"),
        ({"pyproject.toml": '[tool.poetry.dependencies]\npython = "~3.11"\n'}, "3.11"),
        ({"pyproject.toml": '[tool.poetry.dependencies]\npython = "^3.9 || ~2.7"\n'}, "3.13"),
        ({"setup.cfg": "[options]\npython_requires = >=3.8, <3.12\n"}, "3.11"),
        ({"setup.py": 'setup(\n    python_requires="<3.13",\n)'}, "3.12"),
        ({"Pipfile": '[requires]\npython_version = "3.11"\n'}, "3.11"),
    ],
)
def test_the_workflow_s_python_is_the_project_s(tmp_path, files, version):
    (project,) = read_repository(made(tmp_path, files)).projects
    assert project.python == version


def test_a_monorepo_s_projects_are_found_below_its_top(tmp_path):
    made(
        tmp_path,
        {
            "package.json": "{}",
            "services/a/requirements.txt": "", "services/a/tests/test_a.py": TEST,
            "b/pyproject.toml": "[project]\n", "b/test_b.py": TEST,
            "c/requirements.txt": "",  # no tests
        },
    )  # fmt: skip
    assert [each.below for each in read_repository(tmp_path).projects] == ["b", "services/a"]


def test_a_workspace_without_tests_of_its_own_is_no_project(tmp_path):
    workspace = '[tool.uv.workspace]\nmembers = ["a"]\n'
    made(tmp_path, {"pyproject.toml": workspace, "uv.lock": "", "a/pyproject.toml": "[project]\n",
                    "a/tests/test_a.py": TEST})  # fmt: skip
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    (project,) = read_repository(tmp_path).projects
    assert (project.below, project.install.python) == ("a", "../.venv/bin/python")


def workspace(tmp_path, **more):
    """A uv workspace whose root is a package, too, as `uv init` writes it."""
    settings = '[project]\nname = "all"\n[tool.uv.workspace]\nmembers = ["packages/*"]\n'
    member = '[project]\nname = "x"\n[tool.pytest.ini_options]\n'
    return made(tmp_path, {
        "pyproject.toml": settings,
        "packages/a/pyproject.toml": member, "packages/a/tests/test_a.py": TEST,
        "packages/b/pyproject.toml": member, "packages/b/tests/test_b.py": TEST,
        **more,
    })  # fmt: skip


def test_a_workspace_that_is_a_package_of_its_members_is_no_project(tmp_path):
    found = read_repository(workspace(tmp_path)).projects
    assert [each.below for each in found] == ["packages/a", "packages/b"]


@pytest.mark.parametrize("path", ["tests/test_all.py", "test_all.py", "models.yml"])
def test_a_workspace_with_tests_or_pins_of_its_own_is_one_project(tmp_path, path):
    found = read_repository(workspace(tmp_path, **{path: ""})).projects
    assert [each.below for each in found] == ["."]


@pytest.mark.parametrize(
    ("settings", "tests"),
    [
        ({}, False),
        ({"pytest.ini": "[pytest]\npython_files = eval_*.py\n"}, True),
        ({"tox.ini": "[pytest]\npython_files =\n    test_*.py\n    eval_*.py\n"}, True),
        ({"setup.cfg": "[tool:pytest]\npython_files = evals/eval_*.py\n"}, True),
        ({"pyproject.toml": "[tool.pytest.ini_options]\npython_files = ['eval_*.py']\n"}, True),
        ({"pytest.ini": "[pytest]\npython_files = %\n"}, False),
        ({"pytest.ini": "[pytest]\naddopts = -q --doctest-modules\n"}, True),
        ({"pytest.ini": "[pytest]\naddopts = --nbmake\n"}, False),
        ({"pytest.ini": "[pytest]\naddopts = --nbmake\n", "faq.ipynb": "{}"}, True),
        ({"pytest.ini": "no ini file"}, False),
        ({"pyproject.toml": "[tool.pytest.ini_options]\npython_files = 7\n"}, False),
        ({"pyproject.toml": "[tool.pytest.ini_options]\n= broken"}, False),
    ],
)
def test_tests_are_called_as_pytests_settings_say(tmp_path, settings, tests):
    (project,) = read_repository(made(tmp_path, {**settings, "evals/eval_a.py": TEST})).projects
    assert project.tests is tests


def test_below_git_s_top_the_folder_is_named_from_there(tmp_path):
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    made(tmp_path, {"services/a/requirements.txt": "", "services/a/app.py": ""})
    repository = read_repository(tmp_path / "services" / "a")
    assert (repository.git, repository.projects[0].below) == (True, "services/a")
    assert repository.top == tmp_path.resolve()


def test_outside_of_git_the_folder_stands_for_itself(tmp_path):
    repository = read_repository(made(tmp_path, {"app.py": ""}))
    assert (repository.git, repository.projects[0].below, repository.url) == (False, ".", None)


@pytest.mark.parametrize(
    ("remote", "url"),
    [
        ("git@github.com:acme/desk.git", "https://github.com/acme/desk"),
        ("https://token@github.com/acme/desk", "https://github.com/acme/desk"),
        (
            "ssh://git@gitlab.acme.example/group/sub/desk.git",
            "https://gitlab.acme.example/group/sub/desk",
        ),
        ("/srv/desk", None),
    ],
)
def test_where_it_is_on_the_web(tmp_path, remote, url):
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    subprocess.run(["git", "remote", "add", "origin", remote], cwd=tmp_path, check=True)
    assert read_repository(tmp_path).url == url


def test_syrupy_s_own_snapshot_is_seen_and_ours_is_not(tmp_path):
    made(
        tmp_path,
        {
            "test_a.py": "def test_a(snapshot):\n    pass\n",
            "test_b.py": "async def test_b(client, snapshot: object):\n    pass\n",
            "test_c.py": "def test_c(model_snapshot):\n    pass\n",
            "app.py": "def snapshot(): pass\n",
        },
    )
    (project,) = read_repository(tmp_path).projects
    assert project.contents.plain_snapshots == ("test_a.py", "test_b.py")


@pytest.mark.parametrize(
    ("files", "place"),
    [
        ({"pyproject.toml": "[tool.pytest.ini_options]\n"}, "pyproject.toml"),
        ({"pyproject.toml": "[project]\n", "setup.cfg": "[tool:pytest]\n"}, "setup.cfg"),
        ({"pytest.ini": "[pytest]\n", "tox.ini": "[pytest]\n"}, "pytest.ini"),
        ({"pytest.toml": "", "pytest.ini": "[pytest]\n"}, "pytest.toml"),
        ({"pyproject.toml": "[tool.pytest]\nminversion = '9'\n"}, "pyproject.toml"),
        ({"pytest.ini": "", "tox.ini": "[pytest]\n"}, "pytest.ini"),
        ({}, "pytest.ini"),
    ],
)
def test_the_ini_file_is_the_one_that_pytest_reads(tmp_path, files, place):
    assert ini_of(made(tmp_path, files))[0] == place
    if files:
        _, read, _, _ = locate_config(tmp_path, [tmp_path])
        assert read == tmp_path / place, "pytest itself says so"


@pytest.mark.parametrize(
    ("files", "root"),
    [
        ({"pyproject.toml": "[tool.ruff]\n"}, "."),
        ({"pyproject.toml": "[tool.ruff]\n", "a/pyproject.toml": "[project]\n"}, "a"),
        ({"pytest.ini": "", "a/pyproject.toml": "[project]\n"}, "."),
        ({"tox.ini": "[tox]\n", "a/requirements.txt": ""}, "a"),
        ({"setup.py": "", "a/requirements.txt": ""}, "."),
        ({"setup.py": "", "a/b.txt": "", "a/setup.cfg": "[tool:pytest]\n"}, "a"),
    ],
)
def test_the_root_is_the_one_that_pytest_takes(tmp_path, monkeypatch, files, root):
    folder = tmp_path / "a"
    folder.mkdir()
    made(tmp_path, files)
    assert root_of(folder)[0] == (tmp_path / root).resolve()
    monkeypatch.chdir(folder)
    taken, *_ = determine_setup(
        inifile=None, override_ini=None, args=[], rootdir_cmd_arg=None, invocation_dir=folder
    )
    assert taken == (tmp_path / root).resolve(), "pytest itself says so"


def test_settings_of_pytest_at_the_top_make_it_one_project(tmp_path):
    workspace = '[tool.uv.workspace]\nmembers = ["a"]\n[tool.pytest.ini_options]\n'
    made(tmp_path, {"pyproject.toml": workspace, "a/pyproject.toml": "[project]\n",
                    "a/tests/test_a.py": TEST})  # fmt: skip
    assert [each.below for each in read_repository(tmp_path).projects] == ["."]


def test_only_the_keys_that_are_needed_by_the_names_that_the_code_has(tmp_path):
    made(tmp_path, {"app.py": 'os.environ["GOOGLE_API_KEY"]', "README.md": "MISTRAL_API_KEY"})
    (project,) = read_repository(tmp_path).projects
    named = project.contents.variables
    assert keys_needed(["google", "openai"], named) == ("GOOGLE_API_KEY", "OPENAI_API_KEY")
    assert keys_needed(["google"], frozenset()) == ("GEMINI_API_KEY",)
    assert keys_needed(["nobody"], frozenset()) == ()
    azure = keys_needed(["azure"], frozenset())
    assert azure == ("AZURE_OPENAI_API_KEY", "AZURE_OPENAI_ENDPOINT")


@pytest.mark.parametrize(
    ("code", "needed"),
    [
        ("AZURE_API_KEY", ("AZURE_API_KEY", "AZURE_API_BASE")),
        ("AZURE_OPENAI_KEY", ("AZURE_OPENAI_KEY", "AZURE_OPENAI_ENDPOINT")),
    ],
)
def test_a_key_of_azure_goes_by_the_name_that_the_code_has(tmp_path, code, needed):
    made(tmp_path, {"app.py": f'os.environ["{code}"]'})
    (project,) = read_repository(tmp_path).projects
    assert keys_needed(["azure"], project.contents.variables) == needed


@pytest.mark.parametrize(
    ("path", "line", "found"),
    [
        (".github/workflows/tests.yml", "- run: python -m unittest discover", True),
        ("Makefile", "\tpython manage.py test", True),
        ("tox.ini", "commands = python -m unittest", True),
        (".github/workflows/tests.yml", "- run: python -m pytest", False),
        ("README.md", "python -m unittest", False),
        ("Makefile", "test: # not python -m unittest\n\tpytest", False),
    ],
)
def test_what_runs_tests_past_pytest_is_seen(tmp_path, path, line, found):
    made(tmp_path, {path: line, "pyproject.toml": "[project]\nname = 'x'\n", "test_a.py": TEST})
    repository = read_repository(tmp_path)
    assert past_pytest(repository, *repository.projects) == ((path,) if found else ())


def test_what_another_project_s_file_runs_is_said_of_that_one_alone(tmp_path):
    project = {"models.yml": "models: {}\n", "test_a.py": TEST}
    made(tmp_path, {f"{name}/{path}": text for name in "ab" for path, text in project.items()})
    made(tmp_path, {"a/Makefile": "\tpytest", "b/Makefile": "\tpython -m unittest"})
    made(tmp_path, {"Makefile": "\tpython -m unittest", ".github/workflows/x.yml": "-m unittest"})
    repository = read_repository(tmp_path, ["a", "b"])
    said = {each.below: past_pytest(repository, each) for each in repository.projects}
    assert said == {"a": (), "b": ("b/Makefile",)}


def test_bedrock_wants_what_its_way_in_wants():
    access = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION")
    assert keys_needed(["bedrock"], frozenset()) == access
    bearer = frozenset({"AWS_BEARER_TOKEN_BEDROCK"})
    assert keys_needed(["bedrock"], bearer) == tuple(bearer)
    assert keys_needed(["bedrock"], bearer | {access[0]}) == tuple(bearer)


def test_what_a_provider_s_file_says_is_all_that_init_knows_of_it(tmp_path, monkeypatch):
    acme = replace(
        AZURE, name="acme", told_by=("ACME_GATEWAY",), sells="mistral",
        key_variables=("ACME_KEY",), ways_in=(("ACME_KEY", "ACME_GATEWAY"),),
    )  # fmt: skip
    monkeypatch.setattr(catalogue, "PROVIDERS", (*PROVIDERS, acme))
    monkeypatch.setitem(catalogue._BY_NAME, "acme", acme)
    for module in (repository, logical_models):
        monkeypatch.setattr(module, "PROVIDERS", (*PROVIDERS, acme))
    made(tmp_path, {"app.py": 'URL = os.environ["ACME_GATEWAY"]', "test_a.py": TEST})
    (project,) = read_repository(tmp_path).projects
    assert speaks_of(project) == {"acme"}
    assert keys_needed(["acme"], frozenset()) == ("ACME_KEY", "ACME_GATEWAY")
    named = Found("app.py", 1, "mistral-small-2603", "mistral", "pinned", None, False)
    nobody = Answer(None, why="not asked")
    (one,), _ = logical_models.choose(
        [named], lambda id, provider: nobody, date(2026, 11, 27), sellers=speaks_of(project)
    )
    assert (one.production, one.provider) == ("mistral-small-2603", "acme")


def test_unreadable_and_binary_files_are_passed_over(tmp_path):
    made(tmp_path, {"app.py": "", "test_a.py": TEST})
    (tmp_path / "blob.py").write_bytes(b"\x00\xff" * 1000)
    (tmp_path / "gone.py").symlink_to(tmp_path / "nowhere.py")
    (project,) = read_repository(tmp_path).projects
    assert project.tests
    assert project.contents.variables == frozenset()


def test_files_that_may_not_be_read_are_named(tmp_path, monkeypatch):
    for name in ("app.py", "secret.py", "notes.bin"):
        (tmp_path / name).write_text("MODEL = 'gpt-4o'")
    (tmp_path / "nowhere.py").symlink_to("missing")
    real, refused = os.open, []

    def open(path, *arguments, **named):
        if str(path).endswith("secret.py"):
            refused.append(path)
            raise PermissionError(13, "Permission denied", path)
        return real(path, *arguments, **named)

    monkeypatch.setattr(os, "open", open)
    allowed = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: (
        allowed(path, mode) and not str(path).endswith("secret.py")))  # fmt: skip
    (project,) = read_repository(tmp_path).projects
    assert project.contents.unread == ("secret.py",)
    assert len(refused) == 1
