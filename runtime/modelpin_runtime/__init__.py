"""What production needs of models.yml: the pin in force, fallbacks, canaries, observations.

    from modelpin_runtime import load

    pins = load()
    pins["claude"]                        # the id to ask
    pins.route("claude", key=user_id).id  # the same, or the canary's for its share of users
    pins.call("claude", ask)              # with fallbacks, where the first can't answer

Importing this loads nothing but itself; PyYAML comes with the first `load`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from modelpin_runtime.chain import Answered, ChainExhaustedError, Restarted, Target
    from modelpin_runtime.errors import RegistryError
    from modelpin_runtime.opening import load
    from modelpin_runtime.pins import LivePins
    from modelpin_runtime.routing import Route

__version__ = "0.1.0"

PLACES = ("models.yml", "config/models.yml", ".github/models.yml")
"""Where models.yml may lie below a repository's root; the first one there counts."""

__all__ = [
    "PLACES",
    "Answered",
    "ChainExhaustedError",
    "LivePins",
    "RegistryError",
    "Restarted",
    "Route",
    "Target",
    "load",
]

_HOMES = {
    "Answered": "chain",
    "ChainExhaustedError": "chain",
    "LivePins": "pins",
    "RegistryError": "errors",
    "Restarted": "chain",
    "Route": "routing",
    "Target": "chain",
    "load": "opening",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(f"modelpin_runtime.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
