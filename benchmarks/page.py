"""The page docs/performance.md, made of what was measured; what people wrote in it stays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from chart import chart, seconds
from figures import Circumstances, Figure, Group, Row, Topic
from marked import between

_DOCS = Path(__file__).parent.parent / "docs"
PAGE = _DOCS / "performance.md"
CHART = _DOCS / "performance.svg"
BARS = "bars"
"""The name of the place that says how many bars are met; all others are topics' names."""

_MISSED = "missed"
_UNITS = {"processor": "processor seconds", "clock": "seconds on the clock"}


def write(topics: Mapping[str, Topic]) -> None:
    """Put tables and chart into docs."""
    PAGE.write_text(rendered(PAGE.read_text(), topics))
    groups = [group for topic in topics.values() for group in topic.groups]
    CHART.write_text(chart([group for group in groups if group.charted]))


def rendered(text: str, topics: Mapping[str, Topic]) -> str:
    """The page's text with each topic's figures between its marks; ValueError without marks."""
    said = {name: _topic(topic) for name, topic in topics.items()} | {BARS: _bars(topics.values())}
    for name, block in said.items():
        text = between(text, f"speed.py: {name}", block)
    return text


def table(groups: Iterable[Group]) -> str:
    """For each group a table of what was measured, and a list of what it comes to."""
    return "\n\n".join(f"{_rows(group)}\n\n{_figures(group)}".rstrip() for group in groups)


def _topic(topic: Topic) -> str:
    return f"{_circumstances(topic.measured)}\n\n{table(topic.groups)}"


def _rows(group: Group) -> str:
    columns = [_UNITS[group.clock]]
    if any(row.at_once is not None for row in group.rows):
        columns.append("requests at once, at most")
    if any(row.megabytes is not None for row in group.rows):
        columns.append("MB")
    lines = [f"| {' | '.join((group.name, *columns))} |", "|---" + "|--:" * len(columns) + "|"]
    lines += [_row(row, columns) for row in group.rows]
    return "\n".join(lines)


def _row(row: Row, columns: list[str]) -> str:
    cells = [seconds(row.seconds) if row.seconds is not None else f"not run: {row.why_not}"]
    if "requests at once, at most" in columns:
        cells.append("" if row.at_once is None else f"{row.at_once}")
    if "MB" in columns:
        cells.append("" if row.megabytes is None else f"{row.megabytes:.0f}")
    name = f"**{row.name}**" if row.ours else row.name
    return f"| {' | '.join((name, *cells))} |"


def _figures(group: Group) -> str:
    return "\n".join(f"- {each.name}: {_value(each.value)}{_held(each)}" for each in group.figures)


def _bars(topics: Iterable[Topic]) -> str:
    figures = (each for topic in topics for group in topic.groups for each in group.figures)
    held = [each.met for each in figures if each.met is not None]
    missed = f"; those that are not say **{_MISSED}** below" if not all(held) else ""
    return f"{sum(held)} of {len(held)} bars are met{missed}."


def _circumstances(measured: Circumstances) -> str:
    versions = ", ".join(f"{name} {number}" for name, number in measured.versions.items())
    return (
        f"Measured on {measured.day}, Python {measured.python}, {measured.system}, "
        f"{measured.cores} cores{'; ' if versions else ''}{versions}."
    )


def _value(value: float) -> str:
    """Three digits, and no exponent."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _held(figure: Figure) -> str:
    if figure.met is None:
        return ""
    return f" ({figure.bar})" if figure.met else f" ({figure.bar}: **{_MISSED}**)"
