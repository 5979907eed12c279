"""Moving a pin: the bump, its pull request, the dashboard issue, rolling back.

Here is what every step of an upgrade on GitHub shares.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from modelpin_runtime.registry.models import Settings

if TYPE_CHECKING:
    from datetime import date

    from pytest_modelpin.forge import Forge
    from pytest_modelpin.ledger.store import Ledger


@dataclass(frozen=True, slots=True)
class UpgradeContext:
    """The repository, its ledger and settings, and the run that this is."""

    forge: Forge
    ledger: Ledger
    settings: Settings = field(default_factory=Settings)
    today: date | None = None
    """UTC; None where the text need not count days."""
    run_url: str | None = None
    """The page of this run, for links."""
    again: frozenset[str] = frozenset()
    """Logical models whose bump's branch somebody wants made anew."""
