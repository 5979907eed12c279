"""What is wrong with the pins today, from models.yml, the ledger and the retirement dates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from pytest_modelpin.alarms.candidate_requests import RefusedRequest
from pytest_modelpin.alarms.pin_facts import PinFacts, ends, known_as, origin, replacement
from pytest_modelpin.ledger.nights import last_of_each_day
from pytest_modelpin.providers import identify
from pytest_modelpin.providers.retirements import when
from pytest_modelpin.registry import Model, Pins, Settings
from pytest_modelpin.wording import counted

AlarmKind = Literal[
    "floating", "answered-by-another", "retiring", "retired", "stale", "red", "silent",
    "fallback-retiring", "canary-retiring", "candidate-retiring", "candidate-refuses", "unknown-id",
]  # fmt: skip

SILENT_DAYS = 3
"""Days without a night after which the schedule counts as dead: GitHub drops single runs under
load, and switches a schedule off after 60 days without activity in a public repository."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing that wants a person's attention."""

    kind: AlarmKind
    severity: Literal["warn", "urgent"]
    name: str
    """The logical model."""
    sentence: str
    """What is wrong."""
    hint: str
    """What to do, as a sentence."""
    line: int | None = None
    """Of models.yml."""


def alarms(facts: PinFacts) -> tuple[Alarm, ...]:
    """Every alarm, the urgent ones first, else in the order of models.yml."""
    found: list[Alarm] = []
    for model in facts.pins.models.values():
        found += _of_pin(facts, model)
        found += _of_time(facts, model)
        found += _of_nights(facts, model)
        found += [
            _of_request(facts.pins, each) for each in facts.refused if each.name == model.name
        ]
    return tuple(sorted(found, key=lambda alarm: alarm.severity != "urgent"))


def _of_pin(facts: PinFacts, model: Model) -> Iterator[Alarm]:
    """What the pin's id and its answers say."""
    line = facts.pins.lines.get(("models", model.name, "production"))
    found = identify(model.production, model.provider)
    if found.kind == "floating" and model.policy == "pin":
        yield Alarm(
            "floating", "warn", model.name,
            f"The production id {model.production} is floating: what it answers can change any "
            f"day. {found.rule}",
            f"Run `pytest-modelpin resolve {model.name} --live` and pin the version it names, or "
            "set `policy: float` where the stakes are low.",
            line,
        )  # fmt: skip
    if found.kind == "unknown" and model.provider is None:
        yield Alarm(
            "unknown-id", "warn", model.name,
            f"The production id {model.production} is of no kind that is known: nothing tells "
            f"whether it moves. {found.rule}",
            "Check its spelling, or name its `provider:` in models.yml.",
            line,
        )  # fmt: skip
    yield from _of_unknown_others(facts.pins, model)
    other = facts.served_under_pin(model)
    # A deployment's name is no version: whatever answers for it is another id.
    if (
        other not in (None, model.production)
        and found.kind != "floating"
        and known_as(model.production, model.provider)
    ):
        yield Alarm(
            "answered-by-another", "urgent", model.name,
            f"The pin {model.production} was answered by {other}.",
            f"See the provider's notice; test {other} with `pytest --model {model.name}={other}` "
            "and pin what users really get.",
            line,
        )  # fmt: skip


def _of_unknown_others(pins: Pins, model: Model) -> Iterator[Alarm]:
    """A fallback or a canary that names nothing: found here, or in an outage."""
    canary = [("canary", model.canary.model)] if model.canary else []
    others = [*(("fallback", id) for id in model.fallback if id not in pins.models), *canary]
    for role, id in () if model.provider else others:
        if identify(id).kind == "unknown":
            said = f"The {role} {id} is no logical name, and no id of a kind that is known."
            line = pins.lines.get(("models", model.name, role))
            yield Alarm("unknown-id", "warn", model.name, said, "Check its spelling.", line)


def _of_time(facts: PinFacts, model: Model) -> Iterator[Alarm]:
    """What the calendar says."""
    pins, today, retirements = facts.pins, facts.today, facts.retirements
    at = ("models", model.name)
    id = known_as(model.production, model.provider, facts.served_under_pin(model))
    day = facts.end_of_pin(model)
    if day and (severity := _severity(day, today, pins.settings)):
        kind: AlarmKind = "retired" if day <= today else "retiring"
        line = pins.lines.get((*at, "production"))
        source = (
            "models.yml says so"
            if model.retires or id is None
            else origin(id, model.provider, retirements)
        )
        pin = model.production if id in (None, model.production) else f"{model.production} ({id})"
        sentence = f"The pin {pin} {when(day, today)} ({source})."
        way_out = _way_out(facts, model, id)
        yield Alarm(kind, severity, model.name, sentence, way_out, line)
    yield from _of_next(facts, model)
    yield from _of_spare(facts, model)
    validated = facts.last_validated(model)
    age = (today - validated).days if validated else None
    fresh = age is not None and -1 <= age <= pins.settings.stale_days
    if model.policy == "pin" and not fresh and not _only_judges(pins, model):
        ago = f"last validated {counted(age or 0, 'day')} ago, on {validated}"
        if age is not None and age < 0:  # a day ahead it is already, east of here
            ago = f"last validated on {validated}, which is yet to come"
        since = ago if validated else "never validated"
        yield Alarm(
            "stale", "warn", model.name,
            f"The pin {model.production} was {since}; `stale_days` is {pins.settings.stale_days}.",
            f"Run `pytest --model {model.name}=production --model-record all` and set "
            "`last_validated`.",
            pins.lines.get((*at, "last_validated"), pins.lines.get(at)),
        )  # fmt: skip


def _of_spare(facts: PinFacts, model: Model) -> Iterator[Alarm]:
    """Retirements of what production falls back to, or serves a share with."""
    pins, today, retirements = facts.pins, facts.today, facts.retirements
    # A fallback by logical name has alarms of its own as a pin.
    spare: list[tuple[AlarmKind, str, str]] = [
        ("fallback-retiring", "fallback", id) for id in model.fallback if id not in pins.models
    ]
    if model.canary:
        spare.append(("canary-retiring", "canary", model.canary.model))
    for kind, key, id in spare:
        provider = None if key == "fallback" else model.provider
        day = ends(id, provider, retirements)
        if day and (severity := _severity(day, today, pins.settings)):
            yield Alarm(
                kind, severity, model.name,
                f"The {key} {id} {when(day, today)} ({origin(id, provider, retirements)}).",
                f"Replace it in `{key}`{_by(replacement(id, provider, retirements))}.",
                pins.lines.get(("models", model.name, key)),
            )  # fmt: skip


def _of_nights(facts: PinFacts, model: Model) -> Iterator[Alarm]:
    """What the ledger says about the candidate."""
    line = _line_of_candidate(facts.pins, model.name)
    last = facts.last_night(model)
    if model.staging is None or last is None:
        return
    silence = (facts.today - date.fromisoformat(last.day)).days
    if silence > SILENT_DAYS:
        yield Alarm(
            "silent", "warn", model.name,
            f"The last night was {silence} days ago, on {last.day}: the schedule seems to be dead.",
            "See whether the nightly workflow is switched off or failing, under Actions on GitHub.",
            line,
        )  # fmt: skip
    reds = 0
    for night in last_of_each_day(facts.nights_of(model)):
        if night.colour == "red" and night.pin == model.production and night.asked == model.staging:
            reds += 1
        elif night.colour != "inconclusive":
            break
    if reds >= facts.pins.settings.green_runs:
        reason = f" Last: {last.reasons[0]}" if last.colour == "red" and last.reasons else ""
        yield Alarm(
            "red", "warn", model.name,
            f"The candidate {model.staging} was red {counted(reds, 'night')} running.{reason}",
            "Mend the prompts or tests for it, or put the version on `ignore` and await another.",
            line,
        )  # fmt: skip


def _of_request(pins: Pins, refused: RefusedRequest) -> Alarm:
    line = _line_of_candidate(pins, refused.name)
    return Alarm("candidate-refuses", "warn", refused.name, str(refused), refused.cure(), line)


def _line_of_candidate(pins: Pins, name: str) -> int | None:
    at = ("models", name)
    return pins.lines.get((*at, "staging"), pins.lines.get((*at, "candidate")))


def _of_next(facts: PinFacts, model: Model) -> Iterator[Alarm]:
    """The retirement of the version that a bump would move to, or of the candidate's own id."""
    pins, today, retirements = facts.pins, facts.today, facts.retirements
    candidate = model.staging
    if candidate is None or model.policy == "float":
        return
    last = facts.last_night(model)
    served = last.served if last and last.asked == candidate else None
    if (served or candidate) in (model.production, *model.ignore):
        return
    for id in dict.fromkeys((served, candidate)):
        day = ends(id, model.provider, retirements, served) if id else None
        if id is None or day is None or not (severity := _severity(day, today, pins.settings)):
            continue
        named = known_as(id, model.provider, served) or id
        subject = f"candidate's version {named} itself" if named == served else f"candidate {named}"
        yield Alarm(
            "candidate-retiring", severity, model.name,
            f"The {subject} {when(day, today)} ({origin(named, model.provider, retirements)}).",
            _instead(replacement(named, model.provider, retirements)),
            _line_of_candidate(pins, model.name),
        )  # fmt: skip
        return


def _severity(day: date, today: date, settings: Settings) -> Literal["warn", "urgent"] | None:
    left = (day - today).days
    if left <= settings.urgent_days:
        return "urgent"
    return "warn" if left <= settings.warn_days else None


def _way_out(facts: PinFacts, model: Model, id: str | None) -> str:
    """What to do about a retiring pin, known as `id`: wait for the bump, or watch another."""
    retirements = facts.retirements
    proposed = replacement(id or model.production, model.provider, retirements)
    if _only_judges(facts.pins, model):
        return (
            f"Set `production:` to {proposed or 'its successor'} and measure that one: "
            "`pytest-modelpin judge calibrate`."
        )
    candidate = model.staging
    doomed = candidate is None or candidate == model.production or (
        (end := ends(candidate, model.provider, retirements)) is not None and end <= facts.today
    )  # fmt: skip
    if proposed and proposed != candidate and (doomed or _same_family(model, proposed)):
        return (
            f"The provider names {proposed} as its replacement: set `staging: {proposed}` in "
            "models.yml, so that the nights test it."
        )
    if candidate and not doomed:
        return f"Promote the candidate {candidate} once its nights are green."
    return "Choose its successor and set it as `staging:` in models.yml."


def _only_judges(pins: Pins, model: Model) -> bool:
    """Whether no night tries it: a judge is measured, and a candidate that no test asks decides
    nothing.
    """
    return model.name == pins.settings.judge and model.staging is None


def _same_family(model: Model, proposed: str) -> bool:
    """Whether the candidate is an alias that will only ever name the retiring line of models."""
    candidate = model.staging or ""
    return model.production.startswith(candidate) and not proposed.startswith(candidate)


def _by(proposed: str | None) -> str:
    return f" by {proposed}, the provider's own replacement" if proposed else ""


def _instead(proposed: str | None) -> str:
    named = f", such as {proposed}, the provider's own replacement" if proposed else ""
    return f"Watch another candidate{named}."
