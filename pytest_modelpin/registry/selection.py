"""Which model version each logical model uses in this run: what `--model` means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pytest_modelpin.registry.models import Pins

RecordMode = Literal["none", "new", "all"]
"""`none` only replays, `new` replays what is known and records the rest, `all` is always live."""

Which = Literal["production", "candidate", "fallback", "canary", "previous", "id"]


@dataclass(frozen=True, slots=True)
class Selected:
    """The version that one logical model uses in this run."""

    name: str
    production: str
    which: Which
    id: str
    record: RecordMode
    provider: str | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """The versions in force, by logical name."""

    models: Mapping[str, Selected]
    explicit: bool
    """True where `--model` was given."""

    def route(self, model: str, names: Sequence[str] = ()) -> Selected | None:
        """Which logical model a request for `model` (a production or a selected id) belongs to.

        `names` are the logical names that the running test declares (marker `models=[…]`, or
        `model_id("name")`); they decide where several logical models share an id. None where
        models.yml does not name `model`. Raises SelectionError where several names share the id,
        are selected differently, and `names` does not tell which is meant.
        """
        raise NotImplementedError


def select(pins: Pins, wanted: Sequence[str] = (), record: RecordMode | None = None) -> Selection:
    """The selection that the values of `--model` and `--model-record` ask for.

    Raises SelectionError, a sentence naming what is allowed.
    """
    raise NotImplementedError
