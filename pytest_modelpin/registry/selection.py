"""Which model version each logical model uses in this run: what `--model` means; and what to say of
a name that models.yml does not hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple, get_args

from modelpin_runtime.errors import did_you_mean, nearest
from modelpin_runtime.registry.models import WHICH, Model, Pins, unfit_id
from pytest_modelpin.errors import SelectionError

RecordMode = Literal["none", "new", "all"]
"""`none` only replays, `new` replays what is known and records the rest, `all` is always live."""

Which = Literal["production", "candidate", "fallback", "canary", "previous", "id"]

_SURELY_MISTYPED = 0.8  # difflib's ratio; no id of a provider comes that near to one of the words


class Selected(NamedTuple):
    """The version that one logical model uses in this run."""

    name: str
    production: str
    which: Which
    id: str
    record: RecordMode
    provider: str | None = None
    overridden: str | None = None
    """The file's production id, where the environment overrides it: code may still send it."""
    canary: str | None = None
    """The canary's id: code that routes users asks it for some of them."""

    @property
    def is_pin(self) -> bool:
        """Whether it is on its pin, by whatever word it was selected."""
        return self.id == self.production


class Selection(NamedTuple):
    """The versions in force, by logical name."""

    models: Mapping[str, Selected]

    @property
    def tried(self) -> list[Selected]:
        """Those that are on another version than their pin."""
        return [each for each in self.models.values() if not each.is_pin]

    @property
    def sends(self) -> bool:
        """Whether any of them may be asked live."""
        return any(each.record != "none" for each in self.models.values())

    @property
    def asked_anew(self) -> list[Selected]:
        """Those of which every answer is asked live."""
        return [each for each in self.models.values() if each.record == "all"]

    @property
    def judged(self) -> tuple[str, ...]:
        """The ids whose recordings may be unused where their tests are gone.

        They are those that are replayed, but no pin that a logical model selected otherwise shares:
        what that model's tests recorded on it is in use, though not asked for in this run.
        """
        replayed = dict.fromkeys(one.id for one in self.models.values() if one.record != "all")
        in_use = {one.production for one in self.tried}
        return tuple(id for id in replayed if id not in in_use)

    @property
    def judged_by_test(self) -> tuple[str, ...]:
        """Those of `judged` of which a test that is there may leave something unused.

        That is nothing on any pin where a model is tried on another version: what the test asks its
        judge then depends on what that answers.
        """
        pins = {one.production for one in self.models.values()} if self.tried else set()
        return tuple(id for id in self.judged if id not in pins)

    def route(self, model: str, names: Sequence[str] = ()) -> Selected | None:
        """Which logical model a request for `model` (a production or a selected id) belongs to, or
        else whose canary it is.

        `names` are the logical names that the running test declares (marker `models=[…]`, or
        `model_id("name")`); they decide where several logical models share an id. None where
        models.yml does not name `model`. Raises SelectionError where several names share the id,
        are selected differently, and `names` does not tell which is meant.
        """
        sharing = [
            one for one in self.models.values() if model in (one.production, one.id, one.overridden)
        ] or [one for one in self.models.values() if model == one.canary]
        meant = [one for one in sharing if one.name in names] or sharing
        if len({(one.id, one.record) for one in meant}) > 1:
            raise SelectionError(
                f"{model} is the model of {_listed([one.name for one in meant])}, which are "
                "selected differently in this run. Say which one the test means: mark it with "
                f'@pytest.mark.modelpin(models=["{meant[0].name}"]), or ask for '
                f'model_id("{meant[0].name}").'
            )
        return meant[0] if meant else None


def select(pins: Pins, wanted: Sequence[str] = (), record: RecordMode | None = None) -> Selection:
    """The selection that the values of `--model` and `--model-record` ask for.

    A word, such as `candidate`, holds for every logical model that has one; `NAME=…` and a bare
    id hold for one, and win over a word. Of two that hold for the same, the later one counts.
    `record` holds for the versions other than production, or for all where all are production.
    Raises SelectionError, a sentence naming what is allowed.
    """
    general: str | None = None
    named: dict[str, tuple[Which, str]] = {}
    bare: dict[str, str] = {}
    for text in wanted:
        name, value = _split(pins, text)
        if name is not None:
            named[name] = _version(pins, pins.models[name], value)
        elif value in WHICH:
            general = value
        else:
            owner = _owner(pins, value)
            _refuse_two(owner, bare.setdefault(owner, value), value)
            named[owner] = ("id", value)
    chosen = _general(pins, general) | named
    if record is not None and record not in get_args(RecordMode):
        raise SelectionError(f"--model-record {record}: choose one of none, new, all.")
    only_production = all(which == "production" for which, _ in chosen.values())
    return Selection(
        {
            name: Selected(
                name,
                model.production,
                which=chosen[name][0],
                id=chosen[name][1],
                record=_record_mode(chosen[name][0], record, only_production),
                provider=model.provider,
                overridden=model.overridden,
                canary=model.canary.model if model.canary else None,
            )
            for name, model in pins.models.items()
        }
    )


def _record_mode(which: Which, asked: RecordMode | None, only_production: bool) -> RecordMode:
    if which == "production":
        return asked if asked and only_production else "none"
    return asked or "all"


def _split(pins: Pins, text: str) -> tuple[str | None, str]:
    """(logical name, value) of NAME=VALUE, else (None, value)."""
    name, equals, value = text.partition("=")
    if not equals:
        name, value = "", text
    if not value:
        raise SelectionError(f"--model {text!r} is empty. {_allowed(pins)}.")
    if name in WHICH or (equals and name not in pins.models):
        hint = did_you_mean(name, pins.models)
        raise SelectionError(
            f"--model {text}: {name!r} is not a logical model of {pins.path}; "
            f"it names {_listed(pins.models)}.{hint}"
        )
    return name or None, value


def _general(pins: Pins, word: str | None) -> dict[str, tuple[Which, str]]:
    """Every logical model's version by a word; production where it has none of that word."""
    found: dict[str, tuple[Which, str]] = {
        name: ("production", model.production) for name, model in pins.models.items()
    }
    if word is None:
        return found
    having = {
        name: id for name, model in pins.models.items() if (id := _by_word(pins, model, word))
    }
    if not having:
        raise SelectionError(
            f"--model {word}: no logical model of {pins.path} has one; add {_example(word)} to "
            "the one it is for."
        )
    return found | {name: (_which(word), id) for name, id in having.items()}


def _refuse_two(name: str, first: str, second: str) -> None:
    """A word is often taken back by a later one, as behind `addopts`; an id is meant."""
    if first != second:
        raise SelectionError(
            f"--model: {first} and {second} are both for {name}. To try one after the other, write "
            f"`--model {name}={first} --model {name}={second}`."
        )


def _version(pins: Pins, model: Model, value: str) -> tuple[Which, str]:
    if value in WHICH:
        if id := _by_word(pins, model, value):
            return _which(value), id
        raise SelectionError(
            f"--model {model.name}={value}: {model.name!r} has no {value} in {pins.path}; add "
            f"{_example(value)} to it, or select another version."
        )
    _check_id(pins, value)
    return "id", value


def _owner(pins: Pins, id: str) -> str:
    """The logical model that a bare id is meant for."""
    _check_id(pins, id)
    naming = [name for name, model in pins.models.items() if id in model.ids()]
    if id in pins.models:
        # A logical name that is an id as well: in a `fallback` it is the name that is meant.
        naming = [name for name in naming if id in pins.models[name].versions()]
        naming = [id] if id in naming else naming
    if len(naming) == 1:
        return naming[0]
    if len(pins.models) == 1:
        return next(iter(pins.models))
    found = f"{_listed(naming)} name it" if naming else "none of its logical models names it"
    example = (naming or list(pins.models))[0]
    raise SelectionError(
        f"--model {id}: {pins.path} names {len(pins.models)} logical models and {found}; say which "
        f"one it is for, such as --model {example}={id}."
    )


def _check_id(pins: Pins, value: str) -> None:
    """Raise SelectionError unless `value` can be meant as an id; a name may be one as well."""
    known = any(value in model.versions() for model in pins.models.values())
    if value in pins.models and not known:
        raise SelectionError(
            f"--model {value}: that is a logical name; say which of its versions, such as "
            f"--model {value}=candidate."
        )
    if problem := unfit_id(value):
        raise SelectionError(f"--model {value!r}: the id {problem}. {_allowed(pins)}.")
    if not known and (word := nearest(value, WHICH, _SURELY_MISTYPED)):
        raise SelectionError(f"--model {value}: did you mean `{word}`? {_allowed(pins)}.")


def _by_word(pins: Pins, model: Model, word: str) -> str | None:
    match _which(word):
        case "candidate":
            return model.staging
        case "fallback":
            return next(iter(pins.fallbacks(model.name)), None)
        case "canary":
            return model.canary.model if model.canary else None
        case "previous":
            return model.previous
        case _:
            return model.production


def _which(word: str) -> Which:
    return "candidate" if word == "staging" else word  # type: ignore[return-value]


def _example(word: str) -> str:
    return {
        "candidate": "`staging: <id>`",
        "staging": "`staging: <id>`",
        "fallback": "`fallback: [<id>]`",
        "canary": "`canary: {model: <id>, percent: 5}`",
    }.get(word, f"`{word}: <id>`")


def _allowed(pins: Pins) -> str:
    return (
        f"Allowed: {', '.join(WHICH)}, a model id, or NAME=one of those with NAME out of "
        f"{', '.join(pins.models)}"
    )


def _listed(names: Mapping[str, object] | Sequence[str]) -> str:
    every = list(names)
    return every[0] if len(every) == 1 else f"{', '.join(every[:-1])} and {every[-1]}"


def names_no(registry: object, wanted: Sequence[str], names: Iterable[str]) -> str:
    """The sentence about the names wanted that are none of `names`, with the nearest to one.

    `registry` is the file that was looked in.
    """
    names = list(names)
    unknown = [name for name in wanted if name not in names]
    known = f"it names: {', '.join(names)}." if names else "it names none."
    hint = did_you_mean(unknown[0], names) if len(unknown) == 1 else ""
    return f"{registry} names no {', '.join(map(repr, unknown))}; {known}{hint}"
