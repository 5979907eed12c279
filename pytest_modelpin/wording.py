"""Numbers with their nouns, and texts cut to a length: one home for both."""

from __future__ import annotations


def plural(count: int, noun: str, many: str | None = None) -> str:
    """The noun as it stands behind `count`: `case`, `cases`; `many` where an s is not enough."""
    return noun if count == 1 else many or f"{noun}s"


def counted(count: int, noun: str, many: str | None = None) -> str:
    """A number with its noun: `1 case`, `1,204 cases`."""
    return f"{count:,} {plural(count, noun, many)}"


def clipped(text: str, longest: int) -> str:
    """The text at `longest` characters at most, with `…` where it was cut."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
