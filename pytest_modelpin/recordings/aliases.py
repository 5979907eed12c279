"""What all samples of a run tell of an alias.

An error or a side call's reply names no model, so it is recorded under the id that was asked. Once
the run is over, its other replies tell which version that was: all of them move with one bump.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pytest_modelpin.recordings.capture import Capture
from pytest_modelpin.recordings.owner import Owner


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
