"""The pull request's title and text: all that a reviewer needs, from the bump alone."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from modelpin_runtime.registry.models import Settings
from pytest_modelpin.compare.comparison import CaseComparison, Comparison
from pytest_modelpin.drift.drift import Drift
from pytest_modelpin.ledger.night import Night
from pytest_modelpin.report.escape import code, fenced, html, markdown, one_line
from pytest_modelpin.report.figures import figure_rows
from pytest_modelpin.upgrade.bump.bump import Bump
from pytest_modelpin.upgrade.proposal.marker import Marker, mark, moves_of
from pytest_modelpin.wording import clipped, counted

LONGEST = 65_536
"""Characters that GitHub takes in a body."""

_WORST = 5
_NIGHTS = 14
_REASONS = 5
_QUOTE = 600
"""Characters of an answer that are shown."""
_NAME = 300
_PLACES = 20
"""Places in code that are shown of each kind."""
_SEVERITIES = ("regression", "review", "info")
_SIGNS = {"green": "🟢 green", "red": "🔴 red", "inconclusive": "⚪ inconclusive"}


@dataclass(frozen=True, slots=True)
class _Part:
    """A section: parts of a higher number go first where the body is too long."""

    text: str
    dispensable: int = 0


def title(bump: Bump) -> str:
    """One line that names the old and the new version; safe as a commit's subject."""
    moves = moves_of(bump)
    if len(moves) == 1:
        move = moves[0]
        return f"Move {plain(move.name)} from {plain(move.old)} to {plain(move.new)}"
    return f"Move {', '.join(plain(move.name) for move in moves)} to their next versions"


def body(
    bump: Bump,
    *,
    settings: Settings | None = None,
    run_url: str | None = None,
    report_url: str | None = None,
    awaiting_approval: bool = False,
    today: date | None = None,
) -> str:
    """The pull request's text, at most 65,536 characters, with the bot's marker hidden in it.

    `run_url` is tonight's run, `report_url` the full report; `awaiting_approval` says that GitHub
    holds the checks back because the workflow's own token opened the pull request. Model output is
    escaped. Where all is too long, the least important parts make way for a link to the report.
    """
    settings = settings or Settings()
    bumps = bump.members or (bump,)
    parts = [_Part(mark(Marker(moves_of(bump))))]
    for one in bumps:
        parts += _about(one, settings, today, heading=len(bumps) > 1)
    if awaiting_approval:
        parts.append(_Part(AWAITING))
    parts += [
        _Part(_diff(bump)),
        _Part(_literals(bump), 1),
        _Part(_rollback(bump)),
        _Part(_footer(run_url, report_url)),
    ]
    return _fit(parts, report_url or run_url)


def plain(text: str) -> str:
    """An id or name for a title or a commit message, where Markdown can't be escaped.

    A version's id comes over the wire; none that is real holds anything but these characters.
    """
    cleaned = re.sub(r"[^\w.:/@+\[\] -]", "_", text, flags=re.ASCII)[:120]
    # `@name` mentions only behind a non-word, as in the id `model@20250929` it never is.
    return re.sub(r"(?<![\w])@", "_", cleaned)


AWAITING = (
    "> [!NOTE]\n"
    "> The workflow's own `GITHUB_TOKEN` opened this pull request, so its checks wait: press "
    "**Approve workflows to run** below. With an App's token or a personal one they start by "
    "themselves."
)


def _about(bump: Bump, settings: Settings, today: date | None, *, heading: bool) -> list[_Part]:
    headline = (
        f"**{markdown(bump.name)}** moves from {code(bump.old)} to {code(bump.new)}: "
        f"{counted(bump.streak.length, 'straight green night')}."
    )
    parts = [
        _Part(f"## {markdown(bump.name)}") if heading else None,
        _Part(headline),
        _Part(_retirement(bump, today)),
        _Part(_verdict(bump, settings)),
        _Part(_nights(bump.streak.nights), 3),
        _Part(_older(bump.streak.nights)),
    ]
    if bump.comparison is not None:
        parts += [
            _Part(_drift(bump.comparison), 2),
            *_worst(bump.comparison),
            _Part(_figures(bump.comparison), 4),
        ]
    return [part for part in parts if part is not None and part.text]


def _retirement(bump: Bump, today: date | None) -> str:
    lines = []
    if bump.retires is not None:
        lines.append(f"⏳ {code(bump.old)} {_ends(bump.retires, today)}.")
    if bump.new_retires is not None:
        lines.append(f"⚠️ The new pin {code(bump.new)} itself {_ends(bump.new_retires, today)}.")
    return "\n\n".join(lines)


def _ends(day: str, today: date | None) -> str:
    when = f"**{markdown(day)}**"
    try:
        days = (date.fromisoformat(day) - today).days if today else None
    except ValueError:
        days = None
    if days is not None and days < 0:
        return f"retired on {when}"
    left = f", in {counted(days, 'day')}" if days is not None else ""
    return f"retires on {when}{left}"


def _verdict(bump: Bump, settings: Settings) -> str:
    lines = ["### Why now"]
    verdict = bump.verdict
    if verdict.estimate is not None:
        known = f"The pass rate differs from the pin's by {_points(verdict.estimate)}"
        # A strict gate asks for no bound, and that of a small suite would only puzzle.
        if verdict.lower_bound is not None and verdict.lower_bound > -settings.margin:
            known += (
                f", at worst by {_points(verdict.lower_bound)} (lower 95 % bound); the margin "
                f"allows {_points(-settings.margin)}"
            )
        lines.append(f"{known}.")
    if verdict.reasons:
        lines.append("\n".join(f"- {markdown(reason)}" for reason in verdict.reasons[:_REASONS]))
    return "\n\n".join(lines) if lines[1:] else ""


def _nights(nights: Sequence[Night]) -> str:
    if not nights:
        return ""
    rows = [
        "### The nights",
        "",
        "| Night | | Cases | Passed on the pin | Passed now | Lost | Drifted | Run |",
        "|---|---|--:|--:|--:|--:|--:|---|",
    ]
    for night in reversed(nights[-_NIGHTS:]):
        pin, pin_of, new, new_of = (sum(column) for column in _columns(night))
        rows.append(
            f"| {markdown(night.day)} | {_SIGNS[night.colour]} | {len(night.cases)} "
            f"| {pin}/{pin_of} | {new}/{new_of} | {night.lost} | {sum(night.drifted.values())} "
            f"| {link('run', night.run_url)} |"
        )
    return "\n".join(rows)


def _columns(night: Night) -> list[tuple[int, ...]]:
    return list(zip(*night.cases.values(), strict=True)) or [(), (), (), ()]


def _older(nights: Sequence[Night]) -> str:
    older = len(nights) - _NIGHTS
    return f"… and {counted(older, 'green night')} before." if older > 0 else ""


def _drift(comparison: Comparison) -> str:
    found = Counter(
        (drift.severity, drift.kind)
        for case in comparison.cases
        for drift in case.drifts
        if drift.kind != "identical"
    )
    if not found:
        return "### What drifted\n\nNothing: every answer is the accepted one."
    rows = ["### What drifted", "", "| Kind | Severity | Findings |", "|---|---|--:|"]
    for severity in _SEVERITIES:
        kinds = {kind: n for (one, kind), n in found.items() if one == severity}
        rows += [f"| {kind} | {severity} | {n} |" for kind, n in sorted(kinds.items())]
    return "\n".join(rows)


def _worst(comparison: Comparison) -> list[_Part]:
    found = [
        (_SEVERITIES.index(drift.severity), case.id, drift, case)
        for case in comparison.cases
        for drift in case.drifts
        if drift.severity != "info"
    ]
    found.sort(key=lambda item: item[:2])
    parts = [_Part(_pair(case, drift), 10 + n) for n, (_, _, drift, case) in enumerate(found)]
    return parts[:_WORST]


def _pair(case: CaseComparison, drift: Drift) -> str:
    where = f" at {code(_clipped(drift.where))}" if drift.where else ""
    summary = f"{drift.kind} ({drift.severity}) in <code>{html(_clipped(case.id))}</code>"
    return (
        f"<details><summary>{summary}</summary>\n\nBefore{where}:\n\n{_quote(drift.before)}\n\nAfter:\n\n"
        f"{_quote(drift.after)}\n\n</details>"
    )


def _quote(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
    return fenced(clipped(text, _QUOTE))


def _figures(comparison: Comparison) -> str:
    rows = [
        f"| {row.figure} | {row.production} | {row.candidate} | {row.change} |"
        for row in figure_rows(comparison)
        if row.production != "unknown" or row.candidate != "unknown"
    ]
    head = ["### Tokens, cost, latency", "", "| | Pin | Now | |", "|---|--:|--:|--:|"]
    return "\n".join(head + rows)


def _diff(bump: Bump) -> str:
    recordings = [path for path in bump.files if "/__recordings__/" in f"/{path}"]
    answers = [path for path in bump.files if "/__snapshots__/" in f"/{path}"]
    others = sorted(set(bump.files) - set(recordings) - set(answers))
    lines = ["### What to review"]
    if answers:
        count = counted(len(answers), "file")
        lines.append(
            f"- **The accepted answers** ({count} under `__snapshots__`): read this diff as you "
            "would any other; each changed line is an answer your users will get differently."
        )
    if others:
        shown = ", ".join(code(_clipped(path)) for path in others[:10])
        more = f" and {len(others) - 10} more" if len(others) > 10 else ""
        lines.append(f"- **The pin**, where it is written: {shown}{more}.")
    if recordings:
        new = sum(bump.files[path] is not None for path in recordings)
        lines.append(
            f"- Recordings, collapsed by GitHub: {new} come, {len(recordings) - new} go. They are "
            "what plain `pytest` replays; there is no need to read them."
        )
    lines.append("- After the merge plain `pytest` passes offline; it did on this branch.")
    return "\n".join([lines[0], "", *lines[1:]])


def _literals(bump: Bump) -> str:
    """The places in code that named the old pin: those that moved, and those that stay and why."""
    members = bump.members or (bump,)
    moved = [place for one in members for place in one.moved]
    left = [(one, place) for one in members for place in one.left]
    if not moved and not left:
        return ""
    lines = ["### Ids in code", ""]
    if moved:
        lines.append(f"- Moved: {_places(moved)}.")
    for because in dict.fromkeys(place.because for _, place in left):
        stay = [place.place for _, place in left if place.because == because]
        lines.append(f"- Seen and left ({markdown(because)}): {_places(stay)}.")
    return "\n".join(lines)


def _places(places: Sequence[str]) -> str:
    shown = ", ".join(code(_clipped(place)) for place in places[:_PLACES])
    more = len(places) - _PLACES
    return f"{shown} and {more} more" if more > 0 else shown


def _rollback(bump: Bump) -> str:
    lines = ["### How to go back", ""]
    for move in moves_of(bump):
        name, old = _shell(move.name), _shell(move.old)
        lines.append(
            f"- {markdown(move.name)}: {code(f'pytest-modelpin rollback {name}')}; at once and "
            f"without a commit: {code(f'{variable(move.name)}={old}')} in the environment."
        )
    lines += [
        "",
        "Closing this unmerged means “not this version”: it is proposed again only when a person "
        "ticks its box on the “Model pins” issue. Push to this branch and the bot leaves it alone.",
    ]
    return "\n".join(lines)


def variable(name: str) -> str:
    """The environment variable that overrides a logical model's pin."""
    return f"MODELPIN_{re.sub(r'[^A-Za-z0-9]', '_', name).upper()}"


def _footer(run_url: str | None, report_url: str | None) -> str:
    links = [link("tonight's run", run_url), link("full report", report_url)]
    shown = " · ".join(link for link in links if link)
    return f"---\n{shown}\n" if shown else ""


def _fit(parts: Sequence[_Part], url: str | None) -> str:
    """The parts as one text; while it is too long, the most dispensable goes."""
    kept = list(parts)
    where = link("the full report", url) or "the run report"
    note = f"_Shortened to GitHub's limit; all of it is in {where}._"
    text = _join(kept)
    while len(text) > LONGEST:
        worst = max(kept, key=lambda part: part.dispensable)
        if worst.dispensable == 0:
            return text[: LONGEST - len(note) - 2] + f"\n\n{note}"
        kept = [part for part in kept if part is not worst]
        text = _join([*kept, _Part(note)])
    return text


def _join(parts: Sequence[_Part]) -> str:
    return "\n\n".join(part.text for part in parts if part.text)


def _clipped(text: str) -> str:
    """A name or path, which may be anything, on one line and at a length that it bears."""
    return clipped(one_line(text), _NAME)


def _shell(text: str) -> str:
    return text if re.fullmatch(r"[\w.:/@+-]+", text, re.ASCII) else json.dumps(plain(text))


def link(text: str, url: str | None) -> str:
    """A link; nothing where the address is none that a browser should be sent to."""
    if url is None or not re.fullmatch(r"https?://[^\s<>()|\\`\"]+", url):
        return ""
    return f"[{text}]({url})"


def _points(difference: float) -> str:
    return f"{difference * 100:+.1f} pp"
