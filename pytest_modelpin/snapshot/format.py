"""The file of accepted answers of one test module: made for people to review line by line.

    ==== test_refund[de] (text) ====
    Hello Ada,
    your refund of $42 is on its way.

    ==== test_refund[de].1 (json) ====
    {
      "total": 42
    }

    ==== end ====

A text stands as it is, without quotes or indentation. Only what could not survive an editor, git
or a reviewer's eye is written as a code point: invisible characters, white space at the end of a
line, a final line break, and a line that looks like one of the file's own. What changed
is shown line by line, too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Literal

from modelpin_runtime.errors import is_conflict_marker
from pytest_modelpin.errors import SnapshotError
from pytest_modelpin.invisible import code_point, read_invisible, show_invisible
from pytest_modelpin.wording import clipped

if TYPE_CHECKING:
    from pytest_modelpin.providers.wire import JSON


NOTHING = "⟦⟧"
"""Stands for no character at all, where something has to stand for it to be seen."""

Form = Literal["text", "json"]

_RULE = "==== "
_END = "==== end ===="
_HEADER = re.compile(r"==== (?P<name>.*) \((?P<form>text|json)\) ====")
_LIKE_OUR_OWN = re.compile(r"^(?:=(?==== |={6}$)|<(?=<{6})|>(?=>{6})|\|(?=\|{6}))", re.MULTILINE)
_AT_LINE_END = re.compile(r"[^\S\n]$", re.MULTILINE)
_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True)
class Accepted:
    """One accepted answer as it is stored."""

    form: Form
    body: str
    """The text itself, or the JSON pretty-printed."""

    @property
    def value(self) -> JSON:
        """The answer: a str for a text, else the JSON value.

        Raises SnapshotError where the JSON, edited by hand, no longer parses.
        """
        if self.form == "text":
            return self.body
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise SnapshotError(
                f"An accepted answer in JSON no longer parses ({error}). Mend it, or take it "
                "back with `git checkout`, or accept a new one with `pytest --snapshot-update`."
            ) from None


def accept(answer: JSON) -> Accepted:
    """How an answer is stored: a str as text, any other JSON value pretty-printed.

    NaN and the infinities, which JSON lacks, are written `NaN`, `Infinity` and `-Infinity`.
    """
    if isinstance(answer, str):
        return Accepted("text", answer)
    return Accepted("json", json.dumps(answer, indent=2, sort_keys=True, ensure_ascii=False))


def body_lines(body: str) -> list[str]:
    """The lines that stand for a body in the file; never none, and the last one is never empty."""
    shown = show_invisible(body)
    if shown.endswith("\n"):
        shown = shown[:-1] + code_point("\n")
    shown = _AT_LINE_END.sub(lambda found: code_point(found[0]), shown)
    shown = _LIKE_OUR_OWN.sub(lambda found: code_point(found[0]), shown)
    return (shown or NOTHING).split("\n")


def packed(accepted: Accepted) -> str:
    """The one str that syrupy carries for an answer."""
    return f"{accepted.form}\n{accepted.body}"


def unpacked(data: str | bytes) -> Accepted:
    """The inverse of `packed`."""
    form, _, body = str(data).partition("\n")
    return Accepted("json" if form == "json" else "text", body)


def answer_of(data: str | bytes | None) -> JSON:
    """The answer that syrupy carries as `data`; None where it carries none."""
    return None if data is None else unpacked(data).value


def render(answers: Mapping[str, Accepted]) -> str:
    """The whole file. Sorted by name, numbers by value, so that an addition moves nothing."""
    lines: list[str] = []
    for name in sorted(answers, key=_natural):
        lines.append(shown_header(name, answers[name].form))
        lines += body_lines(answers[name].body)
        lines.append("")
    lines += [_END, ""]
    return "\n".join(lines)


def shown_header(name: str, form: Form) -> str:
    """The line of the file above an answer."""
    return f"{_RULE}{_show_name(name)} ({form}) ===="


def parse(content: str, where: str) -> dict[str, Accepted]:
    """The accepted answers by name; the inverse of `render`.

    `where` names the file in errors. Raises SnapshotError where the file holds merge conflict
    markers, breaks off, or holds lines that no `render` writes.
    """
    lines = content.replace("\r\n", "\n").removeprefix("\ufeff").split("\n")
    answers: dict[str, Accepted] = {}
    name: str | None = None
    form: Form = "text"
    start = 0
    for number, line in enumerate(lines):
        if line[:1] not in ("=", "<", "|", ">"):
            if name is None and line:
                raise _error(where, number, "a line that belongs to no answer")
            continue
        if is_conflict_marker(line):
            raise _error(where, number, "a merge conflict marker")
        if not line.startswith(_RULE):
            if name is None:
                raise _error(where, number, "a line that belongs to no answer")
            continue
        if name is not None:
            answers[name] = Accepted(form, _read_body(lines[start:number], where, start))
        if line == _END:
            if any(lines[number + 1 :]):
                raise _error(where, number + 1, "text after the end")
            return answers
        header = _HEADER.fullmatch(line)
        if header is None:
            raise _error(where, number, f"a broken header, {line[:60]!r}")
        name = _read(header["name"], where, number)
        form = "json" if header["form"] == "json" else "text"
        start = number + 1
        if name in answers:
            raise _error(where, number, f"a second answer named {name!r}")
    raise _error(where, len(lines) - 1, f"the file breaks off: its last line, `{_END}`, is missing")


def _read_body(lines: list[str], where: str, start: int) -> str:
    # No body ends in an empty line, so those at the end only keep answers apart.
    return _read("\n".join(lines).rstrip("\n"), where, start)


def _read(shown: str, where: str, number: int) -> str:
    try:
        return read_invisible(shown)
    except (ValueError, OverflowError):
        raise _error(where, number, "a code point that doesn't exist") from None


def _show_name(name: str) -> str:
    shown = show_invisible(name).replace("\n", code_point("\n")).replace("\t", code_point("\t"))
    return shown or NOTHING


def _natural(name: str) -> tuple[list[str | tuple[int, str]], str]:
    # The digits are every second part, so that numbers are only ever compared with numbers.
    parts: list[str | tuple[int, str]] = list(_DIGITS.split(name))
    # By length and digits: Python reads no number of thousands of them.
    numbers = [part.lstrip("0") for part in _DIGITS.findall(name)]
    parts[1::2] = [(len(number), number) for number in numbers]
    return parts, name


def _error(where: str, number: int, what: str) -> SnapshotError:
    return SnapshotError(
        f"{where}, line {number + 1}: {what}. Nothing was changed. Resolve it by hand, or take "
        f"the file back with `git checkout -- {where}`, then run `pytest` again."
    )


CONTEXT = 3
"""Unchanged lines shown around a change."""

_COMPARED = 1000  # lines a side; beyond it, matching takes longer than anyone wants to read
_WIDTH = 1000  # characters of a line


def difference(accepted: list[str], received: list[str]) -> Iterator[str]:
    """A unified diff without its file header: lines starting with ``-``, ``+``, space or ``@``.

    Takes a few milliseconds for hundreds of lines, because equal lines at both ends are set aside
    and no two lines are compared letter by letter.
    """
    head = _common(accepted, received)
    tail = _common(accepted[head:][::-1], received[head:][::-1])
    start = max(0, head - CONTEXT)
    old = accepted[start : len(accepted) - max(0, tail - CONTEXT)]
    new = received[start : len(received) - max(0, tail - CONTEXT)]
    left_out = max(len(old), len(new)) - _COMPARED
    matcher = SequenceMatcher(None, old[:_COMPARED], new[:_COMPARED], autojunk=False)
    for group in matcher.get_grouped_opcodes(CONTEXT):
        yield f"@@ line {start + group[0][1] + 1} @@"
        for tag, i, i_end, j, j_end in group:
            if tag == "equal":
                yield from (f" {clipped(line, _WIDTH)}".rstrip() for line in old[i:i_end])
            else:
                yield from (f"-{clipped(line, _WIDTH)}" for line in old[i:i_end])
                yield from (f"+{clipped(line, _WIDTH)}" for line in new[j:j_end])
    if left_out > 0:
        yield f"@@ {left_out} more lines were not compared @@"


def _common(one: list[str], other: list[str]) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))
