"""The issues of one round: what people ticked on the dashboard, and what they are shown next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from modelpin_runtime.registry.models import Pins
from pytest_modelpin.alarms.alarm import alarms
from pytest_modelpin.alarms.status import answered_by_another, status
from pytest_modelpin.errors import ForgeError
from pytest_modelpin.forge.connection import Forge
from pytest_modelpin.ledger.store import Ledger
from pytest_modelpin.providers.retirements import retirement
from pytest_modelpin.upgrade.context import UpgradeContext
from pytest_modelpin.upgrade.nightly.alarm_issue import write_alarms
from pytest_modelpin.upgrade.nightly.dashboard import (
    obey,
    read_dashboard,
    survey,
    write_dashboard,
)
from pytest_modelpin.upgrade.proposal.boxes import Tick, ticked


def read_wishes(forge: Forge, ledger: Ledger) -> tuple[tuple[Tick, ...], tuple[Tick, ...]]:
    """What people ticked since the last round, and which of it still has to be done.

    Versions that are wanted again are let through at once. Without a dashboard, or where issues
    can't be read, nobody has wished for anything.
    """
    try:
        dashboard = read_dashboard(forge)
    except ForgeError:
        return (), ()
    ticks = ticked(dashboard.body) if dashboard else ()
    return ticks, obey(ticks, ledger)


def write_issues(
    context: UpgradeContext, pins: Pins, root: Path, *, today: date, handled: Sequence[Tick]
) -> list[str]:
    """Bring dashboard and alarm issue up to date; what is worth telling, a sentence each.

    A repository without issues, or a token that may not write them, costs the night a sentence
    and nothing else.
    """
    forge, ledger = context.forge, context.ledger
    nights = {name: ledger.read(name) for name in pins.models}
    answered = answered_by_another(pins, root)
    rung = alarms(pins, nights, today, retirement, answered)
    rows = status(pins, nights, today, retirement, answered)
    try:
        overview = survey(forge, ledger, pins, rows, rung, today)
        write_dashboard(forge, overview, handled=handled)
        told = write_alarms(forge, rung) if pins.settings.alarm == "issue" else None
    except ForgeError as error:
        return [f"The dashboard issue was not written: {error}"]
    return [told] if told else []
