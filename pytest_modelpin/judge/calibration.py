"""How good a judge is: its share of seeded changes found, and of equal answers called different.

Measured on the pin's own samples, kept in a small file a version of the judge. A judge that was not
measured, or not well enough, decides nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from math import exp, fsum, lgamma, log, log1p
from pathlib import Path
from typing import Any

from pytest_modelpin.files import safe_name
from pytest_modelpin.judge.difference import WORDING
from pytest_modelpin.redaction.written import write_redacted

MOST_FALSE_ALARMS = 0.20
"""Of equal pairs that may be called different, by the upper bound of the 95 % interval."""
LEAST_FOUND = 0.70
"""Of the seeded changes."""
FEWEST_CHANGED = 10
COMMITTED = "judges"
"""Beside models.yml: the folder of the files that a team commits."""

_SCHEMA = 1
_ALPHA = 0.05
_MOST_PAIRS = 10_000  # that a file may tell of: an interval of more takes seconds


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was measured of one version of a judge."""

    judge: str
    """Its pin."""
    equal: int
    """A/A pairs: an answer of the pin's beside others of the same case."""
    false_alarms: int
    """Of these, those called different."""
    changed: int
    """Answers of the pin's with one seeded change beside the answer itself."""
    found: int
    """Of these, those called different."""
    wording: int = WORDING

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
        _, best = clopper_pearson(0, self.equal)
        return self.changed >= FEWEST_CHANGED and best <= MOST_FALSE_ALARMS

    @property
    def why_not_believed(self) -> str:
        """Why its verdicts are ignored, as a clause; empty where they count."""
        _, worst = clopper_pearson(self.false_alarms, self.equal)
        if not self.is_measured:
            return (
                f"{self.equal} equal and {self.changed} changed pairs are too few to tell how good "
                "it is; record more samples of the pin: `pytest-modelpin record`"
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
        return ""


def clopper_pearson(hits: int, tries: int, alpha: float = _ALPHA) -> tuple[float, float]:
    """The exact interval of a share at confidence 1 − `alpha`; (0, 1) without any tries.

    C. J. Clopper and E. S. Pearson, The use of confidence or fiducial limits illustrated in the
    case of the binomial, Biometrika 26 (1934).
    """
    if not tries:
        return 0.0, 1.0
    low = 0.0 if hits == 0 else _root(lambda p: 1 - _at_most(hits - 1, tries, p) - alpha / 2)
    high = 1.0 if hits == tries else _root(lambda p: alpha / 2 - _at_most(hits, tries, p))
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


def read_calibration(path: Path, version: str) -> Calibration | None:
    """What a file says of this version; None where it says nothing of it or can't be read."""
    try:
        document: dict[str, Any] = json.loads(path.read_bytes())
        counts = {key: int(document[key]) for key in ("equal", "false_alarms", "changed", "found")}
        if document["schema"] != _SCHEMA or document["judge"] != version:
            return None
        if document["wording"] != WORDING:
            return None
    except (OSError, ValueError, LookupError, TypeError):
        return None
    sound = 0 <= counts["false_alarms"] <= counts["equal"] <= _MOST_PAIRS
    sound = sound and 0 <= counts["found"] <= counts["changed"] <= _MOST_PAIRS
    return Calibration(version, **counts) if sound else None


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
