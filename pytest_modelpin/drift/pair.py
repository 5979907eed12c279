"""Two answers, each a text, a JSON value or a reply: which comparison fits them."""

from __future__ import annotations

from pytest_modelpin.drift.context import Context
from pytest_modelpin.drift.documents import (
    Document,
    find_json,
    looks_like_xml,
    read_json,
    read_xml,
    unclosed,
    unfenced,
)
from pytest_modelpin.drift.drift import Drift
from pytest_modelpin.drift.json_values import accepted_at, compare_values, excerpt, hedged_label
from pytest_modelpin.drift.layout import opens_with_courtesy
from pytest_modelpin.drift.refusal import refuses
from pytest_modelpin.drift.reply_parts import (
    compare_endings,
    compare_figures,
    compare_tools,
    cut_off,
    refused,
)
from pytest_modelpin.drift.severity import found, settled
from pytest_modelpin.drift.text import compare_text
from pytest_modelpin.providers.reply import JSON, Reply

_LONGEST = 2000  # characters of a text that a finding shows


def compare_answers(
    production: Reply | JSON, candidate: Reply | JSON, context: Context
) -> tuple[Drift, ...]:
    """What `drifts` promises, with the context read."""
    try:
        found_drifts = _answers(production, candidate, context)
    except RecursionError:  # a value nested deeper than Python prints or hashes
        found_drifts = [found("content", "", None, "too deeply nested to compare")]
    found_drifts += compare_figures(_reply(production), _reply(candidate), context)
    if not found_drifts:
        return (found("identical"),)
    return tuple(settled(_shown(drift), context) for drift in _distinct(found_drifts))


def _reply(value: object) -> Reply | None:
    return value if isinstance(value, Reply) else None


def _answers(production: object, candidate: object, context: Context) -> list[Drift]:
    before, after = _reply(production), _reply(candidate)
    one = before.text if before is not None else _plain(production)
    other = after.text if after is not None else _plain(candidate)
    drifts: list[Drift] = []
    if before is not None and after is not None:
        drifts += compare_endings(before, after)
        if before.tools != after.tools:
            drifts += compare_tools(before.tools, after.tools, context)
        if (before.tools or after.tools) and not (one and other):
            return drifts  # a word said beside a tool call is no answer
    if before is not None and after is not None and refused(after) and not refused(before):
        return drifts
    if after is not None and after.tools and not other:
        return drifts
    said = _values(one, other, context)
    if after is not None and before is not None and cut_off(after) and not cut_off(before):
        said = [d for d in said if d.kind not in ("truncated", "length", "content", "empty")]
    return drifts + said


def _plain(value: object) -> JSON:
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).decode("utf-8", "replace")
    return value


def _values(one: JSON, other: JSON, context: Context) -> list[Drift]:
    if isinstance(one, str) and isinstance(other, str):
        return _texts(one, other, context)
    if other is None and one not in (None, "", [], {}):
        return [found("empty", "", excerpt(one), None)]
    if isinstance(one, (dict, list)) and isinstance(other, str):
        return _against_json(one, False, other, context)
    if isinstance(one, str) and isinstance(other, (dict, list)):
        document = read_json(one)
        if document is not None:
            return compare_values(document.value, other, context)
        return [found("format", "", one, excerpt(other))]
    return compare_values(one, other, context)


def _texts(one: str, other: str, context: Context) -> list[Drift]:
    if one == other:
        return []
    document = read_json(one)
    if document is not None:
        return _against_json(document.value, document.fenced, other, context, one)
    said = other.strip()
    accepted = accepted_at("", context)
    if accepted and said and said != one.strip() and said not in accepted:
        return [found("enum", "", one, other)]
    if hedged_label(one, other):
        return [found("enum", "", one, other, "review")]
    if looks_like_xml(unfenced(one)[0]):
        markup = read_xml(unfenced(one)[0])
        if markup is not None:
            return _against_xml(markup, one, other, context)
    if read_json(other) is not None and len(one.split()) > 1:
        return [found("format", "", one, other)]
    return compare_text(one, other, context)


def _against_json(
    value: JSON,
    fenced: bool,
    other: str,
    context: Context,
    text: str = "",
) -> list[Drift]:
    if not other.strip():
        return [found("empty", "", excerpt(value), other)]
    document = read_json(other)
    if document is None:
        if refuses(other):
            return [found("refusal", "", text or excerpt(value), other)]
        return _no_longer_json(value, fenced, other, context, text)
    drifts = [_fence(fenced, document)] if fenced != document.fenced else []
    drifts += compare_values(value, document.value, context)
    if not drifts and text:
        respaced = "".join(text.split()) == "".join(other.split())
        reordered = sorted("".join(text.split())) == sorted("".join(other.split()))
        drifts = [found("whitespace" if respaced else "order" if reordered else "wording", "")]
    return drifts


def _fence(fenced: bool, document: Document) -> Drift:
    names = {True: "fenced", False: "bare"}
    return found("fence", "", names[fenced], names[document.fenced])


def _no_longer_json(
    value: JSON,
    fenced: bool,
    other: str,
    context: Context,
    text: str,
) -> list[Drift]:
    drifts = [found("unparseable", "", text or excerpt(value), other)]
    if unclosed(other):
        drifts.append(found("truncated", "", text[-200:], other[-200:]))
        return drifts
    document = find_json(other)
    if document is None:
        return drifts
    if opens_with_courtesy(other) or document.surrounded:
        drifts.append(found("format", "", "JSON", "JSON with text around it"))
    if document.fenced and not fenced:
        drifts.append(_fence(fenced, document))
    return drifts + compare_values(value, document.value, context)


def _against_xml(markup: JSON, one: str, other: str, context: Context) -> list[Drift]:
    inner, fenced_after = unfenced(other)
    fenced = unfenced(one)[1]
    drifts = []
    if fenced != fenced_after:
        drifts.append(found("fence", "", fenced, fenced_after))
    if not other.strip():
        return [found("empty", "", one, other)]
    after = read_xml(inner)
    if after is None:
        if refuses(other):
            return [found("refusal", "", one, other)]
        drifts.append(found("unparseable", "", one, other))
        if looks_like_xml(inner + ">") and not inner.rstrip().endswith(f"</{next(iter(markup))}>"):
            drifts.append(found("truncated", "", one[-200:], other[-200:]))
        return drifts
    drifts += compare_values(markup, after, context)
    return drifts or [found("whitespace", "")]


def _shown(drift: Drift) -> Drift:
    before, after = _clipped(drift.before), _clipped(drift.after)
    if before is drift.before and after is drift.after:
        return drift
    return Drift(drift.kind, drift.severity, drift.where, before, after)


def _clipped(value: JSON) -> JSON:
    if isinstance(value, str) and len(value) > _LONGEST:
        return f"{value[:_LONGEST]}…"
    return excerpt(value)


def _distinct(found_drifts: list[Drift]) -> list[Drift]:
    """Without a finding that repeats another's kind and place."""
    seen: set[tuple[str, str, str]] = set()
    kept = []
    for drift in found_drifts:
        key = (drift.kind, drift.where, "" if drift.where else str(drift.before)[:200])
        if drift.kind == "content" or key not in seen:
            seen.add(key)
            kept.append(drift)
    return kept
