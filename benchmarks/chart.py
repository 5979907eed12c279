"""The chart: horizontal bars, one scale a group, ours in one colour and all others in grey.

It has a background of its own, so that it reads the same on a light page and on a dark one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from figures import Group, Row

_WIDTH = 820  # of the picture, in pixels, as all that follow
_LABELS = 300
_LONGEST = 400
_BAR, _STEP = 16, 22
_UNITS = {"processor": "seconds of the processor", "clock": "seconds on the clock"}
_STYLE = (
    "text{font:13px -apple-system,'Segoe UI',Helvetica,Arial,sans-serif;fill:#24292f}"
    ".group{font-weight:600}.unit,.why{fill:#57606a;font-weight:400}.why{font-style:italic}"
    ".ours{fill:#0b7285}.other{fill:#b8bfc7}.strong{font-weight:600;fill:#0b7285}"
)


def chart(groups: Sequence[Group]) -> str:
    """The picture as SVG. Less is better throughout; groups with different units are told apart."""
    shapes: list[str] = list(_key())
    y = 40
    for group in groups:
        y += 26
        shapes.append(
            f'<text class="group" x="16" y="{y}">{escape(group.name)}'
            f'<tspan class="unit" dx="8">{_UNITS[group.clock]}</tspan></text>'
        )
        y += 8
        shapes += _bars(group, y)
        y += _STEP * len(group.rows) + 8
    height = y + 12
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        f'width="{_WIDTH}" height="{height}" role="img" aria-label="Seconds, less is better">\n'
        f"<style>{_STYLE}</style>\n"
        f'<rect x="0.5" y="0.5" width="{_WIDTH - 1}" height="{height - 1}" rx="6" fill="#fff" '
        'stroke="#d0d7de"/>\n' + "\n".join(shapes) + "\n</svg>\n"
    )


def _key() -> Iterator[str]:
    yield '<rect class="ours" x="16" y="18" width="14" height="14"/>'
    yield '<text x="36" y="30">pytest-modelpin</text>'
    yield '<rect class="other" x="166" y="18" width="14" height="14"/>'
    yield '<text x="186" y="30">what people use today</text>'
    yield f'<text class="unit" x="{_WIDTH - 16}" y="30" text-anchor="end">shorter is better</text>'


def _bars(group: Group, y: int) -> Iterator[str]:
    longest = max((row.seconds or 0.0 for row in group.rows), default=0.0)
    for row in group.rows:
        name = escape(row.name)
        kind = "strong" if row.ours else "name"
        yield f'<text class="{kind}" x="{_LABELS}" y="{y + 14}" text-anchor="end">{name}</text>'
        yield from _bar(row, longest, y)
        y += _STEP


def _bar(row: Row, longest: float, y: int) -> Iterator[str]:
    left = _LABELS + 10
    if row.seconds is None:
        yield f'<text class="why" x="{left}" y="{y + 14}">not run: {escape(row.why_not)}</text>'
        return
    width = max(1.0, _LONGEST * row.seconds / longest) if longest else 1.0
    kind = "ours" if row.ours else "other"
    yield f'<rect class="{kind}" x="{left}" y="{y + 2}" width="{width:.1f}" height="{_BAR}"/>'
    yield f'<text x="{left + 6 + width:.1f}" y="{y + 14}">{seconds(row.seconds)} s</text>'


def seconds(value: float) -> str:
    """With as many digits as mean something."""
    return f"{value:.3f}" if value < 1 else f"{value:.2f}" if value < 10 else f"{value:.1f}"
