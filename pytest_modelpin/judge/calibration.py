"""How good a judge is: its share of seeded changes found, and of equal answers called different.

Measured on the pin's own samples, and on such with one fact changed, which are the same for the
same samples; kept in a small file a version of the judge. A judge that was not measured, or not
well enough, decides nothing.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice, zip_longest
from math import exp, fsum, lgamma, log, log1p
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pytest_modelpin.drift.text.sentences import sentences
from pytest_modelpin.files import safe_name
from pytest_modelpin.judge.difference import MOST_REFERENCES, WORDING, Opinion, Reading, reading
from pytest_modelpin.redaction.written import write_redacted
from pytest_modelpin.results.case import Case
from pytest_modelpin.typed_json import Count, Misfit, plain_reader, whole_json

if TYPE_CHECKING:
    from pytest_modelpin.judge.judge import Judge


MOST_FALSE_ALARMS = 0.20
"""Of equal pairs that may be called different, by the upper bound of the 95 % interval."""
LEAST_FOUND = 0.70
"""Of the seeded changes."""
FEWEST_EQUAL = 17  # as few as show, without a false alarm, that they are within that share
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
    equal: Count
    """A/A pairs: an answer of the pin's beside others of the same case."""
    false_alarms: Count
    """Of these, those called different."""
    changed: Count
    """Answers of the pin's with one seeded change beside the answer itself."""
    found: Count
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


PAIRS = 40
"""Of either sort, at most: two calls each."""

_FEWEST_WORDS = 5  # of an answer that is prose

_NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)*(?![\w])")
_AUXILIARY = re.compile(
    r"\b(?:is|are|was|were|will|can|must|should|may|does|do|has|have)\b(?! not\b)(?!n['’]t)", re.I
)
_DENIAL = re.compile(
    r"\b(is|are|was|were|will|can|must|should|may|does|do|has|have)(?: not|n['’]t)\b"
)
_NAME = re.compile(r"(?<=[a-z,;] )[A-Z][a-z]{2,}\b")
_OTHERS = ("Anderson", "Brussels", "Caroline", "Denver", "Everett", "Finland", "Gibson", "Harlow")


@dataclass(frozen=True, slots=True)
class Pairs:
    """What the judge is measured on."""

    equal: tuple[Reading, ...]
    changed: tuple[Reading, ...]

    def why_too_few(self, judge: str) -> str:
        """Why no judge can be measured on these, whatever it says, as a clause; else empty."""
        equal, changed = len(self.equal), len(self.changed)
        return Calibration(judge, equal, 0, changed, changed).why_not_believed


def pairs_of(cases: Iterable[Case], most: int = PAIRS) -> Pairs:
    """Pairs from the samples of a replayed run, spread over its cases; the same every time."""
    groups = [group for case in cases for group in _answers(case)]
    equal = _spread([list(_equal(group)) for group in groups], most)
    changed = _spread([list(_changed(group)) for group in groups], most)
    return Pairs(equal, changed)


def measure(judge: Judge, pairs: Pairs) -> Calibration:
    """Ask the judge about all of them; what it gives no opinion of does not count."""
    opinions = judge.opinions([*pairs.equal, *pairs.changed])
    equal, false_alarms = _counted(pairs.equal, opinions)
    changed, found = _counted(pairs.changed, opinions)
    return Calibration(judge.model.production, equal, false_alarms, changed, found)


def _counted(readings: Sequence[Reading], opinions: Mapping[str, Opinion]) -> tuple[int, int]:
    said = [opinions[each.key].meant for each in readings if each.key in opinions]
    return len(said), said.count("different")


def _answers(case: Case) -> Iterable[list[str]]:
    """What the case's samples say at one place, prose alone: answers, or else the models' texts."""
    tried = [sample for sample in case.samples if sample.outcome == "passed"]
    by_place: dict[str, dict[str, None]] = {}
    for sample in tried:
        for answer in sample.answers:
            if isinstance(answer.received, str):
                by_place.setdefault(answer.snapshot, {})[answer.received] = None
    if not any(sample.answers for sample in tried):
        for sample in tried:
            for place, call in enumerate(sample.calls):
                by_place.setdefault(str(place), {})[call.reply.text] = None
    for texts in by_place.values():
        prose = [text for text in texts if _is_prose(text)]
        if prose:
            yield prose


def _is_prose(text: str) -> bool:
    return len(text.split()) >= _FEWEST_WORDS and text.lstrip()[:1] not in ("{", "[", "<", "`")


def _equal(texts: Sequence[str]) -> Iterable[Reading]:
    """Each text beside others of the same case."""
    for place, text in enumerate(texts):
        others = [*texts[place + 1 :], *texts[:place]]
        if found := reading(others[:MOST_REFERENCES], text):
            yield found


def _changed(texts: Sequence[str]) -> Iterable[Reading]:
    """Each text with one change beside itself."""
    for text in texts:
        for change in changes(text):
            if found := reading([text], change.text):
                yield found


def _spread(groups: Sequence[Sequence[Reading]], most: int) -> tuple[Reading, ...]:
    """The first of each group, then the second ones, each once."""
    rounds = (each for of_round in zip_longest(*groups) for each in of_round if each)
    return tuple(islice({each.key: each for each in rounds}.values(), most))


class Change(NamedTuple):
    """An answer with one fact changed on purpose, which a judge that reads has to find."""

    kind: str
    """`number`, `negation`, `sentence` or `name`."""
    text: str


def changes(text: str, seed: int = 0) -> Iterable[Change]:
    """One change of each kind that the text allows."""
    for kind, change in _KINDS.items():
        draw = random.Random(f"{seed} {kind} {text}")  # noqa: S311 - which place, not a secret
        changed = change(text, draw)
        if changed is not None and changed.strip() and changed != text:
            yield Change(kind, changed)


def _number(text: str, draw: random.Random) -> str | None:
    """A figure three times as big, one more, or with a digit more."""
    found = list(_NUMBER.finditer(text))
    if not found:
        return None
    one = draw.choice(found)
    figure = re.match(r"\d+", one[0])
    assert figure is not None, "it begins with a digit"
    whole = int(figure[0])
    other = draw.choice([whole * 3 + 1, whole + 1, whole * 10 + 5])
    return text[: one.start()] + str(other) + one[0][figure.end() :] + text[one.end() :]


def _negation(text: str, draw: random.Random) -> str | None:
    if denials := list(_DENIAL.finditer(text)):
        one = draw.choice(denials)
        return text[: one.start()] + one[1] + text[one.end() :]
    if found := list(_AUXILIARY.finditer(text)):
        one = draw.choice(found)
        return f"{text[: one.end()]} not{text[one.end() :]}"
    return None


def _sentence(text: str, draw: random.Random) -> str | None:
    """Without one of at least two sentences that say something."""
    told = [each.text for each in sentences(text) if len(each.text.split()) >= 4]
    if len(told) < 2:
        return None
    place = text.find(gone := draw.choice(told))
    return None if place < 0 else (text[:place] + text[place + len(gone) :]).strip()


def _name(text: str, draw: random.Random) -> str | None:
    found = list(_NAME.finditer(text))
    if not found:
        return None
    one = draw.choice(found)[0]
    other = draw.choice([each for each in _OTHERS if each != one])
    return re.sub(rf"\b{one}\b", other, text)


_KINDS: Mapping[str, Callable[[str, random.Random], str | None]] = {
    "number": _number,
    "negation": _negation,
    "sentence": _sentence,
    "name": _name,
}
