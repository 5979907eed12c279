"""The few things an upgrade asks of git, and a move as a branch of the local repository."""

from __future__ import annotations

import filecmp
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path

from pytest_modelpin.errors import ModelpinError, UpgradeError
from pytest_modelpin.files import is_temporary, relative_path
from pytest_modelpin.forge.branches import beside_another
from pytest_modelpin.locks import lock_file
from pytest_modelpin.recordings.owner import FOLDER
from pytest_modelpin.redaction.redact import redact
from pytest_modelpin.run_git import run_git

_PREFIX = "modelpin-bump-"
_LOCK = "lock"
"""Held for as long as the tree's process lives."""


def git(folder: Path, *arguments: str) -> str:
    """What `git …` prints in `folder`. Raises UpgradeError with what git said."""
    return git_bytes(folder, *arguments).decode("utf-8", "surrogateescape")


def git_bytes(folder: Path, *arguments: str, told: bytes = b"") -> bytes:
    """What `git …` prints, byte for byte, with `told` on its input.

    Raises UpgradeError with what git said.
    """
    try:
        done = run_git(folder, *arguments, told=told)
    except FileNotFoundError:
        raise UpgradeError("git is not installed; moving a pin as a commit needs it.") from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip() or f"exit code {done.returncode}"
        raise UpgradeError(f"`git {' '.join(arguments[:2])}` failed in {folder}: {said}")
    return done.stdout


def top(folder: Path) -> Path:
    """The repository's root folder. Raises UpgradeError outside of one or without a commit."""
    try:
        root = Path(git(folder, "rev-parse", "--show-toplevel").strip())
        git(folder, "rev-parse", "--verify", "HEAD")
    except UpgradeError as error:
        if "dubious ownership" in str(error):
            raise UpgradeError(
                f"{folder} belongs to another user, as in a container's job, so that git does not "
                "look into it. Run "
                f"`git config --global --add safe.directory {folder.resolve()}` before."
            ) from None
        raise UpgradeError(
            f"{folder} is not a git repository with a commit; a bump is a commit on top of one. "
            "Run `git init` and commit your tests first, or move the pin in place with "
            "`pytest-modelpin promote NAME`."
        ) from None
    return root


def from_top(folder: Path, path: Path) -> str:
    """Where `path` is, from the root of `folder`'s repository, with `/`. Raises as `top` does."""
    whole, root = path.resolve(), top(folder).resolve()
    return relative_path(whole, root)


def commit(folder: Path) -> str:
    """Short id of the commit that is checked out; empty where there is none, or no git."""
    try:
        return git(folder, "rev-parse", "--short", "HEAD").strip()
    except (UpgradeError, OSError):
        return ""


def branch(folder: Path) -> str | None:
    """The branch that is checked out; None where HEAD is detached."""
    name = git(folder, "rev-parse", "--abbrev-ref", "HEAD").strip()
    return None if name == "HEAD" else name


KEPT = frozenset({FOLDER, "__snapshots__"})
"""The folders that runs write: what was answered, and what is accepted of it."""


def uncommitted(folder: Path) -> list[str]:
    """Tracked files with changes, but for recordings and snapshots, which runs write."""
    lines = git(folder, "status", "--porcelain", "--untracked-files=no", "-z").split("\0")
    paths = [line[3:] for line in lines if len(line) > 3]
    return [path for path in paths if KEPT.isdisjoint(Path(path).parts)]


def changes(folder: Path) -> dict[str, bytes | None]:
    """What an upgrade changed, by path from the root: the new content, None where deleted.

    The content is what git keeps, not what lies in the folder: line ends and filters may differ.

    Tracked files, and new ones in the two folders that are ours, be it that `.gitignore` covers
    them: without them nobody could replay the new pin. Whatever else the tests left behind
    (caches, byte code, half-written files) is no part of an upgrade.
    """
    git(folder, "add", "--update")
    # File by file: beside a folder, git 2.39 takes `:(exclude)…` for all of it now and then, since
    # it reads past the end of a pattern that is shorter than the folder's path.
    ours = [
        file.relative_to(folder).as_posix()
        for name in sorted(KEPT)
        for found in folder.rglob(name)
        if not found.is_symlink()
        for file in found.rglob("*")
        if file.is_file() and not is_temporary(file.name)
    ]
    git_bytes(folder, "update-index", "--add", "-z", "--stdin", told=os.fsencode("\0".join(ours)))
    listing = git(folder, "diff", "--cached", "--no-renames", "--raw", "--no-abbrev", "-z", "HEAD")
    fields = listing.split("\0")
    # Each entry: `:mode mode id id status`, of before and after.
    after = {path: meta.split() for meta, path in zip(fields[0::2], fields[1::2], strict=False)}
    kept = {path: meta[3] for path, meta in after.items() if meta[4] != "D"}
    contents = _blobs(folder, sorted(set(kept.values())))
    return {path: contents[kept[path]] if path in kept else None for path in after}


def committed(folder: Path, commit: str, wanted: Callable[[str], bool]) -> dict[str, bytes]:
    """What git keeps of a commit's plain files, by path from the root, of those that are wanted.

    Not by `git archive`, which leaves out what .gitattributes keeps from releases.
    """
    listing = git(folder, "ls-tree", "-r", "-z", "--full-tree", commit).split("\0")
    entries = (entry.partition("\t") for entry in listing)
    ids = {path: meta.split()[2] for meta, _, path in entries if meta[:3] == "100" and wanted(path)}
    contents = _blobs(folder, sorted(set(ids.values())))
    return {path: contents[id_] for path, id_ in ids.items()}


def _blobs(folder: Path, ids: Sequence[str]) -> dict[str, bytes]:
    """The contents that git keeps under these ids, read by one process."""
    stream = BytesIO(git_bytes(folder, "cat-file", "--batch", told="\n".join(ids).encode()))
    contents = {}
    for id_ in ids:
        size = int(stream.readline().split()[2])
        contents[id_] = stream.read(size)
        stream.read(1)  # the line's end behind each
    return contents


@contextmanager
def worktree(folder: Path) -> Iterator[Path]:
    """A second working tree of HEAD in a temporary folder; gives the place of `folder` in it.

    The user's own tree stays as it is, whatever is tried in the second one; what git does not keep
    of it is linked (see `_link_the_rest`). Trees that a process left behind when it was killed are
    taken away first.
    """
    root = top(folder)
    sweep_worktrees(root)
    with tempfile.TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True) as temporary:
        tree = Path(temporary) / "tree"
        with lock_file(Path(temporary) / _LOCK):
            try:
                unfiltered = _unfiltered(root)
                git(root, *unfiltered, "worktree", "add", "--quiet", "--detach", str(tree), "HEAD")
                if unfiltered:
                    _copy_filtered(root, tree)
                _link_the_rest(root, tree)
                yield tree / folder.resolve().relative_to(root.resolve())
            except ModelpinError as error:  # names what is gone by the time that it is read
                error.args = (str(error).replace(str(tree), str(root)), *error.args[1:])
                raise
            finally:
                _remove_worktree(root, tree)


def _unfiltered(root: Path) -> list[str]:
    """Options by which git checks out what it keeps, past all filters of .gitattributes.

    Git LFS's would fetch each file anew, without the password of the checkout, and git-crypt's
    wants its key; where one fails there is no tree at all, and so no bump.
    """
    found = git(root, "config", "--list", "--name-only", "-z").split("\0")
    names = {key.rpartition(".")[0] for key in found if key.startswith("filter.")}
    ways = ("smudge=", "process=", "required=false")
    return [part for name in sorted(names) for way in ways for part in ("-c", f"{name}.{way}")]


def _copy_filtered(root: Path, tree: Path) -> None:
    """Copy the files that have a filter, as they lie where the nights were played."""
    listed = git_bytes(root, "ls-files", "-z")
    told = git_bytes(root, "check-attr", "-z", "--stdin", "filter", told=listed)
    fields = os.fsdecode(told).split("\0")
    for name, value in zip(fields[0::3], fields[2::3], strict=False):
        here, there = root / name, tree / name
        # Untouched where both are the same: git would take it through the filter once more.
        if (
            value not in ("unspecified", "unset")
            and not here.is_symlink()
            and here.is_file()
            and there.is_file()
            and not filecmp.cmp(here, there, shallow=False)
        ):
            shutil.copyfile(here, there)


_SUBMODULE = "160000"


def _link_the_rest(root: Path, tree: Path) -> None:
    """Link into a second working tree what the first one has beside git: submodules, and what
    `.gitignore` covers, such as generated or compiled code. No suite that needs it would pass.

    What is hidden stays behind: caches, keys, our own reports; so do the folders that runs write.
    """
    staged = git(root, "ls-files", "-z", "--stage").split("\0")
    submodules = [entry.partition("\t")[2] for entry in staged if entry.startswith(_SUBMODULE)]
    ignored = ("--others", "--ignored", "--exclude-standard", "--directory")
    found = [
        *(root / name for name in git(root, "ls-files", "-z", *ignored).split("\0") if name),
        # Linked one by one: to git, a link in the place of a submodule is a change.
        *(
            each
            for name in submodules
            if (root / name).is_dir()
            for each in (root / name).iterdir()
        ),
    ]
    for path in found:
        there = tree / path.relative_to(root)
        left = path.name.startswith(".") or path.name in {"__pycache__", *KEPT}
        if not left and there.parent.is_dir() and not there.exists():
            with suppress(OSError):  # on Windows, not everybody may make links
                there.symlink_to(path, target_is_directory=path.is_dir())


def sweep_worktrees(root: Path) -> int:
    """Take away the second working trees whose process was killed; gives how many there were.

    Only our own, told by their folder's name, and only those that nobody holds the lock of.
    """
    listing = git(root, "worktree", "list", "--porcelain").splitlines()
    trees = [Path(line.removeprefix("worktree ")) for line in listing if line[:9] == "worktree "]
    count = 0
    for tree in trees:
        folder = tree.parent
        if not folder.name.startswith(_PREFIX):
            continue
        if folder.is_dir():
            with lock_file(folder / _LOCK) as held:
                if held is None:
                    continue
        _remove_worktree(root, tree)
        shutil.rmtree(folder, ignore_errors=True)
        count += 1
    return count


def _remove_worktree(root: Path, tree: Path) -> None:
    # What can't be taken away now, on a full disk, is swept by the next run.
    with suppress(UpgradeError):
        git(root, "worktree", "remove", "--force", "--force", str(tree))


ADDRESS = "pytest-modelpin@users.noreply.github.com"  # who our own commits are by
_HEADS = "refs/heads/"
_MADE = "refs/modelpin"
"""Where a commit lies until its branch is moved to it."""


def write_branch(
    folder: Path, branch: str, files: Mapping[str, bytes | None], message: str, *, at: int
) -> None:
    """Put files as one commit on HEAD onto a branch; None in `files` deletes one.

    `at` is the commit's time in seconds since 1970. The user's working tree and index stay as they
    are. A branch of that name is replaced only where every commit that it has beyond HEAD is our
    own, and nobody has it checked out; else UpgradeError, and it is kept.
    """
    root, ref = top(folder), f"{_HEADS}{branch}"
    listed = git(root, "for-each-ref", "--format=%(refname) %(objectname) %(worktreepath)", _HEADS)
    known = {name: rest for name, _, rest in (line.partition(" ") for line in listed.splitlines())}
    before, _, checked_out = known.pop(ref, "").strip().partition(" ")
    for other in known:
        if f"{ref}/".startswith(f"{other}/") or other.startswith(f"{ref}/"):
            raise UpgradeError(beside_another(branch, other.removeprefix(_HEADS)))
    if checked_out:
        raise UpgradeError(
            f"The branch {branch} is checked out in {checked_out}, where it would move beneath "
            "what lies there. Check out another branch, then run this again."
        )
    if before:
        # An amended commit keeps its author; whoever amended it is its committer.
        log = git(root, "log", "--format=%ae%n%ce", f"HEAD..{before}")
        others = {*log.splitlines()} - {ADDRESS}
        if others:
            raise UpgradeError(
                f"The branch {branch} has commits by {', '.join(sorted(others))}; it is left as "
                "it is. Merge or delete it, then run this again."
            )
    made = f"{_MADE}/{branch}"
    _import(root, b"".join(_stream(root, made, files, redact(message), at)))
    try:
        # Git itself refuses where somebody has committed to the branch since it was read.
        git(root, "update-ref", ref, made, before or "0" * 40)
    finally:
        git(root, "update-ref", "-d", made)


def _stream(
    root: Path, ref: str, files: Mapping[str, bytes | None], message: str, at: int
) -> Iterator[bytes]:
    """The commit in git's fast-import language: one process, however many files."""
    head = git(root, "rev-parse", "HEAD").strip()
    modes = _modes(root)
    yield f"commit {ref}\n".encode()
    yield f"committer pytest-modelpin <{ADDRESS}> {at} +0000\n".encode()
    yield _data(message.encode())
    yield f"from {head}\n".encode()
    for path, content in sorted(files.items()):
        if content is None:
            yield f"D {_quoted(path)}\n".encode()
        else:
            yield f"M {modes.get(path, '100644')} inline {_quoted(path)}\n".encode()
            yield _data(content)


def _modes(root: Path) -> dict[str, str]:
    """By path: whether HEAD has it as an executable file."""
    entries = git(root, "ls-tree", "-r", "-z", "HEAD").split("\0")
    return {path: meta[:6] for meta, _, path in (entry.partition("\t") for entry in entries)}


def _data(content: bytes) -> bytes:
    return b"data %d\n%b\n" % (len(content), content)


def _quoted(path: str) -> str:
    escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _import(root: Path, stream: bytes) -> None:
    done = run_git(root, "fast-import", "--quiet", "--force", "--date-format=raw", told=stream)
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()[:1]
        raise UpgradeError(f"git could not write the branch in {root}: {' '.join(said)}")
