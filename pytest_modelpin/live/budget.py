"""What live requests may cost in all, across those that tests wait for and those sent ahead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from pytest_modelpin.providers.reply import Reply, Usage
from pytest_modelpin.wording import counted, dollars

Price = Callable[[Reply], float | None]
"""US dollars for a reply; None where its price is not known."""


@dataclass(slots=True)
class Budget:
    """Reserves what a request may cost before it is sent, and books what its reply did cost.

    A request is taken to cost as much as the dearest so far to the same model id; until the first
    reply has told, only one request to that id is under way.
    """

    usd: float | None = None
    """None: no limit."""
    price: Price = lambda reply: None
    spent: float = 0.0
    refused: Counter[str] = field(default_factory=Counter)
    """By id: requests that were not sent because they might have passed the limit."""
    unpriced: dict[str, str] = field(default_factory=dict)
    """Ids whose replies have no known price, so that the budget can't count them; each with the
    version that answered, by which replies are priced."""
    _dearest: dict[str, float] = field(default_factory=dict)
    _under_way: Counter[str] = field(default_factory=Counter)

    def affords(self, asked: str) -> bool | None:
        """Whether a request to `asked` may be sent; None where that shows once another ended."""
        if self.usd is None or asked in self.unpriced:
            return True
        if asked not in self._dearest:
            return None if self._under_way[asked] else self.spent < self.usd
        next_one = self._dearest[asked]
        if self.spent + next_one > self.usd:
            return False
        reserved = sum(count * self._dearest.get(id, 0.0) for id, count in self._under_way.items())
        return True if self.spent + reserved + next_one <= self.usd else None

    def reserve(self, asked: str) -> None:
        """A request to `asked` is sent."""
        self._under_way[asked] += 1

    def book(self, asked: str, reply: Reply | None) -> None:
        """Its reply; None where none came."""
        self._under_way[asked] -= 1
        if reply is None or reply.status >= 400:
            return
        cost = self.price(reply)
        if cost is None and reply.usage == Usage():
            # Broken off before it told its tokens: no sign that the price is unknown.
            cost = self._dearest.get(asked)
        if cost is None:
            self.unpriced[asked] = reply.served_model or asked
        else:
            self.unpriced.pop(asked, None)
            self.spent += cost
            self._dearest[asked] = max(cost, self._dearest.get(asked, 0.0))

    def refusal(self) -> str:
        """Why a request was not sent, as a sentence."""
        return (
            f"the budget of {dollars(self.usd or 0.0)} leaves no room for another call: "
            f"{dollars(self.spent)} is spent. Raise --model-budget, or run fewer tests or samples."
        )

    def notes(self) -> list[str]:
        """What the run's reader must know of it."""
        if self.usd is None:
            return []
        notes = []
        if self.refused:
            calls = ", ".join(
                f"{counted(times, 'call')} to {asked}"
                for asked, times in sorted(self.refused.items())
            )
            notes.append(
                f"the budget of {dollars(self.usd)} was reached at {dollars(self.spent)}: {calls} "
                f"{'was' if self.refused.total() == 1 else 'were'} not sent, and the samples that "
                "needed them are lost."
            )
        if self.unpriced:
            those = ", ".join(
                served if served == asked else f"{served}, which answers for {asked},"
                for asked, served in sorted(self.unpriced.items())
            )
            notes.append(
                f"the price of {those} is not known: the budget of {dollars(self.usd)} can't count "
                f"{'it' if len(self.unpriced) == 1 else 'them'}. Name it under `settings: prices:` "
                "in models.yml."
            )
        return notes
