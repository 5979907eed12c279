"""Whether an answer was cut off before its end."""

# ruff: noqa: E501 - tables and patterns stay in one piece

from __future__ import annotations

import re

from pytest_modelpin.drift.text.sentences import sentences
from pytest_modelpin.drift.text.tokens import plain, words

CUT_FINISHES = frozenset(
    [
        "length",
        "max_tokens",
        "max_output_tokens",
        "model_context_window_exceeded",
        "incomplete",
        "error_limit",
    ]
)
"""Finish reasons, lower case, that mean the limit on output tokens was met."""

_CLOSED = re.compile(r"[.!?。！？؟۔…)\]}»”\"'`>*_~|:;|]$|[\U0001f300-\U0001faff]$")
_DANGLING = frozenset(
    """the a an and or of to in on at with for by from that which who is are was were if
    because but as your our their its his her this these into than and/or including such
    der die das ein eine und oder mit von zu für auf dass weil wenn ist sind des dem den
    ihre ihr le la les un une et ou de du des avec pour par que qui est sont votre el los
    las y o con para su и в на с по для что из к от или 的 是 在 和 与 及 或 了 は が を に の と で も في
    من على و إلى عن أن""".split()  # noqa: SIM905
)
_OPEN_MARKS = re.compile(r"[,(\[{–—\-、，/]$|\b(?:e\.g|i\.e|z\.b)\.?,?$", re.IGNORECASE)
_LIST_LINE = re.compile(r"^\s*(?:[-*+•#|>]|\d{1,3}[.)])")


def broken_off(before: str, after: str) -> bool:
    """Whether `after` ends in the middle of something, judged beside `before`, which does not."""
    one, other = before.rstrip(), after.rstrip()
    if not other or len(other) < 4:
        return False
    if other.count("```") % 2 and not one.count("```") % 2:
        return True
    if _CLOSED.match(other[-1]) or one.endswith("```"):
        return False
    if one.startswith(other) and len(one) - len(other) > 12:
        return True
    if not (one and _CLOSED.match(one[-1])):
        return _ends_open(other) and not _ends_open(one)
    return _dangles(other) or _stops_short(one, other)


def _ends_open(text: str) -> bool:
    return _OPEN_MARKS.search(text[-10:]) is not None


def _dangles(text: str) -> bool:
    tail = words(plain(text[-80:]))
    return _ends_open(text) or (len(tail) > 2 and tail[-1] in _DANGLING)


def _stops_short(before: str, after: str) -> bool:
    """Whether the last sentence lacks the end that the others have, or is the start of another."""
    lines = after.splitlines()
    if _LIST_LINE.match(lines[-1]):
        return _starts_another(before, after, 4)
    parts = sentences(lines[-1])
    if len(parts) > 1 and all(part.closed for part in parts[:-1]):
        last = parts[-1].text
        if ":" in last or "：" in last:
            return _starts_another(before, after, 3)  # a field's value ends without a full stop
        return len(words(last)) > 1
    return _starts_another(before, after, 3)


def _starts_another(before: str, after: str, least: int) -> bool:
    last = sentences(after)[-1:] if after.strip() else ()
    if not last:
        return False
    start = last[0].key
    return len(words(start)) >= least and any(
        len(one.key) > len(start) + 8 and one.key.startswith(start) for one in sentences(before)
    )
