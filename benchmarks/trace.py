"""How far one reply travels through the package: modules, and changes from file to file.

    python benchmarks/trace.py            # both figures for one live reply and one replay
    python benchmarks/trace.py --path     # the walk itself, one line a change of file

A plain test asks the embedded provider once over httpx. What is counted is every function of
pytest_modelpin that runs in the test's own thread, from the moment at which the client hands its
request to the network until it holds the whole reply, and then to the file in which it is
recorded. The provider, which runs in this process too, is left out, and so is what happens only
once in a process.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import httpx

from pytest_modelpin.demo.provider_server import ProviderServer
from pytest_modelpin.intercept import hooks
from pytest_modelpin.intercept.interceptor import Interceptor
from pytest_modelpin.recordings.owner import Owner
from pytest_modelpin.recordings.store import Recordings
from pytest_modelpin.registry.selection import Selected, Selection

PIN, ALIAS = "gpt-4o-2024-08-06", "gpt-4o"
PACKAGE = str(Path(hooks.__file__).parents[1]) + os.sep


class Walk:
    """The files of the package that a piece of code enters, in order."""

    def __init__(self) -> None:
        self.files: list[str] = []

    @property
    def modules(self) -> int:
        """How many files it entered."""
        return len(set(self.files))

    @property
    def changes(self) -> int:
        """How often it went from one file to another."""
        return max(0, len(self.files) - 1)

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Notes calls and returns of this thread within the block."""
        before = sys.getprofile()
        sys.setprofile(self._saw)
        try:
            yield
        finally:
            sys.setprofile(before)

    def _saw(self, frame: FrameType, event: str, _: Any) -> None:
        if event != "call" or not frame.f_code.co_filename.startswith(PACKAGE):
            return
        file = frame.f_code.co_filename.removeprefix(PACKAGE)
        if not self.files or self.files[-1] != file:
            self.files.append(file)


def walk(selected: Selected, folder: Path, url: str) -> Walk:
    """The walk of a test's one reply, under this selection."""
    interceptor = Interceptor(
        Selection({selected.name: selected}), recordings=Recordings(root=folder)
    )
    hooks.install(interceptor)
    owner = Owner(folder, "test_walk", "test_reply")
    ask = asking(url)
    try:
        for _ in range(2):  # the first time, modules are imported and look-ups remembered
            walked = Walk()
            interceptor.begin(owner)
            with walked.taken():
                ask()
            capture = interceptor.end()
            with walked.taken():
                capture.save()
    finally:
        hooks.uninstall()
    return walked


def asking(url: str) -> Callable[[], None]:
    client = httpx.Client()
    body = {"model": PIN, "messages": [{"role": "user", "content": "How are you?"}]}

    def ask() -> None:
        client.post(f"{url}/v1/chat/completions", json=body).raise_for_status()

    return ask


def main() -> None:
    """Walk both ways and print what was counted."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--path", action="store_true", help="print the walk, file by file")
    options = parser.parse_args()
    live = Selected("support", PIN, "candidate", ALIAS, "all")
    pinned = Selected("support", PIN, "production", PIN, "new")
    with tempfile.TemporaryDirectory() as place, ProviderServer() as server:
        for name, selected in (("live", live), ("replay", pinned)):
            walked = walk(selected, Path(place), server.url)
            print(f"one {name} reply: {walked.modules} modules, {walked.changes} changes of file")
            if options.path:
                print("\n".join(f"    {file}" for file in walked.files))


if __name__ == "__main__":
    main()
