"""The ledger's nights and the state of each model as the rows of the static site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pytest_modelpin.alarms.status import Status
from pytest_modelpin.ledger.night import Night
from pytest_modelpin.ledger.streak import last_of_each_day
from pytest_modelpin.report.page import NightPoint
from pytest_modelpin.report.site import ModelPage, NightRow


def pages(
    rows: Sequence[Status], nights: Mapping[str, Sequence[Night]], margin: float
) -> list[ModelPage]:
    """A page for each row of `status`, with the night that counts of each day, oldest first."""
    return [_page(row, nights.get(row.name, ()), margin) for row in rows]


def _page(row: Status, nights: Sequence[Night], margin: float) -> ModelPage:
    return ModelPage(
        name=row.name,
        pin=row.pin,
        candidate=row.candidate or "",
        served=row.served or "",
        streak=row.streak,
        needed=row.needed,
        verdict=row.verdict or "",
        retires=_retires(row),
        validated=str(row.last_validated or ""),
        margin=margin,
        nights=tuple(_night(night) for night in reversed([*last_of_each_day(nights)])),
    )


def _retires(row: Status) -> str:
    if row.retires is None or row.retires_in_days is None:
        return ""
    if row.retires_in_days < 0:
        return f"The pin retired on {row.retires}."
    return f"The pin retires on {row.retires}, in {row.retires_in_days} days."


def _night(night: Night) -> NightRow:
    return NightRow(
        point=NightPoint(
            date=night.day,
            colour=night.colour,
            served=night.served or "",
            estimate=night.estimate,
            lower_bound=night.lower_bound,
            cost_usd=night.cost_usd,
            latency=night.latency,
            tokens=night.tokens,
            url=night.run_url or "",
        ),
        pin=night.pin,
        cases=len(night.cases),
        lost=night.lost,
        drifted=", ".join(f"{kind} {count}" for kind, count in night.drifted.items()),
        reasons=night.reasons,
    )
