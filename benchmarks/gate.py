"""How often the gate is right: simulated nights, beside two simpler rules on the same draws.

    python benchmarks/gate.py            # the whole grid
    python benchmarks/gate.py --quick    # a corner of it, for CI; fails where a bar is missed
    python benchmarks/gate.py --write    # the whole grid: its tables go into docs/simulation.md,
                                         # their gist into docs/verdict.md
    python benchmarks/gate.py --write --only auto   # the tables of `samples: auto` alone
    python benchmarks/gate.py --write --calls   # the table of what `samples: auto` costs and finds

What is called here is `pytest_modelpin.gate.evaluation.evaluate` itself, night after night, as the
nightly calls it: flagged cases get fresh samples of either side, every night since the version
appeared is evidence, a red starts over. Watching ends with a bump or after 14 nights.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from modelpin_runtime.registry.models import Settings
from pytest_modelpin.gate.evaluation import evaluate
from pytest_modelpin.gate.evidence import EarlierNights
from pytest_modelpin.gate.verdict import confirming_samples
from pytest_modelpin.upgrade.nightly.live_runs import Asking, asking

NIGHTS = 14
GREEN_RUNS = 3
PIN_SAMPLES = 5
SETTINGS = {"margin": 0.10, "green_runs": GREEN_RUNS}
AUTO = Settings()
FIXED = (3, 4, 5, 6, 8)
"""Fixed samples a night, beside `samples: auto`."""
SIZES = (8, 10, 20, 50, 100)
FLAWLESS_SIZES = (1, 2, 5, 11, 12)
BASELINES = ("replayed", "live")
"""Production's samples: five, drawn once and replayed; or drawn anew every night."""
TRUTHS = ("identical", "−5 pp", "−10 pp", "one dead case", "a fifth of the cases −20 pp")
FLAWLESS = ("flawless", "flawless, −10 pp")
RULES = ("this gate", "all pass", "≥ 95 % pass")
BUMPED = {8: 0.80, 10: 0.75, 20: 0.90, 50: 0.92, 100: 0.92}
"""By night 3, of an identical model's repetitions."""

MARKS = ("<!-- gate.py: begin -->", "<!-- gate.py: end -->")
PAGE = Path(__file__).parent.parent / "docs" / "simulation.md"
GIST_MARKS = ("<!-- gate.py: excerpt begin -->", "<!-- gate.py: excerpt end -->")
GIST_PAGE = PAGE.with_name("verdict.md")
GIST_SIZES = ("10", "50")

LEGEND = (
    "Of this gate, in per cent of the repetitions: with a bump by night 3, 5 and 14, and with a "
    "red within 3 nights; in per cent of the nights: red ones; and live calls a night, with those "
    "that confirm. Of the simpler rules: a bump by night 14."
)

Rates = NDArray[np.float64]
Counts = dict[str, tuple[int, int, int, int]]
End = tuple[int, int, int, int, int]
"""Night of the bump, night of the first red (0: none), red nights, nights watched, live calls."""


@dataclass(frozen=True)
class Cell:
    """One point of the grid; `samples` is 0 for `samples: auto`."""

    baseline: str
    truth: str
    cases: int
    samples: int


@dataclass(frozen=True)
class Outcome:
    """Shares of the repetitions, except where it says otherwise."""

    bump_in_3: float
    bump_in_5: float
    bump_in_14: float
    red_in_3: float
    red_a_night: float
    """Of the nights watched."""
    calls_a_night: float
    """Live samples of both sides."""


def rates(cases: int, truth: str) -> tuple[Rates, Rates]:
    """Each case's true pass rate on production and on the candidate."""
    place = (np.arange(cases) + 0.5) / cases
    production = np.where(place < 0.80, 0.99, np.where(place < 0.95, 0.90, 0.60))
    if truth.startswith("flawless"):
        production = np.ones(cases)
    candidate = production.copy()
    if truth.endswith("cases −20 pp"):
        candidate[::5] -= 0.20
    elif truth.endswith("pp"):
        candidate -= int(truth.rpartition("−")[2].removesuffix(" pp")) / 100
    elif truth == "one dead case":
        production[0], candidate[0] = 1.0, 0.0
    return production, candidate.clip(0, 1)


def simulate(cell: Cell, repetitions: int) -> dict[str, Outcome]:
    """Each rule's outcome in one cell; the same seed whatever else is simulated."""
    rng = np.random.default_rng(crc32(repr(cell).encode()))
    production, candidate = rates(cell.cases, cell.truth)
    ends = [watch_gate(cell, production, candidate, rng) for _ in range(repetitions)]
    found = {"this gate": summary(ends)}
    if cell.samples:
        shape = (repetitions, NIGHTS, cell.cases)
        passed = rng.binomial(cell.samples, candidate, shape).sum(axis=2)
        whole = cell.samples * cell.cases
        found["all pass"] = summary(watch_rule(passed < whole, whole))
        found["≥ 95 % pass"] = summary(watch_rule(passed < 0.95 * whole, whole))
    return found


def watch_gate(cell: Cell, p: Rates, q: Rates, rng: np.random.Generator) -> End:
    """What becomes of one candidate, as the nightly plays it."""
    ids = [f"case {number}" for number in range(cell.cases)]
    place = {name: number for number, name in enumerate(ids)}
    recorded = rng.binomial(PIN_SAMPLES, p)
    nights: list[Counts] = []
    fresh: list[Counts] = []
    live: dict[str, tuple[int, int]] = {}
    still_open: tuple[str, ...] = ()
    greens = first_red = reds = calls = 0
    for night in range(1, NIGHTS + 1):
        plan = Asking(cell.samples)
        if not cell.samples:
            pin = {name: (int(recorded[place[name]]), PIN_SAMPLES) for name in ids}
            past = EarlierNights(tuple(nights), tuple(fresh), greens, reds, still_open)
            plan = asking(pin, past, AUTO)
        counts: Counts = {}
        for name in ids:
            rate, samples = place[name], plan.more.get(name, plan.base)
            calls += samples
            if cell.baseline == "live" or name in plan.live:
                calls += samples
                passes, size = int(rng.binomial(samples, p[rate])), samples
                live.setdefault(name, (passes, size))
            else:
                passes, size = live.get(name, (int(recorded[rate]), PIN_SAMPLES))
            counts[name] = (passes, size, int(rng.binomial(samples, q[rate])), samples)
        if cell.baseline == "replayed":  # live counts replace the recording's in earlier nights
            nights = [
                {
                    name: (*live[name], *each[2:])
                    if name in live and each[1] == PIN_SAMPLES and name in plan.live
                    else each
                    for name, each in earlier.items()
                }
                for earlier in nights
            ]
        known = frozenset(ids if cell.baseline == "live" else ())
        before = EarlierNights(tuple(nights), tuple(fresh), greens, reds, live=known)
        nights.append(counts)
        found = evaluate(counts, SETTINGS, before)
        again: Counts = {}
        if found.flagged:
            each = confirming_samples(len(found.flagged))
            calls += 2 * each * len(found.flagged)
            again = {
                name: (
                    int(rng.binomial(each, p[place[name]])),
                    each,
                    int(rng.binomial(each, q[place[name]])),
                    each,
                )
                for name in found.flagged
            }
            found = evaluate(counts, SETTINGS, before, again)
        if found.bump_due:
            return night, first_red, reds, night, calls
        still_open = found.flagged if found.colour != "green" else ()
        if found.colour == "red":
            reds += 1
            first_red = first_red or night
            greens, nights, fresh = 0, [], []
        else:
            fresh.append(again)
            greens += found.colour == "green"
    return 0, first_red, reds, NIGHTS, calls


def watch_rule(red: NDArray[np.bool_], calls_a_night: int) -> list[End]:
    """The same for a rule that knows only red and green nights."""
    ends = []
    for nights in red.tolist():
        greens = first_red = reds = bump = night = 0
        for night, is_red in enumerate(nights, 1):
            greens = 0 if is_red else greens + 1
            reds += is_red
            first_red = first_red or (night if is_red else 0)
            if greens == GREEN_RUNS:
                bump = night
                break
        ends.append((bump, first_red, reds, night, night * calls_a_night))
    return ends


def summary(ends: Sequence[End]) -> Outcome:
    """The shares over all repetitions."""
    bump, first_red, reds, watched, calls = np.array(ends).T
    return Outcome(
        bump_in_3=float(((bump > 0) & (bump <= 3)).mean()),
        bump_in_5=float(((bump > 0) & (bump <= 5)).mean()),
        bump_in_14=float((bump > 0).mean()),
        red_in_3=float(((first_red > 0) & (first_red <= 3)).mean()),
        red_a_night=float(reds.sum() / watched.sum()),
        calls_a_night=float(calls.sum() / watched.sum()),
    )


def missed_bars(cell: Cell, outcome: Outcome, slack: float) -> Iterable[str]:
    """What the gate promises of this cell and does not keep; `slack` is what chance explains."""
    if cell.truth == "flawless" and outcome.bump_in_3 < 1:
        yield f"only {outcome.bump_in_3:.1%} bumped on the third night"
    if cell.truth == "identical":
        if outcome.red_a_night > 0.01 + slack:
            yield f"{outcome.red_a_night:.1%} of the nights red"
        if outcome.bump_in_3 < BUMPED[cell.cases] - slack:
            yield f"only {outcome.bump_in_3:.1%} bumped by night 3"
    if cell.truth.endswith("−10 pp") and outcome.bump_in_14 > 0.05 + slack:
        yield f"{outcome.bump_in_14:.1%} bumped in 14 nights"
    if "dead" in cell.truth and (outcome.bump_in_14 > 0 or outcome.red_in_3 < 0.95 - slack):
        yield f"{outcome.bump_in_14:.1%} bumped, {outcome.red_in_3:.1%} red in 3 nights"
    hidden = cell in (Cell("live", TRUTHS[-1], 50, 3), Cell("replayed", TRUTHS[-1], 50, 0))
    if hidden and outcome.bump_in_5 > 0.20 + slack:
        yield f"{outcome.bump_in_5:.1%} bumped in 5 nights"


WORST = (Outcome(0, 0, 0, 0, 1, 0), Outcome(1, 1, 1, 0, 0, 0))
"""No bump and all nights red; each a bump and none red: one of the two misses any bar there is."""


def has_bar(cell: Cell) -> bool:
    """Whether anything is promised of this cell."""
    return any(True for outcome in WORST for _ in missed_bars(cell, outcome, 0))


HEADS = ("by 3", "by 5", "by 14", "red in 3", "red nights", "calls")


def table(results: dict[Cell, dict[str, Outcome]], baseline: str, samples: int) -> str:
    """One Markdown table: a row per truth and size, the figures of each rule."""
    others = RULES[1:] if samples else ()
    heads = ["truth", "n", *HEADS, *(f"*{rule}*: by 14" for rule in others)]
    lines = [f"| {' | '.join(heads)} |", f"|---|{'--:|' * (len(heads) - 1)}"]
    for cell, by_rule in results.items():
        if (cell.baseline, cell.samples) == (baseline, samples):
            compared = (_percent(by_rule[rule].bump_in_14) for rule in others)
            row = [cell.truth, str(cell.cases), *figures(by_rule[RULES[0]]), *compared]
            lines.append(f"| {' | '.join(row)} |")
    return "\n".join(lines)


def figures(outcome: Outcome) -> list[str]:
    """Of this gate, as `HEADS` names them."""
    shares = (
        outcome.bump_in_3,
        outcome.bump_in_5,
        outcome.bump_in_14,
        outcome.red_in_3,
        outcome.red_a_night,
    )
    return [*map(_percent, shares), f"{outcome.calls_a_night:.0f}"]


def _percent(share: float) -> str:
    return f"{100 * share:.1f}".removesuffix(".0")


def page(results: dict[Cell, dict[str, Outcome]], repetitions: int) -> str:
    """All tables, as docs/simulation.md holds them."""
    tables = [
        f"{heading(baseline, samples)} ({repetitions:,} repetitions a cell)\n\n"
        f"{table(results, baseline, samples)}"
        for baseline in BASELINES
        for samples in (3, 0)
        if any((each.baseline, each.samples) == (baseline, samples) for each in results)
    ]
    return "\n\n".join([LEGEND, *tables])


def heading(baseline: str, samples: int) -> str:
    """What a table is of."""
    asked = f"{samples} samples a night" if samples else "`samples: auto`"
    return f"**{asked}, production {baseline}**"


def calls_grid() -> list[Cell]:
    """`samples: auto` beside fixed numbers of them, where the two differ most."""
    return [
        Cell("replayed", truth, n, samples)
        for truth in ("flawless", "identical", "−10 pp", "one dead case", TRUTHS[-1])
        for n in (20, 50)
        for samples in (*FIXED, 0)
    ]


def calls_page(results: dict[Cell, dict[str, Outcome]], repetitions: int) -> str:
    """Per number of samples: bumps by night 5, and live calls a night."""
    heads = [*(f"`samples: {samples}`" for samples in FIXED), "`samples: auto`"]
    lines = [f"| truth | n | {' | '.join(heads)} |", f"|---|--:|{'|'.join([':-:'] * len(heads))}|"]
    rows: dict[tuple[str, int], list[str]] = {}
    for cell, found in results.items():
        gate = found["this gate"]
        told = f"{100 * gate.bump_in_5:.0f} · {gate.calls_a_night:.0f}"
        rows.setdefault((cell.truth, cell.cases), []).append(told)
    lines += [f"| {truth} | {n} | {' | '.join(told)} |" for (truth, n), told in rows.items()]
    title = "**Bumps by night 5 in per cent · live calls a night, production replayed**"
    return "\n\n".join(
        [LEGEND, f"{title} ({repetitions:,} repetitions a cell)\n\n" + "\n".join(lines)]
    )


def write(text: str) -> None:
    """Put the tables between the page's marks; those that were not made anew stay."""
    made = dict(map(_titled, text.split("\n\n**")[1:]))
    kept = dict(map(_titled, _between(PAGE, MARKS).split("\n\n**")[1:]))
    tables = [f"**{title}{body}" for title, body in (kept | made).items()]
    _put_between(PAGE, MARKS, "\n\n".join([LEGEND, *tables]))
    _put_between(GIST_PAGE, GIST_MARKS, gist())


def gist() -> str:
    """What the page's tables show of `samples: auto` beside the simplest rule, in one."""
    tables = dict(map(_titled, _between(PAGE, MARKS).split("\n\n**")[1:]))
    auto, fixed = (
        next(body for title, body in tables.items() if title.startswith(f"{of}, production repl"))
        for of in ("`samples: auto`", "3 samples a night")
    )
    simple = {(truth, n): row[len(HEADS)] for truth, n, *row in _rows(fixed)}
    lines = [
        "| the candidate | cases | bump by night 3 | by night 14 | red within 3 nights "
        "| *all pass*: bump by night 14 |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for truth, n, in_3, _, in_14, red, *_ in _rows(auto):
        if n in GIST_SIZES and (truth, n) in simple:
            row = (truth, n, *(f"{each} %" for each in (in_3, in_14, red, simple[truth, n])))
            lines.append(f"| {' | '.join(row)} |")
    return "\n".join(lines)


def _rows(table: str) -> Iterable[list[str]]:
    for line in table.splitlines():
        if line.startswith("| ") and not line.startswith("| truth"):
            yield line.strip("| ").split(" | ")


def _between(page: Path, marks: tuple[str, str]) -> str:
    return page.read_text(encoding="utf-8").split(marks[0])[1].split(marks[1])[0].strip()


def _put_between(page: Path, marks: tuple[str, str], text: str) -> None:
    before, rest = page.read_text(encoding="utf-8").split(marks[0])
    after = rest.split(marks[1])[1]
    page.write_text(f"{before}{marks[0]}\n{text}\n{marks[1]}{after}", encoding="utf-8")


def _titled(part: str) -> tuple[str, str]:
    title, mark, body = part.partition("**")
    return title, f"{mark}{body}"


def grid(*, quick: bool) -> list[Cell]:
    """The cells: all of them, or those that a change breaks first and whose bars say so."""
    sizes = (8, 50) if quick else SIZES
    cells = [
        Cell("replayed", truth, n, samples) for samples in (3, 0) for truth in TRUTHS for n in sizes
    ]
    cells += [Cell("live", truth, n, 3) for truth in TRUTHS for n in sizes if n != 8]
    flawless = (1, 12) if quick else FLAWLESS_SIZES
    cells += [Cell("replayed", truth, n, 0) for truth in FLAWLESS for n in flawless]
    return [cell for cell in cells if has_bar(cell)] if quick else cells


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a corner of the grid, 100 times")
    parser.add_argument("--write", action="store_true", help="write the tables into the page")
    parser.add_argument("--repetitions", type=int, help="per cell; 1,000 unless --quick")
    parser.add_argument("--only", choices=["auto", "fixed"], help="of `samples:`, this alone")
    parser.add_argument("--calls", action="store_true", help="what `samples: auto` costs and finds")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    arguments = parser.parse_args()
    repetitions = arguments.repetitions or (100 if arguments.quick else 1000)
    cells = [
        cell
        for cell in (calls_grid() if arguments.calls else grid(quick=arguments.quick))
        if not arguments.only or (arguments.only == "fixed") is bool(cell.samples)
    ]
    # The big cells first, so that no process is left alone with one at the end.
    by_weight = sorted(cells, key=lambda cell: -cell.cases)
    with ProcessPoolExecutor(arguments.jobs) as pool:
        done = dict(zip(by_weight, pool.map(simulate, by_weight, repeat(repetitions)), strict=True))
    results = {cell: done[cell] for cell in cells}

    text = (calls_page if arguments.calls else page)(results, repetitions)
    print(text)
    if arguments.write:
        write(text)
    slack = 2 / repetitions**0.5 * 0.5
    missed = [
        f"{cell}: {bar}"
        for cell, by_rule in results.items()
        for bar in missed_bars(cell, by_rule["this gate"], slack)
    ]
    print("\n".join(["", "Bars missed:", *missed] if missed else ["", "Every bar is met."]))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
