"""Small charts as inline SVG, which take their colours from the page and need no script."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from pytest_modelpin.gate.verdict import points
from pytest_modelpin.ledger import Night
from pytest_modelpin.report.escape import html

_WIDTH, _HEIGHT = 560, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 74, 14, 16, 34
_NIGHTS = 60
"""Nights of the timeline; the newest are shown."""
SIGNS = {"green": "✓", "red": "✗", "inconclusive": "?"}


def margin_plot(nights: Sequence[Night], margin: float) -> str:
    """Estimate and lower bound of each night against the margin; empty where none is known."""
    known = [
        (at, night.estimate, night.lower_bound)
        for at, night in enumerate(nights)
        if night.estimate is not None
    ]
    if not known:
        return ""
    lows = [low if low is not None else estimate for _, estimate, low in known]
    bottom = min(-1.5 * margin, *(low - 0.02 for low in lows))
    top = max(margin / 2, *(estimate + 0.02 for _, estimate, _ in known))

    def y(value: float) -> float:
        return round(_TOP + (top - value) / (top - bottom) * (_HEIGHT - _TOP - _BOTTOM), 1)

    label = float(_HEIGHT - _BOTTOM - 7)
    if max(y(low) for low in lows) > label - 15 > y(-margin) + 20:
        label = y(-margin) + 16  # clear of a dot or a bound at the bottom
    parts = [
        f'<rect class="beyond" x="{_LEFT}" y="{y(-margin)}" width="{_WIDTH - _LEFT - _RIGHT}" '
        f'height="{_HEIGHT - _BOTTOM - y(-margin):.1f}"/>',
        _level(y(0), "0" if y(-margin) - y(0) > 12 else "", "zero"),
        _level(y(-margin), f"−{margin * 100:g} pp", "margin"),
        f'<text class="axis" x="{_LEFT + 30}" y="{label:g}">worse than the margin allows</text>',
    ]
    for at, estimate, low in known:
        x = _x(at, len(nights))
        night = nights[at]
        title = f"{night.day}: {points(estimate)}" + (
            f", at least {points(low)}" if low is not None else ""
        )
        if low is not None:
            parts.append(
                f'<line class="bound" x1="{x}" y1="{y(estimate)}" x2="{x}" y2="{y(low)}"/>'
            )
            parts.append(
                f'<line class="bound" x1="{x - 6}" y1="{y(low)}" x2="{x + 6}" y2="{y(low)}"/>'
            )
        parts.append(
            f'<circle class="{_colour(night.colour)}" cx="{x}" cy="{y(estimate)}" r="6">'
            f"<title>{html(title)}</title></circle>"
        )
    parts += _dates(nights)
    described = "Estimate of the difference and its lower bound, night by night, against the margin"
    return _svg(described, parts)


def timeline(nights: Sequence[Night]) -> str:
    """The nights as dated squares of their colours, version by version; linked to runs by https.

    A list in HTML rather than a picture: it wraps on a phone, and reads aloud as it is.
    """
    shown = nights[-_NIGHTS:]
    parts = []
    for served, group in groupby(shown, key=lambda night: night.served):
        version = f"<code>{html(served)}</code>" if served else "version unknown"
        squares = "".join(_square(night) for night in group)
        parts.append(f'<p class="quiet">{version}</p><ol class="nights">{squares}</ol>')
    return "".join(parts)


def _square(night: Night) -> str:
    said = html(f"{night.day}: {night.colour}")
    day = html(night.day[5:])
    inside = f'<span class="{_colour(night.colour)}">{SIGNS.get(night.colour, "?")}</span>{day}'
    if night.run_url and night.run_url.startswith("https://"):
        inside = f'<a href="{html(night.run_url)}">{inside}</a>'
    return f'<li title="{said}">{inside}</li>'


def trend(values: Sequence[float | None], form: Callable[[float], str]) -> str:
    """A line through the values that are known, its last one written above; empty below two."""
    known = [(at, value) for at, value in enumerate(values) if value is not None]
    if len(known) < 2:
        return ""
    low, high = min(value for _, value in known), max(value for _, value in known)
    spread = (high - low) or 1.0
    corners = " ".join(
        f"{2 + at / (len(values) - 1) * 196:.1f},{34 - (value - low) / spread * 28:.1f}"
        for at, value in known
    )
    last = form(known[-1][1])
    return (
        f'<p class="last">{html(last)}</p>'
        f'<svg viewBox="0 0 200 40" role="img" aria-label="{html(last)} last">'
        f'<polyline class="trend" points="{corners}"/></svg>'
    )


def _level(y: float, label: str, name: str) -> str:
    return (
        f'<line class="{name}" x1="{_LEFT}" y1="{y}" x2="{_WIDTH - _RIGHT}" y2="{y}"/>'
        f'<text class="axis" x="{_LEFT - 6}" y="{y + 5:.1f}" text-anchor="end">{label}</text>'
    )


def _dates(nights: Sequence[Night]) -> list[str]:
    every = max(1, len(nights) // 6)
    return [
        f'<text class="axis" x="{_x(at, len(nights))}" y="{_HEIGHT - 10}" text-anchor="middle">'
        f"{html(night.day[5:])}</text>"
        for at, night in enumerate(nights)
        if at % every == 0
    ]


def _x(at: int, count: int) -> float:
    span = _WIDTH - _LEFT - _RIGHT - 40
    return round(_LEFT + 20 + (span / 2 if count == 1 else at / (count - 1) * span), 1)


def _colour(colour: str) -> str:
    return colour if colour in ("green", "red") else "grey"


def _svg(described: str, parts: Sequence[str]) -> str:
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{html(described)}">'
        f"{''.join(parts)}</svg>"
    )
