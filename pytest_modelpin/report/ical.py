"""Retirements as an iCalendar that any calendar subscribes to (RFC 5545)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

_LONGEST = 75  # octets of a line before it is folded: RFC 5545, section 3.1


def ical(retirements: Iterable[tuple[str, str, date]], stamp: date) -> str:
    """An all-day event for each (logical name, model id, day); `stamp` is the day it was made."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//pytest-modelpin//retirements//EN"]
    for name, model, day in retirements:
        uid = hashlib.sha256(f"{name}\0{model}\0{day}".encode()).hexdigest()[:24]
        lines += [
            "BEGIN:VEVENT",
            f"UID:{uid}@pytest-modelpin",
            f"DTSTAMP:{stamp:%Y%m%d}T000000Z",
            f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
            f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_text(f'{model} retires ({name})')}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return " ".join(escaped.split())


def _folded(line: str) -> Iterator[str]:
    part, size = "", 0
    for letter in line:
        width = len(letter.encode())
        if size + width > _LONGEST:
            yield part
            part, size = " ", 1
        part += letter
        size += width
    yield part
