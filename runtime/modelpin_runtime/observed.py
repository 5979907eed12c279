"""A request under way: where it goes, and what is noted of it until it ends."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from modelpin_runtime.chain import Answered, Attempt, ChainExhaustedError, Target
from modelpin_runtime.routing import Route


class Observed:
    """One request under way: where it goes, and what is noted of it."""

    def __init__(self, route: Route) -> None:
        self.route = route
        self.noted: dict[str, Any] = {}
        self.attempts: list[tuple[Target, str]] = []
        """Models that were asked and could not answer, each with the cause: observations too, or a
        canary whose requests the pin always rescues would never look worse."""
        self.answered_by_nobody = False

    @property
    def id(self) -> str:
        """The id to ask."""
        return self.route.id

    def note(self, **seen: Any) -> None:
        """Say more; the later word counts. See `observations.observation`."""
        self.noted.update(seen)

    def answered_by(self, answer: Answered[Any] | Target) -> None:
        """Who answered: what `pins.call` gave, so that those that failed before count as well."""
        if isinstance(answer, Answered):
            self._failed_before(answer.attempts)
            answer = answer.target
        self.route = replace(self.route, id=answer.id, role=answer.role)

    def failed(self, error: BaseException) -> None:
        """The request came to nothing; of a chain, each model that was asked did."""
        if isinstance(error, ChainExhaustedError):
            self._failed_before(error.attempts)
            self.answered_by_nobody = bool(self.attempts)
        self.noted.setdefault("error", type(error).__name__)

    def _failed_before(self, attempts: tuple[Attempt, ...]) -> None:
        self.attempts += [(each.target, each.why) for each in attempts if each.error is not None]
