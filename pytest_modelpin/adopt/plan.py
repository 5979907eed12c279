"""What `init` will do to a repository, as data, before it does any of it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Literal

from pytest_modelpin.adopt import workflows
from pytest_modelpin.adopt.logical_models import Chosen
from pytest_modelpin.adopt.pytest_settings import ini_of, with_line, without_plugin
from pytest_modelpin.adopt.repository import Project, Repository, speaks_of
from pytest_modelpin.adopt.unused_ids import is_other_language
from pytest_modelpin.errors import SITE, ModelpinError
from pytest_modelpin.files import OWN_FOLDER, TEMPORARY, plain_content, replace_unchanged
from pytest_modelpin.literals.moving import Codebase, moved
from pytest_modelpin.literals.syntax import litellm_routes
from pytest_modelpin.registry import find
from pytest_modelpin.wording import clipped, counted

SCHEMA = f"{SITE}models.schema.json"
ATTRIBUTES = (
    # No filter: of what Git LFS takes, a bump that is committed by GitHub's API has pointers alone.
    "**/__recordings__/** linguist-generated=true -filter",
    "**/__recordings__/*.answers linguist-generated=false",
    "**/__recordings__/**/*.bin binary",
)
IGNORED = (f"{OWN_FOLDER}/", TEMPORARY)
SNAPSHOT_LINE = "modelpin_snapshot = true"
"""The ini line by which syrupy's `snapshot` is taken for `model_snapshot`."""

Action = Literal["create", "append", "edit", "keep"]


@dataclass(frozen=True, slots=True)
class Step:
    """One file and what becomes of it."""

    path: str
    """From the repository's top, with `/`."""
    before: bytes | None
    """What is there; None where nothing is."""
    after: bytes

    @property
    def action(self) -> Action:
        """In a word."""
        if self.before is None:
            return "create"
        if self.before == self.after:
            return "keep"
        return "append" if self.after.startswith(self.before) else "edit"

    def diff(self) -> Iterator[str]:
        """The lines of a unified diff."""
        old, new = (_lines(text or b"") for text in (self.before, self.after))
        name = "/dev/null" if self.before is None else f"a/{self.path}"
        for line in difflib.unified_diff(old, new, name, f"b/{self.path}", lineterm=""):
            yield clipped(line, _WIDEST)


_WIDEST = 300  # characters of a line that are shown


def _lines(content: bytes) -> list[str]:
    """A file's lines as a person reads them: a notebook in one line by the lines of its cells."""
    text = content.decode("utf-8", "replace")
    if len(text) > _WIDEST * (text.count("\n") + 1):
        text = text.replace('\\n", "', '\\n",\n"')
    return text.splitlines()


def plan(
    repository: Repository,
    chosen: Mapping[Path, Sequence[Chosen]],
    jobs: Sequence[workflows.Job],
    system: workflows.System,
    action: str,
    today: date,
) -> tuple[Step, ...]:
    """The steps that bring pytest-modelpin into a repository, in the order to take them.

    `chosen` are the logical models by project folder, `jobs` the nights, `action` the released
    action. Nothing that exists is overwritten: models.yml and a workflow are kept as they are,
    other files get the lines that they lack, and code the pin in a floating id's place where
    `chosen` says so.
    """
    top = repository.top
    steps: list[Step] = []
    for project in repository.projects:
        if find(project.folder) is None:
            models = chosen.get(project.folder, ())
            # The code first: a models.yml that is there is kept, so nothing would come back to it.
            steps += _pinned_in_code(project, models, top)
            text = registry_text(models, today, SCHEMA)
            steps.append(_step(top, project.folder / "models.yml", text.encode()))
        else:
            place = find(project.folder)
            assert place is not None
            steps.append(_step(top, place))
        if project.contents.other_snapshots:
            steps.append(_ini_step(project, top, partial(without_plugin, plugin="syrupy")))
        elif project.contents.plain_snapshots:
            steps.append(_ini_step(project, top, partial(with_line, line=SNAPSHOT_LINE)))
        elif project.root_above and not project.root_above.has_settings:
            # Without it, pytest called here would look for models.yml elsewhere, and ask live.
            steps.append(_step(top, project.folder / "pytest.ini", b"[pytest]\n"))
    steps += [_with_lines(top, ".gitattributes", ATTRIBUTES)]
    steps += [_with_lines(top, ".gitignore", IGNORED)]
    steps += _nights(top, jobs, system, action)
    return tuple(steps)


def carry_out(top: Path, steps: Iterable[Step]) -> None:
    """Write what the steps say; a file is written whole or not at all.

    Raises OSError, and ModelpinError where somebody has changed a file since the plan was made.
    """
    for step in steps:
        if step.action == "keep":
            continue
        if not replace_unchanged(top / step.path, step.before, step.after):
            raise ModelpinError(
                f"{step.path} was changed after this was planned, so it is left as it is. What was "
                "written before it stays; run `pytest-modelpin init` again."
            )


def registry_text(chosen: Sequence[Chosen], today: date, schema: str) -> str:
    """A models.yml with these logical models; an example where there is none."""
    head = (
        f"# yaml-language-server: $schema={schema}\n"
        "# The versions of the models that this repository uses: the pin that users get, and the\n"
        "# candidate that is tried every night.\n"
        "models:\n"
    )
    if not chosen:
        return head + _EXAMPLE.format(today=today)
    return head + "\n".join(_entry(one, today) for one in chosen)


_EXAMPLE = """\
  # No model id was found in the code that can be a pin. Fill in the one that you use:
  gpt:
    production: gpt-5.4-mini-2026-03-17  # the pin
    staging: gpt-5.4-mini                # the candidate: an alias, or the next id to try
    introduced: "{today}"
    last_validated: "{today}"
"""


def _entry(one: Chosen, today: date) -> str:
    first = one.places[0] if one.places else ""
    more = f" and {counted(len(one.places) - 1, 'more place')}" if len(one.places) > 1 else ""
    values: Mapping[str, str | None] = {
        "production": _scalar(one.production),
        "staging": _scalar(one.staging) if one.staging else None,
        "provider": one.provider,
        "policy": "float" if one.floating or one.kept else None,
        "introduced": f'"{today}"',
        "last_validated": f'"{today}"',
    }
    lines = [f"  {one.name}:  # {first}{more}"]
    lines += [f"    {key}: {value}" for key, value in values.items() if value]
    if one.floating:
        hint = f"`pytest-modelpin resolve {one.name} --write` pins it, with a key"
        lines.insert(1, f"    # It floats: {hint}.")
    if one.kept:
        lines.insert(1, f"    # It floats, as the code keeps it: its version is {one.version}.")
    return "\n".join(lines) + "\n"


def _scalar(model: str) -> str:
    return model if re.fullmatch(r"[A-Za-z][A-Za-z0-9._/-]*", model) else f'"{model}"'


def _step(top: Path, path: Path, after: bytes | None = None) -> Step:
    """What is at `path` becomes `after`; it is kept where there is none, or where it is there."""
    before = plain_content(path)
    return Step(_from_top(top, path), before, before if before is not None else after or b"")


def _text(path: Path, content: bytes) -> str:
    """A file's content that lines are to be added to, or that is to be edited.

    Raises ModelpinError where it is no UTF-8, as PowerShell's `>` wrote files: git and pytest read
    nothing in such a file, and lines of ours at its end would spoil it.
    """
    try:
        if b"\0" not in content:
            return content.decode("utf-8")
    except UnicodeDecodeError:
        pass
    raise ModelpinError(
        f"{path.name} is not UTF-8, so its lines do nothing, and none can be added. Save it as "
        "UTF-8, and run `pytest-modelpin init` again."
    )


def _from_top(top: Path, path: Path) -> str:
    """Where a file lies: a link is followed to what it stands for, as long as that is in here."""
    place = path.parent.resolve() / path.name if _leads_out(top, path) else path.resolve()
    return place.relative_to(top.resolve()).as_posix()


def _leads_out(top: Path, path: Path) -> bool:
    """Whether a file is a link out of the repository: what is there is another's, and is kept."""
    return not path.resolve().is_relative_to(top.resolve())


def _pinned_in_code(project: Project, models: Sequence[Chosen], top: Path) -> Iterator[Step]:
    """The pin where code names the floating id that it stands for, in the files found to."""
    before: dict[Path, bytes] = {}
    after: dict[Path, bytes] = {}
    ids = (each.model.id for each in project.contents.ids)
    slashes = litellm_routes(speaks_of(project), ids)
    for one in models:
        if one.was is None:
            continue
        # As found, for git may not track them yet, or there may be no git.
        names = sorted(name for name in one.was_in if not is_other_language(name))
        code = Codebase(project.folder, names=names, slashes=slashes, written=after)
        found = moved(code, one.was, one.production)
        for path, content in found.files.items():
            before.setdefault(path, path.read_bytes())
            after[path] = content
    for path in sorted(after):
        yield Step(_from_top(top, path), before[path], after[path])


def _ini_step(project: Project, top: Path, edited: Callable[[str, tuple[str, str]], str]) -> Step:
    """What `edited` makes of the text of pytest's settings, of which `ini_of` says where."""
    of = ini_of(project.folder)
    path = project.folder / of[0]
    before = plain_content(path)
    shown = _from_top(top, path)
    if before is None:
        return Step(shown, None, edited("", of).encode())
    if _leads_out(top, path):
        return Step(shown, before, before)
    return Step(shown, before, edited(_text(path, before), of).encode())


def _nights(
    top: Path, jobs: Sequence[workflows.Job], system: workflows.System, action: str
) -> Iterator[Step]:
    place = workflows.PLACES[system]
    path = top / place
    if system == "github":
        before = plain_content(path)
        if before is None:
            yield Step(place, None, workflows.github(jobs, action).encode())
            return
        text = before.decode("utf-8", "replace")
        lacking = [job for job in jobs if not workflows.has_job(text, job)]
        ours = "Written by `pytest-modelpin init`" in text
        more = "".join(workflows.github_job(job, action, alone=False) for job in lacking)
        gap = "" if text.endswith("\n") else "\n"
        yield Step(place, before, before + f"{gap}{more}".encode() if more and ours else before)
        return
    text = workflows.gitlab(jobs) if system == "gitlab" else workflows.cron(jobs)
    yield _step(top, path, text.encode())
    if system == "gitlab":
        include = f"include:\n  - local: {place}\n"
        yield _step(top, top / ".gitlab-ci.yml", include.encode())


def _with_lines(top: Path, name: str, lines: Sequence[str]) -> Step:
    path = top / name
    before = plain_content(path)
    name = _from_top(top, path)
    if before is None:
        return Step(name, None, "".join(f"{line}\n" for line in lines).encode())
    if _leads_out(top, path):
        return Step(name, before, before)
    present = {line.strip() for line in _text(path, before).splitlines()}
    missing = [line for line in lines if line not in present]
    gap = "" if not missing or not before or before.endswith(b"\n") else "\n"
    return Step(name, before, before + (gap + "".join(f"{line}\n" for line in missing)).encode())
