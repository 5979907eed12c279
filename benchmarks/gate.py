"""How often the gate is right: simulated nights, beside three simpler rules on the same draws.

    python benchmarks/gate.py            # the whole grid, ten minutes on two cores
    python benchmarks/gate.py --quick    # a corner of it, for CI; fails where a bar is missed
    python benchmarks/gate.py --write    # the whole grid, its table written into docs/verdict.md

What is called here is `pytest_modelpin.gate.evaluation.verdict` itself, night after night, as the
nightly calls it: flagged cases get eight fresh samples of either side, greens join the streak,
inconclusive nights do not, a red starts over. Watching ends with a bump or after 14 nights.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import product, repeat
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from pytest_modelpin.gate.evaluation import verdict
from pytest_modelpin.gate.statistical import CONFIRMING_SAMPLES
from pytest_modelpin.gate.statistics import at_most, fisher_worse

NIGHTS = 14
GREEN_RUNS = 3
SETTINGS = {"gate": "statistical", "margin": 0.10, "green_runs": GREEN_RUNS}
SIZES = (10, 20, 50, 100, 200)
SAMPLES = (1, 3, 5)
TRUTHS = (
    "identical", "−2 pp", "−5 pp", "−10 pp", "one dead case", "three dead cases",
    "a fifth of the cases −20 pp",
)  # fmt: skip
BASELINES = ("replayed", "live")
"""Production's samples: drawn once and replayed every night, or drawn anew every night."""
RULES = ("this gate", "all pass", "≥ 95 % pass", "5-v-5 permutation")
RIVAL_SAMPLES = 5
BATCH = 250

MARKS = ("<!-- gate.py: begin -->", "<!-- gate.py: end -->")
PAGE = Path(__file__).parent.parent / "docs" / "verdict.md"

Rates = NDArray[np.float64]
Passes = NDArray[np.int64]


@dataclass(frozen=True)
class Cell:
    """One point of the grid."""

    baseline: str
    truth: str
    cases: int
    samples: int


@dataclass(frozen=True)
class Outcome:
    """Shares of the repetitions, except where it says otherwise."""

    bump_in_5: float
    bump_in_14: float
    red_in_3: float
    red_a_night: float
    """Of the nights watched."""


def rates(cases: int, truth: str) -> tuple[Rates, Rates]:
    """Each case's true pass rate on production and on the candidate."""
    production = np.full(cases, 0.60)
    production[: int(0.95 * cases)] = 0.90
    production[: int(0.80 * cases)] = 0.99
    candidate = production.copy()
    if truth.endswith("cases −20 pp"):
        candidate[::5] -= 0.20
    elif truth.endswith("pp"):
        candidate -= int(truth.removeprefix("−").removesuffix(" pp")) / 100
    elif truth != "identical":
        dead = 1 if truth.startswith("one") else 3
        production[:dead], candidate[:dead] = 1.0, 0.0
    return production, candidate.clip(0, 1)


def simulate(cell: Cell, repetitions: int) -> dict[str, Outcome]:
    """Each rule's outcome in one cell; the same seed whatever else is simulated."""
    rng = np.random.default_rng(crc32(repr(cell).encode()))
    seen: dict[str, list[tuple[int, int, int, int]]] = {rule: [] for rule in RULES}
    for start in range(0, repetitions, BATCH):
        size = min(BATCH, repetitions - start)
        draws = Draws(cell, size, rng)
        seen["this gate"] += [watch_gate(draws, index) for index in range(size)]
        candidate, wide = draws.candidate, draws.five_candidate
        passed = candidate.sum(axis=2)
        seen["all pass"] += watch_rule(passed < cell.samples * cell.cases)
        seen["≥ 95 % pass"] += watch_rule(passed < 0.95 * cell.samples * cell.cases)
        first = worse_of_five(draws.five_production, wide)
        again = worse_of_five(*draws.fives())
        seen["5-v-5 permutation"] += watch_rule(np.any(first & again, axis=2))
    return {rule: summary(ends) for rule, ends in seen.items()}


class Draws:
    """The passes of every repetition, night and case, on both sides."""

    def __init__(self, cell: Cell, repetitions: int, rng: np.random.Generator) -> None:
        self.cell = cell
        self.rng = rng
        self.ids = [f"case {number}" for number in range(cell.cases)]
        self.p, self.q = rates(cell.cases, cell.truth)
        self.shape = (repetitions, NIGHTS, cell.cases)
        once = (repetitions, 1, cell.cases)
        shape = once if cell.baseline == "replayed" else self.shape
        self.production = np.broadcast_to(rng.binomial(cell.samples, self.p, shape), self.shape)
        self.candidate = rng.binomial(cell.samples, self.q, self.shape)
        further = RIVAL_SAMPLES - cell.samples
        extra = np.broadcast_to(rng.binomial(further, self.p, shape), self.shape)
        self.five_production = self.production + extra
        self.five_candidate = self.candidate + rng.binomial(further, self.q, self.shape)

    def night(self, repetition: int, night: int) -> dict[str, tuple[int, int, int, int]]:
        """One night's counts, as the gate takes them."""
        k = repeat(self.cell.samples)
        passes = self.production[repetition, night].tolist()
        counts = zip(passes, k, self.candidate[repetition, night].tolist(), k, strict=False)
        return dict(zip(self.ids, counts, strict=True))

    def confirm(self, flagged: Iterable[str]) -> dict[str, tuple[int, int, int, int]]:
        """Fresh samples of both sides."""
        fresh = CONFIRMING_SAMPLES
        return {
            case: (
                int(self.rng.binomial(fresh, self.p[self.ids.index(case)])),
                fresh,
                int(self.rng.binomial(fresh, self.q[self.ids.index(case)])),
                fresh,
            )
            for case in flagged
        }

    def fives(self) -> tuple[Passes, Passes]:
        """Five fresh samples of every case on both sides, for the permutation test."""
        return (
            self.rng.binomial(RIVAL_SAMPLES, self.p, self.shape),
            self.rng.binomial(RIVAL_SAMPLES, self.q, self.shape),
        )


def watch_gate(draws: Draws, repetition: int) -> tuple[int, int, int, int]:
    """Night of the bump, night of the first red (0: none), red nights, nights watched."""
    streak: list[dict[str, tuple[int, int, int, int]]] = []
    first_red = reds = 0
    for night in range(1, NIGHTS + 1):
        streak.append(draws.night(repetition, night - 1))
        found = verdict(streak, SETTINGS)
        if found.colour == "inconclusive" and found.flagged:
            found = verdict(streak, SETTINGS, draws.confirm(found.flagged))
        if found.bump_due:
            return night, first_red, reds, night
        if found.colour == "red":
            reds += 1
            first_red = first_red or night
            streak.clear()
        elif found.colour == "inconclusive":
            streak.pop()
    return 0, first_red, reds, NIGHTS


def watch_rule(red: NDArray[np.bool_]) -> list[tuple[int, int, int, int]]:
    """The same for a rule that knows only red and green nights."""
    ends = []
    for nights in red.tolist():
        greens = first_red = reds = bump = 0
        for night, is_red in enumerate(nights, 1):
            greens = 0 if is_red else greens + 1
            reds += is_red
            first_red = first_red or (night if is_red else 0)
            if greens == GREEN_RUNS:
                bump = night
                break
        ends.append((bump, first_red, reds, night))
    return ends


def worse_of_five(production: Passes, candidate: Passes) -> NDArray[np.bool_]:
    """Whether the permutation test of 5 against 5 finds the candidate worse at .05, per case."""
    five = range(RIVAL_SAMPLES + 1)
    table = np.array(
        [[at_most(fisher_worse(p, RIVAL_SAMPLES, c, RIVAL_SAMPLES), 0.05) for c in five]
         for p in five]
    )  # fmt: skip
    return np.asarray(table[production, candidate], dtype=np.bool_)


def summary(ends: Sequence[tuple[int, int, int, int]]) -> Outcome:
    """The shares over all repetitions."""
    bump, first_red, reds, watched = np.array(ends).T
    return Outcome(
        bump_in_5=float(((bump > 0) & (bump <= 5)).mean()),
        bump_in_14=float((bump > 0).mean()),
        red_in_3=float(((first_red > 0) & (first_red <= 3)).mean()),
        red_a_night=float(reds.sum() / watched.sum()),
    )


def missed_bars(cell: Cell, outcome: Outcome) -> list[str]:
    """What the gate promises of this cell and does not keep."""
    missed = []
    if cell.truth == "identical":
        if outcome.red_a_night > 0.01:
            missed.append(f"{outcome.red_a_night:.1%} of the nights red")
        if cell.cases >= 50 and cell.samples >= 3 and outcome.bump_in_5 < 0.95:
            missed.append(f"only {outcome.bump_in_5:.1%} bumped in 5 nights")
    if cell.truth == "−10 pp" and outcome.bump_in_14 > 0.05:
        missed.append(f"{outcome.bump_in_14:.1%} bumped")
    if "dead" in cell.truth:
        if outcome.bump_in_14 > 0:
            missed.append(f"{outcome.bump_in_14:.2%} bumped")
        if cell.samples >= 3 and outcome.red_in_3 < 0.95:
            missed.append(f"only {outcome.red_in_3:.1%} red in 3 nights")
    return missed


def table(results: dict[Cell, dict[str, Outcome]], baseline: str, samples: int) -> str:
    """One Markdown table: a row per truth and size, four figures per rule."""
    lines = [
        f"| truth | n | {' | '.join(RULES)} |",
        f"|---|--:|{'|'.join([':-:'] * len(RULES))}|",
    ]
    for cell, by_rule in results.items():
        if (cell.baseline, cell.samples) == (baseline, samples):
            figures = " | ".join(shares(by_rule[rule]) for rule in RULES)
            lines.append(f"| {cell.truth} | {cell.cases} | {figures} |")
    return "\n".join(lines)


def shares(outcome: Outcome) -> str:
    """Four figures in per cent."""
    return " · ".join(
        f"{100 * share:.1f}".removesuffix(".0")
        for share in (
            outcome.bump_in_5,
            outcome.bump_in_14,
            outcome.red_in_3,
            outcome.red_a_night,
        )
    )


def page(results: dict[Cell, dict[str, Outcome]], repetitions: int) -> str:
    """All tables, as docs/verdict.md holds them."""
    parts = [
        f"{repetitions:,} repetitions a cell; four figures a rule, in per cent: repetitions with a "
        "bump within 5 nights · with a bump within 14 · with a red within 3 nights · nights that "
        "were red."
    ]
    for baseline, samples in product(BASELINES, SAMPLES):
        if any((cell.baseline, cell.samples) == (baseline, samples) for cell in results):
            parts.append(
                f"**{samples} sample{'s' * (samples > 1)} a night, production {baseline}**"
            )
            parts.append(table(results, baseline, samples))
    return "\n\n".join(parts)


def write(text: str) -> None:
    """Put the tables between the page's marks."""
    before, rest = PAGE.read_text(encoding="utf-8").split(MARKS[0])
    after = rest.split(MARKS[1])[1]
    PAGE.write_text(f"{before}{MARKS[0]}\n{text}\n{MARKS[1]}{after}", encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a corner of the grid, 200 times")
    parser.add_argument("--write", action="store_true", help="write the tables into the page")
    parser.add_argument("--repetitions", type=int, help="per cell; 2,000 unless --quick")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    arguments = parser.parse_args()
    sizes, samples = ((10, 50), (3,)) if arguments.quick else (SIZES, SAMPLES)
    repetitions = arguments.repetitions or (200 if arguments.quick else 2000)
    cells = [
        Cell(baseline, truth, n, k)
        for baseline, truth, k, n in product(BASELINES, TRUTHS, samples, sizes)
    ]
    # The big cells first, so that no process is left alone with one at the end.
    by_weight = sorted(cells, key=lambda cell: -cell.cases)
    with ProcessPoolExecutor(arguments.jobs) as pool:
        done = dict(zip(by_weight, pool.map(simulate, by_weight, repeat(repetitions)), strict=True))
    results = {cell: done[cell] for cell in cells}

    text = page(results, repetitions)
    print(text)
    if arguments.write:
        write(text)
    missed = [
        f"{cell}: {bar}"
        for cell, by_rule in results.items()
        for bar in missed_bars(cell, by_rule["this gate"])
    ]
    print("\n".join(["", "Bars missed:", *missed] if missed else ["", "Every bar is met."]))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
