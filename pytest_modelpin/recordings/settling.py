"""Keeping what is recorded where a reply heard anew says the same; and whose a reply is that was
asked of an alias and names no model.

A provider gives each reply a new id and a new time. Written down, they would fill a review with
changes that no test can see. What a later request quotes of an earlier reply, such as the id of
a tool call, has to fit what is kept.

An error or a side call's reply names no model, so it is recorded under the id that was asked. Once
the run is over, its other replies tell which version that was: all of them move with one bump.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from pytest_modelpin.providers.replies import ANSWERS, FIELDS, is_keep_alive, is_volatile_header
from pytest_modelpin.providers.streams import lines
from pytest_modelpin.providers.wire import JSON
from pytest_modelpin.recordings.capture import Capture
from pytest_modelpin.recordings.exchange import Exchange, Response
from pytest_modelpin.recordings.owner import Owner
from pytest_modelpin.recordings.recording_file import Recording
from pytest_modelpin.recordings.reply_content import split_events


def as_recorded(
    before: Recording | None, kept: Sequence[Exchange], heard: Sequence[Exchange]
) -> tuple[Exchange, ...]:
    """What one sample heard, as it is recorded `before` for it or, with all of it, for another.

    `kept` is what the recording will hold beside it.
    """
    if not heard:
        return ()
    sample = heard[0].sample
    known = before.exchanges if before else ()
    settled = settled_on([each for each in known if each.sample == sample], heard)
    mine = [each for each in kept if each.sample == sample]  # of it only a part was heard just now
    for other in dict.fromkeys(each.sample for each in kept if each.sample != sample):
        twins = [replace(each, sample=sample) for each in kept if each.sample == other]
        if not all(each in twins for each in mine):
            continue
        left = [each for each in twins if each not in mine]
        same = settled_on(left, settled)
        if len(left) == len(heard) and {*map(id, same)} == {*map(id, left)}:
            return tuple(left)
    return settled


@dataclass(slots=True)
class _Match:
    """An exchange heard anew, and the recorded one that says the same."""

    index: int
    recorded: Exchange
    ids: Mapping[str, str] = field(default_factory=dict)
    """Of what was heard: the id in the recorded exchange that stands in its place."""


def settled_on(recorded: Sequence[Exchange], heard: Sequence[Exchange]) -> tuple[Exchange, ...]:
    """What one sample `heard`, with each exchange that is `recorded` already as it is recorded.

    An exchange stays as it was heard where one that differs quotes an id of it.
    """
    matches = list(_matches(recorded, heard))
    while True:
        kept = {match.index for match in matches}
        anew = [exchange for index, exchange in enumerate(heard) if index not in kept]
        text = "\n".join(map(_quotable, anew))
        fitting = [
            match
            for match in matches
            if not any(new != old and new in text for new, old in match.ids.items())
        ]
        if len(fitting) == len(matches):
            break
        matches = fitting
    found = {match.index: match.recorded for match in matches}
    return tuple(found.get(index, exchange) for index, exchange in enumerate(heard))


def _matches(recorded: Sequence[Exchange], heard: Sequence[Exchange]) -> Iterator[_Match]:
    left = list(recorded)
    ids: dict[str, str] = {}
    for index, exchange in enumerate(heard):
        for candidate in left:
            found = dict(ids)
            try:
                same = _say_the_same(exchange, candidate, found)
            except RecursionError:  # a body nested as deep as no answer is
                same = False
            if same:
                left.remove(candidate)
                yield _Match(index, candidate, {new: found[new] for new in found.keys() - ids})
                ids = found
                break


def _say_the_same(heard: Exchange, recorded: Exchange, ids: dict[str, str]) -> bool:
    """Whether two exchanges differ in nothing that counts; adds to `ids` what stands for what."""
    if (heard.asked, heard.served) != (recorded.asked, recorded.served):
        return False
    one, other = heard.request, recorded.request
    url = one.url
    for new, old in ids.items():
        url = url.replace(new, old)
    if (one.method, url) != (other.method, other.url):
        return False
    return _requests_agree(one.body, other.body, ids) and _replies_agree(
        heard.response, recorded.response, ids
    )


def _requests_agree(one: JSON, other: JSON, ids: Mapping[str, str]) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(
            _requests_agree(value, other[name], ids) for name, value in one.items()
        )
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(
            _requests_agree(*pair, ids) for pair in zip(one, other, strict=True)
        )
    return _equal(one, other, ids)


def _replies_agree(one: Response, other: Response, ids: dict[str, str]) -> bool:
    if (one.status, one.complete) != (other.status, other.complete):
        return False
    if _telling_headers(one) != _telling_headers(other):
        return False
    if one.content == other.content:
        return True
    mine, theirs = _parts(one), _parts(other)
    return (
        mine is not None
        and theirs is not None
        and len(mine) == len(theirs)
        and all(_agree(*pair, ids) for pair in zip(mine, theirs, strict=True))
    )


def _telling_headers(response: Response) -> dict[str, str]:
    return {name: value for name, value in response.headers.items() if not is_volatile_header(name)}


def _parts(response: Response) -> list[JSON] | None:
    """The JSON values of a body or of a stream's events, with what stands around them."""
    try:
        text = response.content.decode()
        if not response.headers.get("content-type", "").startswith("text/event-stream"):
            return [json.loads(text)]
        return [
            part
            for event in split_events(text)
            if not is_keep_alive(event)
            for part in map(_line, lines(event))
        ]
    except ValueError:
        return None


def _line(ended: str) -> JSON:
    line = ended.rstrip("\r\n")
    name, colon, data = line.partition(":")
    if name != "data" or data.strip() == "[DONE]":
        return line
    return {name + colon: json.loads(data)}


def _agree(one: JSON, other: JSON, ids: dict[str, str]) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        mine, theirs = one.keys() - FIELDS, other.keys() - FIELDS
        if mine != theirs:
            return False
        for name in one.keys() & other.keys() & FIELDS:
            _note(one[name], other[name], ids)
        return all(
            one[name] == other[name] if name in ANSWERS else _agree(one[name], other[name], ids)
            for name in mine
        )
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(
            _agree(*pair, ids) for pair in zip(one, other, strict=True)
        )
    return _equal(one, other, ids)


def _equal(one: JSON, other: JSON, ids: Mapping[str, str]) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one == other or ids.get(one) == other
    return type(one) is type(other) and bool(one == other)


def _note(new: JSON, old: JSON, ids: dict[str, str]) -> None:
    if isinstance(new, str) and isinstance(old, str) and new:
        ids.setdefault(new, old)


def _quotable(exchange: Exchange) -> str:
    """The text of an exchange in which an id may be quoted."""
    try:
        body = json.dumps(exchange.request.body, ensure_ascii=False)
    except (ValueError, RecursionError):
        body = repr(exchange.request.body)
    content = exchange.response.content.decode(errors="replace")
    return f"{exchange.request.url}\n{body}\n{content}"


# What all samples of a run tell of an alias


class AliasRecording(NamedTuple):
    """A test's recording under an alias, and the version to which it belongs."""

    owner: Owner
    asked: str
    version: str
    samples: frozenset[int]
    """Those that this run recorded anew; empty where it only added what was not recorded."""


class Aliases:
    """Which version answered an alias, by what the processes of one run learnt."""

    def __init__(self) -> None:
        self._versions: dict[str, set[str]] = {}
        """By the id asked: the versions whose folders took replies that name a model."""
        self._unnamed: dict[tuple[Owner, str], None] = {}
        self._samples: dict[Owner, set[int]] = {}

    def learn(self, capture: Capture) -> None:
        """Take in what one sample of a test heard."""
        fresh = [call for call in capture.calls if call.fresh]
        for call in fresh:
            asked = call.exchange.asked
            if call.exchange.served is not None:
                self._versions.setdefault(asked, set()).add(call.version)
            elif call.version == asked:
                self._unnamed[capture.owner, asked] = None
        if any(call.record == "all" for call in fresh):
            self._samples.setdefault(capture.owner, set()).add(capture.sample)

    def settled(self) -> Iterator[AliasRecording]:
        """The recordings under an alias that one version alone answered in this run."""
        for owner, asked in self._unnamed:
            versions = self._versions.get(asked, set())
            if len(versions) == 1 and versions != {asked}:
                samples = frozenset(self._samples.get(owner, ()))
                yield AliasRecording(owner, asked, next(iter(versions)), samples)

    def as_output(self) -> dict[str, Any]:
        """For the process that puts the run together, as JSON."""
        return {
            "versions": {asked: sorted(versions) for asked, versions in self._versions.items()},
            "unnamed": [
                [str(owner.folder), owner.module, owner.name, asked, sorted(self._of(owner))]
                for owner, asked in self._unnamed
            ],
        }

    def merge(self, output: Mapping[str, Any]) -> None:
        """Take in what another process learnt, as `as_output` gave it."""
        for asked, versions in output.get("versions", {}).items():
            self._versions.setdefault(asked, set()).update(versions)
        for folder, module, name, asked, samples in output.get("unnamed", ()):
            owner = Owner(Path(folder), module, name)
            self._unnamed[owner, asked] = None
            if samples:
                self._samples.setdefault(owner, set()).update(samples)

    def _of(self, owner: Owner) -> set[int]:
        return self._samples.get(owner, set())
