"""At which addresses the recordings beside a test were made."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from pytest_modelpin.recordings.place import FOLDER

_MOST = 5000  # files looked into
_BEGINNING = 4096  # characters: the first request's URL stands there
_URL = r'"url": ("[^"\\]+")'
_QUESTION = (
    r"/(?:chat/completions|completions|responses|messages|embeddings|moderations)(?:/.*)?$"
    r"|/(?:v\d\w*/)?(?:projects/.*|publishers/.*|models/[^/]+:\w+|model/.*|api/(?:chat|generate))$"
)
"""What stands behind a base URL's path, by the providers' wires."""


@lru_cache(maxsize=64)
def recorded_base_urls(folder: Path) -> frozenset[str]:
    """The base URLs of the recordings of the tests in `folder`; unreadable files are left out."""
    return frozenset(map(base_url, _urls(folder)))


@lru_cache(maxsize=256)  # a suite asks few addresses, each of them often
def base_url(url: str) -> str:
    """The URL of a question without the part that every client adds to its base URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{re.sub(_QUESTION, '', parts.path)}"


def _urls(folder: Path) -> Iterator[str]:
    for number, path in enumerate((folder / FOLDER).glob("*/*/*.json")):
        if number == _MOST:
            return
        try:
            with path.open(encoding="utf-8", errors="replace") as file:
                found = re.search(_URL, file.read(_BEGINNING))
        except OSError:
            continue
        if found:
            yield json.loads(found[1])
