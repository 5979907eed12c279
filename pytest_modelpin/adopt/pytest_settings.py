"""Which folder pytest takes for its root, and the file that its settings are in.

By pytest's own rules: https://docs.pytest.org/en/stable/reference/customize.html
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from configparser import ConfigParser
from configparser import Error as IniError
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_modelpin.literals import beginning, written

_SECTIONS = (
    ("pytest.toml", "[pytest]"),
    (".pytest.toml", "[pytest]"),
    ("pytest.ini", "[pytest]"),
    (".pytest.ini", "[pytest]"),
    ("pyproject.toml", "[tool.pytest.ini_options]"),
    ("pyproject.toml", "[tool.pytest]"),
    ("tox.ini", "[pytest]"),
    ("setup.cfg", "[tool:pytest]"),
)
"""In the order in which pytest looks; since version 9 also TOML of its own."""

_COUNT_WHEN_EMPTY = frozenset({"pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini"})


@dataclass(frozen=True, slots=True)
class RootAbove:
    """Pytest called in a project takes a folder above it for its root, and finds no models.yml."""

    by: str
    """The file that says so, from the repository's top where it lies there."""
    has_settings: bool
    """Whether that file holds settings of pytest, which an ini file of the project would hide."""


def root_above(folder: Path, top: Path) -> RootAbove | None:
    """Where the root of a pytest called in `folder` is another; None where it is the folder."""
    root, name = root_of(folder)
    if name is None or root == folder.resolve():
        return None
    path, top = root / name, top.resolve()
    by = path.relative_to(top).as_posix() if path.is_relative_to(top) else str(path)
    return RootAbove(by, _settings_in(root) is not None)


def ini_of(folder: Path) -> tuple[str, str]:
    """The file of `folder` that pytest reads its settings from, and the section; else pytest.ini.

    A file of pytest's own counts without the section, too.
    """
    return _settings_in(folder) or ("pytest.ini", "[pytest]")


def root_of(folder: Path) -> tuple[Path, str | None]:
    """The root of a pytest that is called in `folder` without arguments, and the file that says so.

    The file is None where none does: the root is then wherever pytest is called.
    """
    folder = folder.resolve()
    around = (folder, *folder.parents)
    for base in around:
        if found := _settings_in(base):
            return base, found[0]
    for name in ("pyproject.toml", "setup.py"):
        for base in around:
            if (base / name).is_file():
                return base, name
    return folder, None


def shares_settings(folder: Path) -> bool:
    """Whether pytest's settings in `folder` hold for the projects below it, too."""
    return _settings_in(folder) is not None


def _settings_in(folder: Path) -> tuple[str, str] | None:
    """The file of a folder that holds settings of pytest, and the section; None without one."""
    for name, section in _SECTIONS:
        path = folder / name
        if path.is_file() and (name in _COUNT_WHEN_EMPTY or section.encode() in beginning(path)):
            return name, section
    return None


def names_of_tests(folder: Path) -> tuple[str, ...]:
    """How files of tests are called in `folder`: by pytest's ini value, else by its default; and
    what else `addopts` has it collect.
    """
    root = root_of(folder)[0]
    name, section = ini_of(root)
    path, section = root / name, section.strip("[]")
    listed = _words(_ini_value(path, section, "python_files")) or ("test_*.py", "*_test.py")
    options = _words(_ini_value(path, section, "addopts"))
    more = [called for option, called in _COLLECTING.items() if option in options]
    return tuple(dict.fromkeys((*listed, *more)))


_COLLECTING = {
    "--nbmake": "*.ipynb", "--nbval": "*.ipynb", "--nbval-lax": "*.ipynb",
    "--doctest-modules": "*.py",
}  # fmt: skip
"""Options by which pytest, or a plugin of its, runs other files than those of tests."""


def _words(said: str | Sequence[object]) -> tuple[str, ...]:
    return tuple(said.split() if isinstance(said, str) else map(str, said))


def _ini_value(path: Path, section: str, name: str) -> str | Sequence[object]:
    """A value of an ini file of pytest's; empty where it has none or can't be read."""
    try:
        text = written(path).decode("utf-8")
        if path.suffix != ".toml":
            ini = ConfigParser(interpolation=None, strict=False)
            ini.read_string(text)
            return ini.get(section, name, fallback="")
        found: Any = tomllib.loads(text)
        for key in section.split("."):
            found = found.get(key, {})
        value = found.get(name, "")
        return value if isinstance(value, (str, list)) else ""
    except (OSError, ValueError, AttributeError, IniError):
        return ""


def with_line(text: str, of: tuple[str, str], line: str) -> str:
    """The text of a file of settings with the line first in its section, unless it has its key.

    `of` are the file's name and the section, as `ini_of` gives them.
    """
    section = of[1]
    key = line.partition("=")[0].strip()
    ending = "\r\n" if "\r\n" in text else "\n"
    head, found, rest = text.partition(section)
    if not found:
        gap = "" if text.endswith("\n") or not text else ending
        return f"{text}{gap}{ending if text else ''}{section}{ending}{line}{ending}"
    if re.search(rf"^{key}\s*=", _within(rest), re.MULTILINE):
        return text
    here, end, rest = rest.partition("\n")
    return f"{head}{section}{here}{end or ending}{line}{ending}{rest}"


def without_plugin(text: str, of: tuple[str, str], plugin: str) -> str:
    """The same with a plugin left out by `addopts`."""
    name, section = of
    if f"no:{plugin}" in text:
        return text
    option, listed = f"-p no:{plugin}", f'"-p", "no:{plugin}"'
    head, found, rest = text.partition(section)
    said = re.search(r"^addopts\s*=[^\S\n]*(\[|\"{3}|'{3}|[\"']|)", _within(rest), re.MULTILINE)
    if found and said:
        words = f"{listed}, " if said[1] == "[" else f"{option} "
        return f"{head}{section}{rest[: said.end()]}{words}{rest[said.end() :]}"
    if not name.endswith(".toml"):
        return with_line(text, of, f"addopts = {option}")
    as_text = section == "[tool.pytest.ini_options]"
    return with_line(text, of, f'addopts = "{option}"' if as_text else f"addopts = [{listed}]")


def _within(rest: str) -> str:
    """Of what follows a section's name, the section."""
    return re.split(r"^\[", rest, maxsplit=1, flags=re.MULTILINE)[0]
