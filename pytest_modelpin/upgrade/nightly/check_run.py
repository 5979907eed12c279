"""The check run “Model pins”: how each pin's night went, as annotations at models.yml's lines.

A token without `checks: write` makes none; the commit status `modelpin/streak`, which a branch rule
may ask for, stands without it. Its texts are plain: GitHub shows annotations as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pytest_modelpin.forge.connection import Forge, artifacts_url
from pytest_modelpin.forge.errors import Refused
from pytest_modelpin.forge.pulls_and_issues import make_check_run
from pytest_modelpin.gate.verdict import Colour
from pytest_modelpin.report.escape import link, markdown, sentence, terminal
from pytest_modelpin.wording import clipped

NAME = "Model pins"

_MOST = 50  # annotations a request, by docs.github.com/en/rest/checks/runs
_TITLE, _MESSAGE, _REASON, _SUMMARY = 250, 2_000, 500, 65_000
"""Characters; GitHub allows 255 in a title, 64 KB in a message and in the summary."""
_LEVELS: Mapping[Colour, str] = {"green": "notice", "red": "failure", "inconclusive": "warning"}
_ENDS: Mapping[Colour, str] = {"green": "success", "red": "failure", "inconclusive": "neutral"}
_WORST: Sequence[Colour] = ("red", "inconclusive", "green")


@dataclass(frozen=True, slots=True)
class PinNight:
    """One logical model's night, as far as the check run tells it."""

    name: str
    colour: Colour
    streak: int
    needed: int
    reasons: Sequence[str]
    line: int
    """Of models.yml, where its pin is written; counted from 1."""


def report_check(
    forge: Forge, sha: str, nights: Sequence[PinNight], *, file: str, url: str | None = None
) -> bool:
    """Show the nights at the lines of `file`, from the repository's root; whether GitHub let us.

    Raises ForgeError for any other reason than a permission that the token lacks.
    """
    colour = next(each for each in _WORST if any(night.colour == each for night in nights))
    content: dict[str, object] = {
        "name": NAME,
        "head_sha": sha,
        "status": "completed",
        "conclusion": _ENDS[colour],
        "output": {
            "title": clipped("; ".join(map(_title, nights)), _TITLE),
            "summary": _summary(nights, url),
            "annotations": [_annotation(night, file) for night in nights[:_MOST]],
        },
    }
    try:
        make_check_run(forge, content | ({"details_url": url} if url else {}))
    except Refused as error:
        if error.status in (403, 404):
            return False
        raise
    return True


def line_of(files: Mapping[str, bytes | None], pin: str) -> tuple[str, int] | None:
    """The file and line of models.yml among a bump's files that sets this pin."""
    for path, content in sorted(files.items()):
        if content is None or not path.endswith((".yml", ".yaml")):
            continue
        for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
            if "production" in line and pin in line:
                return path, number
    return None


def _title(night: PinNight) -> str:
    nights = f"{min(night.streak, night.needed)}/{night.needed} green nights"
    return terminal(f"{night.name}: {night.colour}, {nights}")


def _summary(nights: Sequence[PinNight], url: str | None) -> str:
    links = [link("run", url), link("report", artifacts_url(url))]
    lines = [" · ".join(filter(None, links)), ""]
    for night in nights:
        lines.append(f"- **{markdown(_title(night))}**")
        lines += [f"  - {sentence(clipped(reason, _REASON))}" for reason in night.reasons]
    return clipped("\n".join(lines).strip(), _SUMMARY)


def _annotation(night: PinNight, file: str) -> dict[str, object]:
    return {
        "path": file,
        "start_line": night.line,
        "end_line": night.line,
        "annotation_level": _LEVELS[night.colour],
        "title": clipped(_title(night), _TITLE),
        "message": clipped(terminal("\n".join(night.reasons)), _MESSAGE) or _title(night),
    }
