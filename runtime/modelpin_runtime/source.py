"""Where models.yml comes from, and whether it changed: a file, or an address that is polled."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from modelpin_runtime.errors import log

TIMEOUT_SECONDS = 5.0
MOST_BYTES = 4 * 2**20
"""A models.yml is a few kilobytes; more is no models.yml."""


class Source(Protocol):
    """What the pins are read from. Nothing here waits for a network."""

    @property
    def path(self) -> Path:
        """The file that holds the text; of an address, its copy on disk."""

    def changed(self) -> bool:
        """Whether the text may differ from what was last read; cheap enough to ask often."""


class FileSource:
    """A file, told by its time, size and inode: editors replace files, and some keep the time."""

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
    """An http(s) or s3 address, fetched by its own thread; a copy on disk outlives restarts."""

    def __init__(self, url: str, cache: Path | None = None, poll_seconds: float = 15.0) -> None:
        import hashlib
        import tempfile

        self.url = url
        self._poll_seconds = poll_seconds
        name = f"{hashlib.sha256(url.encode()).hexdigest()[:16]}.models.yml"
        self._path = (cache or Path(tempfile.gettempdir()) / f"modelpin-{_user()}") / name
        self._etag_path = self._path.with_suffix(".etag")
        self._stop = threading.Event()
        self._arrived = threading.Event()
        self._file = FileSource(self._path)
        self._pid = 0
        self._complaint = ""

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
        threading.Thread(target=self._run, name="modelpin-source", daemon=True).start()

    def wait(self, seconds: float) -> bool:
        """Whether a copy is there, at the latest after so many seconds."""
        self.start()
        if not self._path.exists():
            self._arrived.wait(seconds)
        return self._path.exists()

    def stop(self) -> None:
        """Poll no more."""
        self._stop.set()

    def fetch(self) -> bool:
        """Ask once; True where the copy on disk is new. Raises OSError where nothing came."""
        etag = ""
        with contextlib.suppress(OSError):
            etag = self._etag_path.read_text("utf-8") if self._path.exists() else ""
        found = _fetcher(self.url)(self.url, etag)
        if found is None:
            return False
        content, etag = found
        _replace(self._path, content)
        _replace(self._etag_path, etag.encode())
        return True

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.fetch()
                self._complaint = ""
            except Exception as error:  # whatever a network or a client does: the last copy holds
                if (complaint := f"{type(error).__name__}: {error}") != self._complaint:
                    self._complaint = complaint
                    log().warning("%s can't be had (%s); the last copy stays", self.url, complaint)
            self._arrived.set()
            self._stop.wait(self._poll_seconds)


Fetcher = Callable[[str, str], "tuple[bytes, str] | None"]
"""(address, ETag of the copy) -> (text, its ETag); None where the copy is still right."""


def _fetcher(url: str) -> Fetcher:
    return _from_s3 if url.startswith("s3://") else _from_http


def _from_http(url: str, etag: str) -> tuple[bytes, str] | None:
    from urllib.error import HTTPError
    from urllib.request import Request, urlopen

    request = Request(url, headers={"If-None-Match": etag} if etag else {})  # noqa: S310
    try:
        with urlopen(request, timeout=TIMEOUT_SECONDS) as reply:  # noqa: S310
            content = reply.read(MOST_BYTES + 1)
            if len(content) > MOST_BYTES:
                raise OSError(f"more than {MOST_BYTES} bytes")
            return content, reply.headers.get("ETag", "")
    except HTTPError as error:
        error.close()
        if error.code == 304:
            return None
        raise OSError(f"HTTP {error.code}") from None


def _from_s3(url: str, etag: str) -> tuple[bytes, str] | None:
    import boto3  # type: ignore[import-not-found, import-untyped, unused-ignore]

    bucket, _, key = url.removeprefix("s3://").partition("/")
    wanted = {"IfNoneMatch": etag} if etag else {}
    client = boto3.client("s3")
    try:
        found = client.get_object(Bucket=bucket, Key=key, **wanted)
    except client.exceptions.ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 304:
            return None
        raise
    return found["Body"].read(MOST_BYTES), found["ETag"]


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


def _user() -> str:
    return str(os.getuid()) if hasattr(os, "getuid") else "me"
