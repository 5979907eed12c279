"""The pull request's title and text: all that a reviewer needs, from the bump alone."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date

from modelpin_runtime.registry.models import Settings, environment_variable
from pytest_modelpin.errors import SITE
from pytest_modelpin.recordings.large_bodies import SUFFIX
from pytest_modelpin.report.escape import code, link, markdown
from pytest_modelpin.upgrade.bump import Bump
from pytest_modelpin.upgrade.proposal import (
    LONGEST,
    Marker,
    Section,
    Tick,
    box,
    fit,
    mark,
    moves_of,
)
from pytest_modelpin.upgrade.proposal.changes import changes, held_changes, is_held, name
from pytest_modelpin.upgrade.proposal.evidence import (
    at_a_glance,
    figures,
    nights_table,
    why_now,
)
from pytest_modelpin.wording import counted, some

__all__ = ["AWAITING", "LONGEST", "body", "plain", "title"]

_PLACES = 20
"""Places in code that are shown of each kind."""

_SHOWN_BY_GITHUB = 300
"""Files of a diff; https://docs.github.com/en/repositories/creating-and-managing-repositories/repository-limits."""


_KINDS = f"{SITE}drift/#the-kinds"

TERMS: Mapping[str, str] = {
    "this text": f"{SITE}reading/#the-pull-request",
    "green, red, inconclusive": f"{SITE}verdict/#the-colours",
    "passes": f"{SITE}verdict/#what-a-sample-has-to-do-to-pass",
    "when a bump is due, and the margin": f"{SITE}verdict/#when-a-bump-is-due",
    "kinds of change": _KINDS,
    "accepting a change": f"{SITE}verdict/#accepting-a-change",
    "going back": f"{SITE}rollback/",
    "settings": f"{SITE}values/#settings",
}
"""Each term of the text, by what its link says: an address of the documentation."""


def title(bump: Bump) -> str:
    """One line that names the old and the new version; safe as a commit's subject."""
    moves = moves_of(bump)
    if len(moves) == 1:
        move = moves[0]
        return f"Move {plain(move.name)} from {plain(move.old)} to {plain(move.new)}"
    return f"Move {', '.join(plain(move.name) for move in moves)} to their next versions"


def body(
    bump: Bump,
    *,
    settings: Settings | None = None,
    run_url: str | None = None,
    report_url: str | None = None,
    awaiting_approval: bool = False,
    today: date | None = None,
    local: bool = False,
) -> str:
    """The pull request's text, at most 65,536 characters, with the bot's marker hidden in it.

    `run_url` is tonight's run, `report_url` the full report; `awaiting_approval` says that GitHub
    holds the checks back because the workflow's own token opened the pull request. The message of
    a `local` branch has no boxes, which nobody would read. Model output is escaped. Where all is
    too long, the least important parts make way for a link to the report.
    """
    settings = settings or Settings()
    bumps = bump.members or (bump,)
    marker = Marker(moves_of(bump), drafted=is_held(bump))
    parts = [
        Section(mark(marker)),
        Section(held_changes(bump)),
        *(at_a_glance(one, today) for one in bumps),
    ]
    if awaiting_approval:
        parts.append(Section(AWAITING))
    for one in bumps:
        if len(bumps) > 1:
            parts.append(Section(f"## {markdown(one.name)}"))
        parts += changes(one)
        parts.append(why_now(one, settings, today))
        parts += nights_table(one.streak.nights)
        parts.append(figures(one))
    parts += [
        Section(_diff(bump)),
        Section(_literals(bump), 1),
        Section(_rollback(bump)),
        Section("" if local else _boxes(bump)),
        Section("" if local else _footer(settings, run_url, report_url)),
    ]
    return fit(parts, report_url or run_url)


def plain(text: str) -> str:
    """An id or name for a title or a commit message, where Markdown can't be escaped.

    A version's id comes over the wire; none that is real holds anything but these characters.
    """
    cleaned = re.sub(r"[^\w.:/@+\[\] -]", "_", text, flags=re.ASCII)[:120]
    # `@name` mentions only behind a non-word, as in the id `model@20250929` it never is. An issue's
    # address closes it, too, and so does GH-1.
    return re.sub(r"(?<![\w])@|(?<=:)//|(?i:(?<=\bgh)-(?=\d))", "_", cleaned)


AWAITING = (
    "> [!NOTE]\n"
    "> The workflow's own `GITHUB_TOKEN` opened this pull request, so its checks wait: press "
    "**Approve workflows to run** below. With an App's token or a personal one they start by "
    "themselves."
)


def _diff(bump: Bump) -> str:
    recorded = {path for path in bump.files if "/__recordings__/" in f"/{path}"}
    read = {path for path in recorded if path.endswith(".answers")}
    recordings = sorted(path for path in recorded - read if not path.endswith(SUFFIX))
    answers = [path for path in bump.files if "/__snapshots__/" in f"/{path}"]
    others = sorted(set(bump.files) - recorded - set(answers))
    lines = ["### What to review"]
    if answers:
        count = counted(len(answers), "file")
        lines.append(
            f"- **The accepted answers** ({count} under `__snapshots__`): read this diff as you "
            "would any other; each changed line is an answer your users will get differently."
        )
    if read:
        count = counted(len(read), "file")
        lines.append(
            f"- **What the models say in tests without an accepted answer** ({count} "
            "`__recordings__/….answers`): no test is held to it; the diff shows what changed."
        )
    if others:
        shown = some([code(name(path)) for path in others], 10)
        lines.append(f"- **The pin**, where it is written: {shown}.")
    if recordings:
        new = sum(bump.files[path] is not None for path in recordings)
        lines.append(
            f"- Recordings, collapsed by GitHub: {new} come, {len(recordings) - new} go. They are "
            "what plain `pytest` replays; there is no need to read them."
        )
    if len(bump.files) > _SHOWN_BY_GITHUB and (answers or read):
        lines.append(
            f"- GitHub shows {_SHOWN_BY_GITHUB} files of a diff, recordings first, and this one "
            f"has {len(bump.files)}: check the branch out and read the answers with "
            "`git show -- '*.answers'`."
        )
    lines.append("- After the merge plain `pytest` passes offline; it did on this branch.")
    return "\n".join([lines[0], "", *lines[1:]])


def _literals(bump: Bump) -> str:
    """The places in code that named the old pin: those that moved, and those that stay and why."""
    members = bump.members or (bump,)
    moved = [place for one in members for place in one.moved]
    left = [(one, place) for one in members for place in one.left]
    if not moved and not left:
        return ""
    lines = ["### Ids in code", ""]
    if moved:
        lines.append(f"- Moved: {_places(moved)}.")
    for because in dict.fromkeys(place.because for _, place in left):
        stay = [place.place for _, place in left if place.because == because]
        lines.append(f"- Seen and left ({markdown(because)}): {_places(stay)}.")
    return "\n".join(lines)


def _places(places: Sequence[str]) -> str:
    return some([code(name(place)) for place in places], _PLACES)


def _rollback(bump: Bump) -> str:
    lines = ["### How to go back", ""]
    for move in moves_of(bump):
        known, override = _shell(move.name), f"{environment_variable(move.name)}={_shell(move.old)}"
        lines.append(
            f"- {markdown(move.name)}: {code(f'pytest-modelpin rollback {known}')}; at once and "
            f"without a commit: {code(override)} in the environment."
        )
    lines += [
        "",
        "Closing this unmerged means “not this version”: it is proposed again only when a person "
        "ticks its box on the “Model pins” issue. Push to this branch and the bot leaves it alone.",
    ]
    return "\n".join(lines)


def _boxes(bump: Bump) -> str:
    moves = moves_of(bump)
    said = "Re-run tonight, and make this branch anew on top of the default branch"
    lines = [box(Tick("again", bump.name), said)]
    lines += [
        box(
            Tick("ignore", move.name, move.new),
            f"Close this and ignore {code(move.new)} for {markdown(move.name)}",
        )
        for move in moves
    ]
    return "\n".join(["### Ask for something", "", "The next night reads the boxes.", "", *lines])


def _footer(settings: Settings, run_url: str | None, report_url: str | None) -> str:
    links = [link("tonight's run", run_url)]
    if report_url != run_url:
        links.append(link("the whole report", report_url))
    opens = "as a draft" if settings.draft else "ready for review"
    merges = "by itself once its checks pass" if settings.automerge else "when a person merges it"
    said = (
        f"Opened {opens}; merged {merges}. A red night: {_RED[settings.on_red]}. Bumps are due "
        f"after {counted(settings.green_runs, 'green night')} within a margin of "
        f"{settings.margin * 100:g} pp. All of it is set in `models.yml` under `settings`."
    )
    shown = " · ".join(each for each in links if each)
    parts = ["---", *([shown] if shown else []), f"<sub>{said}</sub>", f"<sub>{explained()}</sub>"]
    return "\n\n".join(parts)


_RED = {"close": "closes it", "draft": "makes it a draft", "comment": "leaves a comment"}


def _shell(text: str) -> str:
    return text if re.fullmatch(r"[\w.:/@+-]+", text, re.ASCII) else json.dumps(plain(text))


def explained() -> str:
    """All of the terms as one line of Markdown."""
    return f"Explained: {' · '.join(link(term, url) for term, url in TERMS.items())}."
