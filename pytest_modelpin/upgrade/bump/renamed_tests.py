"""Tests whose names hold the pin that moves, by a parameter that code spells out.

After the move `test_ask[gpt-4o-2024-08-06]` is `test_ask[gpt-4o-2024-11-20]`, another test to
pytest, of which nothing is recorded or accepted. What is there of it takes its new name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pytest_modelpin.files import safe_name, write_atomically
from pytest_modelpin.recordings.owner import JUDGE, Owner
from pytest_modelpin.recordings.recording_file import read, save
from pytest_modelpin.snapshot.format import parse, render
from pytest_modelpin.upgrade.bump.journal import answers, recording_folders

_TEST = re.compile(rb'"test": ("(?:[^"\\]|\\.)*")')
_BEGINNING = 4096
"""Bytes of a recording in which its test is named."""


@dataclass(frozen=True, slots=True)
class Renaming:
    """A test's recording that takes the test's new name."""

    source: Path
    target: Path
    before: str
    """The test's name in its module, as the recording has it: `module::name`."""
    after: str


def renamed_tests(
    root: Path, coming: Mapping[Path, bytes], old: str, new: str
) -> tuple[Renaming, ...]:
    """The recordings below `root`, with those `coming`, of tests whose parameters name `old`.

    Only tests that asked `new` in `old`'s place count: by others, `old` is the beginning of a
    longer id or stands in a parameter that asks nobody. What they asked beside goes with them.
    """
    named: dict[Path, str] = {}
    for path in _recorded(root):
        with path.open("rb") as file:
            named |= _named(path, file.read(_BEGINNING))
    for path, content in coming.items():
        named |= _named(path, content[:_BEGINNING])
    asking = {
        (path.parents[3], test)
        for path, test in named.items()
        if path.parents[1].name == safe_name(new) and _after(test, old, new) != test
    }
    return tuple(
        Renaming(path, _place(path, _after(test, old, new)), test, _after(test, old, new))
        for path, test in sorted(named.items())
        if (path.parents[3], test.removesuffix(JUDGE)) in asking
        and path.parents[1].name != safe_name(old)
    )


def under_present_names(coming: Mapping[Path, bytes], old: str, new: str) -> Mapping[Path, bytes]:
    """What comes back of a former pin, under the names that its tests have while `old` is the pin.

    From git history it comes under those that they had then, and will have again.
    """
    result: dict[Path, bytes] = {}
    for path, content in coming.items():
        found = _TEST.search(content[:_BEGINNING])
        test = json.loads(found[1]) if found else ""
        now = _after(test, new, old)
        if found is None or now == test:
            result[path] = content
            continue
        written = json.dumps(now, ensure_ascii=found[1].isascii()).encode()
        result[_place(path, now)] = content.replace(found[1], written, 1)
    return result


def rename(root: Path, renamings: Iterable[Renaming]) -> None:
    """Give the recordings their new names, and the accepted answers of the same tests theirs."""
    names: dict[tuple[Path, str], dict[str, str]] = {}
    for each in renamings:
        module, _, before = each.before.partition("::")
        after = each.after.partition("::")[2]
        names.setdefault((each.source.parents[3], module), {})[before] = after
        if (recording := read(each.source)) is not None:
            save(each.target, recording._replace(test=each.after))
            each.source.unlink()
    for path in answers(root):
        renamed = names.get((path.parent.parent, path.stem))
        if renamed and path.suffix == ".answers":
            accepted = parse(path.read_text("utf-8"), str(path))
            moved = {_renamed(name, renamed): answer for name, answer in accepted.items()}
            if moved.keys() != accepted.keys():
                write_atomically(path, render(moved).encode("utf-8"))


def _renamed(name: str, renamed: Mapping[str, str]) -> str:
    """A test's second answer has its name with more behind it."""
    before = next((each for each in renamed if name.startswith(each)), None)
    return name if before is None else renamed[before] + name.removeprefix(before)


def _recorded(root: Path) -> Iterable[Path]:
    return (path for folder in recording_folders(root) for path in folder.glob("*/*/*.json"))


def _named(path: Path, beginning: bytes) -> dict[Path, str]:
    found = _TEST.search(beginning)
    return {path: json.loads(found[1])} if found else {}


def _after(test: str, old: str, new: str) -> str:
    name, bracket, parameters = test.partition("[")
    return f"{name}{bracket}{parameters.replace(old, new)}"


def _place(path: Path, test: str) -> Path:
    module, _, name = test.partition("::")
    folder, version = path.parents[3], path.parents[1].name
    return path.parent / Owner(folder, module, name).file_name(version)
