"""models.yml as one Python module that needs nothing: for programs that want no dependency."""

from __future__ import annotations

import json
import keyword

from modelpin_runtime.registry.environment import environment_variable
from modelpin_runtime.registry.models import Model, Pins
from modelpin_runtime.routing import salt_of

_MODULE = '''\
"""The pins of {source}, as data. Made by `pytest-modelpin render`; edit {source} instead."""

from __future__ import annotations

import hashlib as _hashlib
import os as _os

PINS: dict[str, str] = {pins}
FALLBACKS: dict[str, tuple[str, ...]] = {fallbacks}
CANARIES: dict[str, tuple[str, float, str]] = {canaries}
"""By logical name: the canary's id, its percentage, and the salt of its users, in hex."""
_VARIABLES: dict[str, str] = {variables}


def pin(name: str) -> str:
    """The id to ask for a logical model; the environment's `MODELPIN_<NAME>` wins."""
    return _os.environ.get(_VARIABLES[name]) or PINS[name]


def chain(name: str) -> tuple[str, ...]:
    """Whom to ask, in order: the pin, then the fallbacks."""
    return tuple(dict.fromkeys((pin(name), *FALLBACKS[name])))


def route(name: str, key: str | None = None) -> str:
    """The pin, or the canary for its share of keys: the same key always goes the same way."""
    canary = CANARIES.get(name)
    if canary is None or key is None or _os.environ.get(_VARIABLES[name]):
        return pin(name)
    model, percent, salt = canary
    own = _hashlib.blake2b(
        str(key).encode("utf-8", "replace"), digest_size=8, salt=bytes.fromhex(salt)
    ).digest()
    return model if int.from_bytes(own, "big") / 2**64 * 100 < percent else pin(name)
'''


def python_module(pins: Pins, source: str) -> str:
    """The module's text: the file's own pins, whatever the environment overrides here.

    `source` is the path that its first line names. The same models.yml gives the same text.
    """
    models = pins.models.values()
    canaries = {
        model.name: (model.canary.model, model.canary.percent,
                     salt_of(model.name, model.canary.model).hex())
        for model in models if model.canary
    }  # fmt: skip
    return _MODULE.format(
        source=json.dumps(source).strip('"'),
        pins=_mapping({model.name: repr(model.pin) for model in models}),
        fallbacks=_mapping({model.name: repr(_fallbacks(pins, model)) for model in models}),
        canaries=_mapping({name: repr(value) for name, value in canaries.items()}),
        variables=_mapping(
            {model.name: repr(environment_variable(model.name)) for model in models}
        ),
    )


def is_module_name(stem: str) -> bool:
    """Whether a file of that name can be imported."""
    return stem.isidentifier() and not keyword.iskeyword(stem)


def _fallbacks(pins: Pins, model: Model) -> tuple[str, ...]:
    return tuple(
        pins.models[entry].pin if entry in pins.models else entry for entry in model.fallback
    )


def _mapping(items: dict[str, str]) -> str:
    if not items:
        return "{}"
    return "{\n" + "".join(f"    {name!r}: {value},\n" for name, value in items.items()) + "}"
