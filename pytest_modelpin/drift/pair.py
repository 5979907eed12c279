"""Two answers as the detectors see them: read once, as far as any of them asks, and compared as
values, as the documents that texts are, or as texts.
"""

from __future__ import annotations

from typing import Literal

from pytest_modelpin.drift.drift import Context, Drift, drift_of
from pytest_modelpin.drift.labels import accepted_at, hedged_label, recased_label, wordy_label
from pytest_modelpin.drift.once import once
from pytest_modelpin.drift.text.documents import (
    Document,
    find_json,
    looks_like_xml,
    read_json,
    read_settings,
    read_xml,
    read_yaml,
    unclosed,
    unfenced,
)
from pytest_modelpin.drift.text.markdown import opens_with_courtesy
from pytest_modelpin.drift.text.non_answers import CUT_FINISHES, REFUSING_FINISHES, refuses
from pytest_modelpin.drift.text_pair import TextPair
from pytest_modelpin.drift.values import Walk, excerpt, walk_values
from pytest_modelpin.providers.wire import JSON, Reply

# Providers name the same ends differently; a change of spelling is no change.
_FINISHES = {
    "stop": "stop", "end_turn": "stop", "stop_sequence": "stop", "complete": "stop",
    "completed": "stop", "eos": "stop", "eos_token": "stop", "pause_turn": "pause",
    "tool_calls": "tools", "tool_use": "tools", "function_call": "tools", "tool_call": "tools",
    **dict.fromkeys(CUT_FINISHES, "length"),
    **dict.fromkeys(REFUSING_FINISHES, "refusal"),
}  # fmt: skip


def finish(reason: str | None) -> str | None:
    """A provider's finish reason as stop, length, tools, refusal or pause; else as it is."""
    return None if reason is None else _FINISHES.get(reason.lower(), reason.lower())


def refused(reply: Reply) -> bool:
    """Whether the provider says by a field of its own that the answer was withheld."""
    return bool(reply.refusal) or finish(reply.finish_reason) == "refusal"


def cut_off(reply: Reply) -> bool:
    """Whether the provider says, or the stream shows, that the answer ended early."""
    return not reply.complete or finish(reply.finish_reason) == "length"


class Pair:
    """An answer of production's and one of the candidate's."""

    def __init__(
        self, production: Reply | JSON, candidate: Reply | JSON, context: Context, where: str = "$"
    ) -> None:
        self.production = production
        self.candidate = candidate
        self._context = context
        self._where = where

    @once
    def replies(self) -> tuple[Reply, Reply] | None:
        """Both as replies; None where either is a bare text or value."""
        if isinstance(self.production, Reply) and isinstance(self.candidate, Reply):
            return self.production, self.candidate
        return None

    @once
    def said(self) -> tuple[JSON, JSON]:
        """The texts or values themselves."""
        return _said(self.production), _said(self.candidate)

    @once
    def comparable(self) -> bool:
        """Whether what both say can be compared at all.

        A word said beside a tool call is no answer, and neither is what stands in a refusal.
        """
        one, other = self.said
        if self.replies is not None:
            before, after = self.replies
            if (before.tools or after.tools) and not (one and other):
                return False
            if refused(after) and not refused(before):
                return False
        return not (isinstance(self.candidate, Reply) and self.candidate.tools and not other)

    @once
    def cut_off(self) -> bool:
        """Whether the candidate's reply ended early, by its own word; then what lacks is known."""
        return self.replies is not None and (
            cut_off(self.replies[1]) and not cut_off(self.replies[0])
        )

    @once
    def walk(self) -> Walk:
        """What of the structure changed, and the texts that are left to compare."""
        if not self.comparable:
            return Walk([], [])
        one, other = self.said
        return walk_answers(one, other, self._context, self._where)

    @property
    def texts(self) -> list[TextPair]:
        """Where a text stands against another: the whole answers, or strings within values."""
        return self.walk.texts


def _said(value: Reply | JSON) -> JSON:
    if isinstance(value, Reply):
        return value.text
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).decode("utf-8", "replace")
    return value


def walk_answers(one: JSON, other: JSON, context: Context, where: str) -> Walk:
    """What of two answers' structure changed, and the texts that are left to compare.

    `where` is the path of values; a text as a whole has none.
    """
    if isinstance(one, str) and isinstance(other, str):
        return _texts(one, other, context)
    if other is None and one not in (None, "", [], {}):
        return Walk([drift_of("empty", "", excerpt(one), None)], [])
    if isinstance(one, (dict, list)) and isinstance(other, str):
        return _against_json(one, False, other, context)
    if isinstance(one, str) and isinstance(other, (dict, list)):
        document = read_json(one)
        if document is not None:
            return walk_values(document.value, other, context)
        return Walk([drift_of("format", "", one, excerpt(other))], [])
    return walk_values(one, other, context, where)


def _texts(one: str, other: str, context: Context) -> Walk:
    if one == other:
        return Walk([], [])
    document = read_json(one)
    if document is not None:
        return _against_json(document.value, document.fenced, other, context, one)
    said = other.strip()
    accepted = accepted_at("", context)
    if accepted and said and said != one.strip() and said not in accepted:
        return Walk([drift_of("enum", "", one, other)], [])
    if hedged_label(one, other) or wordy_label(one, other) or recased_label(one, other):
        return Walk([drift_of("enum", "", one, other, "review")], [])
    markup = read_xml(unfenced(one)[0]) if looks_like_xml(unfenced(one)[0]) else None
    if markup is not None:
        return _against_xml(markup, one, other, context)
    lines, lines_after = read_yaml(one), read_yaml(other)
    if lines is not None and lines_after is not None:
        return _same_form(lines, lines_after, context, "whitespace")
    if (settings := read_settings(one, other)) is not None:
        return _same_form(*settings, context, "wording")
    if read_json(other) is not None and len(one.split()) > 1:
        return Walk([drift_of("format", "", one, other)], [])
    return Walk([], [TextPair(one, other)])


def _same_form(
    one: Document, other: Document, context: Context, otherwise: Literal["whitespace", "wording"]
) -> Walk:
    drifts = [_fence(one.fenced, other)] if one.fenced != other.fenced else []
    walk = walk_values(one.value, other.value, context)
    found = [*drifts, *walk.drifts]
    return Walk(found or ([] if walk.texts else [drift_of(otherwise, "")]), walk.texts)


def _against_json(value: JSON, fenced: bool, other: str, context: Context, text: str = "") -> Walk:
    if not other.strip():
        return Walk([drift_of("empty", "", excerpt(value), other)], [])
    document = read_json(other)
    if document is None:
        if refuses(other):
            return Walk([drift_of("refusal", "", text or excerpt(value), other)], [])
        return _no_longer_json(value, fenced, other, context, text)
    drifts = [_fence(fenced, document)] if fenced != document.fenced else []
    walk = walk_values(value, document.value, context)
    drifts += walk.drifts
    if not drifts and not walk.texts and text:
        respaced = "".join(text.split()) == "".join(other.split())
        reordered = sorted("".join(text.split())) == sorted("".join(other.split()))
        kind = drift_of("whitespace" if respaced else "order" if reordered else "wording", "")
        drifts = [kind]
    return Walk(drifts, walk.texts)


def _fence(fenced: bool, document: Document) -> Drift:
    names = {True: "fenced", False: "bare"}
    return drift_of("fence", "", names[fenced], names[document.fenced])


def _no_longer_json(value: JSON, fenced: bool, other: str, context: Context, text: str) -> Walk:
    drifts = [drift_of("unparseable", "", text or excerpt(value), other)]
    if unclosed(other):
        drifts.append(drift_of("truncated", "", text[-200:], other[-200:]))
        return Walk(drifts, [])
    document = find_json(other)
    if document is None:
        return Walk(drifts, [])
    if opens_with_courtesy(other) or document.surrounded:
        drifts.append(drift_of("format", "", "JSON", "JSON with text around it"))
    if document.fenced and not fenced:
        drifts.append(_fence(fenced, document))
    walk = walk_values(value, document.value, context)
    return Walk(drifts + walk.drifts, walk.texts)


def _against_xml(markup: JSON, one: str, other: str, context: Context) -> Walk:
    inner, fenced_after = unfenced(other)
    fenced = unfenced(one)[1]
    drifts = []
    if fenced != fenced_after:
        drifts.append(drift_of("fence", "", fenced, fenced_after))
    if not other.strip():
        return Walk([drift_of("empty", "", one, other)], [])
    after = read_xml(inner)
    if after is None:
        if refuses(other):
            return Walk([drift_of("refusal", "", one, other)], [])
        drifts.append(drift_of("unparseable", "", one, other))
        if looks_like_xml(inner + ">") and not inner.rstrip().endswith(f"</{next(iter(markup))}>"):
            drifts.append(drift_of("truncated", "", one[-200:], other[-200:]))
        return Walk(drifts, [])
    walk = walk_values(markup, after, context)
    drifts += walk.drifts
    return Walk(drifts or ([] if walk.texts else [drift_of("whitespace", "")]), walk.texts)
