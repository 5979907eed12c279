"""What is wrong with the pins today, from models.yml, the ledger and the retirement dates."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from pytest_modelpin.alarms.candidate_requests import RefusedRequest
from pytest_modelpin.ledger import Night
from pytest_modelpin.ledger.nights import last_of_each_day, until
from pytest_modelpin.providers import Retirement, identify, provider_named
from pytest_modelpin.providers.retirements import when
from pytest_modelpin.registry import Model, Pins, Settings
from pytest_modelpin.wording import counted

Retirements = Callable[[str, str | None], Retirement | None]
"""(model, provider) -> its retirement, None where no date is known."""


def known_as(model: str, provider: str | None, served: str | None = None) -> str | None:
    """The id under which a retirement is looked up: the model's own, most often.

    Where it is the name of a deployment (Azure), only the version that served it last has a date;
    None where that is not known.
    """
    named = provider_named(provider)
    return served if named is not None and named.names_deployments else model


def ends(
    model: str, provider: str | None, retirements: Retirements, served: str | None = None
) -> date | None:
    """The day on which a model retires; None where that is not known."""
    id = known_as(model, provider, served)
    found = retirements(id, provider) if id else None
    return found.retires if found else None


def replacement(model: str, provider: str | None, retirements: Retirements) -> str | None:
    """The id that the provider names in a model's place; None where its words are no id."""
    found = retirements(model, provider)
    named = found.replacement if found else None
    if not named or identify(named, provider).kind == "unknown":
        return None
    return named


def origin(model: str, provider: str | None, retirements: Retirements) -> str:
    """Where a model's date was read, and when; the newest source stands for the others."""
    found = retirements(model, provider)
    source = max(found.sources, key=lambda each: each.as_of, default=None) if found else None
    if found is None or source is None:
        return "source unknown"
    said = [f"{source.name}, as of {source.as_of}"]
    if found.uncertain:
        said.append(f"uncertain: {found.note or 'the sources disagree'}")
    elif found.alias and found.note:
        said.append(found.note)
    return "; ".join(said)


def last_validated(model: Model, nights: Sequence[Night]) -> date | None:
    """The later of `last_validated` in models.yml and the last green night that the pin served.

    Where the candidate's alias still resolves to the pin, each green night validates the pin.
    """
    known = model.last_validated
    for night in last_of_each_day(nights):
        if known is not None and night.day <= known.isoformat():
            break  # of years of nights, only the newest few need be read
        if night.colour == "green" and night.served == model.production:
            return date.fromisoformat(night.day)
    return known


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


def alarms(
    pins: Pins,
    nights: Mapping[str, Sequence[Night]],
    today: date,
    retirements: Retirements,
    answered: Mapping[str, str] | None = None,
    refused: Sequence[RefusedRequest] = (),
) -> tuple[Alarm, ...]:
    """Every alarm, the urgent ones first, else in the order of models.yml.

    `nights` are the ledger's by logical name, oldest first. `retirements` gives a model's
    retirement, as `providers.retirement` does. `answered` holds, by logical name, the version that
    answered when a pin's recordings were made, where that was another than the pin. `refused` are
    the requests that `refused_requests` found.
    """
    found: list[Alarm] = []
    for model in pins.models.values():
        own = until(nights.get(model.name, ()), str(today))
        found += _of_pin(pins, model, own, (answered or {}).get(model.name))
        found += _of_time(pins, model, own, today, retirements, (answered or {}).get(model.name))
        found += _of_nights(pins, model, own, today)
        found += [_of_request(pins, each) for each in refused if each.name == model.name]
    return tuple(sorted(found, key=lambda alarm: alarm.severity != "urgent"))


def _of_pin(
    pins: Pins, model: Model, nights: Sequence[Night], answered: str | None
) -> Iterator[Alarm]:
    """What the pin's id and its answers say."""
    line = pins.lines.get(("models", model.name, "production"))
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
    yield from _of_unknown_others(pins, model)
    other = answered or _answered_by_night(model, nights)
    # A deployment's name is no version: whatever answers for it is another id.
    if other and found.kind != "floating" and known_as(model.production, model.provider):
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


def _answered_by_night(model: Model, nights: Sequence[Night]) -> str | None:
    """The version that answered the pin on the last night that asked for it."""
    for night in last_of_each_day(nights):
        if night.asked == model.production and night.served:
            return night.served if night.served != model.production else None
    return None


def _of_time(
    pins: Pins,
    model: Model,
    nights: Sequence[Night],
    today: date,
    retirements: Retirements,
    answered: str | None,
) -> Iterator[Alarm]:
    """What the calendar says."""
    at = ("models", model.name)
    served = answered or _answered_by_night(model, nights)
    id = known_as(model.production, model.provider, served)
    day = model.retires or ends(model.production, model.provider, retirements, served)
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
        way_out = _way_out(model, id, today, retirements)
        yield Alarm(kind, severity, model.name, sentence, way_out, line)
    yield from _of_next(pins, model, nights, today, retirements)
    yield from _of_spare(pins, model, today, retirements)
    validated = last_validated(model, nights)
    age = (today - validated).days if validated else None
    if model.policy == "pin" and (age is None or not -1 <= age <= pins.settings.stale_days):
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


def _of_spare(pins: Pins, model: Model, today: date, retirements: Retirements) -> Iterator[Alarm]:
    """Retirements of what production falls back to, or serves a share with."""
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


def _of_nights(pins: Pins, model: Model, nights: Sequence[Night], today: date) -> Iterator[Alarm]:
    """What the ledger says about the candidate."""
    line = _line_of_candidate(pins, model.name)
    last = next(last_of_each_day(nights), None)
    if model.staging is None or last is None:
        return
    silence = (today - date.fromisoformat(last.day)).days
    if silence > SILENT_DAYS:
        yield Alarm(
            "silent", "warn", model.name,
            f"The last night was {silence} days ago, on {last.day}: the schedule seems to be dead.",
            "See whether the nightly workflow is switched off or failing, under Actions on GitHub.",
            line,
        )  # fmt: skip
    reds = 0
    for night in last_of_each_day(nights):
        if night.colour == "red" and night.pin == model.production and night.asked == model.staging:
            reds += 1
        elif night.colour != "inconclusive":
            break
    if reds >= pins.settings.green_runs:
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


def _of_next(
    pins: Pins, model: Model, nights: Sequence[Night], today: date, retirements: Retirements
) -> Iterator[Alarm]:
    """The retirement of the version that a bump would move to, or of the candidate's own id."""
    candidate = model.staging
    if candidate is None or model.policy == "float":
        return
    last = next(last_of_each_day(nights), None)
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


def _way_out(model: Model, id: str | None, today: date, retirements: Retirements) -> str:
    """What to do about a retiring pin, known as `id`: wait for the bump, or watch another."""
    proposed = replacement(id or model.production, model.provider, retirements)
    candidate = model.staging
    doomed = candidate is None or candidate == model.production or (
        (end := ends(candidate, model.provider, retirements)) is not None and end <= today
    )  # fmt: skip
    if proposed and proposed != candidate and (doomed or _same_family(model, proposed)):
        return (
            f"The provider names {proposed} as its replacement: set `staging: {proposed}` in "
            "models.yml, so that the nights test it."
        )
    if candidate and not doomed:
        return f"Promote the candidate {candidate} once its nights are green."
    return "Choose its successor and set it as `staging:` in models.yml."


def _same_family(model: Model, proposed: str) -> bool:
    """Whether the candidate is an alias that will only ever name the retiring line of models."""
    candidate = model.staging or ""
    return model.production.startswith(candidate) and not proposed.startswith(candidate)


def _by(proposed: str | None) -> str:
    return f" by {proposed}, the provider's own replacement" if proposed else ""


def _instead(proposed: str | None) -> str:
    named = f", such as {proposed}, the provider's own replacement" if proposed else ""
    return f"Watch another candidate{named}."
