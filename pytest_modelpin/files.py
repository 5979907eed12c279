"""Writing files so that a killed process leaves the old or the new content, never half of one."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from functools import lru_cache
from pathlib import Path

# Windows refuses these as a file's stem, whatever the extension.
_RESERVED = {"con", "prn", "aux", "nul"} | {f"{d}{n}" for d in ("com", "lpt") for n in range(10)}
_UNSAFE = re.compile(r"[^A-Za-z0-9._\-\[\]=+@]")
_LONGEST_NAME = 120  # characters; leaves room for ".json" and a temporary suffix within 255 bytes


def write_atomically(path: Path, content: bytes) -> None:
    """Replace `path` by `content` in one step; parents are made.

    The temporary file lies in the same folder, because a rename is atomic only within a file
    system. Raises OSError as the operating system gives it; then `path` is as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".writing-", suffix=path.suffix)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes files private; ours belong to the repository like any other.
        temporary.chmod(_mode_for_new_files())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@lru_cache(maxsize=4096)  # each test's name is asked for when it starts and when all are done
def safe_name(name: str) -> str:
    """A file or folder name that is valid everywhere, can't leave its folder, and stays distinct.

    Names made of letters, digits and ``._-[]=+@`` come back unchanged; any other gets the unsafe
    characters replaced by ``_`` and a short hash of the original, so two names never collide.
    """
    cleaned = _UNSAFE.sub("_", name)
    # A trailing dot or space vanishes on Windows; a leading dot hides the file or climbs.
    if cleaned.startswith(".") or cleaned.endswith("."):
        cleaned = re.sub(r"^\.+|\.+$", "_", cleaned)
    if _stem(cleaned) in _RESERVED:
        cleaned = f"_{cleaned}"
    if cleaned == name and 0 < len(name) <= _LONGEST_NAME:
        return name
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:10]
    return f"{cleaned[: _LONGEST_NAME - 11]}-{digest}"


def _stem(name: str) -> str:
    return name.split(".", 1)[0].lower()


def _mode_for_new_files() -> int:
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask
