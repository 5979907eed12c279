"""A ledger on a branch of the repository on GitHub, written by compare-and-swap."""

from __future__ import annotations

import base64
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pytest_modelpin.errors import LedgerError
from pytest_modelpin.forge.branches import advance, commit_files, head_of, read_commit
from pytest_modelpin.forge.connection import Forge
from pytest_modelpin.forge.errors import Moved, Unreachable
from pytest_modelpin.ledger.decision import Decision, read_decisions
from pytest_modelpin.ledger.lines import Night, StageEvidence, night_line, read_stages, to_line
from pytest_modelpin.ledger.nights import Nights
from pytest_modelpin.ledger.store import addition, decisions_file, nights_file, stages_file

BRANCH = "modelpin-ledger"

_ATTEMPTS = 8
_README = """\
# The ledger of pytest-modelpin

One file a logical model, one night a line, append-only. It shares no history with the code.
Nothing here is meant to be edited or merged.
"""


@dataclass(frozen=True, slots=True)
class _State:
    """What the branch held when it was read."""

    head: str | None
    tree: str | None
    blobs: Mapping[str, str]
    """By path."""


class BranchLedger:
    """The ledger on the branch `modelpin-ledger`, which is made on the first append.

    The branch is read once and then only when somebody else has moved it: an append commits on
    top of what was read, and GitHub refuses the move where that is no longer the head.
    """

    def __init__(self, forge: Forge, sleep: Callable[[float], None] = time.sleep) -> None:
        self._forge = forge
        self._sleep = sleep
        self._state: _State | None = None
        self._contents: dict[str, bytes] = {}

    def read(self, name: str) -> Sequence[Night]:
        """See Ledger."""
        path = nights_file(name)
        return Nights(self._content(path), f"{BRANCH}:{path}")

    def append(self, night: Night) -> None:
        """See Ledger."""
        message = f"{night.name}: {night.colour} on {night.day}"
        self._append(nights_file(night.name), night_line(night), message)

    def names(self) -> tuple[str, ...]:
        """See Ledger."""
        paths = [path for path in self._read().blobs if path.endswith(".jsonl") and "/" not in path]
        files = [Nights(self._content(path), f"{BRANCH}:{path}") for path in paths]
        return tuple(sorted({nights[0].name for nights in files if nights}))

    def decisions(self, name: str) -> tuple[Decision, ...]:
        """See Ledger."""
        path = decisions_file(name)
        return read_decisions(self._content(path), f"{BRANCH}:{path}")

    def decide(self, decision: Decision) -> None:
        """See Ledger."""
        message = f"{decision.name}: {decision.because}"
        line = to_line(decision)
        self._append(decisions_file(decision.name), line, message)

    def stages(self, name: str) -> tuple[StageEvidence, ...]:
        """See Ledger."""
        path = stages_file(name)
        return read_stages(self._content(path), f"{BRANCH}:{path}")

    def add_stage(self, evidence: StageEvidence) -> None:
        """See Ledger."""
        message = f"{evidence.name}: {evidence.stage} of {evidence.version} {evidence.colour}"
        self._append(stages_file(evidence.name), to_line(evidence), message)

    def _append(self, path: str, line: str, message: str) -> None:
        for attempt in range(_ATTEMPTS):
            content = self._content(path)
            new = addition(content, line)
            if new is None:
                return
            stays, follows = new
            try:
                self._write(path, content[:stays] + follows, message)
                return
            except (Moved, Unreachable) as error:
                # Either somebody else was faster, or the answer was lost and the line may be
                # there: both are seen by reading again.
                self._state, self._contents = None, {}
                failure = error
            # Two nights that collide once would collide again without chance.
            self._sleep(random.uniform(0.1, 0.5) * 2**attempt)  # noqa: S311
        raise LedgerError(
            f"The branch {BRANCH} could not be written in {_ATTEMPTS} attempts ({failure}). "
            "Run again; what was measured is in the run reports."
        )

    def _write(self, path: str, content: bytes, message: str) -> None:
        state = self._read()
        files = {path: content}
        if state.head is None:
            files["README.md"] = _README.encode()
        made = commit_files(
            self._forge,
            files,
            message=message,
            parents=[state.head] if state.head else [],
            tree=state.tree,
        )
        advance(self._forge, BRANCH, state.head, made.sha)
        # What was just written need not be read: the blob's id stands for "in the cache".
        self._state = _State(made.sha, made.tree, dict(state.blobs) | dict.fromkeys(files, ""))
        self._contents |= files

    def _read(self) -> _State:
        if self._state is None:
            head = head_of(self._forge, BRANCH)
            if head is None:
                self._state = _State(None, None, {})
            else:
                tree = read_commit(self._forge, head).tree
                listed = self._forge.get(f"/git/trees/{tree}", recursive=1)["tree"]
                blobs = {item["path"]: item["sha"] for item in listed if item["type"] == "blob"}
                self._state = _State(head, tree, blobs)
        return self._state

    def _content(self, path: str) -> bytes:
        blobs = self._read().blobs
        if path not in blobs:
            return b""
        if path not in self._contents:
            found = self._forge.get(f"/git/blobs/{blobs[path]}")
            self._contents[path] = base64.b64decode(found["content"])
        return self._contents[path]
