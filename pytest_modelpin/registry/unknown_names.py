"""What to say of a logical name that models.yml does not hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from modelpin_runtime.errors import did_you_mean


def names_no(registry: object, wanted: Sequence[str], names: Iterable[str]) -> str:
    """The sentence about the names wanted that are none of `names`, with the nearest to one.

    `registry` is the file that was looked in.
    """
    names = list(names)
    unknown = [name for name in wanted if name not in names]
    known = f"it names: {', '.join(names)}." if names else "it names none."
    hint = did_you_mean(unknown[0], names) if len(unknown) == 1 else ""
    return f"{registry} names no {', '.join(map(repr, unknown))}; {known}{hint}"
