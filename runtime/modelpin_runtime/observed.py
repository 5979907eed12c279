"""A request under way: where it goes, and what is noted of it until it ends."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from modelpin_runtime.chain import Target
from modelpin_runtime.routing import Route


class Observed:
    """One request under way: where it goes, and what is noted of it."""

    def __init__(self, route: Route) -> None:
        self.route = route
        self.noted: dict[str, Any] = {}

    @property
    def id(self) -> str:
        """The id to ask."""
        return self.route.id

    def note(self, **seen: Any) -> None:
        """Say more; the later word counts. See `observations.observation`."""
        self.noted.update(seen)

    def answered_by(self, target: Target) -> None:
        """A fallback answered: the observation is its own."""
        self.route = replace(self.route, id=target.id, role=_role(target))


def _role(target: Target) -> Any:
    return target.role
