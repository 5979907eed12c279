"""Where models.yml comes from, and whether it changed: a file, or an address that is polled."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from modelpin_runtime.errors import RegistryError, log

TIMEOUT_SECONDS = 5.0
MOST_BYTES = 4 * 2**20
"""A models.yml is a few kilobytes; more is no models.yml."""


class Source(Protocol):
    """What the pins are read from. Nothing here waits for a network."""

    @property
    def path(self) -> Path:
        """The file that holds the text; of an address, its copy on disk."""

    @property
    def complaint(self) -> str:
        """Why the text may be stale; empty where it is not."""

    def changed(self) -> bool:
        """Whether the text may differ from what was last read; cheap enough to ask often."""


class FileSource:
    """A file, told by its time, size and inode: editors replace files, and some keep the time."""

    complaint = ""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp = self._look()

    @property
    def path(self) -> Path:
        """The file itself."""
        return self._path

    def changed(self) -> bool:
        """Whether it is another than when this was last asked."""
        stamp = self._look()
        if stamp == self._stamp or stamp is None:
            return False  # a file that is gone for a moment is being replaced
        self._stamp = stamp
        return True

    def _look(self) -> tuple[int, int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino


class AddressSource:
    """An http(s) or s3 address, fetched by its own thread; a copy on disk outlives restarts.

    Only what reads as models.yml becomes the copy: with a portal's page or half a file in its
    place, the next start would have nothing to go by.
    """

    def __init__(self, url: str, cache: Path | None = None, poll_seconds: float = 15.0) -> None:
        import hashlib
        import tempfile

        self.url = url
        self.shown = without_credentials(url)
        self._poll_seconds = poll_seconds
        name = f"{hashlib.sha256(url.encode()).hexdigest()[:16]}.models.yml"
        folder = cache or _own(Path(tempfile.gettempdir()) / f"modelpin-{_user()}")
        self._path = folder / name
        self._etag_path = self._path.with_suffix(".etag")
        self._stop = threading.Event()
        self._arrived = threading.Event()
        self._file = FileSource(self._path)
        self._pid = 0
        self.complaint = ""
        """Why the copy may be stale: what went wrong when the address was last asked."""

    @property
    def path(self) -> Path:
        """The copy on disk."""
        return self._path

    def changed(self) -> bool:
        """Whether another copy arrived since this was last asked."""
        self.start()
        return self._file.changed()

    def start(self) -> None:
        """Begin to poll; once a process, so that a fork polls for itself."""
        if self._pid == os.getpid():
            return
        self._pid = os.getpid()
        self._arrived = threading.Event()  # a fork's: who held the other's lock is not here
        stopped, self._stop = self._stop.is_set(), threading.Event()
        if stopped:
            self._stop.set()
        threading.Thread(target=self._run, name="modelpin-source", daemon=True).start()

    def wait(self, seconds: float) -> bool:
        """Whether a copy is there, at the latest after so many seconds."""
        self.start()
        if not self._path.exists():
            self._arrived.wait(seconds)
        return self._path.exists()

    def drop_unreadable(self) -> None:
        """Forget a copy that can't be read any more, such as one that a full disk cut short."""
        try:
            _checked(self._path.read_bytes(), self.shown)
        except FileNotFoundError:
            return
        except (OSError, RegistryError) as error:
            log().warning("the copy %s is not used: %s", self._path, error)
            with contextlib.suppress(OSError):
                self._path.unlink()

    def stop(self) -> None:
        """Poll no more."""
        self._stop.set()

    def fetch(self) -> bool:
        """Ask once; True where the copy on disk is new.

        Raises OSError where nothing came, RegistryError where it is no models.yml.
        """
        etag = ""
        with contextlib.suppress(OSError):
            etag = self._etag_path.read_text("utf-8") if self._path.exists() else ""
        found = _fetcher(self.url)(self.url, etag)
        if found is None:
            return False
        content, etag = found
        _checked(content, self.shown)
        _replace(self._path, content)
        _replace(self._etag_path, etag.encode())
        return True

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.fetch()
                if self.complaint:
                    self.complaint = ""
                    log().warning("%s is had again", self.shown)
            except Exception as error:  # whatever a network or a client does: the last copy holds
                kind = "" if isinstance(error, RegistryError) else f"{type(error).__name__}: "
                complaint = f"{self.shown} can't be had ({kind}{error}); the last copy stays"
                if complaint != self.complaint:
                    self.complaint = complaint
                    log().warning("%s", complaint)
            self._arrived.set()
            self._stop.wait(self._poll_seconds)


Fetcher = Callable[[str, str], "tuple[bytes, str] | None"]
"""(address, ETag of the copy) -> (text, its ETag); None where the copy is still right."""


def without_credentials(url: str) -> str:
    """A URL as it may be logged: without user, password and query, in which signatures stand."""
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("?")[0].partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"


def _fetcher(url: str) -> Fetcher:
    return _from_s3 if url.lower().startswith("s3://") else _from_http


def _from_http(url: str, etag: str) -> tuple[bytes, str] | None:
    from urllib.error import HTTPError
    from urllib.request import Request, urlopen

    request = Request(url, headers={"If-None-Match": etag} if etag else {})  # noqa: S310
    try:
        with urlopen(request, timeout=TIMEOUT_SECONDS) as reply:  # noqa: S310
            content = reply.read(MOST_BYTES + 1)
            _whole(content, reply.headers.get("Content-Length"))
            return content, reply.headers.get("ETag", "")
    except HTTPError as error:
        error.close()
        if error.code == 304:
            return None
        raise OSError(f"HTTP {error.code}") from None


def _from_s3(url: str, etag: str) -> tuple[bytes, str] | None:
    import boto3  # type: ignore[import-not-found, import-untyped, unused-ignore]

    bucket, _, key = url.partition("://")[2].partition("/")
    wanted = {"IfNoneMatch": etag} if etag else {}
    client = boto3.client("s3")
    try:
        found = client.get_object(Bucket=bucket, Key=key, **wanted)
    except client.exceptions.ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 304:
            return None
        raise
    content = found["Body"].read(MOST_BYTES + 1)
    _whole(content, found["ContentLength"])
    return content, found["ETag"]


def _whole(content: bytes, length: str | int | None) -> None:
    """Raises OSError where it is too much, or less than was announced: http.client keeps quiet."""
    if len(content) > MOST_BYTES:
        raise OSError(f"more than {MOST_BYTES} bytes")
    if str(length).isdigit() and len(content) < int(str(length)):
        raise OSError(f"the connection ended after {len(content)} of {length} bytes")


def _checked(content: bytes, shown: str) -> None:
    """Raises RegistryError where this is no models.yml."""
    from modelpin_runtime.registry import schema

    try:
        schema.read(content.decode("utf-8"), Path("models.yml"), shown)
    except UnicodeDecodeError as error:
        raise RegistryError(f"{shown}: not UTF-8 (byte {error.start})") from None


def _replace(path: Path, content: bytes) -> None:
    import tempfile

    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def _own(folder: Path) -> Path:
    """The folder; where somebody else has made it, or may write to it, one that is new."""
    import stat
    import tempfile

    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError as error:
        log().warning("%s can't be used (%s): copies last until the restart", folder, error)
        return Path(tempfile.mkdtemp(prefix="modelpin-"))
    if not hasattr(os, "getuid") or (
        stat.S_ISDIR(found.st_mode)
        and found.st_uid == os.getuid()
        and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    ):
        return folder
    log().warning("%s is not this user's alone: copies last until the restart", folder)
    return Path(tempfile.mkdtemp(prefix="modelpin-"))


def _user() -> str:
    return str(os.getuid()) if hasattr(os, "getuid") else "me"
