"""What `init` will do to a repository, as data, before it does any of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pytest_modelpin.adopt.content import WORKFLOW, registry_text
from pytest_modelpin.files import TEMPORARY, write_atomically
from pytest_modelpin.registry import PLACES

ATTRIBUTES = ("**/__recordings__/** linguist-generated=true",)
IGNORED = (".pytest_modelpin/", TEMPORARY)
WORKFLOW_PLACE = ".github/workflows/model-nightly.yml"


@dataclass(frozen=True, slots=True)
class Step:
    """One file and what becomes of it."""

    path: str
    """From the repository's root, with `/`."""
    action: Literal["create", "append", "keep"]
    content: str = ""
    """The whole of a new file, or what is appended; empty where the file is kept."""


def plan(root: Path, ids: Iterable[str]) -> tuple[Step, ...]:
    """The steps that bring pytest-modelpin into `root`; `ids` are the model ids in its code.

    A file that exists is never overwritten: models.yml and the workflow are then kept as they are,
    and the two git files only get the lines that they lack.
    """
    existing = next((place for place in PLACES if (root / place).is_file()), None)
    registry = (
        Step(existing, "keep")
        if existing
        else Step(PLACES[0], "create", registry_text(sorted(set(ids))))
    )
    workflow = (
        Step(WORKFLOW_PLACE, "keep")
        if (root / WORKFLOW_PLACE).exists()
        else Step(WORKFLOW_PLACE, "create", WORKFLOW)
    )
    return (
        registry,
        workflow,
        _with_lines(root, ".gitattributes", ATTRIBUTES),
        _with_lines(root, ".gitignore", IGNORED),
    )


def carry_out(root: Path, steps: Sequence[Step]) -> None:
    """Write what the steps say. Raises OSError; a file is written whole or not at all."""
    for step in steps:
        path = root / step.path
        if step.action == "create":
            write_atomically(path, step.content.encode())
        elif step.action == "append":
            write_atomically(path, path.read_bytes() + step.content.encode())


def _with_lines(root: Path, name: str, lines: Sequence[str]) -> Step:
    path = root / name
    if not path.exists():
        return Step(name, "create", "".join(f"{line}\n" for line in lines))
    text = path.read_bytes().decode("utf-8", "replace")
    present = {line.strip() for line in text.splitlines()}
    missing = [line for line in lines if line not in present]
    if not missing:
        return Step(name, "keep")
    gap = "" if not text or text.endswith("\n") else "\n"
    return Step(name, "append", gap + "".join(f"{line}\n" for line in missing))
