"""What a page tells beside the comparison, and where it is from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from modelpin_runtime.registry.models import Model
from pytest_modelpin.clock import utc_now
from pytest_modelpin.compare.comparison import Comparison, RunPair
from pytest_modelpin.gate.evidence import Counts
from pytest_modelpin.providers import floor
from pytest_modelpin.providers.retirements import retirement, retirement_of_pin, when
from pytest_modelpin.report.page.plots import NightPoint

_AT_PIN = "the pin itself answered for the candidate"


@dataclass(frozen=True, slots=True)
class PageContext:
    """What the page tells beside the comparison; all of it optional."""

    nights: Sequence[NightPoint] = ()
    """Of all the candidate's versions, oldest first, tonight's last."""
    margin: float = 0.10
    made: str = ""
    """When and from which commit, as shown."""
    run_url: str = ""
    retirements: Sequence[str] = ()
    """Sentences about who retires when, old pin and new."""
    fresh: Mapping[str, Counts] = field(default_factory=dict)
    """By case: passes and samples of both sides, asked anew to confirm what looked changed."""
    held: Sequence[str] = ()
    """Cases with a confirmed change that a person has not accepted yet."""
    accepted: Sequence[str] = ()
    """Cases whose changes a person has accepted; `*` stands for all."""
    branch: str = ""
    """Of the bump, where one is or would be made."""
    pulls_url: str = ""
    """Where the bump's pull request is found; only https is linked."""
    not_proposed: str = ""
    """Why no bump would come of it, however green, as a sentence without its end; else empty."""
    replayed: bool = False
    """Whether the candidate's replies are recorded ones."""


def context_of_runs(
    comparison: Comparison, runs: RunPair, model: Model | None = None
) -> PageContext:
    """Of two runs that are compared outside of a night: when, from what, and who retires.

    What a night kept of the candidate's run is told, too, where it is of these two.
    """
    candidate = runs.candidate
    kept = candidate.night_beside(runs.production)
    served = comparison.candidate.served
    return PageContext(
        margin=runs.settings.margin,
        made=made_of(candidate.started[:16].replace("T", " "), candidate.commit),
        retirements=ends_of(
            comparison.production.id,
            served[0] if len(served) == 1 else None,
            utc_now().date(),
            model,
        ),
        fresh=dict(kept.fresh) if kept else {},
        accepted=kept.accepted if kept else (),
        not_proposed=_AT_PIN if served == (comparison.production.id,) else "",
        replayed=comparison.stale > 0,
    )


def made_of(when_made: str, commit: str) -> str:
    """When and from which commit, as a page shows it; what is unknown is left out."""
    known = (f"{when_made} UTC" if when_made else "", f"commit {commit}" if commit else "")
    return ", ".join(filter(None, known))


def ends_of(
    pin: str, served: str | None, today: date, model: Model | None = None
) -> tuple[str, ...]:
    """Sentences about the end of the pin and of the version that would be the new one."""
    return tuple(_ends(pin, served, today, model))


def _ends(pin: str, served: str | None, today: date, model: Model | None) -> Iterator[str]:
    provider = model.provider if model else None
    listed = retirement_of_pin(pin, provider)
    ends = (model.retires if model else None) or (listed.retires if listed else None)
    yield f"The pin {pin} {_end(pin, ends, provider, today)}."
    if served and served != pin:
        itself = retirement(served, provider)
        end = _end(served, itself.retires if itself else None, provider, today)
        yield f"The candidate's version {served} {end}."


def _end(id: str, ends: date | None, provider: str | None, today: date) -> str:
    if ends:
        return when(ends, today)
    promise = floor(id, provider)
    if promise and promise.holds(today):
        return f"will not retire before {promise.not_sooner_than}"
    return "has no retirement date that is known"
