"""The figures as a Markdown table, a chart, and JSON."""

from __future__ import annotations

import json
import os
import platform
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from importlib.metadata import version
from pathlib import Path

_DOCS = Path(__file__).parent.parent / "docs"
PAGE = _DOCS / "performance.md"
CHART = _DOCS / "performance.svg"
MARKS = ("<!-- speed.py: begin -->", "<!-- speed.py: end -->")

_VERSIONS = ("pytest", "syrupy", "httpx", "pytest-recording", "vcrpy")


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
class Group:
    """Measurements that ran in turn, so that they can be compared."""

    name: str
    seconds: Mapping[str, float]
    figures: tuple[Figure, ...]


def table(groups: Sequence[Group]) -> str:
    """Two tables: what was measured, and what it comes to."""
    lines = ["| what | processor seconds |", "|---|--:|"]
    for group in groups:
        lines.append(f"| **{group.name}** | |")
        lines += [f"| {name} | {seconds:.3f} |" for name, seconds in group.seconds.items()]
    lines += ["", "| figure | value | bar | |", "|---|--:|--:|---|"]
    for group in groups:
        lines.append(f"| **{group.name}** | | | |")
        lines += [
            f"| {each.name} | {each.value:.3g} | {each.bar} | {_word(each.met)} |"
            for each in group.figures
        ]
    return "\n".join(lines)


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


def write(groups: Sequence[Group]) -> None:
    """Put table and chart into docs."""
    begin, end = MARKS
    said = f"{begin}\n\n{_circumstances()}\n\n{table(groups)}\n\n{end}"
    text = PAGE.read_text()
    marked = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    PAGE.write_text(marked.sub(lambda _: said, text, count=1))
    CHART.write_text(chart(groups))


def chart(groups: Sequence[Group]) -> str:
    """Horizontal bars, one scale a group: what is compared stands together."""
    shapes: list[str] = []
    y = 8
    for group in groups:
        y += 24
        shapes.append(f'<text class="group" x="16" y="{y}">{escape(group.name)}</text>')
        y += 10
        shapes += _bars(group, y)
        y += 22 * len(group.seconds) + 10
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 {y + 8}" '
        f'width="760" height="{y + 8}" role="img" aria-label="Processor seconds, less is better">\n'
        "<style>text{font:13px sans-serif;fill:#24292f}.group{font-weight:600}"
        ".ours{fill:#0b7285}.other{fill:#adb5bd}</style>\n"
        f'<rect width="760" height="{y + 8}" fill="#fff"/>\n' + "\n".join(shapes) + "\n</svg>\n"
    )


def _bars(group: Group, y: int) -> Iterator[str]:
    longest = max(group.seconds.values())
    ours = [name for name in group.seconds if "pytest-modelpin" in name]
    for name, seconds in group.seconds.items():
        width = max(1.0, 400 * seconds / longest)
        kind = "ours" if name in ours or not ours else "other"
        yield f'<text x="250" y="{y + 14}" text-anchor="end">{escape(name)}</text>'
        yield f'<rect class="{kind}" x="260" y="{y + 2}" width="{width:.1f}" height="16"/>'
        yield f'<text x="{266 + width:.1f}" y="{y + 14}">{seconds:.3f} s</text>'
        y += 22


def _circumstances() -> str:
    versions = ", ".join(f"{name} {version(name)}" for name in _VERSIONS)
    day = datetime.now(UTC).date().isoformat()
    return (
        f"Measured on {day}, Python {platform.python_version()}, {platform.system()} "
        f"{platform.machine()}, {os.cpu_count()} cores; {versions}."
    )


def _word(met: bool | None) -> str:
    return "" if met is None else "met" if met else "**missed**"
