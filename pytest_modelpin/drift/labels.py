"""Strings of a JSON value that a program reads: labels, ids, names, moments and their spelling."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime

from pytest_modelpin.drift.drift import Context, Drift, drift_of
from pytest_modelpin.drift.figures.numbers import same
from pytest_modelpin.drift.figures.quantities import quantities
from pytest_modelpin.drift.text.negation import contradicts
from pytest_modelpin.drift.text.similarity import related
from pytest_modelpin.drift.text.tokens import LETTERS, meaning

_LABEL = re.compile(r"[^\W\d][\w-]{0,30}")
_LABEL_KEYS = frozenset(
    """status state type kind category sentiment label intent priority severity class
    classification decision level role action result verdict gender currency unit language
    lang stage tier mode outcome polarity rating topic department route tag urgency""".split()  # noqa: SIM905
)
_BARE_LABEL = re.compile(r"[a-z][a-z_-]{2,30}")
_CONSTANT = re.compile(r"[A-Z][A-Z0-9_]{2,30}")
_QUALIFIED = re.compile(r"(?:[a-z-]{2,15} ){1,2}[a-z_-]+")
_TOKEN = re.compile(r"[^\W\d_][\w.:/-]{0,60}")
_IDENTIFIER = re.compile(r"(?=[A-Za-z]*[._-]|[a-z]+[A-Z])[A-Za-z]+(?:[._-]+[A-Za-z]+)*")


def compare_strings(path: str, one: str, other: str, context: Context) -> list[Drift]:
    """What of two strings at a path is certain; empty where they are texts to be read."""
    if one == other:
        return []
    accepted = accepted_at(path, context)
    if accepted:
        if other not in accepted:
            return [drift_of("enum", path, one, other)]
        if contradicts(one, other):
            return [drift_of("negation", path, one, other)]
        return [drift_of("content", path, one, other)]
    key = path.rsplit(".", 1)[-1].split("[", 1)[0].lower()
    if _LABEL.fullmatch(one) and one.strip().lower() != other.strip().lower():
        listed = key in _LABEL_KEYS or key.endswith(
            ("_type", "_status", "_category", "_level", "_code")
        )
        if listed and other.strip():
            if contradicts(one, other) and key != "sentiment":
                return [drift_of("negation", path, one, other)]
            # Without a set of accepted values it may be another member of it.
            return [drift_of("enum", path, one, other, "review")]
    if hedged_label(one, other):
        return [drift_of("enum", path, one, other, "review")]
    return respelled(path, one, other)


def respelled(path: str, one: str, other: str) -> list[Drift]:
    """A token whose case, or a date whose style, changed: a reader's eye slides over it, a program
    that compares or parses it stops.
    """
    if one.lower() == other.lower() and _TOKEN.fullmatch(one):
        return [drift_of("enum", path, one, other, "review")]
    moment, moment_after = _moment(one), _moment(other)
    if moment and moment_after:
        return _moments(path, one, other, moment, moment_after)
    if _other_label(one, other):
        return [drift_of("content", path, one, other)]
    days, days_after = quantities(one), quantities(other)
    if (
        len(days) == len(days_after) == 1
        and days[0].sort == days_after[0].sort == "date"
        and same(days[0], days_after[0])
        and one.strip() == days[0].text.strip()
        and other.strip() == days_after[0].text.strip()
        and _date_style(one) != _date_style(other)
    ):
        return [drift_of("format", path, one, other)]
    return []


def _other_label(one: str, other: str) -> bool:
    """Whether two names that a program reads differ, or two labels in what they mean."""
    spelled = [bool(_IDENTIFIER.fullmatch(each)) for each in (one, other)]
    if any(spelled) and all(
        identifier or _BARE_LABEL.fullmatch(each)
        for identifier, each in zip(spelled, (one, other), strict=True)
    ):
        return True
    labels = _BARE_LABEL.fullmatch(one) and _BARE_LABEL.fullmatch(other)
    if not labels or meaning(one) == meaning(other):
        return False
    return not related([one], [other]) and not contradicts(one, other)


def _moment(text: str) -> datetime | None:
    """The date with a time that a text is by ISO 8601; None for any other text."""
    if ":" not in text or not text[:4].isdigit():
        return None
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        return None


def _moments(path: str, one: str, other: str, before: datetime, after: datetime) -> list[Drift]:
    """`number` for another moment; the same one in another zone's time is for review."""
    if (before.tzinfo is None) != (after.tzinfo is None):
        return [drift_of("number", path, one, other)]
    if before != after:
        return [drift_of("number", path, one, other)]
    mild = "info" if before.utcoffset() == after.utcoffset() else "review"
    return [drift_of("format", path, one, other, mild)]  # type: ignore[arg-type]


def _date_style(text: str) -> str:
    """A date's spelling without its figures: 0000-00-00, Aaaaa 0, 0000."""
    return LETTERS.sub("A", re.sub(r"\d", "0", text.strip()))


def hedged_label(one: str, other: str) -> bool:
    """Whether a label of one lower-case word got a qualifier: positive, very positive."""
    return (
        bool(_BARE_LABEL.fullmatch(one))
        and other.endswith(f" {one}")
        and bool(_QUALIFIED.fullmatch(other))
    )


def accepted_at(path: str, context: Context) -> Collection[object]:
    """The accepted values of a path; list indexes also match `[*]`."""
    if not context.accepted:
        return ()
    spelled = {path, re.sub(r"\[\d+\]", "[*]", path)}
    if path in ("", "$"):
        spelled = {"", "$"}
    return next((context.accepted[p] for p in sorted(spelled) if p in context.accepted), ())


def wordy_label(one: str, other: str) -> bool:
    """Whether a label of one word, as programs spell it, became a sentence that holds it."""
    return (
        bool(_BARE_LABEL.fullmatch(one) or _CONSTANT.fullmatch(one))
        and len(other.split()) >= 3
        and one.lower() in other.lower()
    )


def recased_label(one: str, other: str) -> bool:
    """Whether only the case of a label changed that is spelled as programs spell it."""
    spelled = bool(_BARE_LABEL.fullmatch(one) or _CONSTANT.fullmatch(one))
    return spelled and one != other and one.lower() == other.lower()
