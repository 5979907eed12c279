"""A case's samples side by side: their structure, tool calls, endings and texts."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import permutations

from pytest_modelpin.drift.drift import Break, Context, Drift, drift_of
from pytest_modelpin.drift.invariants.texts import text_breaks
from pytest_modelpin.drift.pair import cut_off, finish, refused, walk_answers
from pytest_modelpin.drift.text.documents import Document, read_json, read_yaml
from pytest_modelpin.drift.values import Walk
from pytest_modelpin.providers.wire import JSON, Reply

_INDEX = re.compile(r"\[\d+\]")


def answer_breaks(
    pins: Sequence[Reply | JSON], candidates: Sequence[Reply | JSON], context: Context
) -> list[list[Break]]:
    """What each of the candidate's answers breaks of what all of the pin's share, in order."""
    replies = [pin for pin in pins if isinstance(pin, Reply)]
    found: list[list[Break]] = [[] for _ in candidates]
    told: list[int] = []
    for place, candidate in enumerate(candidates):
        if isinstance(candidate, Reply) and len(replies) == len(pins):
            found[place] += _endings(replies, candidate)
            found[place] += _tools(replies, candidate, context)
            if _speechless(replies, candidate):
                continue
        told.append(place)
    if told:
        said = [_said(pin) for pin in pins]
        others = [_said(candidates[place]) for place in told]
        for place, breaks in zip(told, _values(said, others, context), strict=True):
            ended = any(each.drift.kind == "truncated" for each in found[place])
            found[place] += [
                each
                for each in breaks
                if not (ended and each.drift.kind in ("truncated", "length", "content", "empty"))
            ]
    return found


def _said(value: Reply | JSON) -> JSON:
    if isinstance(value, Reply):
        return value.text
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _speechless(pins: Sequence[Reply], candidate: Reply) -> bool:
    """Whether there is no answer to compare: a word beside a tool call is none."""
    if refused(candidate) and not any(map(refused, pins)):
        return True
    tools = bool(candidate.tools) or any(pin.tools for pin in pins)
    return tools and not (candidate.text and all(pin.text for pin in pins))


def _endings(pins: Sequence[Reply], candidate: Reply) -> list[Break]:
    before = pins[0]
    found = []
    if cut_off(candidate) and not any(map(cut_off, pins)):
        drift = drift_of("truncated", "", before.text[-200:], candidate.text[-200:])
        found.append(Break(("cut off",), drift))
    if refused(candidate) and not any(map(refused, pins)):
        drift = drift_of("refusal", "", before.text, candidate.refusal or candidate.text)
        found.append(Break(("withheld",), drift))
    usual, reason = {finish(pin.finish_reason) for pin in pins}, finish(candidate.finish_reason)
    if reason is not None and None not in usual and reason not in usual:
        drift = drift_of("finish_reason", "", before.finish_reason, candidate.finish_reason)
        found.append(Break(("finish", reason), drift))
    return found


def _tools(pins: Sequence[Reply], candidate: Reply, context: Context) -> list[Break]:
    """Calls that no sample of the pin makes; arguments against those of the likest sample."""
    if any(pin.tools == candidate.tools for pin in pins):
        return []
    names = [call.name for call in candidate.tools]
    alike = [pin for pin in pins if [call.name for call in pin.tools] == names]
    if not alike:
        usual = [call.name for call in pins[0].tools]
        wavers = len({tuple(sorted(call.name for call in pin.tools)) for pin in pins}) > 1
        shuffled = any(sorted(c.name for c in pin.tools) == sorted(names) for pin in pins)
        mild = "info" if wavers else "review" if shuffled else None
        return [Break(("tools", *names), drift_of("tools", "tools", usual, names, mild))]  # type: ignore[arg-type]
    before = [[call.arguments for call in pin.tools] for pin in alike]
    after = [call.arguments for call in candidate.tools]
    found = []
    for place, argument in enumerate(after):
        where = f"tools[{place}].arguments"
        (breaks,) = _values([each[place] for each in before], [argument], context, where)
        for each in breaks:
            drift = replace(each.drift, kind="tools")
            if drift.severity == "review" and each.drift.kind != "order":
                drift = replace(drift, severity="regression")
            found.append(Break((place, *each.key), drift))
    return found


def _values(
    pins: Sequence[JSON], candidates: Sequence[JSON], context: Context, where: str = "$"
) -> list[list[Break]]:
    """Documents by their paths, texts as texts."""
    if all(isinstance(pin, str) for pin in pins) and not _documents(pins):
        texts = [each for each in candidates if isinstance(each, str)]
        if len(texts) == len(candidates):
            return text_breaks([str(pin) for pin in pins], texts, context, "")
    noisy = _wavering(pins, context, where)
    found: list[list[Break]] = []
    strings: dict[str, set[int]] = {}
    for place, candidate in enumerate(candidates):
        walk = _nearest(pins, candidate, context, where, noisy)
        breaks = []
        for drift in walk.drifts:
            if _is_noise(drift, noisy):
                drift = replace(drift, severity="info")
            elif len(pins) > 1 and drift.kind in ("enum", "format"):
                drift = replace(drift, severity="regression")  # it is the same in all of them
            breaks.append(Break((drift.kind, drift.where), drift))
        for pair in walk.texts:
            strings.setdefault(pair.where, set()).add(place)
        found.append(breaks)
    for path, places in strings.items():
        of_pins = [text for pin in pins if (text := _text_at(pin, path, where)) is not None]
        others = {
            place: text
            for place, candidate in enumerate(candidates)
            if (text := _text_at(candidate, path, where)) is not None
        }
        if not of_pins:
            continue
        told = text_breaks(of_pins, list(others.values()), context, path)
        is_open = _is_open(path, noisy)
        for place, breaks in zip(others, told, strict=True):
            if place in places:
                found[place] += [
                    Break(
                        (path, *each.key),
                        replace(each.drift, severity="info") if is_open else each.drift,
                    )
                    for each in breaks
                ]
    return found


def _documents(pins: Sequence[JSON]) -> bool:
    """Whether every text is a document: JSON, or what walking two of them reads as values."""
    return all(isinstance(pin, str) and _is_document(pin) for pin in pins)


@lru_cache(maxsize=4096)
def _is_document(text: str) -> bool:
    start = text.lstrip()[:1]
    if start in ("{", "[", "`", "~") and read_json(text) is not None:
        return True
    if start == "<" and text.rstrip().endswith(">"):
        return True
    return read_yaml(text) is not None


_Noise = frozenset[tuple[str, str]]
"""Kinds and places; of `shape`, places at and below which nothing is an invariant."""


def _wavering(pins: Sequence[JSON], context: Context, where: str) -> _Noise:
    """Kinds and places in which the pin's own samples differ; indexes of lists left open.

    A place in which any two samples differ is one in which some sample differs from the first. In
    which kind may depend on which two are taken, and must not on the order of the samples.
    """
    distinct = _distinct(pins)
    if not any(walk_answers(distinct[0], pin, context, where).drifts for pin in distinct[1:]):
        return frozenset()
    noisy: set[tuple[str, str]] = set()
    for one, other in permutations(distinct, 2):
        for drift in walk_answers(one, other, context, where).drifts:
            place = _general(drift.where)
            noisy.add((drift.kind, place))
            if drift.kind in ("type", "shape", "format") and None not in (
                drift.before,
                drift.after,
            ):
                noisy.add(("shape", place))
    return frozenset(noisy)


def _is_noise(drift: Drift, noisy: _Noise) -> bool:
    """Whether the pin's samples differ in that, or in the type of what it is a part of."""
    if not noisy:
        return False
    return (drift.kind, _general(drift.where)) in noisy or _is_open(drift.where, noisy)


def _is_open(path: str, noisy: _Noise) -> bool:
    """Whether the pin's samples have values of several types at a path, or above it."""
    place = _general(path)
    return any(
        kind == "shape" and (place == whole or place.startswith((f"{whole}.", f"{whole}[")))
        for kind, whole in noisy
    )


def _general(path: str) -> str:
    return _INDEX.sub("[*]", path)


def _distinct(pins: Sequence[JSON]) -> list[JSON]:
    found: list[JSON] = []
    for pin in pins:
        if not any(pin == each and _of_same_types(pin, each) for each in found):
            found.append(pin)
    return found


def _of_same_types(one: JSON, other: JSON) -> bool:
    """Whether two equal values are equal in type all through: Python's 1 is True, too."""
    if isinstance(one, dict) and isinstance(other, dict):
        return all(_of_same_types(each, other[key]) for key, each in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return all(map(_of_same_types, one, other))
    return type(one) is type(other)


def _nearest(
    pins: Sequence[JSON], candidate: JSON, context: Context, where: str, noisy: _Noise
) -> Walk:
    """The walk along the sample of the pin's from which the candidate's differs least.

    Of several, one that shares more with it; then what they differ in decides, and not their order.
    """
    walks = [walk_answers(pin, candidate, context, where) for pin in _distinct(pins)]
    fewest = min((len(walk.drifts), len(walk.texts)) for walk in walks)
    nearest = [walk for walk in walks if (len(walk.drifts), len(walk.texts)) == fewest]
    if len(nearest) == 1:
        return nearest[0]
    return min(
        nearest,
        key=lambda walk: (
            sum(_is_noise(drift, noisy) for drift in walk.drifts),
            [(drift.kind, drift.where) for drift in walk.drifts],
            [pair.where for pair in walk.texts],
        ),
    )


def _text_at(answer: JSON, path: str, where: str) -> str | None:
    """The string that an answer has at a path; None where there is none."""
    value = answer
    if isinstance(answer, str):
        document = _document(answer)
        value = answer if document is None else document.value
    for step in _STEP.finditer(path[len(where) :]):
        key = json.loads(step["quoted"]) if step["quoted"] else step["key"]
        if isinstance(value, dict) and key is not None:
            value = value.get(key)
        elif isinstance(value, (list, tuple)) and step["index"]:
            at = int(step["index"])
            value = value[at] if at < len(value) else None
        else:
            return None
    return value if isinstance(value, str) else None


@lru_cache(maxsize=64)  # asked for each string of each sample of a case
def _document(text: str) -> Document | None:
    return read_json(text) or read_yaml(text)


_STEP = re.compile(r'\.(?P<key>[^\W\d]\w*)|\[(?P<index>\d+)\]|\[(?P<quoted>"(?:[^"\\]|\\.)*")\]')
