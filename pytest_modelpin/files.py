"""Files: written so that a killed process leaves the old or the new content, never half of one;
named so that every file system takes it; and looked at where a test has put a fake file system, or
mocks, in the place of the real one.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from functools import lru_cache
from importlib.util import cache_from_source
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

# Windows refuses these as a file's stem, whatever the extension.
_RESERVED = {"con", "prn", "aux", "nul"} | {f"{d}{n}" for d in ("com", "lpt") for n in range(10)}
_UNSAFE = re.compile(r"[^A-Za-z0-9._\-\[\]=+@]")
_LONGEST_NAME = 120  # characters; leaves room for ".json" and a temporary suffix within 255 bytes

OWN_FOLDER = ".pytest_modelpin"
"""Where runs and commands keep what nobody commits, in the folder that is tested."""
MOVE_JOURNAL = Path(OWN_FOLDER, "move.json")
"""The journal of a pin's move that is under way, or was broken off."""

TEMPORARY = ".writing-*.tmp"
"""What a file is called while it is being written, as a line of `.gitignore` has it."""
_STALE = 3600  # seconds; a write takes milliseconds
_swept: set[Path] = set()


def write_atomically(path: Path, content: bytes) -> None:
    """Replace `path` by `content` in one step; parents are made.

    The temporary file lies in the same folder, because a rename is atomic only within a file
    system. Raises OSError that names `path`, whichever step failed (a full disk, a read-only
    folder); then `path` is as it was. What a killed process left behind in the folder is swept.

    A device, a pipe and a stream such as /dev/stdout are written to instead, and stay: as root,
    which containers often are, they could be replaced.
    """
    try:
        if _is_stream(path):
            _write_into(path, content)
        else:
            _write(path, content)
        if path.suffix == ".py":
            _forget_byte_code(path)
    except OSError as error:
        # Of a full disk the system names no file, and else the temporary one, which says nothing.
        if error.errno is None:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from None


def plain_content(path: Path) -> bytes | None:
    """What a file holds; None where there is none.

    Raises OSError, for a folder, a device and a pipe, too, which would be read without end.
    """
    try:
        return read_bytes(path)
    except (FileNotFoundError, NotADirectoryError):
        return None


def named_content(path: Path) -> bytes:
    """What a file holds that a user has named, or a pipe that somebody writes to: `<(zcat log)`.

    Raises OSError, for a folder, a device, and a pipe without a writer, too: opened as any file it
    would wait without end.
    """
    descriptor = os.open(path, _TO_READ | _NOT_WAITING)
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISREG(mode):
            return file.readall()
        if not stat.S_ISFIFO(mode):
            raise OSError(errno.EINVAL, "it is no plain file", str(path))
        first = file.read(_PIECE)  # None: somebody is about to write
        if first == b"":
            raise OSError(errno.EPIPE, "it is a pipe that nobody writes to", str(path))
        os.set_blocking(descriptor, True)
        return (first or b"") + file.readall()


def replace_unchanged(path: Path, before: bytes | None, after: bytes) -> bool:
    """Write `after` where the file still holds `before` (None: where there still is none).

    False where somebody has changed it since it was read: their work stays. Raises OSError.
    """
    if (path.read_bytes() if path.is_file() else None) != before:
        return False
    write_atomically(path, after)
    return True


def _forget_byte_code(path: Path) -> None:
    """Remove what was compiled of a module, by Python or by pytest.

    Both take it for fresh where the module's size and its second of change are the same, and an id
    often gives way to one of equal length.
    """
    with suppress(FileNotFoundError):
        for compiled in Path(cache_from_source(path)).parent.iterdir():
            if compiled.suffix == ".pyc" and compiled.name.startswith(f"{path.stem}."):
                compiled.unlink(missing_ok=True)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    prefix, suffix = TEMPORARY.split("*")
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=prefix, suffix=suffix)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes files private; ours belong to the repository like any other.
        temporary.chmod(_mode_of(path))
        _sweep(path.parent, temporary)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _is_stream(path: Path) -> bool:
    """Whether there is nothing to replace: what a process has open, or no plain file."""
    try:
        mode = path.stat().st_mode
        leads_to = path.parent / path.readlink() if path.is_symlink() else path
    except OSError:
        return False
    if stat.S_ISREG(mode):  # `/dev/stdout` of `command > file`
        return leads_to.parent.resolve().parts[1:2] == ("proc",)
    return not stat.S_ISDIR(mode)


def _write_into(path: Path, content: bytes) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | _NOT_WAITING)
    except OSError as error:
        if error.errno == errno.ENXIO:
            raise OSError(error.errno, "it is a pipe that nobody reads", str(path)) from None
        raise
    with os.fdopen(descriptor, "wb") as file:
        if _NOT_WAITING:
            os.set_blocking(descriptor, True)
        file.write(content)


def is_temporary(name: str) -> bool:
    """Whether a file of this name is what a killed process was writing, and nothing to be read."""
    prefix, suffix = TEMPORARY.split("*")
    return name.startswith(prefix) and name.endswith(suffix)


def _sweep(folder: Path, ours: Path) -> None:
    """Remove the folder's stale temporary files; looked for once a process.

    Their age is told from the file just written, not from a clock, which tests may freeze.
    """
    if folder in _swept:
        return
    _swept.add(folder)
    now = ours.stat().st_mtime
    with os.scandir(folder) as entries:
        names = [entry.name for entry in entries if is_temporary(entry.name)]
    for name in names:
        with suppress(OSError):  # another process was quicker, or still holds it
            if now - (folder / name).stat().st_mtime > _STALE:
                (folder / name).unlink()


@lru_cache(maxsize=4096)  # each test's name is asked for when it starts and when all are done
def safe_name(name: str, *, longest: int = _LONGEST_NAME, any_case: bool = False) -> str:
    """A file or folder name that is valid everywhere, can't leave its folder, and stays distinct.

    Names made of letters, digits and ``._-[]=+@`` come back unchanged; any other gets the unsafe
    characters replaced by ``_`` and a short hash of the original, so two names never collide.
    With `any_case` a name with capitals gets the hash, too: macOS and Windows take two names for
    one that differ in nothing else. A name of more than `longest` characters is cut, with a hash.
    """
    cleaned = _UNSAFE.sub("_", name)
    # A trailing dot or space vanishes on Windows; a leading dot hides the file or climbs.
    if cleaned.startswith(".") or cleaned.endswith("."):
        cleaned = re.sub(r"^\.+|\.+$", "_", cleaned)
    if _stem(cleaned) in _RESERVED:
        cleaned = f"_{cleaned}"
    distinct = not any_case or name == name.lower()
    if cleaned == name and distinct and 0 < len(name) <= longest:
        return name
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:10]
    return f"{cleaned[: longest - 11]}-{digest}"


def relative_path(path: Path, folder: Path) -> str:
    """The way to `path` from `folder`, upwards too, with `/` on every system.

    Where none leads there, from one drive of Windows to another, it is the whole path.
    """
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:
        return path.resolve().as_posix()


def _stem(name: str) -> str:
    return name.split(".", 1)[0].lower()


def _mode_of(path: Path) -> int:
    """The permissions that the file has, a script's right to run among them; else a new one's."""
    with suppress(OSError):
        there = path.lstat().st_mode
        if stat.S_ISREG(there):
            return there & 0o777
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask


# Behind a test's fake file system

_open, _read, _close, _access = os.open, os.read, os.close, os.access
_stat, _stat_of_open = os.stat, os.fstat
_list, _working_folder = os.listdir, os.getcwd
"""As they were when this was imported: a test may patch `open`, `Path.open`, `os.stat` and the like
around its question, and what is looked at while it runs is looked at by these."""

_TO_READ = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
_NOT_WAITING = getattr(os, "O_NONBLOCK", 0)  # for whoever is at a pipe's other end
_PIECE = 2**20  # bytes


def read_bytes(path: Path, most: int = -1) -> bytes:
    """A plain file's content, or its first bytes. Raises OSError, also for a pipe and a device."""
    file = _open(path, _TO_READ | _NOT_WAITING)  # half the time of `open`: a suite reads thousands
    try:
        if not stat.S_ISREG(_stat_of_open(file).st_mode):
            raise OSError(errno.EINVAL, "it is no plain file", str(path))
        if most >= 0:
            return _read(file, most)
        content = _read(file, _PIECE)
        while piece := _read(file, _PIECE):
            content += piece
        return content
    finally:
        _close(file)


def status(path: Path) -> os.stat_result:
    """What the system knows of a file. Raises OSError."""
    return _stat(path)


def is_file(path: Path) -> bool:
    """Whether there is a file."""
    return stat.S_ISREG(_mode(path))


def is_dir(path: Path) -> bool:
    """Whether there is a folder."""
    return stat.S_ISDIR(_mode(path))


def exists(path: Path) -> bool:
    """Whether there is anything."""
    return _mode(path) != 0


def names_in(folder: Path) -> list[str]:
    """What lies in a folder, in no order; nothing where it can't be looked into."""
    try:
        return _list(folder)
    except OSError:
        return []


def from_here(path: Path) -> str:
    """The path as it is shown, with `/` on every system: from the working folder, or whole."""
    here = Path(_working_folder())
    return (path.relative_to(here) if path.is_relative_to(here) else path).as_posix()


def is_writable(path: Path) -> bool:
    """Whether this process may write to it."""
    return _access(path, os.W_OK)


def _mode(path: Path) -> int:
    try:
        return _stat(path).st_mode
    except (OSError, ValueError):
        return 0


_AS_THEY_ARE = nullcontext()


def real_files() -> AbstractContextManager[None]:
    """Files in a block of this are real ones, and may be looked at within an event loop.

    pyfakefs, if it is at work, pauses: it replaces the functions that open files in every module,
    ours too, so that a recording would be looked for among the test's made-up files. blockbuster
    fails a test whose code blocks its loop by looking at files; replaying is none of that code.
    """
    pyfakefs = sys.modules.get("pyfakefs.fake_filesystem_unittest")
    patcher = pyfakefs.Patcher.PATCHER if pyfakefs is not None else None
    if patcher is not None and getattr(patcher, "_paused", False):
        patcher = None
    loop = _watched_loop()
    return _AS_THEY_ARE if patcher is loop is None else _real(patcher, loop)


def _watched_loop() -> AbstractEventLoop | None:
    """The event loop that runs here, where blockbuster looks for what blocks it."""
    if "blockbuster" not in sys.modules:
        return None
    from asyncio import _get_running_loop

    return _get_running_loop()


@contextmanager
def _real(patcher: Any, loop: AbstractEventLoop | None) -> Iterator[None]:
    if patcher is not None:
        patcher.pause()
    if loop is not None:
        from asyncio import _set_running_loop

        _set_running_loop(None)
    try:
        yield
    finally:
        if loop is not None:
            _set_running_loop(loop)
        if patcher is not None:
            patcher.resume()
