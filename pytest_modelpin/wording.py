"""Numbers with their nouns, amounts of money, texts and lists cut short: one home for each."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Sequence
from math import floor, log10

OWN_CACHE = "a cache of the code's own (dspy's, LangChain's, joblib's, `lru_cache`)"
"""What may answer in a model's place, unseen; the cure is to turn it off for tests."""


def plural(count: int, noun: str, many: str | None = None) -> str:
    """The noun as it stands behind `count`: `case`, `cases`; `many` where an s is not enough."""
    return noun if count == 1 else many or f"{noun}s"


def counted(count: int, noun: str, many: str | None = None) -> str:
    """A number with its noun: `1 case`, `1,204 cases`."""
    return f"{count:,} {plural(count, noun, many)}"


def clipped(text: str, longest: int) -> str:
    """The text at `longest` characters at most, with `…` where it was cut."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def some(names: Sequence[str], most: int = 5) -> str:
    """The first few names, and how many more there are."""
    shown = ", ".join(map(str, names[:most]))
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def dollars(amount: float) -> str:
    """An amount as a person reads it: `$1,240`, `$12.40`, `$0.188`, `$0.0000123`; never rounded to
    nothing.
    """
    if amount >= 100:
        return f"${amount:,.2f}".removesuffix(".00")
    if amount >= 1 or amount <= 0:
        return f"${amount:.2f}"
    whole, _, cents = f"{amount:.{2 - floor(log10(amount))}f}".partition(".")
    return f"${whole}.{cents.rstrip('0'):0<2}"


def total(counts: Iterable[int | None]) -> str:
    """A sum as far as it is known: `1,204`, `1,204 + unknown`, `unknown`."""
    every = list(counts)
    known = [count for count in every if count is not None]
    if not known:
        return "unknown"
    return f"{sum(known):,}" + ("" if len(known) == len(every) else " + unknown")


def to_one_length(amounts: Sequence[str]) -> list[str]:
    """Amounts below a dollar with as many digits each: `$0.190` beside `$0.188`."""
    small = [len(each) for each in amounts if each.startswith("$0.")]
    longest = max(small, default=0)
    return [each.ljust(longest, "0") if each.startswith("$0.") else each for each in amounts]


IN_PLAIN = "pytest-modelpin-in-plain"
"""How a stream that has no such characters is to write them: `errors=` of `reconfigure`."""

_PLAIN = str.maketrans(
    {"●": "*", "○": "o", "…": "...", "“": '"', "”": '"', "→": "->", "─": "-", "·": "-", "−": "-"}
)


def _in_plain(error: UnicodeError) -> tuple[str, int]:
    """Characters of ours in ASCII, any other as `?`: three green nights of five read `***oo`."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    said = error.object[error.start : error.end].translate(_PLAIN)
    return "".join(each if each.isascii() else "?" for each in said), error.end


codecs.register_error(IN_PLAIN, _in_plain)
