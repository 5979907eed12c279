"""Moving one id with its pin: left behind in code, it would keep production on the old version."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pytest_modelpin.literals import (
    LARGEST,
    OUR_FOLDERS,
    is_recorded_traffic,
    is_registry,
    kind_of,
    tracked,
)
from pytest_modelpin.literals import files as every_file
from pytest_modelpin.literals.syntax import (
    BEHIND_A_SPELLER,
    ROUTE_READERS,
    code_cells,
    spelling_routes,
)
from pytest_modelpin.literals.uses import LISTED, listed_beside, why_it_stays
from pytest_modelpin.providers import PROVIDERS, identify, provider_named, route_prefixes
from pytest_modelpin.registry import PLACES
from pytest_modelpin.wording import some

_AHEAD = rb"(?<![\w./:@-])(?P<route>(?:(?:%s):|(?:%s)/)?)"
"""A route names the provider before the id, as pydantic-ai and LangChain write it. With a slash it
may be another provider's own id, as OpenRouter's are, and stays but where LiteLLM reads it."""
_NO_ROUTE = "(?!)"

_BEHIND = rb"(?![\w/:@-]|\.\w)"

_LEFT_FOLDERS: Mapping[str, str] = {
    # GitHub refuses a push that changes workflows unless the token has a permission of its own for
    # that, and the whole bump would fail with it.
    ".github": "a workflow's token may not change it",
}

UNTRACKED = "git does not track it"
"""Why code stays as it is that nothing would bring back."""

RECORDED = "recorded traffic, in which the old version answered"
"""Why a cassette stays as it is; each is told once."""

_MOST_LEFT = 200
"""Places told of; a repository that is full of an id is told so by the first of them."""


@dataclass(frozen=True, slots=True)
class Codebase:
    """The code in which ids are looked for: what git tracks below a folder, models.yml apart."""

    root: Path
    registry: Path | None = None
    """models.yml, where it has another name: what it says stays."""
    names: Sequence[str] | None = None
    """From the root and with `/`: looked at instead of what git tracks."""
    slashes: bool | None = None
    """Whether `openai/` before an id of OpenAI's is LiteLLM's route and no part of the id; None:
    by what the code speaks of."""
    written: Mapping[Path, bytes] = field(default_factory=dict)
    """What files will hold in which other ids moved and which are not written yet."""


@dataclass(frozen=True, slots=True)
class Left:
    """A place that names the old id and stays as it is."""

    place: str
    """As `path:line`."""
    because: str
    """As the end of a sentence."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What moving an id does to a repository, before any of it is done."""

    files: Mapping[Path, bytes]
    """The new content of each file that changes."""
    places: tuple[str, ...] = ()
    """Where the id moves, as `path:line`."""
    left: tuple[Left, ...] = ()
    """Where it is seen and stays."""


def moved(codebase: Codebase, old: str, new: str, *, stays: str | None = None) -> Moved:
    """`new` in place of `old` wherever the code names it as a whole id.

    What is part of a longer id stays, and so do what ids are held against, a floating id's name in
    prose, and everything in models.yml, in that of another project, in recordings (other libraries'
    cassettes, too) and snapshots. With `stays`, the reason, everything does. Where git tracks
    nothing all is left as it is. Nothing is written here.
    """
    root, registry, slashes = codebase.root, codebase.registry, codebase.slashes
    all_names = tracked(root) if codebase.names is None else codebase.names
    if codebase.names is None and not all_names:
        all_names, stays = every_file(root), stays or UNTRACKED
    if slashes is None:
        slashes = _speaks_of_routes(root, all_names)
    whole = re.compile(_ahead(old, slashes=slashes) + re.escape(old.encode()) + _BEHIND)
    routed = re.compile(rb"(?<=[/:])" + re.escape(old.encode()) + _BEHIND)
    files: dict[Path, bytes] = {}
    places: list[str] = []
    left: list[Left] = []
    recorded: list[Left] = []  # may be many: behind those that somebody has to look at
    for name in all_names:
        path = root / name
        if _is_ours(name) or (registry is not None and path.resolve() == registry.resolve()):
            continue
        before = codebase.written.get(path) or _content(path)
        if before is None or old.encode() not in before or is_registry(name, before):
            continue
        because = stays or _why_left(name, before)
        spans = list(_code_spans(name, before))
        kind, cuts = kind_of(name), list[int]()
        listed = listed_beside(before, old, new) if kind == "python" else frozenset[int]()
        for number, start, end, is_code in _lines(before, old, spans):
            here = {
                found.end(): LISTED
                if found.end() in listed
                else why_it_stays(before, *found.span(), new, kind)
                for found in whole.finditer(before, start, end)
            }
            if here:
                why = because or ("" if is_code else "not in a code cell")
                why = why or ("" if None in here.values() else next(iter(here.values())) or "")
            elif routed.search(before, start, end):
                why = "behind a route: it may be another provider's id"
            else:
                continue
            if not why:
                cuts += [at for at, stays_here in here.items() if stays_here is None]
                places.append(f"{name}:{number}")
            elif because == RECORDED:
                recorded.append(Left(f"{name}:{number}", why))
                break
            elif len(left) < _MOST_LEFT:
                left.append(Left(f"{name}:{number}", why))
        after = before
        for cut in reversed(cuts):  # the route before the id is no part of it, and stays
            after = after[: cut - len(old.encode())] + new.encode() + after[cut:]
        if after != before:
            files[path] = after
    return Moved(files, tuple(places), (*left, *recorded)[:_MOST_LEFT])


def left_untracked(old: str, new: str, left: Sequence[Left]) -> str:
    """That code which git does not track still names the old id, by which tests fail; else empty.

    A ledger in a folder names it, too, and is no code.
    """
    untracked = [each.place for each in left if each.because == UNTRACKED]
    places = [place for place in untracked if ".jsonl:" not in place]
    if not places:
        return ""
    return (
        f"{old} stays in {some(places)}, since {UNTRACKED}: put {new} there, or commit it to git, "
        "and run this again. "
    )


def _ahead(old: str, *, slashes: bool) -> bytes:
    named = provider_named(identify(old).provider) if slashes else None
    own = "|".join(map(re.escape, named.route_prefixes)) if named else ""
    routes = "|".join(map(re.escape, route_prefixes()))
    return _AHEAD % (routes.encode(), (own or _NO_ROUTE).encode())


def _speaks_of_routes(root: Path, names: Iterable[str]) -> bool:
    """Whether code or settings speak of who reads routes, and of none whose ids look like them.

    Where those have a route in front of their own, the ids without it are routes all the same.
    """
    others = [each for each in PROVIDERS if each.name in spelling_routes()]
    words = [word.encode() for each in others for word in each.told_by]
    readers = [word.encode() for word in ROUTE_READERS]
    reads_routes = spoken_of = told_apart = False
    for name in names:
        content = _content(root / name) or b"" if kind_of(name) and not _is_ours(name) else b""
        if is_recorded_traffic(name, content):
            continue
        reads_routes = reads_routes or any(word in content for word in readers)
        if any(word in content for word in words):
            spoken_of = True
            told_apart = told_apart or BEHIND_A_SPELLER.search(content) is not None
    return reads_routes and (told_apart or not spoken_of)


def _is_ours(name: str) -> bool:
    return name in PLACES or bool(OUR_FOLDERS.intersection(name.split("/")))


def _content(path: Path) -> bytes | None:
    try:
        if path.is_symlink() or not path.is_file():
            return None
        return path.read_bytes()
    except OSError:
        return None


def _why_left(name: str, content: bytes) -> str | None:
    for folder, because in _LEFT_FOLDERS.items():
        if folder in name.split("/"):
            return because
    if is_recorded_traffic(name, content):
        return RECORDED
    if len(content) > LARGEST:
        return "too large to be code"
    if kind_of(name) is None:
        return "not a kind of file that is code"
    return None


def _code_spans(name: str, content: bytes) -> Iterator[tuple[int, int]]:
    """Where code stands in a file: all of it, but for notebooks."""
    if kind_of(name) != "notebook":
        yield 0, len(content)
        return
    text = content.decode("utf-8", "surrogateescape")
    seen = at = 0
    for cell in code_cells(text):
        for line in cell:
            start = at + len(text[seen : line.start].encode("utf-8", "surrogateescape"))
            at = start + len(text[line.start : line.end].encode("utf-8", "surrogateescape"))
            seen = line.end
            yield start, at


def _lines(
    content: bytes, old: str, spans: list[tuple[int, int]]
) -> Iterator[tuple[int, int, int, bool]]:
    """Each line that holds the id: its number, where it begins and ends, and whether it is code."""
    at = 0
    for number, line in enumerate(content.splitlines(keepends=True), 1):
        if old.encode() in line:
            middle = at + line.index(old.encode())
            is_code = any(start <= middle < end for start, end in spans)
            yield number, at, at + len(line), is_code
        at += len(line)
