"""Where each version of a logical model came from: what git, the ledger and models.yml say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from modelpin_runtime.registry.models import Model
from pytest_modelpin.alarms.site import VersionRow
from pytest_modelpin.gate.verdict import points
from pytest_modelpin.ledger import Night
from pytest_modelpin.ledger.decision import Decision
from pytest_modelpin.ledger.nights import last_of_each_day
from pytest_modelpin.wording import counted, dollars

_SQUASHED = re.compile(r"\(#(\d+)\)\s*$")
_MERGED = re.compile(r"^Merge pull request #(\d+)\b")


@dataclass(frozen=True, slots=True)
class RegistryRevision:
    """models.yml's entry of one logical model as a commit has it."""

    commit: str
    day: str
    """YYYY-MM-DD, of the commit."""
    author: str
    subject: str
    model: Model | None
    """None where that commit's models.yml does not name it."""
    merged_by: str = ""
    """Subject of the first merge that brought the commit in; empty where none did."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Where it stands what is known of a logical model's versions."""

    revisions: Sequence[RegistryRevision]
    """Of models.yml, oldest first; what is in no commit yet is in none of them."""
    nights: Sequence[Night]
    decisions: Sequence[Decision]
    retires: Mapping[str, date | None]
    """By version, when it retires."""


@dataclass(frozen=True, slots=True)
class PromotionEvidence:
    """What was shown of a version when it became the pin."""

    nights: int
    """Green ones of its last streak before."""
    last: str
    """The day of the last of them."""
    cases: int
    against: str
    """The pin that it was compared with."""
    estimate: float | None
    lower_bound: float | None
    drifted: Mapping[str, int]
    cost_usd: float | None
    """Of the last night."""
    run_url: str | None


@dataclass(frozen=True, slots=True)
class Accepted:
    """A change in a version's answers that a person accepted."""

    who: str
    at: str
    cases: tuple[str, ...]
    """None stands for every case."""


@dataclass(frozen=True, slots=True)
class PinPeriod:
    """One version for as long as it was the pin."""

    version: str
    introduced: str | None
    """When it was first named in any role, or first answered a night; None where unknown."""
    promoted: str | None
    """When it became the pin; None where no commit is known that made it so."""
    until: str | None
    """When another took its place; None where it is the pin."""
    commit: str | None = None
    author: str | None = None
    subject: str | None = None
    pull_request: int | None = None
    prompt_version: str | None = None
    shown: PromotionEvidence | None = None
    """None where it was promoted without a night."""
    accepted: tuple[Accepted, ...] = ()
    issues: tuple[str, ...] = ()
    """What is known against it, a sentence each."""
    retires: str | None = None
    notes: str | None = None


def lineage(model: Model, sources: Sources, today: date) -> tuple[PinPeriod, ...]:
    """Every version that ever was the pin, oldest first; one that came back stands twice.

    What stands in the working tree and in no commit yet is `model`.
    """
    spans: list[tuple[RegistryRevision | None, Model, str | None]] = []
    for revision in (*sources.revisions, None):
        entry = model if revision is None else revision.model
        if entry is None:
            continue
        pin = entry.pin
        day = revision.day if revision else today.isoformat()
        if spans and spans[-1][1].pin == pin:
            spans[-1] = (spans[-1][0], entry, None)  # its last words on the version count
            continue
        if spans:
            spans[-1] = (*spans[-1][:2], day)
        spans.append((revision, entry, None))
    return tuple(_period(made, entry, until, sources) for made, entry, until in spans)


def versions(model: Model, revisions: Iterable[RegistryRevision]) -> frozenset[str]:
    """Every id that ever was the pin."""
    entries = [revision.model for revision in revisions if revision.model]
    return frozenset(each.pin for each in (*entries, model))


def lines(name: str, periods: Sequence[PinPeriod]) -> list[str]:
    """For a person, the newest first."""
    text = [name]
    for each in reversed(periods):
        since = f"since {each.promoted}" if each.promoted else "not committed yet"
        standing = f"the pin {since}" if each.until is None else (
            f"{each.promoted or '?'} to {each.until}"
        )  # fmt: skip
        text += ["", f"  {each.version}  {standing}", *(f"    {line}" for line in _about(each))]
    return text


def rows(periods: Iterable[PinPeriod]) -> tuple[VersionRow, ...]:
    """For the ledger's site, oldest first."""
    return tuple(
        VersionRow(
            each.version,
            each.promoted or "",
            each.until or "",
            _by(each),
            _evidence(each.shown),
            tuple(_accepted_and_known(each)),
        )
        for each in periods
    )


def _about(period: PinPeriod) -> Iterable[str]:
    made = [f"introduced {period.introduced}"] if period.introduced else []
    if period.commit:
        made.append(f"by {_by(period)}")
    if period.prompt_version:
        made.append(f"prompt {period.prompt_version}")
    if made:
        yield "; ".join(made)
    if period.subject:
        yield f"“{period.subject}”"
    yield _evidence(period.shown)
    yield from _accepted_and_known(period)
    if period.retires:
        yield f"retires {period.retires}"
    if period.notes:
        yield f"notes: {period.notes}"


def _by(period: PinPeriod) -> str:
    if not period.commit:
        return ""
    request = f" (#{period.pull_request})" if period.pull_request else ""
    return f"{period.author} in {period.commit[:10]}{request}"


def _accepted_and_known(period: PinPeriod) -> Iterable[str]:
    for each in period.accepted:
        who = f" by {each.who}" if each.who else ""
        yield f"accepted{who} on {each.at[:10]}: {', '.join(each.cases) or 'every change'}"
    for issue in period.issues:
        yield f"known: {issue}"


def _evidence(shown: PromotionEvidence | None) -> str:
    if shown is None:
        return "evidence: none in the ledger"
    evidence = [
        f"{counted(shown.nights, 'green night')} to {shown.last} on {counted(shown.cases, 'case')}"
    ]
    if shown.estimate is not None and shown.lower_bound is not None:
        evidence.append(f"{points(shown.estimate)} (bound {points(shown.lower_bound)})")
    if shown.drifted:
        evidence.append(", ".join(f"{kind} {count}" for kind, count in shown.drifted.items()))
    if shown.cost_usd is not None:
        evidence.append(f"{dollars(shown.cost_usd)} a night")
    return f"evidence against {shown.against}: {'; '.join(evidence)}"


def _period(
    made: RegistryRevision | None, entry: Model, until: str | None, sources: Sources
) -> PinPeriod:
    version, nights, decisions = entry.pin, sources.nights, sources.decisions
    announced = date.isoformat(entry.retires) if entry.retires else None
    known = sources.retires.get(version)
    promoted = made.day if made else None
    return PinPeriod(
        version,
        introduced=_introduced(version, entry, sources),
        promoted=promoted,
        until=until,
        commit=made.commit if made else None,
        author=made.author if made else None,
        subject=made.subject if made else None,
        pull_request=_request(made) if made else None,
        prompt_version=entry.prompt_version,
        shown=_shown(version, nights, promoted),
        accepted=tuple(
            Accepted(each.who, each.at, each.cases)
            for each in decisions
            if each.version == version and each.wanted == "accepted"
        ),
        issues=tuple(_issues(version, nights, decisions)),
        retires=announced or (known.isoformat() if known else None),
        notes=entry.notes,
    )


def _introduced(version: str, entry: Model, sources: Sources) -> str | None:
    days = [
        each.day for each in sources.revisions if each.model and version in each.model.versions()
    ]
    days += [night.day for night in sources.nights if night.served == version]
    if entry.introduced:
        days.append(entry.introduced.isoformat())
    return min(days, default=None)


def _request(revision: RegistryRevision) -> int | None:
    found = _SQUASHED.search(revision.subject) or _MERGED.match(revision.merged_by)
    return int(found[1]) if found else None


def _shown(version: str, nights: Sequence[Night], promoted: str | None) -> PromotionEvidence | None:
    """The greens that led to the promotion: those since the last red one or another version."""
    greens: list[Night] = []
    for night in last_of_each_day(nights):
        if (promoted and night.day > promoted) or night.colour == "inconclusive":
            continue
        if night.served == version and night.pin != version and night.colour == "green":
            greens.append(night)
        elif greens:
            break
    if not greens:
        return None
    last = greens[0]
    return PromotionEvidence(
        len(greens), last.day, len(last.cases), last.pin, last.estimate, last.lower_bound,
        last.drifted, last.cost_usd, last.run_url,
    )  # fmt: skip


def _issues(version: str, nights: Sequence[Night], decisions: Sequence[Decision]) -> Iterable[str]:
    own = [night for night in last_of_each_day(nights) if night.served == version]
    if own and own[0].held:
        yield f"on {own[0].day} confirmed to answer otherwise in {', '.join(own[0].held)}"
    for night in reversed(own):
        if night.colour == "red":
            why = next(iter(night.reasons), "no reason given")
            yield f"the night of {night.day} was red: {why}"
    for each in decisions:
        if each.version == version and each.wanted == "no":
            yield f"not wanted since {each.at[:10]}: {each.because}"
