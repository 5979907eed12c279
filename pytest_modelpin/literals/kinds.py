"""Which files may name a model, and how each is read: one table for finding and for moving."""

from __future__ import annotations

import os
import re
from typing import Literal

from pytest_modelpin.registry import PLACES

Kind = Literal["python", "notebook", "code", "terraform", "settings", "shell", "dockerfile"]

LARGEST = 2_000_000
"""Bytes; a larger file is data or generated, not written."""

OUR_FOLDERS = frozenset({"__recordings__", "__snapshots__", ".pytest_modelpin"})

_LOCK_FILES = frozenset({"package-lock.json", "pnpm-lock.yaml", "uv.lock", "poetry.lock"})

_KINDS: dict[str, Kind] = {
    **dict.fromkeys((".py", ".pyi"), "python"),
    ".ipynb": "notebook",
    **dict.fromkeys(
        (".js", ".jsx", ".ts", ".tsx", ".mjs", ".cjs", ".mts", ".cts", ".json", ".vue", ".svelte"),
        "code",
    ),
    **dict.fromkeys((".go", ".java", ".kt", ".cs", ".rs", ".swift", ".php", ".scala"), "code"),
    **dict.fromkeys((".tf", ".tfvars", ".hcl", ".rb"), "terraform"),
    **dict.fromkeys((".yml", ".yaml", ".toml", ".cfg", ".ini", ".conf", ".env"), "settings"),
    **dict.fromkeys((".sh", ".bash", ".zsh"), "shell"),
    ".dockerfile": "dockerfile",
}  # fmt: skip
"""By extension."""

_DOCKERFILE = re.compile(r"(?:Dockerfile|Containerfile)(?:\..+)?", re.IGNORECASE)


def kind_of(path: str) -> Kind | None:
    """How the file at `path` (from the repository's root, with `/`) is read; None: it is not.

    models.yml, recordings and snapshots are not: ids belong there.
    """
    *folders, name = path.split("/")
    if path in PLACES or name in _LOCK_FILES or OUR_FOLDERS.intersection(folders):
        return None
    if name.startswith(".env"):
        return "settings"
    if _DOCKERFILE.fullmatch(name):
        return "dockerfile"
    return _KINDS.get(os.path.splitext(name)[1].lower())  # noqa: PTH122
