"""The site's files and the calendar of retirements."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape

from pytest_modelpin import __version__
from pytest_modelpin.alarms.status import Status
from pytest_modelpin.files import safe_name
from pytest_modelpin.ledger import Night
from pytest_modelpin.ledger.nights import last_of_each_day
from pytest_modelpin.report.escape import terminal
from pytest_modelpin.report.page import static, templates
from pytest_modelpin.report.page.head import trends
from pytest_modelpin.report.page.plots import margin_plot, timeline

_COLOURS = {"green": "#2e7d4f", "red": "#b3261e", "inconclusive": "#7a6a3a", None: "#5f6b78"}
_LETTER = 6.6  # px that a letter of the badge's font takes, on average


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version that was the pin; what isn't known is empty."""

    version: str
    promoted: str = ""
    until: str = ""
    by: str = ""
    """Author, commit and pull request."""
    shown: str = ""
    """The evidence, as a sentence."""
    known: tuple[str, ...] = ()
    """What was accepted and what is known against it."""


def site(
    rows: Sequence[Status],
    nights: Mapping[str, Sequence[Night]],
    versions: Mapping[str, Sequence[VersionRow]],
    margin: float,
    made: str,
) -> Mapping[str, str]:
    """File names and their texts; `made` says when. Nothing in them asks the network.

    By logical name, `nights` are the ledger's, and `versions` those that were the pin; both oldest
    first.
    """
    environment = templates(_visible)
    shared = {"style": static("page.css"), "made": f"{made} · pytest-modelpin {__version__}"}
    files = {row.name: f"{safe_name(row.name)}.html" for row in rows}
    made_files = {
        "index.html": environment.get_template("site_index.html.jinja").render(
            models=rows, files=files, **shared
        )
    }
    for row in rows:
        newest_first = tuple(last_of_each_day(nights.get(row.name, ())))
        shown = newest_first[::-1]
        made_files[files[row.name]] = environment.get_template("site_model.html.jinja").render(
            model=row,
            nights=newest_first,
            versions=versions.get(row.name, ()),
            timeline=timeline(shown),
            margin_plot=margin_plot(shown[-30:], margin),
            trends=trends(shown),
            **shared,
        )
        made_files[f"{safe_name(row.name)}.svg"] = badge(row.name, _standing(row), row.verdict)
    return made_files


def badge(label: str, value: str, colour: str | None) -> str:
    """A badge of two halves as SVG; `colour` is a verdict's, or None for none yet."""
    left, right = (round(len(text) * _LETTER + 12) for text in (label, value))
    fill = _COLOURS.get(colour, _COLOURS[None])
    label, value = (escape(_printable(text)) for text in (label, value))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" '
        f'aria-label="{label}: {value}"><title>{label}: {value}</title>'
        f'<rect width="{left + right}" height="20" rx="3" fill="#3d4650"/>'
        f'<path d="M{left} 0h{right - 3}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3h-{right - 3}z" '
        f'fill="{fill}"/>'
        '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" '
        f'text-anchor="middle"><text x="{left / 2}" y="14">{label}</text>'
        f'<text x="{left + right / 2}" y="14">{value}</text></g></svg>\n'
    )


def _visible(value: object) -> object:
    """A text of elsewhere with its invisible characters shown; our own markup as it is."""
    return terminal(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def _standing(model: Status) -> str:
    if not model.verdict:
        return model.pin
    if model.at_pin:
        return f"{model.pin}, nothing newer"
    return f"{model.pin}, {min(model.streak, model.needed)} of {model.needed} green"


def _printable(text: str) -> str:
    # XML knows no control characters, not even escaped.
    return re.sub(r"[\x00-\x1f\x7f\ufffe\uffff]", "", terminal(text))


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
