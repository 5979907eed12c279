"""How a value is written in YAML so that it reads back as itself, in the style that was there.

Imported only when a file is edited.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date

import yaml

Scalar = str | date | float


def scalar(value: Scalar, style: str | None = None) -> str:
    """One line of YAML for a text, date or number, safe in block and in flow context.

    `style` is the quote that stood there, `'` or `"`, None for plain; it is kept where it can
    hold the value.
    """
    if isinstance(value, int | float):
        return f"{value:g}"
    written = value.isoformat() if isinstance(value, date) else value
    if style == "'" and _one_printable_line(written):
        return "'" + written.replace("'", "''") + "'"
    if style is None and _reads_back(written, value):
        return written
    dumped = yaml.safe_dump(
        written, default_style='"', allow_unicode=True, width=sys.maxsize
    )  # an endless width, since folding would spread the value over lines
    return str(dumped).strip()


def new_scalar(value: Scalar) -> str:
    """The same for a key that was not there: dates in quotes, as the documentation writes them."""
    return scalar(value, '"' if isinstance(value, date) else None)


def flow_list(values: Sequence[str]) -> str:
    """`[a, b]`."""
    return "[" + ", ".join(scalar(value) for value in values) + "]"


def _reads_back(written: str, value: Scalar) -> bool:
    try:
        return bool(yaml.safe_load(f"{{k: [{written}]}}") == {"k": [value]})
    except (yaml.YAMLError, ValueError):
        return False


def _one_printable_line(text: str) -> bool:
    return text.isprintable()
