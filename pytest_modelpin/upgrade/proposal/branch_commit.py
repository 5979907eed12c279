"""The bump branch: one commit of the bot's, and never over anybody else's.

Committed is what of a bump's files is worth it: pins, accepted answers, and what a test can see.
Each night records anew, and each reply comes with a new id, date and request id; models.yml says
when the pin was last validated. A commit for these alone would restart the checks of an open pull
request and dismiss its approvals every night.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pytest_modelpin.errors import RecordingError
from pytest_modelpin.forge import Forge
from pytest_modelpin.forge.branches import (
    Ahead,
    Commit,
    advance,
    ahead,
    commit_tree,
    head_of,
    modes_of,
    read_commit,
    replace,
    write_tree,
)
from pytest_modelpin.forge.errors import Refused
from pytest_modelpin.forge.merges import merges_only
from pytest_modelpin.forge.pulls_and_issues import Pull
from pytest_modelpin.providers import provider_for
from pytest_modelpin.providers.replies import FIELDS
from pytest_modelpin.providers.wire import JSON
from pytest_modelpin.recordings import outgoing
from pytest_modelpin.recordings.exchange import Exchange
from pytest_modelpin.recordings.large_bodies import SUFFIX, LargeBody
from pytest_modelpin.recordings.owner import FOLDER
from pytest_modelpin.recordings.recording_file import read_recording
from pytest_modelpin.report.findings import fails
from pytest_modelpin.upgrade.bump import Bump
from pytest_modelpin.upgrade.git import KEPT
from pytest_modelpin.upgrade.proposal import PinMove, moves_of
from pytest_modelpin.upgrade.proposal.body import plain, title
from pytest_modelpin.wording import counted

PREFIX = "modelpin/"


@dataclass(frozen=True, slots=True)
class BumpBranch:
    """The branch as it was read."""

    name: str
    head: str | None
    beyond: Ahead
    """What it has that the base has not."""
    base: str
    """The commit of the base that a bump goes on top of."""
    rebased_in: str = ""
    """The repository's id in GraphQL where pull requests are merged by rebase alone: GitHub rebases
    no branch that holds a merge."""
    updates: frozenset[str] = frozenset()
    """Commits that only merge the base in, as people do by GitHub's “Update branch”."""

    @property
    def strangers(self) -> tuple[Commit, ...]:
        """The commits that hold what the bot did not make."""
        return tuple(commit for commit in self._own if not made_by_bot(commit))

    @property
    def content(self) -> str | None:
        """What the bot's last commit holds, as `digest` says it."""
        return _trailers(self._own[-1]).get("Modelpin-Content") if self._own else None

    @property
    def _own(self) -> tuple[Commit, ...]:
        return tuple(commit for commit in self.beyond.commits if commit.sha not in self.updates)


def branch_of(name: str) -> str:
    """The branch of a logical model or a group: stable, and a valid ref whatever the name."""
    if re.fullmatch(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*", name) and not name.endswith(".lock"):
        return f"{PREFIX}{name}"
    cleaned = re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-")
    return f"{PREFIX}{cleaned}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def rollback_of(name: str) -> str:
    """What a rollback of a logical model goes by, where a bump goes by the model's own name."""
    return f"{name}-rollback"


def read_branch(forge: Forge, name: str, base: str, rebased_in: str = "") -> BumpBranch:
    """The branch of a logical model, compared with the commit `base`; raises ForgeError.

    `rebased_in` as for `BumpBranch`.
    """
    branch = branch_of(name)
    head = head_of(forge, branch)
    beyond = Ahead((), (), behind=False) if head is None else ahead(forge, base, head)
    updates = frozenset(
        commit.sha
        for commit in beyond.commits
        if not made_by_bot(commit) and merges_only(forge, commit)
    )
    return BumpBranch(branch, head, beyond, base, rebased_in, updates)


def commit_files_onto(
    forge: Forge,
    branch: BumpBranch,
    files: Mapping[str, bytes | None],
    message: Callable[[str], str],
) -> str:
    """Put files onto the branch as one commit; gives the commit. `message` takes the tree's id.

    The tree is the base's with the files, whatever the branch held. The commit goes on top of the
    branch's head, never in its place: GitHub then refuses where somebody has pushed meanwhile, so
    that no commit can be lost, not even between looking and writing. Raises Moved there. Where that
    would be a merge in a repository that only rebases, it takes the branch's place, by
    compare-and-swap: the caller has seen that nobody else's commit is on it.
    """
    before = read_commit(forge, branch.base).tree
    # Recordings and answers are plain files; code that names the pin may be executable.
    plain_files = all(belongs(path) for path in files)
    tree = write_tree(
        forge, files, before, modes={} if plain_files else modes_of(forge, before, files)
    )
    parents = _parents(branch)
    if branch.rebased_in and branch.head and (len(parents) > 1 or branch.updates):
        alone = commit_tree(forge, tree, message=message(tree), parents=[branch.base])
        # Where it is refused, it may have taken effect, and its answer was lost on its way; else it
        # is an older server, or somebody has pushed: `advance` finds out.
        with suppress(Refused):
            replace(forge, branch.rebased_in, branch.name, branch.head, alone.sha)
        if head_of(forge, branch.name) == alone.sha:
            return alone.sha
    made = commit_tree(forge, tree, message=message(tree), parents=parents)
    advance(forge, branch.name, branch.head, made.sha)
    return made.sha


def message(bump: Bump, tree: str) -> str:
    """The commit's message: what moves, and in four lines why it may, ends and goes back."""
    nights = ", ".join(plain(night.day) for night in bump.streak.nights[-10:])
    lines = [
        f"Green nights: {nights or 'none'}.",
        *(_what_changed(one) for one in bump.members or (bump,)),
        f"The old pin retires: {_day(bump.retires)}; the new one: {_day(bump.new_retires)}.",
        f"To go back: pytest-modelpin rollback {' '.join(plain(m.name) for m in moves_of(bump))}",
    ]
    return "\n\n".join([title(bump), "\n".join(lines), trailers(moves_of(bump), bump.files, tree)])


def _what_changed(bump: Bump) -> str:
    if bump.comparison is None:
        return f"{plain(bump.name)}: not compared."
    cases = bump.comparison.cases
    failing = sum(fails(case) for case in cases)
    return (
        f"{plain(bump.name)}: {counted(len(cases), 'case')}, {failing or 'none'} failing, "
        f"{counted(len(bump.answers), 'answer')} changed."
    )


def _day(day: str | None) -> str:
    return plain(day) if day else "no date known"


def trailers(moves: Iterable[PinMove], files: Mapping[str, bytes | None], tree: str) -> str:
    """The last paragraph of a message, by which the bot knows its own commit again."""
    return "\n".join(
        [
            *(
                f"Modelpin-Bump: {plain(move.name)} {plain(move.old)} {plain(move.new)}"
                for move in moves
            ),
            f"Modelpin-Content: {digest(files)}",
            f"Modelpin-Tree: {tree}",
        ]
    )


def made_by_bot(commit: Commit) -> bool:
    """Whether a commit is as the bot made it.

    An amended, rebased or cherry-picked one keeps the trailers, but not the tree that they name,
    or not the moment at which it was written.
    """
    trailers = _trailers(commit)
    return (
        "Modelpin-Bump" in trailers
        and trailers.get("Modelpin-Tree") == commit.tree
        and commit.authored == commit.committed
    )


def is_spent(branch: BumpBranch, pulls: Iterable[Pull]) -> bool:
    """Whether all that the branch holds was merged: GitHub leaves squashed commits on it."""
    return any(pull.merged and pull.head == branch.head for pull in pulls)


def _parents(branch: BumpBranch) -> list[str]:
    if branch.head is None or not branch.beyond.commits:
        return [branch.base]
    return [branch.head, branch.base] if branch.beyond.behind else [branch.head]


def _trailers(commit: Commit) -> dict[str, str]:
    lines = commit.message.rstrip().split("\n\n")[-1].split("\n")
    return dict(line.split(": ", 1) for line in lines if ": " in line)


def belongs(path: str) -> bool:
    """Whether a file is part of any bump: the pin, an accepted answer or a recording."""
    *folders, name = path.split("/")
    return name in ("models.yml", "models.yaml") or not KEPT.isdisjoint(folders)


def second_things(bump: Bump, changed: Iterable[str] = ()) -> list[str]:
    """Paths that change with the bump and are another matter; `changed` are people's additions.

    Code that names the pin has to move with it. What does not even hold the new id is a second
    change, and no reviewer could tell which of the two changed an answer.
    """
    ids = [move.new.encode() for move in moves_of(bump)]
    own = (
        path
        for path, content in bump.files.items()
        if content is None or not any(one in content for one in ids)
    )
    added = (path for path in changed if path not in bump.files)
    return sorted(path for path in {*own, *added} if not belongs(path))


_DAY = re.compile(rb"((?:last_validated|promoted):)[^,}\n]*")
"""The two dates of models.yml that a promotion sets, in block and in flow style."""

_VOLATILE = FIELDS | {"usage", "usageMetadata", "service_tier"}
"""Fields of a reply of no known shape that differ from one asking to the next."""


def digest(files: Mapping[str, bytes | None]) -> str:
    """What a bump's files hold, as one short text: equal where nothing is worth a commit.

    What lies beside recordings counts with those that name it.
    """
    total = hashlib.sha256()
    for path, content in sorted(files.items()):
        if path.endswith(SUFFIX) and FOLDER in path.split("/"):
            continue
        one = (
            "deleted"
            if content is None
            else hashlib.sha256(_significant(path, content, files)).hexdigest()
        )
        total.update(f"{path}\0{one}\n".encode())
    return total.hexdigest()


def _significant(path: str, content: bytes, files: Mapping[str, bytes | None]) -> bytes:
    if FOLDER in path.split("/")[:-1]:
        return _seen_by_tests(path, content, files)
    return _DAY.sub(rb"\1", content) if has_pins(path, content) else content


def has_pins(path: str, content: bytes) -> bool:
    """Whether a file among a bump's is models.yml, whatever it is called."""
    return path.endswith((".yml", ".yaml")) and b"production" in content


def _seen_by_tests(path: str, content: bytes, files: Mapping[str, bytes | None]) -> bytes:
    def beside(body: LargeBody) -> bytes:
        # One that was there before is none of the bump's files: its hash stands for it.
        return files.get(f"{path.rpartition('/')[0]}/{body.name}") or body.sha256.encode()

    try:
        recording = read_recording(content.decode("utf-8"), Path(path), beside)
    except (RecordingError, UnicodeDecodeError):
        return content
    seen = [_exchange(exchange) for exchange in recording.exchanges]
    whole: JSON = [recording.test, recording.version, recording.answered_by, seen]
    return outgoing.canonical(whole).encode("utf-8", "surrogatepass")


def _exchange(exchange: Exchange) -> JSON:
    request, response = exchange.request, exchange.response
    provider = provider_for(request.method, request.url, request.body)
    asked = outgoing.counted(provider, request) if provider else (request.url, request.body)
    return [
        request.method,
        *asked,
        exchange.asked,
        exchange.served,
        exchange.sample,
        response.status,
        response.complete,
        response.headers.get("content-type"),
        _reply(exchange),
    ]


def _reply(exchange: Exchange) -> JSON:
    reply, content = exchange.reply(), exchange.response.content
    if reply.text or reply.tools or reply.error or reply.refusal:
        tools = [list(call) for call in reply.tools]
        return [reply.text, tools, reply.error, reply.refusal, reply.finish_reason]
    try:
        return _steady(json.loads(content))
    except (ValueError, RecursionError):
        return content.decode("utf-8", "backslashreplace")


def _steady(value: JSON) -> JSON:
    if isinstance(value, dict):
        return {name: _steady(item) for name, item in value.items() if name not in _VOLATILE}
    return [_steady(item) for item in value] if isinstance(value, list) else value
