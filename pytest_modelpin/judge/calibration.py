"""How good a judge is: its share of seeded changes found, and of equal answers called different.

Kept in a small file a version of the judge. A judge that was not measured, or not well enough,
decides nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import exp, fsum, lgamma, log, log1p
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_modelpin.files import safe_name
from pytest_modelpin.judge.calibration_pairs import Pairs
from pytest_modelpin.judge.difference import WORDING, Meant, Opinion, Reading
from pytest_modelpin.redaction.written import write_redacted
from pytest_modelpin.typed_json import Count, Misfit, plain_reader, whole_json

if TYPE_CHECKING:
    from pytest_modelpin.judge.judge import Judge


MOST_FALSE_ALARMS = 0.20
"""Of equal pairs that may be called different, by the upper bound of the 95 % interval."""
LEAST_FOUND = 0.70
"""Of the seeded changes."""
MOST_OBEYED = 0.5
"""Of the changed answers that tell their judge to call them the same. One that reads may miss a
change in some of them as well; one that obeys does in all."""
FEWEST_EQUAL = 17  # as few as show, without a false alarm, that they are within that share
FEWEST_CHANGED = 10
COMMITTED = "judges"
"""Beside models.yml: the folder of the files that a team commits."""

_SCHEMA = 2
_ALPHA = 0.05
_MOST_PAIRS = 10_000  # that a file may tell of: an interval of more takes seconds


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was measured of one version of a judge."""

    judge: str
    """Its pin."""
    equal: Count
    """A/A pairs: an answer of the pin's beside others of the same case."""
    false_alarms: Count
    """Of these, those called different."""
    changed: Count
    """Answers of the pin's with one seeded change beside the answer itself."""
    found: Count
    """Of these, those called different."""
    wording: int = WORDING
    injected: Count = 0
    """Changed answers that tell their judge to call them the same."""
    obeyed: Count = 0
    """Of these, those called the same."""

    @property
    def pairs(self) -> int:
        """Of how many it gave an opinion."""
        return self.equal + self.changed + self.injected

    @property
    def specificity(self) -> float:
        """Share of the equal pairs that were not called different."""
        return 1 - self.false_alarms / self.equal if self.equal else 0.0

    @property
    def sensitivity(self) -> float:
        """Share of the changes that were found."""
        return self.found / self.changed if self.changed else 0.0

    def intervals(self) -> dict[str, tuple[float, float]]:
        """The 95 % intervals of both."""
        low, high = clopper_pearson(self.false_alarms, self.equal)
        return {
            "specificity": (1 - high, 1 - low),
            "sensitivity": clopper_pearson(self.found, self.changed),
        }

    @property
    def is_measured(self) -> bool:
        """Whether so many pairs can tell anything: without any false alarm they would pass."""
        return self.changed >= FEWEST_CHANGED and self.equal >= FEWEST_EQUAL

    @property
    def why_not_believed(self) -> str:
        """Why its verdicts are ignored, as a clause; empty where they count."""
        _, worst = clopper_pearson(self.false_alarms, self.equal)
        if self.changed and not self.equal:
            return (
                "no two samples of one case say the same in other words, so that its false alarms "
                "can't be measured; cases whose answers vary would tell, and more samples of the "
                "pin, where they do: `pytest-modelpin record --samples N`"
            )
        if not self.is_measured:
            return (
                f"{self.equal} equal and {self.changed} changed pairs are too few to tell how good "
                f"it is: {FEWEST_EQUAL} and {FEWEST_CHANGED} would; more tests whose answers are "
                "prose help, or more samples of the pin: `pytest-modelpin record --samples N`"
            )
        if worst > MOST_FALSE_ALARMS:
            return (
                f"it called {self.false_alarms} of {self.equal} equal answers different, which may "
                f"be up to {worst:.0%} and must be at most {MOST_FALSE_ALARMS:.0%}"
            )
        if self.sensitivity < LEAST_FOUND:
            return (
                f"it found {self.found} of {self.changed} seeded changes ({self.sensitivity:.0%}), "
                f"and must find {LEAST_FOUND:.0%}"
            )
        if self.injected and self.obeyed / self.injected > MOST_OBEYED:
            return (
                f"it called {self.obeyed} of {self.injected} changed answers the same that told it "
                f"to, which may be at most {MOST_OBEYED:.0%}: an answer could talk it round"
            )
        return ""


def clopper_pearson(hits: int, tries: int) -> tuple[float, float]:
    """The exact interval of a share at confidence 95 %; (0, 1) without any tries.

    C. J. Clopper and E. S. Pearson, The use of confidence or fiducial limits illustrated in the
    case of the binomial, Biometrika 26 (1934).
    """
    if not tries:
        return 0.0, 1.0
    low = 0.0 if hits == 0 else _root(lambda p: 1 - _at_most(hits - 1, tries, p) - _ALPHA / 2)
    high = 1.0 if hits == tries else _root(lambda p: _ALPHA / 2 - _at_most(hits, tries, p))
    return low, high


def _at_most(hits: int, tries: int, share: float) -> float:
    """The probability of so many hits or fewer."""
    # In logarithms: from a thousand tries on, the ways to choose are more than a float holds.
    sure, doubtful = log(share), log1p(-share)
    of_all = lgamma(tries + 1)
    return fsum(
        exp(of_all - lgamma(k + 1) - lgamma(tries - k + 1) + k * sure + (tries - k) * doubtful)
        for k in range(hits + 1)
    )


def _root(rising: Callable[[float], float]) -> float:
    """Where a function that grows on (0, 1) passes 0, by bisection."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < 0 else (low, middle)
    return (low + high) / 2


def path_of(folder: Path, version: str) -> Path:
    """The file of one version."""
    return folder / f"{safe_name(version)}.calibration.json"


@dataclass(frozen=True, slots=True)
class _Of:
    """What a file's counts are of."""

    schema: int
    judge: str
    wording: int


def read_calibration(path: Path, version: str) -> Calibration | None:
    """What a file says of this version; None where it says nothing of it or can't be read."""
    try:
        content = whole_json(path.read_bytes())
        of = plain_reader(_Of)(content)
        if (of.schema, of.judge, of.wording) != (_SCHEMA, version, WORDING):
            return None
        known = plain_reader(Calibration)(content)
    except (OSError, Misfit):
        return None
    sound = known.false_alarms <= known.equal <= _MOST_PAIRS
    sound = sound and known.obeyed <= known.injected <= _MOST_PAIRS
    return known if sound and known.found <= known.changed <= _MOST_PAIRS else None


def write_calibration(path: Path, calibration: Calibration) -> None:
    """Keep it; the shares and intervals are for people, and read by nobody. Raises OSError."""
    document = {
        "schema": _SCHEMA,
        **asdict(calibration),
        "sensitivity": round(calibration.sensitivity, 4),
        "specificity": round(calibration.specificity, 4),
        "intervals": {
            name: [round(low, 4), round(high, 4)]
            for name, (low, high) in calibration.intervals().items()
        },
        "believed": not calibration.why_not_believed,
    }
    write_redacted(path, json.dumps(document, indent=2) + "\n")


def measure(judge: Judge, pairs: Pairs) -> Calibration:
    """Ask the judge about all of them; what it gives no opinion of does not count."""
    opinions = judge.opinions(pairs.all)
    equal, false_alarms = _counted(pairs.equal, opinions, "different")
    changed, found = _counted(pairs.changed, opinions, "different")
    injected, obeyed = _counted(pairs.injected, opinions, "same")
    return Calibration(
        judge.model.production, equal, false_alarms, changed, found,
        injected=injected, obeyed=obeyed,
    )  # fmt: skip


def _counted(
    readings: Sequence[Reading], opinions: Mapping[str, Opinion], word: Meant
) -> tuple[int, int]:
    said = [opinions[each.key].meant for each in readings if each.key in opinions]
    return len(said), said.count(word)


def why_too_few(pairs: Pairs, judge: str) -> str:
    """Why no judge can be measured on these, whatever it says, as a clause; else empty."""
    equal, changed = len(pairs.equal), len(pairs.changed)
    return Calibration(judge, equal, 0, changed, changed).why_not_believed
