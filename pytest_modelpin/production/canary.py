"""What to do with a canary: hold it, advance it to its next share, or roll it back.

It is decided from observations counted: how often each side did badly, minute after minute. The
SQL is DuckDB's; the same query serves files of any size, from JSON lines or Parquet, and
docs/canary.md gives it for other engines, whose counts come back as JSON (`canary --counts`).
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from modelpin_runtime.errors import did_you_mean
from modelpin_runtime.observations import SCHEMA
from modelpin_runtime.registry.models import Canary
from pytest_modelpin.errors import SITE, ModelpinError
from pytest_modelpin.files import named_content
from pytest_modelpin.production.evalues import Batch, Evidence, worse
from pytest_modelpin.typed_json import Count, Misfit, misfit, read_as
from pytest_modelpin.wording import counted, plural

if TYPE_CHECKING:
    import duckdb


Action = Literal["hold", "advance", "roll back"]

ALPHA = 0.01
"""The chance that a canary as good as the pin is ever rolled back, over all metrics and steps, for
ever: each step's evidence begins anew, so each has an equal part of it."""
_SHARES: Mapping[str, float] = {
    "error": 0.4, "schema": 0.2, "refusal": 0.1, "latency": 0.1, "cost": 0.1, "feedback": 0.1,
}  # fmt: skip
"""How α is divided; together 1."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What the observations say."""

    action: Action
    percent: float
    """The share that the canary should have."""
    reasons: tuple[str, ...]
    """Sentences, the deciding one first."""
    evidence: Mapping[str, Evidence]
    """By metric."""
    finished: bool = False
    """Whether it has served its last step for long enough without anything shown worse."""


def decide(canary: Canary, counts: Counts) -> Decision:
    """Roll back where a metric is shown worse, advance where enough was seen, else hold.

    Pure. Nothing is decided where the pin had no traffic: there is nothing to compare with.
    """
    evidence = {metric: worse(counts.batches.get(metric, ())) for metric in METRICS}
    alpha = ALPHA / len(canary.steps)
    bad = [metric for metric in METRICS if evidence[metric].rejects(alpha * _SHARES[metric])]
    if bad:
        return Decision("roll back", 0.0, tuple(_worse(m, evidence[m]) for m in bad), evidence)
    waits = tuple(_waits(canary, counts, evidence["error"]))
    if waits:
        return Decision("hold", canary.percent, waits, evidence)
    following = next((step for step in canary.steps if step > canary.percent), None)
    requests = counted(counts.canary, "request")
    seen = f"{requests} in {counts.hours:.1f} hours, and no metric shown worse"
    if following is None:
        done = "it serves all traffic: move the pin" if canary.percent >= 100 else "no further step"
        return Decision("hold", canary.percent, (f"{seen}; {done}.",), evidence, finished=True)
    return Decision("advance", following, (f"{seen}: from {canary.percent:g} to {following:g} %.",),
                    evidence)  # fmt: skip


def _waits(canary: Canary, counts: Counts, errors: Evidence) -> list[str]:
    if not counts.pin and not counts.canary:
        return [
            f"No request of the pin or of {canary.model} was seen, so nothing is known: are these "
            "the observations of this model, on its present pin?"
        ]
    if not counts.pin and canary.percent < 100:
        return ["The pin had no traffic, so there is nothing to compare the canary with."]
    waits = []
    if counts.canary < canary.min_requests:
        waits.append(f"{counts.canary:,} of {counted(canary.min_requests, 'request')} so far.")
    if counts.hours < canary.min_hours:
        waits.append(f"{counts.hours:.1f} of {canary.min_hours:g} hours so far.")
    if canary.percent < 100 and 2 * errors.first > errors.canary:
        waits.append(
            f"{errors.first:,} of the canary's {counted(errors.canary, 'request')} "
            f"{plural(errors.first, 'lies', 'lie')} in the first batch of both sides, which can "
            "show nothing worse yet: count shorter stretches of time, or wait for more."
        )
    return waits


def _worse(metric: str, evidence: Evidence) -> str:
    def share(rate: float | None) -> str:
        return "unknown" if rate is None else f"{rate:.2%}"

    return (
        f"{metric}: {share(evidence.canary_rate)} of the canary's "
        f"{counted(evidence.canary, 'request')}, {share(evidence.pin_rate)} of the pin's; "
        f"chance shows as much once in 10^{min(evidence.highest / 2.302585, 99):.0f} at most."
    )


METRICS = ("error", "refusal", "schema", "latency", "cost", "feedback")
"""What can be worse, each as a share of requests: failed, refused, of the wrong structure, slower
than 95 % of the pin's, dearer than 90 % of the pin's, with a feedback below one half."""

_REFERENCE = 200
"""Requests of the pin's, at the least, that say what is slow or dear, with all that came at the
same instant as the last of them; they are not tested."""
_MOST_BATCHES = 4000
_AHEAD = 300.0
"""Seconds that a machine's clock may be ahead of this one's: a line of next year, from a clock that
jumped, would make the hours long and the batches coarse."""
_BEHIND = 366 * 86_400.0
"""And behind the last line: what a machine wrote in 1970, before it knew the time, would make the
hours long as well."""
_COLUMNS = {
    "v": "INTEGER", "at": "DOUBLE", "name": "VARCHAR", "id": "VARCHAR", "role": "VARCHAR",
    "seconds": "DOUBLE", "error": "VARCHAR", "cost": "DOUBLE", "refusal": "BOOLEAN",
    "schema_ok": "BOOLEAN", "feedback": "DOUBLE",
}  # fmt: skip

_REAL = """
CREATE TEMP MACRO finite(figure) AS
  CASE WHEN isfinite(try_cast(figure AS FLOAT)) THEN try_cast(figure AS FLOAT) END
"""
"""A figure that is none, or beyond what is stored, is as good as not there: one of 1e300 would end
the whole count, and to DuckDB NaN is more than all others."""
_SEEN = """
CREATE TEMP TABLE seen AS
SELECT "at", id = $canary AS is_canary, finite(seconds) AS seconds, error IS NOT NULL AS failed,
       finite(cost) AS cost, refusal, schema_ok, finite(feedback) < 0.5 AS disliked
FROM observations
WHERE v = $schema AND name = $name AND id IN ($pin, $canary)
  AND "at" >= $since AND "at" <= $until
"""
"""The files are read once; what is kept of a line is small."""
_COUNTS = """
WITH begun AS (SELECT coalesce(min("at") FILTER (WHERE is_canary), 1e18) AS first FROM seen),
earliest AS (SELECT "at" FROM seen WHERE NOT is_canary ORDER BY "at" LIMIT $reference),
reference AS (
  SELECT quantile_cont(seconds, 0.95) AS slow, quantile_cont(cost, 0.9) AS dear,
         max("at") AS until
  FROM seen
  WHERE NOT is_canary
    AND ("at" < (SELECT first FROM begun) OR "at" <= (SELECT max("at") FROM earliest))
)
SELECT
  floor((seen."at" - $since) / $width) AS batch,
  is_canary,
  count(*) AS all_,
  count(*) FILTER (WHERE failed) AS error,
  count(refusal) AS refusal_of, count(*) FILTER (WHERE refusal) AS refusal,
  count(schema_ok) AS schema_of, count(*) FILTER (WHERE NOT schema_ok) AS schema,
  count(seconds) FILTER (WHERE seen."at" > until) AS latency_of,
  count(*) FILTER (WHERE seen."at" > until AND seconds > slow) AS latency,
  count(cost) FILTER (WHERE seen."at" > until) AS cost_of,
  count(*) FILTER (WHERE seen."at" > until AND cost > dear) AS cost,
  count(disliked) AS feedback_of, count(*) FILTER (WHERE disliked) AS feedback
FROM seen, reference
GROUP BY ALL
ORDER BY batch
"""
_SPAN = """
SELECT min("at"), max("at"), count(*), count(*) FILTER (WHERE is_canary),
       max("at") FILTER (WHERE is_canary), min("at") FILTER (WHERE is_canary)
FROM seen
"""


@dataclass(frozen=True, slots=True)
class Counts:
    """What was seen of a pin and its canary."""

    batches: Mapping[str, tuple[Batch, ...]]
    """By metric, in order of time."""
    pin: int
    """Requests."""
    canary: int
    hours: float
    """Between the canary's first and last request."""


def count(source: str | Path, name: str, pin: str, canary: str, since: float = 0.0) -> Counts:
    """Count observations of a logical model since a time (seconds from 1970).

    `source` is a folder of `.jsonl` files, or a glob of `.jsonl`, `.jsonl.gz` or `.parquet` that
    DuckDB reads. Lines that are torn or of another schema are passed over. Raises ModelpinError
    where there is nothing, or DuckDB is not installed.
    """
    database = _database(source)
    import duckdb

    try:
        return _counted(database, name, pin, canary, since)
    except duckdb.Error as error:
        raise _uncountable(str(source), error) from None


def _uncountable(source: str, error: Exception) -> ModelpinError:
    what = str(error).partition("\n")[0].rstrip(".")
    return ModelpinError(
        f"{source} can't be counted ({what}). It takes the files that `load(observations=…)` "
        "writes, or Parquet with the same columns; where one machine is too small, bring counts "
        "with `--counts`."
    )


def _counted(
    database: duckdb.DuckDBPyConnection, name: str, pin: str, canary: str, since: float
) -> Counts:
    asked: dict[str, object] = {
        "name": name,
        "pin": pin,
        "canary": canary,
        "since": since,
        "schema": SCHEMA,
    }
    asked["until"] = time.time() + _AHEAD
    database.execute(_REAL)
    database.execute(_SEEN, asked)
    span = database.execute(_SPAN).fetchone()
    if span and span[0] is not None and span[1] - span[0] > _BEHIND:
        database.execute('DELETE FROM seen WHERE "at" < $first', {"first": span[1] - _BEHIND})
        span = database.execute(_SPAN).fetchone()
    first, last, all_, of_canary, canary_last, canary_first = span or (None,) * 6
    if not all_:
        return Counts(dict.fromkeys(METRICS, ()), 0, 0, 0.0)
    width = _width(last - first)
    rows = database.execute(
        _COUNTS, {"since": max(since, first), "width": width, "reference": _REFERENCE}
    ).fetchall()
    hours = (canary_last - canary_first) / 3600 if of_canary else 0.0
    return Counts(_batches(rows), all_ - of_canary, of_canary, hours)


@dataclass(frozen=True, slots=True)
class _Told:
    """The file of another engine's counts."""

    hours: float
    batches: Mapping[str, tuple[tuple[Count, Count, Count, Count], ...]]


def read_counts(path: Path) -> Counts:
    """Counts that another engine made: `{"hours": …, "batches": {metric: [[pin_bad, pin, …]]}}`.

    Raises ModelpinError where the file is not of that form.
    """
    try:
        told = read_as(_Told, named_content(path))
        if told.hours < 0:
            raise misfit(told.hours, "from 0 up").below("hours")
    except FileNotFoundError:
        raise ModelpinError(f"There is no file {path}.") from None
    except Misfit as odd:
        raise ModelpinError(
            f"{path} holds no counts: {odd}; {SITE}canary/ shows the query and its form."
        ) from None
    for metric, rows in told.batches.items():
        if metric not in METRICS:
            known = f"{', '.join(METRICS)}.{did_you_mean(metric, METRICS)}"
            raise ModelpinError(f"{path} counts {metric!r}, which is none of {known}")
        for place, row in enumerate(rows):
            if row[0] > row[1] or row[2] > row[3]:
                where = f"batches.{metric}[{place}]"
                raise ModelpinError(f"{path}: {where} has more bad requests than requests.")
    if not told.batches.get("error"):
        raise ModelpinError(f"{path} lacks batches.error, by which all requests are counted.")
    batches = {name: tuple(Batch(*row) for row in told.batches.get(name, ())) for name in METRICS}
    pin, canary = (sum(each) for each in list(zip(*batches["error"], strict=True))[1::2])
    return Counts(batches, pin, canary, told.hours)


def _database(source: str | Path) -> duckdb.DuckDBPyConnection:
    try:
        import duckdb
    except ImportError:
        raise ModelpinError(
            "Counting observations needs DuckDB, which is not installed; run "
            '`pip install "pytest-modelpin[runtime-analysis]"`, or bring counts with `--counts`.'
        ) from None
    place = str(source)
    if Path(place).is_dir():
        place = str(Path(place) / "**" / "*.jsonl")
    elif Path(place).exists() and not Path(place).is_file():  # read more than once; may never end
        raise ModelpinError(f"{place} can't be read: it is no plain file.")
    database = duckdb.connect()
    for setting in (
        "memory_limit = '700MB'",
        "enable_progress_bar = false",
        "preserve_insertion_order = false",
    ):
        database.execute(f"SET {setting}")
    quoted = place.replace("'", "''")
    if place.endswith(".parquet"):
        reader = f"read_parquet('{quoted}', union_by_name = true)"
    else:
        reader = (
            f"read_json('{quoted}', format = 'newline_delimited', columns = {_COLUMNS}, "
            "ignore_errors = true, auto_detect = false)"
        )
    try:
        database.execute(f"CREATE VIEW observations AS FROM {reader}")
        database.execute("SELECT 1 FROM observations LIMIT 0")
    except duckdb.IOException:
        raise ModelpinError(f"There are no observations at {place}.") from None
    except duckdb.Error as error:
        raise _uncountable(place, error) from None
    return database


def _width(seconds: float) -> float:
    """How long a batch is: a second, doubled until there are few enough.

    So that looking later cuts what was seen before in the same way, or in halves of the same.
    """
    width = 1.0
    while seconds / width > _MOST_BATCHES:
        width *= 2
    return width


def _batches(rows: Sequence[Sequence[Any]]) -> Mapping[str, tuple[Batch, ...]]:
    made: dict[str, dict[float, Batch]] = {metric: {} for metric in METRICS}
    for batch, is_canary, all_, error, *rest in rows:
        pairs = {"error": (error, all_)}
        for metric, (of, bad) in zip(
            METRICS[1:], zip(rest[::2], rest[1::2], strict=True), strict=True
        ):
            pairs[metric] = (bad, of)
        for metric, (bad, of) in pairs.items():
            found = made[metric].get(batch, Batch(0, 0, 0, 0))
            made[metric][batch] = (
                found._replace(canary_bad=bad, canary=of)
                if is_canary
                else found._replace(pin_bad=bad, pin=of)
            )
    return {
        metric: tuple(by_time[at] for at in sorted(by_time)) for metric, by_time in made.items()
    }
