"""What the pins say where no test keeps an accepted answer: one file to read for each test module,
`__recordings__/<module>.answers`, beside the recordings that it is made from.

Nothing is held to it. It is there for the diff of a move: recordings are named after a version, so
that theirs is old files gone and new ones come, and nobody reads them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.files import safe_name
from pytest_modelpin.providers.wire import JSON
from pytest_modelpin.recordings.exchange import Exchange
from pytest_modelpin.recordings.owner import JUDGE
from pytest_modelpin.recordings.recording_file import read
from pytest_modelpin.redaction.written import write_redacted
from pytest_modelpin.registry import Pins
from pytest_modelpin.report.comparison_text import spoken
from pytest_modelpin.snapshot import FILE_EXTENSION
from pytest_modelpin.snapshot.format import Accepted, accept, parse, render
from pytest_modelpin.upgrade.bump.journal import answers_to_read, recording_folders


def write_readable(root: Path, versions: Sequence[str]) -> None:
    """Bring the files below `root` up to date with what is recorded of `versions`.

    A test with an accepted answer is left out: that one is read already. Raises OSError.
    """
    wanted = {
        folder / f"{module}.{FILE_EXTENSION}": answers
        for folder in recording_folders(root)
        for module, answers in _by_module(folder, versions).items()
    }
    for path in answers_to_read(root):
        if path not in wanted:
            path.unlink()
    for path, answers in wanted.items():
        text = render(answers)
        if not path.is_file() or path.read_bytes() != text.encode():
            write_redacted(path, text)


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
    return {module: answers for module, answers in found.items() if answers}


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
