"""The nearest allowed word to a mistyped one."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, allowed: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The allowed word that looks most like `word`, None where nothing does.

    `cutoff` is difflib's ratio, 0 to 1.
    """
    import difflib  # only a mistake needs it

    by_lower = {choice.lower(): choice for choice in allowed}
    found = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=cutoff)
    return by_lower[found[0]] if found else None


def did_you_mean(word: str, allowed: Iterable[str], cutoff: float = 0.6) -> str:
    """A question to end a sentence with, or nothing where no allowed word is near."""
    guess = nearest(word, allowed, cutoff)
    return f" Did you mean `{guess}`?" if guess else ""
