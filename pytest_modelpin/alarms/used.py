"""Whose models models.yml makes use of."""

from __future__ import annotations

from pytest_modelpin.providers import identify
from pytest_modelpin.registry import Pins


def providers_used(pins: Pins) -> frozenset[str]:
    """The providers of the ids that production uses or may fall back to."""
    found = set()
    for model in pins.models.values():
        spare = (id for id in model.fallback if id not in pins.models)
        found |= {identify(id).provider for id in spare}
        found.add(identify(model.production, model.provider).provider)
        if model.canary:
            found.add(identify(model.canary.model, model.provider).provider)
    return frozenset(provider for provider in found if provider)
