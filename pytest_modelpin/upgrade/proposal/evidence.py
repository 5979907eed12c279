"""Why a pin should move, for the pull request: one table first, then reasons, nights, figures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from modelpin_runtime.registry.models import Settings
from pytest_modelpin.gate.verdict import points
from pytest_modelpin.ledger import Night
from pytest_modelpin.report.escape import code, link, markdown, sentence
from pytest_modelpin.report.findings import COST, SEVERITIES, fails, figure_rows, severity
from pytest_modelpin.report.markdown import SIGNS
from pytest_modelpin.upgrade.bump import Bump
from pytest_modelpin.upgrade.proposal import Section
from pytest_modelpin.wording import counted

_NIGHTS = 14
_REASONS = 5


def at_a_glance(bump: Bump, today: date | None) -> Section:
    """The table that a reviewer on a phone reads, and perhaps nothing else."""
    rows = [
        (f"**{markdown(bump.name)}**", f"{code(bump.old)} →<br>{_new(bump)}"),
        ("Nights", _streak(bump)),
        *_cases(bump),
        ("Old pin retires", _end(bump.retires, bump.notice, today)),
        ("New pin retires", _end(bump.new_retires, bump.new_notice, today, warn=True)),
    ]
    head, *rest = [f"| {title} | {said} |" for title, said in rows]
    return Section("\n".join([head, "|---|---|", *rest]))


def why_now(bump: Bump, settings: Settings, today: date | None) -> Section:
    """What brought this about: the nights, the margin, the old pin's end."""
    length = bump.streak.length
    lines = [
        f"- {counted(length, 'straight green night')} of {code(bump.new)}; "
        f"{settings.green_runs} {'is' if settings.green_runs == 1 else 'are'} asked for."
    ]
    verdict = bump.verdict
    reasons = list(verdict.told)
    if verdict.estimate is not None:
        known = f"- The pass rate differs from the pin's by {points(verdict.estimate)}"
        # A strict gate asks for no bound, and that of a small suite would only puzzle.
        if verdict.lower_bound is not None and verdict.lower_bound > -settings.margin:
            known += (
                f", at worst by {points(verdict.lower_bound)} (lower 95 % bound); the margin "
                f"allows {points(-settings.margin)}"
            )
            if verdict.bump_due:  # whose first reason says the same
                reasons = [*verdict.reasons, *verdict.bump_reasons[1:]]
        lines.append(f"{known}.")
    lines += [f"- {sentence(reason)}" for reason in reasons[:_REASONS]]
    days = _days(bump.retires, today)
    if bump.retires and days is not None and days <= settings.warn_days:
        ends = (
            f"retired {counted(-days, 'day')} ago"
            if days < 0
            else f"retires in {counted(days, 'day')}"
        )
        lines.append(f"- The old pin {ends}: waiting is no choice for long.")
    return Section("\n".join(["### Why now", "", *lines]))


def nights_table(nights: Sequence[Night]) -> list[Section]:
    """A row a night, the newest first, folded."""
    if not nights:
        return []
    rows = ["### The nights", "", "| Night | Pin | Now | Drifted |", "|---|--:|--:|--:|"]
    for night in reversed(nights[-_NIGHTS:]):
        pin, pin_of, new, new_of = (sum(column) for column in _columns(night))
        day = markdown(night.day)
        lost = f", {night.lost} lost" if night.lost else ""
        rows.append(
            f"| {SIGNS[night.colour]} {link(day, night.run_url) or day} | {pin}/{pin_of} "
            f"| {new}/{new_of}{lost} | {sum(night.drifted.values())} |"
        )
    older = len(nights) - _NIGHTS
    said = f"… and {counted(older, 'green night')} before." if older > 0 else ""
    return [Section("\n".join(rows), 3), Section(said)]


def figures(bump: Bump) -> Section:
    """Tokens, cost and latency on both sides; what nobody knows is left out."""
    if bump.comparison is None:
        return Section("")
    rows = [
        f"| {row.figure} | {row.production} | {row.candidate} | {row.change} |".replace(
            "$", "<span>$</span>"
        )
        for row in figure_rows(bump.comparison)
        if (row.production, row.candidate) not in (("unknown", "unknown"), ("0", "0"))
    ]
    head = ["### Tokens, cost, latency", "", "| | Pin | Now | |", "|---|--:|--:|--:|"]
    return Section("\n".join(head + rows), 4)


def _streak(bump: Bump) -> str:
    nights = bump.streak.nights
    if not nights:
        return "none"
    days = [nights[0].day, nights[-1].day]
    when = markdown(days[0]) if len(nights) == 1 else " to ".join(map(markdown, days))
    run = link("last run", nights[-1].run_url)
    return f"{counted(bump.streak.length, 'green night')}, {when}" + (run and f" ({run})")


def _cases(bump: Bump) -> list[tuple[str, str]]:
    comparison = bump.comparison
    if comparison is None:
        return []
    failing = sum(fails(case) or case.broken for case in comparison.cases)
    fail = f", **{counted(failing, 'fails', 'fail')} now**" if failing else ", all pass"
    found = [severity(case) for case in comparison.cases]
    worst = [f"{found.count(each)} {each}" for each in SEVERITIES[:2] if found.count(each)]
    changed = f"{len(bump.answers):,}" + (f" ({', '.join(worst)})" if worst else "")
    rows = [("Cases", f"{len(comparison.cases):,}{fail}"), ("Answers changed", changed)]
    cost = next(row for row in figure_rows(comparison) if row.figure == COST)
    if cost.production != "unknown" or cost.candidate != "unknown":
        change = f" ({cost.change})" if cost.change else ""
        said = f"{cost.production} → {cost.candidate}{change}"
        if cost.production == cost.candidate:  # as far as a person would read it
            said = f"{cost.candidate}, as before"
        rows.append((cost.figure, said.replace("$", "<span>$</span>")))
    return rows


def _end(day: str | None, notice: str | None, today: date | None, *, warn: bool = False) -> str:
    if day is None:
        return "no date known"
    when, days = f"**{markdown(day)}**", _days(day, today)
    source = link("notice", notice)
    end = f" ({source})" if source else ""
    if days is None:
        return f"{when}{end}"
    if days < 0:
        return f"since {when}{end}"
    sign = "⚠️ " if warn else "⏳ " if days <= 30 else ""
    return f"{sign}{when}, in {counted(days, 'day')}{end}"


def _new(bump: Bump) -> str:
    """The id, as a link to where its provider tells of its models."""
    return link(code(bump.new), bump.models_page) or code(bump.new)


def _days(day: str | None, today: date | None) -> int | None:
    try:
        return (date.fromisoformat(day) - today).days if day and today else None
    except ValueError:
        return None


def _columns(night: Night) -> list[tuple[int, ...]]:
    return list(zip(*night.cases.values(), strict=True)) or [(), (), (), ()]
