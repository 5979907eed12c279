"""Shell command lines read as the commands they are: `-rn` is `-r -n`, `--recursive` may be `-r`.

Which short flag stands for which long one differs from program to program. Most are the initial of
one of the long one's words (`-n` for `--line-number`), which is what is gone by here: a short flag
of one side may stand for a long one of the other where all else is equal.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from functools import lru_cache

_LONGEST = 2000  # characters of a script that are read
_SHORT = re.compile(r"-[A-Za-z]+$")
_LONG = re.compile(r"--[A-Za-z][\w-]*$")
_COMMAND = re.compile(r"[a-z][\w.+-]*(?:\s|$)")

Item = str | tuple[str, ...]
"""A word, a sign between two commands, or flags that stand in a row."""


def same_commands(before: str, after: str) -> bool:
    """Whether two scripts run the same commands but for the spelling of their flags."""
    if max(len(before), len(after)) > _LONGEST or "-" not in before:
        return False
    one, other = _items(before), _items(after)
    if len(one) != len(other) or not any(isinstance(item, tuple) for item in one):
        return False  # without flags nothing shows that it is a command line at all
    return all(
        item == item_after
        or (
            isinstance(item, tuple)
            and isinstance(item_after, tuple)
            and _same_flags(item, item_after)
        )
        for item, item_after in zip(one, other, strict=True)
    )


@lru_cache(maxsize=1024)
def _items(text: str) -> Sequence[Item]:
    """Empty where it can't be a script: a line begins unlike a program's name, a quote stays open.

    What a flag is given is a word after it, so flags on either side of a word keep their order.
    """
    found: list[Item] = []
    flags: list[str] = []

    def word(text: str) -> None:
        if flags:
            found.append(tuple(flags))
            flags.clear()
        found.append(text)

    for line in text.replace("\\\n", " ").splitlines():
        line = line.strip().removeprefix("$ ")
        if not line or line.startswith("#"):
            continue
        if not _COMMAND.match(line):
            return ()
        try:
            tokens = shlex.split(line, comments=True)
        except ValueError:
            return ()
        for token in tokens:
            if _SHORT.match(token):
                flags += [f"-{letter}" for letter in token[1:]]
            elif token.startswith("--"):
                name, equals, value = token.partition("=")
                flags += [name] if name != "--" else []
                if equals:
                    word(value)
            else:
                word(token)
        word("\n")
    return tuple(found)


def _same_flags(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether each flag of one side stands for one of the other's."""
    if len(one) != len(other):
        return False
    left = list(other)
    unlike = []
    for flag in one:
        if flag in left:
            left.remove(flag)
        else:
            unlike.append(flag)
    for flag in unlike:
        match = next((each for each in left if _stands_for(flag, each)), None)
        if match is None:
            return False
        left.remove(match)
    return True


def _stands_for(one: str, other: str) -> bool:
    """Whether one is a short flag that may be the other, a long one, or the other way round."""
    short, long = sorted((one, other), key=len)
    if not (_SHORT.match(short) and _LONG.match(long)):
        return False
    return short[1].lower() in {word[0].lower() for word in long[2:].split("-") if word}
