"""The verdict on one night, and whether a bump is due: DESIGN of the gate in docs/verdict.md."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from modelpin_runtime.registry.models import Settings
from pytest_modelpin.gate.bound import (
    Bound,
    is_beyond_chance,
    lower_bound,
    nights_to_decide,
    suite_is_worse,
    what_costs,
)
from pytest_modelpin.gate.evidence import (
    NO_NIGHTS,
    EarlierNights,
    Evidence,
    NightCounts,
    UnusableError,
    as_nights,
    check,
    gather,
    own_difference,
)
from pytest_modelpin.gate.statistics import tail_is_worse
from pytest_modelpin.gate.verdict import (
    Colour,
    Flags,
    Verdict,
    confirming_samples,
    flag,
    points,
    worse_together,
    worst_of,
)
from pytest_modelpin.wording import counted, some

__all__ = ["LOST_SHARE", "Colour", "Verdict", "evaluate", "verdict"]

LOST_SHARE = 0.02
"""More cases than this share missing from a night, and it says nothing of the suite."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What of the settings the gate goes by."""

    strict: bool
    margin: float
    green_runs: int


def verdict(
    nights: Sequence[NightCounts],
    settings: Settings | Mapping[str, Any] | None = None,
    confirmations: NightCounts | None = None,
) -> Verdict:
    """The verdict on the last of the nights of one served version and fingerprint, oldest first.

    All nights since the version appeared or since its last red one, inconclusive ones included. A
    night maps each case id to (production passes, production samples, candidate passes, candidate
    samples). `settings` are those of models.yml, of which `gate`, `margin` and `green_runs`
    count. `confirmations` are the fresh samples of the cases that an earlier call named in
    `flagged`, a mapping like a night's.

    Pure and deterministic. Counts that can't be judged give an inconclusive verdict whose reason
    names them; nothing is raised.
    """
    try:
        *before, tonight = as_nights(nights)
        margin = _rules(settings).margin
        own = gather([*before, tonight]).own[:-1]
    except UnusableError as error:
        return Verdict("inconclusive", reasons=(str(error),))
    # Nobody kept the colours of the nights before: those count that were above the margin.
    earlier = EarlierNights(tuple(before), greens=sum(each > -margin for each in own))
    return evaluate(tonight, settings, earlier, confirmations)


def evaluate(
    tonight: NightCounts,
    settings: Settings | Mapping[str, Any] | None = None,
    earlier: EarlierNights = NO_NIGHTS,
    confirmations: NightCounts | None = None,
    suspects: Iterable[str] = (),
) -> Verdict:
    """`verdict`, with what only a ledger knows of the `earlier` nights.

    `suspects` are cases that want a confirmation whatever their counts say.
    """
    try:
        rules = _rules(settings)
        nights = (*earlier.nights, tonight)
        evidence = gather(nights, earlier.fresh, earlier.live)
        again = check(confirmations, "confirmations") if confirmations else {}
    except UnusableError as error:
        return Verdict("inconclusive", reasons=(str(error),))
    missing = len(evidence.cases) - len(evidence.tonight)
    if missing > LOST_SHARE * len(evidence.cases):
        seen = counted(len(evidence.cases), "case is", "cases are")
        lacks = f"{missing} of the version's {seen} missing from the last night"
        return Verdict("inconclusive", reasons=(f"{lacks}, more than {LOST_SHARE:.0%}",))
    failing = tuple(case for case, counts in evidence.tonight.items() if counts[2] < counts[3])
    worst = worst_of(evidence) if suite_is_worse(evidence, rules.margin) else ()
    suspects = {*suspects, *(failing if rules.strict else ()), *worst}
    flags = flag(evidence.tonight, evidence.totals, again, suspects)
    if flags.cleared:
        cleared = {case: again[case] for case in flags.cleared}
        fresh = earlier.fresh
        before = [fresh[place] if place < len(fresh) else {} for place in range(len(nights) - 1)]
        evidence = gather(nights, [*before, cleared], earlier.live)
    greens = earlier.greens + 1
    suite = _Suite(worst, {case: again[case] for case in worst if case in again})
    look = max(1, greens - rules.green_runs + 1) + earlier.reds
    bound = lower_bound(evidence, rules.margin, look)
    red = tuple(_red(evidence, flags, suite))
    failing = failing if rules.strict else ()
    unclear = () if red else tuple(_unclear(evidence, rules.margin, flags, failing, suite))
    if red or unclear:
        more = 2 * confirming_samples(len(flags.all)) * len(flags.open)
        return Verdict(
            "red" if red else "inconclusive",
            reasons=red or unclear,
            estimate=bound.estimate,
            lower_bound=bound.lower,
            more_samples=None if red else more or None,
            flagged=flags.all,
            confirmed=bool(red),
        )
    return _green(evidence, rules, flags, bound, greens, look)


@dataclass(frozen=True, slots=True)
class _Suite:
    """Whether the suite as a whole looks worse, and what fresh samples say of it."""

    worst: Sequence[str]
    """The cases to ask anew; none where it does not look worse."""
    fresh: NightCounts
    """Their fresh samples."""


def _red(evidence: Evidence, flags: Flags, suite: _Suite) -> Iterable[str]:
    if flags.confirmed:
        yield (
            "worse than production, confirmed on fresh samples of both sides: "
            f"{some(flags.confirmed)}"
        )
    elif flags.together:
        yield (
            f"{len(flags.all)} cases look worse, and taken together their fresh samples confirm "
            f"it: {some(flags.open or flags.all)}"
        )
    if suite.worst and worse_together(suite.fresh):
        yield (
            f"the suite as a whole is worse than chance explains: {_over_all(evidence)}, confirmed "
            f"on fresh samples of both sides of {counted(len(suite.fresh), 'case')}"
        )


def _unclear(
    evidence: Evidence, margin: float, flags: Flags, failing: Sequence[str], suite: _Suite
) -> Iterable[str]:
    """`failing` are cases of which, by the strict gate, no sample may fail."""
    if suite.worst:
        yield (
            f"the suite as a whole looks worse than chance explains: {_over_all(evidence)}; "
            + (
                f"fresh samples of {counted(len(suite.fresh), 'case')} do not confirm it"
                if suite.fresh
                else f"to be confirmed on fresh samples of each side: {some(tuple(suite.worst))}"
            )
        )
    if set(flags.open) - ({*suite.worst} - {*suite.fresh}):
        yield (
            f"looks worse, to be confirmed on "
            f"{confirming_samples(len(flags.all))} fresh samples of each side: {some(flags.open)}"
        )
    if failing:
        yield (
            f"not every sample passes, which the strict gate asks for: "
            f"{some(tuple(sorted(failing, key=str)))}"
        )
    tonight = own_difference(evidence.tonight)
    if not tonight > -margin:
        yield (
            f"tonight's pass rates differ by {points(tonight)}, which is not above the "
            f"margin of {points(-margin)}"
        )
    if not any(counts[0] for counts in evidence.totals.values()):
        yield "production passes no case, so there is nothing that could get worse"


def _green(
    evidence: Evidence, rules: Rules, flags: Flags, bound: Bound, greens: int, look: int
) -> Verdict:
    over = counted(len(evidence.nights), "night")
    reasons = [
        "worse than chance explains, by less than the margin: pass rate "
        f"{points(bound.estimate)} over {over}"
        if is_beyond_chance(evidence)
        else f"no worse than chance explains: pass rate {points(bound.estimate)} over {over}"
    ]
    if flags.cleared:
        reasons.append(f"flagged, and cleared by fresh samples: {some(flags.cleared)}")
    obstacles, waits = _obstacles(evidence, rules, bound, greens, look)
    due = (
        f"a bump is due: {counted(greens, 'night')} green in a row, and the candidate's pass "
        f"rate differs from the pin's by {points(bound.lower)} at worst (95 % sure), where the "
        f"margin allows {points(-rules.margin)}"
    )
    bump_reasons = [f"a bump waits: {obstacle}" for obstacle in obstacles] or [due]
    return Verdict(
        "green",
        bump_due=not obstacles,
        reasons=tuple(reasons),
        estimate=bound.estimate,
        lower_bound=bound.lower,
        more_samples=waits * evidence.candidate_samples() if obstacles and waits else None,
        flagged=flags.all,
        bump_reasons=tuple(bump_reasons),
    )


def _obstacles(
    evidence: Evidence, rules: Rules, bound: Bound, greens: int, look: int
) -> tuple[list[str], int]:
    """What a bump waits for, and for how many nights; 0 where nights alone would not do."""
    obstacles = []
    missing = max(rules.green_runs - greens, 0)
    waits = missing
    if missing:
        obstacles.append(f"{counted(missing, 'night')} more must be green")
    if not bound.lower > -rules.margin:
        following = look if missing else look + 1
        further = nights_to_decide(evidence, rules.margin, following, missing)
        if not (missing and further == missing):
            obstacles.append(_not_proven(evidence, rules, bound, following, missing, further))
        waits = further or 0
    never = tuple(
        sorted((case for case, counts in evidence.totals.items() if _never_passed(counts)), key=str)
    )
    if never:
        obstacles.append(f"the candidate has never passed {some(never)}")
    if tail_is_worse(evidence.cases.values()):
        worst = sorted(
            evidence.cases, key=lambda case: (evidence.cases[case].difference, str(case))
        )
        obstacles.append(
            "the cases that did worst did worse than chance explains, and may hide behind the "
            f"mean: {some(tuple(worst[: max(1, len(worst) // 5)]), 3)}"
        )
    if obstacles and not waits and bound.lower > -rules.margin:
        waits = 1
    return obstacles, waits


def _not_proven(
    evidence: Evidence,
    rules: Rules,
    bound: Bound,
    look: int,
    missing: int,
    further: int | None,
) -> str:
    told = (
        f"not proven yet, the lower bound {points(bound.lower)} is not above the margin of "
        f"{points(-rules.margin)}"
    )
    when = f"; {counted(further, 'night')} more like these would decide" if further else ""
    helps = what_costs(evidence, bound, rules.margin, look, max(missing, 1))
    return f"{told}{when}; {helps}"


def _over_all(evidence: Evidence) -> str:
    return f"pass rate {points(evidence.estimate)} over {counted(len(evidence.nights), 'night')}"


def _never_passed(counts: tuple[int, int, int, int]) -> bool:
    """Whether production has passed this case and the candidate never.

    Where samples are few that proves nothing yet, but it is nothing to move a pin on either.
    """
    return counts[0] > 0 and counts[2] == 0


def _rules(settings: Settings | Mapping[str, Any] | None) -> Rules:
    default = Settings()
    if settings is None:
        settings = default
    if isinstance(settings, Mapping):
        gate = settings.get("gate", default.gate)
        margin = settings.get("margin", default.margin)
        green_runs = settings.get("green_runs", default.green_runs)
    else:
        gate, margin, green_runs = settings.gate, settings.margin, settings.green_runs
    if gate not in ("auto", "strict", "statistical"):
        raise UnusableError(f"gate is {gate!r}; it can be auto, strict or statistical")
    if not _is_number(margin) or not 0 < margin < 1:
        raise UnusableError(f"margin is {margin!r}; it must lie between 0 and 1")
    if not _is_number(green_runs) or green_runs < 1 or green_runs != int(green_runs):
        raise UnusableError(f"green_runs is {green_runs!r}; it must be a whole number from 1 up")
    return Rules(gate == "strict", float(margin), int(green_runs))


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value)
