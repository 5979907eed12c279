"""What a night's page tells beside the comparison: earlier nights, confirmations, retirements."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date

from modelpin_runtime.registry.models import Model
from pytest_modelpin.gate.evidence import Counts
from pytest_modelpin.ledger.night import Night
from pytest_modelpin.ledger.streak import last_of_each_day
from pytest_modelpin.providers.retirements import retirement, retirement_of_pin, when
from pytest_modelpin.report.page import NightPoint, PageContext


def page_context(
    model: Model,
    night: Night,
    past: Sequence[Night],
    *,
    margin: float,
    day: str,
    fresh: Mapping[str, Counts],
    accepted: Collection[str],
) -> PageContext:
    """The page's context for a night of `model`.

    `past` are the ledger's nights, oldest first; `fresh` the samples by which changes were
    confirmed or not, by case; `accepted` the cases whose changes a person has accepted, `*` for
    all.
    """
    return PageContext(
        nights=[
            NightPoint(
                date=each.day,
                colour=each.colour,
                served=each.served or "",
                estimate=each.estimate,
                lower_bound=each.lower_bound,
                cost_usd=each.cost_usd,
                latency=each.latency,
                tokens=each.tokens,
                url=each.run_url or "",
            )
            for each in [*reversed([*last_of_each_day([*past, night])])]
        ],
        margin=margin,
        made=f"{day} UTC",
        run_url=night.run_url or "",
        retirements=tuple(_retirements(model, night, date.fromisoformat(day))),
        fresh=fresh,
        held=night.held,
        accepted=tuple(sorted(accepted)),
    )


def _retirements(model: Model, night: Night, today: date) -> Iterator[str]:
    """Of the old pin and of the version that would be the new one."""
    listed = retirement_of_pin(night.pin, model.provider)
    ends = model.retires or (listed.retires if listed else None)
    if ends:
        yield f"The pin {night.pin} {when(ends, today)}."
    if night.served and night.served != night.pin:
        itself = retirement(night.served, model.provider)
        if itself:
            yield f"The candidate's version {night.served} {when(itself.retires, today)}."
