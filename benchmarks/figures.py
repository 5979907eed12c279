"""What was measured: rows that can be compared, what they come to, and in which circumstances.

`measured.json` beside this file keeps it all, so that a part can be measured anew and the page is
made of the rest as it was.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

KEPT = Path(__file__).parent / "measured.json"

Clock = Literal["processor", "clock"]
"""`processor`: seconds of the processor. `clock`: seconds that somebody waits."""


@dataclass(frozen=True)
class Figure:
    """What a group of measurements comes to, and the bar it is held to."""

    name: str
    value: float
    at_most: float | None = None
    at_least: float | None = None

    @property
    def bar(self) -> str:
        """The bar in words; empty where there is none."""
        if self.at_most is not None:
            return f"≤ {self.at_most:g}"
        return "" if self.at_least is None else f"≥ {self.at_least:g}"

    @property
    def met(self) -> bool | None:
        """None where there is no bar."""
        if self.at_most is not None:
            return self.value <= self.at_most
        return None if self.at_least is None else self.value >= self.at_least


@dataclass(frozen=True)
class Row:
    """One thing that was measured."""

    name: str
    seconds: float | None
    """None where it could not be measured; `why_not` says why."""
    why_not: str = ""
    at_once: int | None = None
    """Requests that the provider had under way at the same time, at most."""
    megabytes: float | None = None

    @property
    def ours(self) -> bool:
        """Whether it is this project's, not what people use today."""
        return "pytest-modelpin" in self.name


@dataclass(frozen=True)
class Group:
    """Measurements that ran in turn, so that they can be compared."""

    name: str
    rows: tuple[Row, ...]
    figures: tuple[Figure, ...] = ()
    clock: Clock = "processor"
    charted: bool = False


@dataclass(frozen=True)
class Circumstances:
    """When and on what a topic was measured."""

    day: str
    python: str
    system: str
    cores: int
    versions: Mapping[str, str] = field(default_factory=dict)
    """Of what was compared, by name."""


@dataclass(frozen=True)
class Topic:
    """A section of the page."""

    measured: Circumstances
    groups: tuple[Group, ...]


def rows(seconds: Mapping[str, float]) -> tuple[Row, ...]:
    """Rows of which nothing but the time was measured."""
    return tuple(Row(name, each) for name, each in seconds.items())


def circumstances(distributions: Sequence[str], others: Mapping[str, str]) -> Circumstances:
    """Today's, here, with the versions of the installed `distributions` and of `others`."""
    return Circumstances(
        datetime.now(UTC).date().isoformat(),
        platform.python_version(),
        f"{platform.system()} {platform.machine()}",
        os.cpu_count() or 1,
        {**{name: version(name) for name in distributions}, **others},
    )


def as_json(groups: Sequence[Group]) -> str:
    """The figures that have a bar, by group and name."""
    return json.dumps(
        [
            {"group": group.name, "figure": each.name, "value": each.value,
             "at_most": each.at_most, "at_least": each.at_least}
            for group in groups
            for each in group.figures
            if each.met is not None
        ]
    )  # fmt: skip


def kept() -> dict[str, Topic]:
    """What was measured last, by topic."""
    if not KEPT.exists():
        return {}
    return {name: _topic(data) for name, data in json.loads(KEPT.read_text()).items()}


def keep(topics: Mapping[str, Topic]) -> None:
    """Write down what was measured."""
    data = {name: asdict(topic) for name, topic in topics.items()}
    KEPT.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n")


def _topic(data: Mapping[str, Any]) -> Topic:
    groups = (
        Group(
            **{
                **group,
                "rows": tuple(Row(**row) for row in group["rows"]),
                "figures": tuple(Figure(**figure) for figure in group["figures"]),
            }
        )
        for group in data["groups"]
    )
    return Topic(Circumstances(**data["measured"]), tuple(groups))
