"""What Slack is told: red nights, pull requests opened, alarms that were raised.

A green night is no news. Nor is an alarm that was there before, but for Mondays (UTC), when all
there are come up once more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modelpin_runtime.registry.models import Pins
from pytest_modelpin.alarms.alarm import Alarm, Retirements, alarms
from pytest_modelpin.alarms.answered import answered_by_another
from pytest_modelpin.ledger.night import Night
from pytest_modelpin.ledger.store import Ledger
from pytest_modelpin.providers import retirement
from pytest_modelpin.report.slack import Block, context, fields, header, link, message, section
from pytest_modelpin.upgrade.nightly.webhook import post
from pytest_modelpin.wording import counted

if TYPE_CHECKING:
    from pytest_modelpin.upgrade.nightly.run_nightly import ModelNight, Round

_MONDAY = 0
_REASONS = 5


def announce_night(
    address: str, played: Round, pins: Pins, ledger: Ledger, *, root: Path, today: date
) -> None:
    """Tell the webhook at `address` of a night, where it is news. Raises ModelpinError."""
    nights = {name: ledger.read(name) for name in pins.models}
    found = raised(pins, nights, today, retirement, answered_by_another(pins, root))
    if news := night_message(played, found):
        post(address, news)


def raised(
    pins: Pins,
    nights: Mapping[str, Sequence[Night]],
    today: date,
    retirements: Retirements,
    answered: Mapping[str, str] | None = None,
) -> tuple[Alarm, ...]:
    """The alarms to announce today; arguments as for `alarms`.

    New is what models.yml as it is now would not have raised on the day of the night before, or
    only with less urgency. So nothing has to be remembered, and a day without a night hides no
    alarm. All alarms are new where there was no night yet.
    """
    now = alarms(pins, nights, today, retirements, answered)
    earlier = {
        name: [night for night in own if night.day < str(today)] for name, own in nights.items()
    }
    before = max((own[-1].day for own in earlier.values() if own), default=None)
    if before is None or today.weekday() == _MONDAY:
        return now
    then = alarms(pins, earlier, date.fromisoformat(before), retirements, answered)
    known = {(alarm.kind, alarm.name, alarm.severity) for alarm in then}
    return tuple(alarm for alarm in now if (alarm.kind, alarm.name, alarm.severity) not in known)


def night_message(played: Round, alarms: Sequence[Alarm]) -> dict[str, Any] | None:
    """The announcement of a night, with the alarms that it raised; None where nothing is news."""
    news = [night for night in played.nights if night.opened or _is_red(night)]
    if not news and not alarms:
        return None
    blocks = [block for night in news for block in _of_night(night, played.green_runs)]
    summary = [_headline(night) for night in news] + ([_count(alarms)] if alarms else [])
    return message(f"{played.day}: {'; '.join(summary)}", [*blocks, *_of_alarms(alarms)])


def alarm_message(alarms: Sequence[Alarm]) -> dict[str, Any] | None:
    """The announcement of alarms; None where there is none."""
    return message(_count(alarms), list(_of_alarms(alarms))) if alarms else None


def _is_red(night: ModelNight) -> bool:
    return night.finding.night.colour == "red"


def _headline(night: ModelNight) -> str:
    if _is_red(night):
        return f"{night.model.name}: a red night"
    return f"{night.model.name}: pull request #{night.pull_request} opened"


def _of_night(night: ModelNight, green_runs: int) -> Iterator[Block]:
    found = night.finding
    yield header(f"{'🔴' if _is_red(night) else '🟢'} {_headline(night)}")
    if reasons := found.verdict.reasons[:_REASONS]:
        yield section("\n".join(reasons))
    yield fields(
        {
            "Pin": found.night.pin,
            "Candidate": found.night.asked,
            "Served": found.night.served or "unknown",
            "Streak": f"{found.streak.length} of {green_runs} green nights",
        }
    )
    pull = link(f"Pull request #{night.pull_request}", night.url) if night.pull_request else ""
    links = [shown for shown in (pull, link("Run", found.night.run_url)) if shown]
    if links:
        yield context(links)


def _of_alarms(alarms: Sequence[Alarm]) -> Iterator[Block]:
    if alarms:
        yield header(f"🔔 {_count(alarms)}")
    for alarm in alarms:
        sign = "🔴" if alarm.severity == "urgent" else "🟡"
        yield section(f"{sign} {alarm.name}: {alarm.sentence}\n{alarm.hint}")


def _count(alarms: Sequence[Alarm]) -> str:
    return f"{counted(len(alarms), 'alarm')} about model pins"
