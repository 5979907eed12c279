"""Characters that nobody sees, that reorder text or steer a terminal, made visible."""

from __future__ import annotations

import re

_TOKEN = re.compile(r"⟦(?:U\+([0-9A-F]{4,6}))?⟧")

# Left alone although they have no width of their own: the joiners U+200C and U+200D (ordinary
# Persian, Hindi, emoji) and U+FE0F (the colour form of an emoji).
_HIDDEN = (
    "\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f"  # control characters but tab and line feed
    "\\xad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u3164\\uffa0"
    "\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f"  # separators, bidirectional marks
    "\\ufe00-\\ufe0e\\ufeff\\ufff9-\\ufffb"
    "\\ud800-\\udfff"  # lone surrogates: no encoding takes them
    "\\U0001bca0-\\U0001bca3\\U0001d173-\\U0001d17a"
    "\\U000e0000-\\U000e0fff"  # tags and variation selectors that can carry a hidden text
)
_TO_SHOW = re.compile(rf"[{_HIDDEN}]|⟦(?=(?:U\+[0-9A-F]{{4,6}})?⟧)")


def code_point(character: str) -> str:
    """The visible stand-in for one character: ``⟦U+000D⟧`` for a carriage return."""
    return f"⟦U+{ord(character):04X}⟧"


def show_invisible(text: str) -> str:
    """The text with every invisible character written as its code point.

    Text that looks like such a stand-in already is escaped too, so that `read_invisible` gives
    back exactly what went in.
    """
    if text.isascii() and text.isprintable():
        return text  # as nearly all is, and far sooner known
    return _TO_SHOW.sub(lambda found: code_point(found[0]), text)


def read_invisible(text: str) -> str:
    """The inverse of `show_invisible`. Raises ValueError where a code point doesn't exist."""
    return _TOKEN.sub(lambda found: chr(int(found[1], 16)) if found[1] else "", text)
