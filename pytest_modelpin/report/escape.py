"""Model output made safe for where it is shown. What a model says is never markup.

In each of these, invisible characters, those that reorder text and those that steer a terminal
are written as their code point, ``⟦U+202E⟧``: nobody reviews what they can't see.
"""

from __future__ import annotations

import html as html_of_python
import re

from pytest_modelpin.invisible import show_invisible

_APART = "&#x200B;"
"""A zero-width space, which no reader sees and no link or mention survives."""

_ESCAPED = str.maketrans(
    {character: f"\\{character}" for character in "\\`*_{}[]()!|~"}
    | {
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        # GitHub looks for mentions and references after Markdown's own escapes are gone.
        "@": f"@{_APART}",
        "#": f"\\#{_APART}",
        # Two amounts on a line would be read as a formula; the span is GitHub's documented way.
        "$": "<span>$</span>",
    }
)
_LINKED = re.compile(
    r"(?P<scheme>:)(?=//)|(?P<reference>\bgh-)(?=\d)|(?P<host>\bwww)(?=\.)"
    r"|(?P<address>\b(?:mailto|xmpp):)|(?P<emoji>:)(?=[\w+\\-]+:)",
    re.IGNORECASE,
)
_ZERO_WIDTH = "\u200b"
"""The same for Slack, which knows no entities but those of its three control characters."""
_SLACK_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_SLACK_LINKED = re.compile(r"[@#](?=\w)|:(?=//)|\bwww(?=\.)|\bmailto:", re.IGNORECASE)
_BLOCK_START = re.compile(r"^(?:[-+=](?=[-=\s]|$)|\d+(?=\.(?:\s|$)))")
IN_BACKTICKS = re.compile(r"`([^`]+)`")
_BACKTICKS = re.compile(r"`+")
_SPACES = re.compile(r"\s+")
_COMMAND = re.compile(r"(?:^|(?<=\r))([^\S\r\n]*)::", re.MULTILINE)
"""The runner reads a line to its end at a carriage return as well."""


def markdown(text: str) -> str:
    """One line of GitHub's Markdown that shows this text and does nothing.

    No formatting, HTML, link, image, formula or emoji; no mention of a user, no reference to an
    issue or commit, and so no closing keyword that acts. Line breaks become spaces.
    """
    line = _SPACES.sub(" ", show_invisible(text)).strip()
    shown = _LINKED.sub(lambda found: found[0] + _APART, line.translate(_ESCAPED))
    return _BLOCK_START.sub(_not_a_block, shown)


def sentence(text: str) -> str:
    """As `markdown`, and what stands between backticks, such as a command, is code."""
    pieces = IN_BACKTICKS.split(text)
    return "".join(
        code(piece) if at % 2 else _with_ends(markdown(piece), piece)
        for at, piece in enumerate(pieces)
        if piece
    )


def _with_ends(shown: str, text: str) -> str:
    """With the blanks at both ends that `markdown` takes away."""
    before = " " if text[:1].isspace() else ""
    after = " " if text[-1:].isspace() and text.strip() else ""
    return f"{before}{shown}{after}"


def code(text: str) -> str:
    """One line of Markdown that shows this text as code, which nothing in it can end."""
    line = _SPACES.sub(" ", show_invisible(text)).strip()
    fence = _longer_than_any_in(line, 1)
    space = " " if line.startswith("`") or line.endswith("`") or not line else ""
    # In a table a bar ends the cell, even within code, unless it is escaped.
    return f"{fence}{space}{line}{space}{fence}".replace("|", "\\|")


def fenced(text: str, language: str = "") -> str:
    """A block of Markdown that shows this text as it stands; nothing in it can close the fence.

    `language` is a word of ours, such as ``json``, never of a model's.
    """
    shown = show_invisible(text)
    fence = _longer_than_any_in(shown, 3)
    return f"{fence}{language}\n{shown}\n{fence}"


def link(text: str, url: str | None) -> str:
    """A link of Markdown; nothing where the address is none that a browser should be sent to."""
    if url is None or not re.fullmatch(r"https?://[^\s<>()|\\`\"]+", url):
        return ""
    return f"[{text}]({url})"


def one_line(text: str) -> str:
    """The text without line breaks.

    In Markdown a blank line ends the HTML around it, and what follows is read as Markdown again.
    """
    return " ".join(text.split())


def html(text: str) -> str:
    """Text for HTML, within an element or a quoted attribute."""
    return html_of_python.escape(show_invisible(text))


def slack(text: str) -> str:
    """Text for Slack: no mention of a person, channel or everyone, and nothing that links.

    Source of the three characters: https://docs.slack.dev/messaging/formatting-message-text
    """
    shown = show_invisible(text).translate(_SLACK_ESCAPED)
    return _SLACK_LINKED.sub(lambda found: found[0] + _ZERO_WIDTH, shown)


def terminal(text: str) -> str:
    """Text for a terminal that keeps its line breaks and steers nothing."""
    return show_invisible(text)


def job_log(text: str) -> str:
    """Lines for a job's log, where one that begins with `::` would be a command.

    So would one that holds `##[`, at whatever place: a form that the runner still obeys. It is
    written so that JSON stays what it was.

    Sources: https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
    and `ActionCommand.cs` of https://github.com/actions/runner
    """
    return _COMMAND.sub(r"\1⟦::⟧", text).replace("##[", "#\\u0023[")


def _longer_than_any_in(text: str, least: int) -> str:
    longest = max((len(run) for run in _BACKTICKS.findall(text)), default=0)
    return "`" * max(least, longest + 1)


def _not_a_block(found: re.Match[str]) -> str:
    start = found[0]
    return f"{start}&#x200B;" if start.isdigit() else f"\\{start}"
