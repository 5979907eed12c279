"""How a project's tests are installed for its nights, as its owner does it, for which Python."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_modelpin.literals import written

REQUIREMENTS = (
    "requirements.txt", "requirements-dev.txt", "requirements-test.txt", "requirements_dev.txt",
    "requirements_test.txt", "dev-requirements.txt", "test-requirements.txt",
    "requirements/base.txt", "requirements/dev.txt", "requirements/test.txt",
)  # fmt: skip
"""Lists for pip, as they are usually called."""

_LOCKED = ("requirements-dev.lock", "requirements.lock")
"""Rye's lists for pip, the first of which holds all of the second and the project itself."""

_CONDA = ("environment-dev.yml", "environment.yml", "environment.yaml")
"""Conda's lists, the one for tests first."""

_FOR_TESTS = ("dev", "test", "tests", "testing", "develop")
"""What a dependency group, an extra or an environment with pytest in it is called."""

_NAMES_PYTEST = re.compile(r"pytest(?![\w-])", re.IGNORECASE)

_NEWEST_PYTHON = "3.13"
_OLDEST_PYTHON = 11
"""Of 3: what this distribution requires."""
_TRIED = (13, 12, 11, 14, 15)
"""Of 3, the most welcome first."""

_OURS = "pytest-modelpin"
_VENV = ".venv/bin/python"


@dataclass(frozen=True, slots=True)
class Install:
    """How a project's tests are installed, as its owner does it."""

    commands: tuple[str, ...]
    python: str = "python"
    """The interpreter whose environment then holds them."""
    by: str = ""
    """The file that said so; empty where none did."""
    unlisted: tuple[str, ...] = ()
    """Modules that the code imports, where no file lists what to install."""


def install_of(folder: Path, top: Path) -> Install:
    """By its lock file's own tool; else pip with what pyproject.toml, setup.py or lists name."""
    if lock := _nearest(folder, top, "uv.lock"):
        return _by_uv(folder, lock)
    document = read_toml(folder / "pyproject.toml")
    lists = [name for name in REQUIREMENTS if (folder / name).is_file()]
    if (folder / "poetry.lock").is_file() or (_table(document, "tool", "poetry") and not lists):
        first = "python -m pip install poetry"
        extras = _table(document, "tool", "poetry", "extras") or _table(
            document, "project", "optional-dependencies"
        )
        install = f"poetry install --no-interaction{' --all-extras' if extras else ''}"
        return Install(
            (first, "poetry config virtualenvs.create false", install),
            by="poetry.lock" if (folder / "poetry.lock").is_file() else "pyproject.toml",
        )
    if (folder / "Pipfile.lock").is_file():
        first = "python -m pip install pipenv"
        return Install((first, "pipenv sync --dev --system"), by="Pipfile.lock")
    if (folder / "pdm.lock").is_file():
        return _in_venv(folder, "pdm.lock", "pdm", "pdm sync --group :all")
    for name in _LOCKED:
        if (folder / name).is_file():
            return Install((f"python -m pip install -r {name}",), by=name)
    if not lists and (environment := _of_hatch(document, python_of(folder))):
        made = f"HATCH_ENV_TYPE_VIRTUAL_PATH=.venv hatch env create {environment}"
        return _in_venv(folder, "pyproject.toml", "hatch", made)
    packages = _packages(folder, document)
    if not (lists or packages):
        for name in _CONDA:
            if (folder / name).is_file():
                return _by_conda(name)
        return Install(("python -m pip install pytest",))
    words = [*(f"-r {name}" for name in lists), *packages]
    by = lists[0] if lists else ("pyproject.toml" if document else "setup")
    return Install((f"python -m pip install {' '.join(words)}",), by=by)


def _by_uv(folder: Path, lock: Path) -> Install:
    version = python_of(folder)
    # uv goes by a .python-version that is too old for this plugin unless it is told another.
    told = f" --python {version}" if _named_python(folder) not in ("", version) else ""
    commands = ["python -m pip install uv", f"uv sync --locked --all-extras --all-groups{told}"]
    above = len(folder.resolve().relative_to(lock.parent.resolve()).parts)
    python = f"{'../' * above}{_VENV}"
    if b'"pytest-modelpin"' not in written(lock):
        commands.append(f"uv pip install --python {python} {_OURS}")
    return Install(tuple(commands), python, "uv.lock")


def _in_venv(folder: Path, by: str, tool: str, command: str) -> Install:
    """By a tool that makes an environment in .venv, which may lack pip."""
    commands = [f"python -m pip install {tool}", command]
    if _OURS.encode() not in written(folder / by):
        commands.append(f"python -m pip --python {_VENV} install {_OURS}")
    return Install(tuple(commands), _VENV, by)


def _by_conda(name: str) -> Install:
    """In an environment in .venv; GitHub's runners have conda, at $CONDA and not on PATH."""
    made = f'"${{CONDA:+$CONDA/bin/}}conda" env create --quiet --file {name} --prefix .venv'
    return Install((made, f"{_VENV} -m pip install {_OURS}"), _VENV, name)


def _of_hatch(document: Mapping[str, Any], python: str) -> str:
    """The environment of hatch that has pytest; empty where none has, or its name can't be told.

    Of a matrix, the one for `python`: https://hatch.pypa.io/latest/config/environment/advanced/
    """
    environments = _table(document, "tool", "hatch", "envs")
    for name in sorted(environments, key=lambda name: (name not in _FOR_TESTS, name)):
        environment = _table(environments, name)
        lists = map(environment.get, ("dependencies", "extra-dependencies"))
        if not any(map(_has_pytest, lists)):
            continue
        if not (matrix := environment.get("matrix")):
            return name
        rows = [row for row in matrix if isinstance(row, dict)] if isinstance(matrix, list) else []
        if any(set(row) == {"python"} and python in row["python"] for row in rows):
            return f"{name}.py{python}"
    return ""


def _has_pytest(requirements: object) -> bool:
    rows = requirements if isinstance(requirements, list) else []
    return any(isinstance(each, str) and _NAMES_PYTEST.match(each) for each in rows)


def _packages(folder: Path, document: Mapping[str, Any]) -> list[str]:
    """What pip is told to install of the project itself."""
    words = [f"--group {name}" for name in _for_tests(_table(document, "dependency-groups"))]
    if "project" not in document:
        built = any((folder / name).is_file() for name in ("setup.py", "setup.cfg"))
        return words + (["-e ."] if built or "build-system" in document else [])
    wanted = ",".join(_for_tests(_table(document, "project", "optional-dependencies")))
    return [*words, f'-e ".[{wanted}]"' if wanted else "-e ."]


def _for_tests(groups: Mapping[str, object]) -> Iterator[str]:
    """The groups or extras for tests, by name or since they have pytest."""
    return (name for name, wanted in groups.items() if name in _FOR_TESTS or _has_pytest(wanted))


def python_of(folder: Path) -> str:
    """The version in .python-version, else the newest that what the project requires allows.

    A version that is too old for this plugin is passed over: nothing could be installed beside it.
    """
    named = _named_python(folder)
    if named and int(named.split(".")[1]) >= _OLDEST_PYTHON:
        return named
    told = list(_required(folder))
    allowed = [minor for minor in _TRIED if all(_allows(each, minor) for each in told)]
    return f"3.{allowed[0]}" if allowed else _NEWEST_PYTHON


def _named_python(folder: Path) -> str:
    """The version in .python-version; empty where none is there, or another thing than a number."""
    named = written(folder / ".python-version").decode("utf-8", "replace").strip()
    return named if re.fullmatch(r"3\.\d+(?:\.\d+)?", named) else ""


_REQUIRES = re.compile(r"""^[ \t]*python_requires\s*=\s*["']?([^"'\n]+)""", re.MULTILINE)
"""In setup.py and in setup.cfg."""


def _required(folder: Path) -> Iterator[str]:
    """What the project's files say of Python's version, each as they write it."""
    document = read_toml(folder / "pyproject.toml")
    yield str(_table(document, "project").get("requires-python", ""))
    yield str(_table(document, "tool", "poetry", "dependencies").get("python", ""))
    if version := _table(read_toml(folder / "Pipfile"), "requires").get("python_version"):
        yield f"=={version}.*"
    for name in ("setup.cfg", "setup.py"):
        if found := _REQUIRES.search(written(folder / name).decode("utf-8", "replace")):
            yield found[1].strip().rstrip(",")


_CLAUSE = re.compile(r"(\^|~=|~|==|!=|<=|>=|<|>|)3\.(\d+)(?:\.(\d+|\*))?")
"""One bound on 3.x; 4.0 and the like bound none, and a bare 3 allows every one."""


def _allows(said: str, minor: int) -> bool:
    """Whether some release of Python 3.`minor` is allowed; what can't be read allows all.

    `said` is as in `requires-python`, or as Poetry writes it: `^3.11`, `~3.11`, `>=3.9 || ^4.0`.
    """
    return any(
        all(_clause_allows(clause, minor) for clause in re.findall(r"[^\s,]+", _joined(each)))
        for each in said.split("||")
    )


def _joined(said: str) -> str:
    return re.sub(r"([<>=~^!])\s+", r"\1", said)


def _clause_allows(clause: str, minor: int) -> bool:
    found = _CLAUSE.fullmatch(clause)
    if found is None:
        return True
    told, has_patch = int(found[2]), (found[3] or "*").strip("*0") != ""
    match found[1]:
        case "<":
            return minor < told or (has_patch and minor == told)
        case "<=":
            return minor <= told
        case ">" | ">=" | "^":
            return minor >= told
        case "~=" if found[3] is None:
            return minor >= told
        case "!=":
            return minor != told or found[3] != "*"
        case _:
            return minor == told


def _nearest(folder: Path, top: Path, name: str) -> Path | None:
    """The file in `folder` or one above it, up to `top`."""
    for each in (folder, *folder.parents):
        if (each / name).is_file():
            return each / name
        if each.resolve() == top.resolve():
            break
    return None


def read_toml(path: Path) -> dict[str, Any]:
    """The document; empty where there is none, or it is no TOML."""
    try:
        return tomllib.loads(written(path).decode("utf-8"))
    except ValueError:
        return {}


def _table(document: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    """The table at `keys`; empty where there is none, or another thing than a table."""
    found: object = document
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}
