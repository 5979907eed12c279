"""Prompts that belong to a model version: `prompts/<task>/<version>.md`, else `default.md`."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

_FENCE = "---"


@dataclass(frozen=True)
class Prompt:
    """A prompt's text, with what stands in its front matter."""

    text: str
    name: str
    """`<task>/<file>`, without the ending."""
    meta: dict[str, Any]
    hash: str
    """The first 12 hex digits of the text's SHA-256: equal texts have equal hashes."""

    def __str__(self) -> str:
        return self.text


def read_prompt(folder: Path, task: str, id: str) -> Prompt:
    """The prompt of a task for a model id.

    Raises FileNotFoundError whose text names the places looked at; ValueError where the front
    matter is no mapping.
    """
    for part in (task, id):
        if not part or part.startswith(".") or any(c in part for c in "\\\0") or ".." in part:
            raise ValueError(f"{part!r} can't be part of a prompt's path")
    looked = [
        folder / task / f"{id.replace('/', '_').replace(':', '_')}.md",
        folder / task / "default.md",
    ]
    for path in looked:
        try:
            found = path.stat()
            stamp = found.st_mtime_ns, found.st_size, found.st_ino
            known = _read.get(path)
            if known is None or known[0] != stamp:
                _read[path] = known = stamp, _made(path, task)
            prompt = known[1]
            _asked_for[prompt.name] = prompt.hash
            return prompt
        except (FileNotFoundError, NotADirectoryError):
            continue
    raise FileNotFoundError(f"No prompt for {task!r}: looked for {looked[0]} and {looked[1]}")


_read: dict[Path, tuple[tuple[int, int, int], Prompt]] = {}
"""What was read, with the file's time, size and inode then: a prompt is asked for at every request,
and an edit is seen at the next."""


_asked_for: dict[str, str] = {}


def taken() -> dict[str, str]:
    """Names and hashes of the prompts asked for since this was last called: for run reports."""
    found = dict(_asked_for)
    _asked_for.clear()
    return found


def _made(path: Path, task: str) -> Prompt:
    meta, text = _parted(path.read_text("utf-8"), path)
    digest = sha256(text.encode()).hexdigest()[:12]
    return Prompt(text, f"{task}/{path.stem}", meta, digest)


def _parted(content: str, path: Path) -> tuple[dict[str, Any], str]:
    lines = content.splitlines(keepends=True)
    if not lines or lines[0].rstrip() != _FENCE:
        return {}, content
    for at, line in enumerate(lines[1:], start=1):
        if line.rstrip() == _FENCE:
            import yaml

            meta = yaml.safe_load("".join(lines[1:at])) or {}
            if not isinstance(meta, dict):
                raise ValueError(f"{path}: what stands between the `---` lines is no mapping")
            return meta, "".join(lines[at + 1 :]).lstrip("\n")
    return {}, content
