"""A move as a branch of the local repository, for what is run outside of GitHub."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from pytest_modelpin.errors import UpgradeError
from pytest_modelpin.redaction.redact import redact
from pytest_modelpin.run_git import run_git
from pytest_modelpin.upgrade.git import git, top

_ADDRESS = "pytest-modelpin@users.noreply.github.com"


def write_branch(
    folder: Path, branch: str, files: Mapping[str, bytes | None], message: str, *, at: int
) -> None:
    """Put files as one commit on HEAD onto a branch; None in `files` deletes one.

    `at` is the commit's time in seconds since 1970. The user's working tree and index stay as they
    are. A branch of that name is replaced only where every commit that it has beyond HEAD is our
    own; else UpgradeError, and it is kept.
    """
    root = top(folder)
    before = git(root, "for-each-ref", "--format=%(objectname)", f"refs/heads/{branch}").strip()
    if before:
        # An amended commit keeps its author; whoever amended it is its committer.
        log = git(root, "log", "--format=%ae%n%ce", f"HEAD..{before}")
        others = {*log.splitlines()} - {_ADDRESS}
        if others:
            raise UpgradeError(
                f"The branch {branch} has commits by {', '.join(sorted(others))}; it is left as "
                "it is. Merge or delete it, then run this again."
            )
    _import(root, b"".join(_stream(root, branch, files, redact(message), at)))


def _stream(
    root: Path, branch: str, files: Mapping[str, bytes | None], message: str, at: int
) -> Iterator[bytes]:
    """The commit in git's fast-import language: one process, however many files."""
    head = git(root, "rev-parse", "HEAD").strip()
    modes = _modes(root)
    yield f"commit refs/heads/{branch}\n".encode()
    yield f"committer pytest-modelpin <{_ADDRESS}> {at} +0000\n".encode()
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
