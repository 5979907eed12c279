"""What tests keep of a pin that moves, in files that move with it: of tests whose names hold the
pin, and of those that have no accepted answer.

A parameter that code spells out may be the pin. After the move `test_ask[gpt-4o-2024-08-06]` is
`test_ask[gpt-4o-2024-11-20]`, another test to pytest, of which nothing is recorded or accepted.
What is there of it takes its new name.

And what the pins say where no test keeps an accepted answer is in one file to read for each test
module, `__recordings__/<module>.answers`, beside the recordings that it is made from. Nothing is
held to it. It is there for the diff of a move: recordings are named after a version, so that theirs
is old files gone and new ones come, and nobody reads them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.files import safe_name, write_atomically
from pytest_modelpin.providers.wire import JSON
from pytest_modelpin.recordings.exchange import Exchange
from pytest_modelpin.recordings.owner import JUDGE, Owner
from pytest_modelpin.recordings.recording_file import read, remove, save
from pytest_modelpin.redaction.written import write_redacted
from pytest_modelpin.registry import Pins
from pytest_modelpin.report.comparison_text import spoken
from pytest_modelpin.snapshot import FILE_EXTENSION
from pytest_modelpin.snapshot.format import Accepted, accept, parse, render
from pytest_modelpin.upgrade.bump.version_files import (
    answers,
    answers_to_read,
    recording_folders,
)

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
            remove(each.source)
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


def write_readable(root: Path, versions: Sequence[str]) -> None:
    """Bring the files below `root` up to date with what is recorded of `versions`.

    A test with an accepted answer is left out: that one is read already. Raises OSError.
    """
    wanted = {
        folder / f"{module}.{FILE_EXTENSION}": said
        for folder in recording_folders(root)
        for module, said in _by_module(folder, versions).items()
    }
    for path in answers_to_read(root):
        if path not in wanted:
            path.unlink()
    for path, said in wanted.items():
        text = render(said)
        if not path.is_file() or path.read_bytes() != text.encode():
            write_redacted(path, text)


def refresh_readable(root: Path, versions: Sequence[str]) -> None:
    """As `write_readable`, where such files are kept. Raises ModelpinError if a file refuses it."""
    kept = answers_to_read(root)
    try:
        if kept:
            write_readable(root, versions)
    except OSError as error:
        raise ModelpinError(
            f"{error.filename or kept[0].parent} can't be written: {error.strerror}. Make its "
            "folder writable, and run `pytest-modelpin record`: it brings the file up to date."
        ) from None


def in_force(pins: Pins, moved: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """The pins, in the order of models.yml; `moved` has those that have just changed, by name."""
    return tuple((moved or {}).get(model.name) or model.pin for model in pins.models.values())


def _by_module(folder: Path, versions: Sequence[str]) -> dict[str, dict[str, Accepted]]:
    found: dict[str, dict[str, Accepted]] = {}
    for version in dict.fromkeys(map(safe_name, versions)):
        for path in sorted((folder / version).glob("*/*.json")):
            try:
                recording = read(path)
            except ModelpinError:
                continue  # who replays it is told that it is torn
            if recording is None or recording.test.endswith(JUDGE):
                continue
            test = recording.test.partition("::")[2] or recording.test
            if test in _kept(folder, recording.test):
                continue
            module = found.setdefault(path.parent.name, {})
            module.update(_numbered(test, _first_sample(recording.exchanges), module))
    return {module: said for module, said in found.items() if said}


def _kept(folder: Path, test: str) -> set[str]:
    """Names of the module's tests that have an accepted answer."""
    module = test.partition("::")[0]
    path = folder.parent / "__snapshots__" / f"{module}.{FILE_EXTENSION}"
    try:
        names = parse(path.read_text("utf-8"), str(path))
    except (OSError, ValueError, ModelpinError):
        return set()
    return {name.rpartition(".")[0] if name.rpartition(".")[2].isdigit() else name
            for name in names}  # fmt: skip


def _first_sample(exchanges: Iterable[Exchange]) -> list[JSON]:
    replies = [exchange.reply() for exchange in exchanges if exchange.sample == 1]
    return [_structured(said) for said in map(spoken, replies) if said]


def _structured(said: str) -> JSON:
    """JSON as its value, which is laid out over lines; any other text as it stands."""
    try:
        value: JSON = json.loads(said)
    except (ValueError, RecursionError):
        return said
    return value if isinstance(value, dict | list) else said


def _numbered(
    test: str, answers: Iterable[JSON], taken: Mapping[str, Accepted]
) -> dict[str, Accepted]:
    """By name: the first has the test's own, the next a number behind it."""
    named: dict[str, Accepted] = {}
    number = 0
    for answer in answers:
        while (name := f"{test}.{number}" if number else test) in {**taken, **named}:
            number += 1
        named[name] = accept(answer)
    return named
