"""Regular expressions in one of the spellings that match the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

_LONGEST = 500  # characters of a line that may be a pattern
_MARKS = re.compile(r"\\[dwsbDWSB]|\[\^?[\w\\][^\]\n]*\]|\(\?[:=!<P]|[^\\]\{\d+(?:,\d*)?\}")
_ANCHORED = re.compile(r"^\^.*|.*[^\\]\$$")
_SPELLED: Sequence[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]] = (
    (re.compile(r"\[0-9\]"), r"\\d"),
    (re.compile(r"\[(?:a-zA-Z|A-Za-z)0-9_\]"), r"\\w"),
    (re.compile(r"\[\\d\]"), r"\\d"),
    (re.compile(r"\[\\w\]"), r"\\w"),
    (re.compile(r"\[a-zA-Z"), "[A-Za-z"),
    (re.compile(r"\{1,\}"), "+"),
    (re.compile(r"\{0,\}"), "*"),
    (re.compile(r"\{0,1\}"), "?"),
    (re.compile(r"\{1\}"), ""),
    (re.compile(r"\\([/@#%&=:;,\"'_~!])"), r"\1"),
    (re.compile(r"(\\[^-]|\[\^?(?:\\.|[^\]\\])*\])|\\-"), lambda found: found[1] or "-"),
    (re.compile(r"(?<=\[)\\-|\\-(?=\])"), "-"),  # anywhere else in a class it would be a range
    (re.compile(r"\[\.\]"), r"\\."),
    (re.compile(r"\[([A-Za-z0-9@_-])\]"), r"\1"),
    (re.compile(r"\(\?:"), "("),
)


def is_pattern(text: str) -> bool:
    """Whether a text of one line, without words of its own, is a regular expression."""
    text = text.strip()
    if len(text) > _LONGEST or len(text.split()) != 1:
        return False
    marks = len(_MARKS.findall(text))
    return marks > 1 or (marks == 1 and bool(_ANCHORED.match(text)))


def plain_pattern(text: str) -> str:
    """The pattern with classes, counts and groups spelled in one way, without its delimiters."""
    text = text.strip()
    if len(text) > 1 and text[0] == "/" == text[-1]:
        text = text[1:-1]
    for spelled, plain in _SPELLED:
        text = spelled.sub(plain, text)
    return text


_INLINE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")


def respelled(before: str, after: str) -> str:
    """The second text with its patterns spelled as the first spells those that match the same."""
    if "`" not in before or "`" not in after:
        return after
    known = {plain_pattern(code): code for code in _INLINE.findall(before) if is_pattern(code)}
    for code in _INLINE.findall(after) if known else ():
        if is_pattern(code) and code not in before:
            spelled = known.get(plain_pattern(code))
            after = after.replace(f"`{code}`", f"`{spelled}`") if spelled else after
    return after
