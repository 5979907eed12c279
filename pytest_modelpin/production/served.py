"""What models.yml has served under each logical name, and where a gateway serves something else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from modelpin_runtime.registry.models import Pins
from pytest_modelpin.providers import identify

MADE = "Made by pytest-modelpin sync"
"""In every file that is ours to write anew."""


@dataclass(frozen=True, slots=True)
class Served:
    """What a gateway answers a logical name with."""

    shares: Mapping[str, float]
    """By id: the share of requests in per cent; together 100."""
    fallbacks: tuple[str, ...] = ()
    """Ids, in order; always empty where the gateway's form has no word for them."""


def served_by_pins(
    pins: Pins, *, canaries: bool = True, fallbacks: bool = True
) -> dict[str, Served]:
    """What models.yml says, by logical name; the file's pins, whatever the environment has."""
    found = {}
    for name, model in pins.models.items():
        shares = {model.pin: 100.0}
        if canaries and model.canary and model.canary.percent:
            shares = {
                model.pin: 100.0 - model.canary.percent,
                model.canary.model: float(model.canary.percent),
            }
        others = tuple(pins.models[e].pin if e in pins.models else e for e in model.fallback)
        found[name] = Served(
            {id: share for id, share in shares.items() if share}, others if fallbacks else ()
        )
    return found


def differences(says: Mapping[str, Served], serves: Mapping[str, Served]) -> Iterator[str]:
    """A sentence for each route of the gateway that serves something else than models.yml says.

    Routes of names that models.yml does not have are the gateway's own business.
    """
    for name, right in says.items():
        there = serves.get(name)
        if there is None:
            yield f"{name} has no route"
            continue
        if {id: round(share, 1) for id, share in there.shares.items()} != {
            id: round(share, 1) for id, share in right.shares.items()
        }:
            yield f"{name} serves {_told(there.shares)}; models.yml says {_told(right.shares)}"
        if there.fallbacks != right.fallbacks:
            yield (
                f"{name} falls back to {', '.join(there.fallbacks) or 'nothing'}; models.yml says "
                f"{', '.join(right.fallbacks) or 'nothing'}"
            )


def providers_named(pins: Pins) -> dict[str, str]:
    """By id: the provider that models.yml names."""
    return {
        id: model.provider
        for model in pins.models.values()
        if model.provider
        for id in (model.pin, *((model.canary.model,) if model.canary else ()))
    }


def provider_of(id: str, providers: Mapping[str, str]) -> str | None:
    """As models.yml names it or the id tells; None where neither does."""
    return providers.get(id) or identify(id).provider


def _told(shares: Mapping[str, float]) -> str:
    if len(shares) == 1:
        return next(iter(shares))
    return ", ".join(f"{id} ({share:g} %)" for id, share in shares.items()) or "nothing"
