"""Projects below that have a models.yml of their own, as packages of a workspace do.

What is run here is not theirs: their pins are not looked at, and what their tests recorded is not
replayed.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from pytest_modelpin.adopt.finding import Finding
from pytest_modelpin.adopt.repository import Project
from pytest_modelpin.literals import is_registry, written
from pytest_modelpin.registry import PLACES, Pins
from pytest_modelpin.wording import plural, some

_PLACES = sorted((f"/{place}" for place in PLACES), key=len, reverse=True)


def projects_below(project: Project, pins: Pins) -> Iterator[Finding]:
    """That there are such projects, and where to run `doctor` for them."""
    mine = pins.path.resolve()
    folders = sorted(
        {
            path.removesuffix(next(place for place in _PLACES if path.endswith(place)))
            for path in project.paths
            if path.endswith("/models.yml")
            and is_registry(path, written(project.folder / path))
            and (project.folder / path).resolve() != mine
        }
    )
    if folders:
        have = plural(len(folders), "has a models.yml of its own", "have a models.yml each")
        said = f"{some(folders, 3)} {have}, which this does not look at"
        cure = f"Run it there, too: `cd {shlex.quote(folders[0])} && pytest-modelpin doctor`."
        yield Finding("note", "models.yml below", said, cure)
