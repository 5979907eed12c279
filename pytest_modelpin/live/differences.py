"""What tells a test's requests from those that were expected for it, in its reader's words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from pytest_modelpin.providers.reply import JSON
from pytest_modelpin.recordings.matching import canonical_but_ids
from pytest_modelpin.recordings.owner import Owner
from pytest_modelpin.wording import clipped, counted

_MOST_NAMED = 3  # fields of one request
_MOST_EXPLAINED = 20  # requests of a run; the others are counted
_MOST_COMPARED = 50  # recorded requests, to find the nearest
_LONGEST_FIELD = 80


@dataclass(slots=True)
class Differences:
    """Collects them; one sentence for all requests that differ in the same."""

    _twice: dict[str, list[Owner]] = field(default_factory=dict)
    _unexpected: dict[str, list[Owner]] = field(default_factory=dict)
    _explained: int = 0

    def sent_twice(self, owner: Owner, names: Iterable[str]) -> None:
        """What was sent ahead for a test differs in these from what it asks."""
        self._twice.setdefault(_listed(names), []).append(owner)

    def unexpected(self, owner: Owner, body: JSON, recorded: Sequence[JSON]) -> None:
        """A test asks what its recording does not have, though it has these."""
        names: list[str] = []
        if self._explained < _MOST_EXPLAINED:
            self._explained += 1
            near = (differing_fields(each, body) for each in recorded[:_MOST_COMPARED])
            names = min(near, key=len, default=[])
        self._unexpected.setdefault(_listed(names), []).append(owner)

    def notes(self) -> list[str]:
        """What the run's reader must know of them."""
        return [
            f"{counted(len(those), 'request was', 'requests were')} sent twice: what was sent "
            f"ahead differed in {names} ({_first(those)})."
            for names, those in self._twice.items()
        ] + [
            f"{counted(len(those), 'request was', 'requests were')} not sent ahead: "
            f"{names or 'what is asked'} is not as recorded on the pin ({_first(those)}). "
            "`pytest-modelpin record` records it anew."
            for names, those in self._unexpected.items()
        ]


def differing_fields(before: JSON, after: JSON) -> list[str]:
    """Where two bodies differ, as in `messages[0].content`; the first few places.

    A list that is longer or shorter is named itself. Ids that a client made up are no difference.
    """
    if before == after:  # mostly, and told much sooner
        return []
    if canonical_but_ids(before) == canonical_but_ids(after):
        return []
    return list(islice(_differing(before, after, ""), _MOST_NAMED + 1))


def _differing(before: JSON, after: JSON, where: str) -> Iterator[str]:
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted({*before, *after}):
            inner = f"{where}.{name}" if where else name
            if (name in before) != (name in after):
                yield inner
            elif name in before:
                yield from _differing(before[name], after[name], inner)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _differing(one, other, f"{where}[{number}]")
    elif before != after:
        yield where or "body"


def _listed(names: Iterable[str]) -> str:
    clean = [clipped(" ".join(name.split()), _LONGEST_FIELD) for name in names]
    return ", ".join(clean[:_MOST_NAMED]) + ", …" * (len(clean) > _MOST_NAMED)


def _first(owners: Sequence[Owner]) -> str:
    return ("first in " if len(owners) > 1 else "in ") + owners[0].address
