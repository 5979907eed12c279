"""Two JSON values walked path by path: what of their structure changed, and which texts did."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from math import isfinite
from typing import Any, NamedTuple

from pytest_modelpin.drift.drift import Context, Drift, drift_of
from pytest_modelpin.drift.labels import compare_strings
from pytest_modelpin.drift.text_pair import TextPair
from pytest_modelpin.providers.wire import JSON

_MOST_FINDINGS = 100
_MOST_RENAMED = 50  # keys of one object that are held against each other
_ID_KEYS = ("id", "key", "name", "sku", "code", "title", "date")
_ARGUMENTS = frozenset(("arguments", "args", "input", "parameters"))
_PLAIN_KEY = re.compile(r"[^\W\d]\w*")


class _Pair(NamedTuple):
    path: str
    before: Any
    after: Any


class Walk(NamedTuple):
    """What walking two values found."""

    drifts: list[Drift]
    """Of the structure, in document order."""
    texts: list[TextPair]
    """Where a text stands against another; detectors say what changed in them."""


def walk_values(before: JSON, after: JSON, context: Context, where: str = "$") -> Walk:
    """Two JSON values side by side; nothing in either list where they say the same.

    Key order is no drift. Values are walked with a stack of our own, so that depth is no limit.
    """
    drifts: list[Drift] = []
    texts: list[TextPair] = []
    waiting = [_Pair(where, before, after)]
    while waiting and len(drifts) + len(texts) < _MOST_FINDINGS:
        path, one, other = waiting.pop()
        if one is other:
            continue
        if isinstance(one, Mapping) and isinstance(other, Mapping):
            here, inner = _compare_objects(path, one, other)
        elif _is_list(one) and _is_list(other):
            here, inner = _compare_lists(path, list(one), list(other))
        elif isinstance(one, str) and isinstance(other, str):
            here, inner = compare_strings(path, one, other, context), []
            if one != other and not here:
                texts.append(TextPair(one, other, path))
        else:
            here, inner = _compare_leaves(path, one, other), []
        drifts += here
        waiting += reversed(inner)
    return Walk(drifts[:_MOST_FINDINGS], texts)


def _is_list(value: object) -> bool:
    return isinstance(value, (list, tuple))


def _step(path: str, key: object) -> str:
    text = str(key)
    return f"{path}.{text}" if _PLAIN_KEY.fullmatch(text) else f"{path}[{json.dumps(text)}]"


def excerpt(value: JSON) -> JSON:
    """The value where it is small enough to be shown; else a text that says what it was."""
    if isinstance(value, Mapping):
        small = len(value) <= 20 and all(
            not isinstance(v, (Mapping, list, tuple)) for v in value.values()
        )
        return dict(value) if small else f"object with {len(value)} keys"
    if _is_list(value):
        small = len(value) <= 20 and all(not isinstance(v, (Mapping, list, tuple)) for v in value)
        return list(value) if small else f"list of {len(value)}"
    return value


def _compare_objects(
    path: str, one: Mapping[Any, Any], other: Mapping[Any, Any]
) -> tuple[list[Drift], list[_Pair]]:
    drifts: list[Drift] = []
    inner = [_Pair(_step(path, key), one[key], other[key]) for key in one if key in other]
    gone = [key for key in one if key not in other]
    new = [key for key in other if key not in one]
    if gone or new:
        reshaped = _reshaped(path, one, other, gone, new)
        if reshaped is not None:
            return [reshaped[0]], [*inner, *reshaped[1]]
    if one and not other:
        drifts.append(drift_of("empty", path, excerpt(one), {}))
    renamed = _renamed(one, other, gone, new)
    for key in gone:
        if key in renamed:
            drifts.append(drift_of("keys", _step(path, key), str(key), str(renamed[key])))
            inner.append(_Pair(_step(path, renamed[key]), one[key], other[renamed[key]]))
        else:
            drifts.append(drift_of("keys", _step(path, key), excerpt(one[key]), None))
    taken = set(renamed.values())
    drifts += [
        drift_of("keys", _step(path, key), None, excerpt(other[key]), "review")
        for key in new
        if key not in taken
    ]
    return drifts, inner


def _renamed(
    one: Mapping[Any, Any], other: Mapping[Any, Any], gone: list[Any], new: list[Any]
) -> dict[Any, Any]:
    """Keys that were lost, to the new key that holds the same value."""
    renamed: dict[Any, Any] = {}
    if gone and new:
        left = {key: _fingerprint(other[key]) for key in new[:_MOST_RENAMED]}
        for key in gone[:_MOST_RENAMED]:
            told = _fingerprint(one[key])
            same = (other_key for other_key, print_ in left.items() if print_ == told is not None)
            if (found := next(same, None)) is not None:
                renamed[key] = found
                del left[found]
    if len(gone) == len(new) == 1 and not renamed and type(one[gone[0]]) is type(other[new[0]]):
        renamed[gone[0]] = new[0]
    return renamed


def _reshaped(
    path: str, one: Mapping[Any, Any], other: Mapping[Any, Any], gone: list[Any], new: list[Any]
) -> tuple[Drift, list[_Pair]] | None:
    """A `shape` drift where fields moved up or down a level, and the pairs to go on with."""
    come = frozenset(new)
    for key in gone:
        nested = one[key]
        if isinstance(nested, Mapping) and nested:
            lifted = {name: _flat_name(key, name, come) for name in nested}
            if 2 * sum(target is not None for target in lifted.values()) > len(nested):
                pairs = [
                    _Pair(_step(path, target), nested[name], other[target])
                    for name, target in lifted.items()
                    if target is not None
                ]
                return drift_of("shape", _step(path, key), excerpt(nested), "flattened"), pairs
    for key in new:
        nested = other[key]
        holder = nested[0] if _is_list(nested) and len(nested) == 1 else nested
        # Half of the lost fields have to lie in it: among many lost, most holders are too small.
        if isinstance(holder, Mapping) and 2 * len(holder) > len(gone):
            lowered = {name: _nested_name(key, name, holder) for name in gone}
            held = {name: target for name, target in lowered.items() if target is not None}
            if held and 2 * len(held) > len(gone):
                pairs = [
                    _Pair(f"{_step(path, key)}.{target}", one[name], holder[target])
                    for name, target in held.items()
                ]
                return drift_of("shape", _step(path, key), "flat", excerpt(nested)), pairs
    return None


def _flat_name(parent: object, name: object, new: Collection[Any]) -> object:
    for spelled in (name, f"{parent}_{name}", f"{parent}.{name}", f"{parent}{str(name).title()}"):
        if spelled in new:
            return spelled
    return None


def _nested_name(parent: object, name: object, holder: Mapping[Any, Any]) -> object:
    short = str(name).removeprefix(f"{parent}_").removeprefix(f"{parent}.")
    return next((spelled for spelled in (name, short) if spelled in holder), None)


def _compare_lists(path: str, one: list[Any], other: list[Any]) -> tuple[list[Drift], list[_Pair]]:
    if len(one) == len(other) == 1:
        return [], [_Pair(f"{path}[0]", one[0], other[0])]
    if one and not other:
        return [drift_of("empty", path, excerpt(one), [])], []
    calls, calls_after = _called(one), _called(other)
    if calls and calls_after and sorted(calls) != sorted(calls_after):
        return [drift_of("tools", path, calls, calls_after)], []
    prints, prints_after = [_fingerprint(v) for v in one], [_fingerprint(v) for v in other]
    if prints == prints_after and None not in prints:
        return [], []
    if len(one) == len(other) and None not in prints:
        if sorted(map(str, prints)) == sorted(map(str, prints_after)):
            return [drift_of("order", path, excerpt(one), excerpt(other), "review")], []
        if not _by_id(one, other):
            return [], [
                _Pair(f"{path}[{i}]", a, b) for i, (a, b) in enumerate(zip(one, other, strict=True))
            ]
    if None in prints or None in prints_after:
        pairs = [
            _Pair(f"{path}[{i}]", a, b) for i, (a, b) in enumerate(zip(one, other, strict=False))
        ]
        if len(one) != len(other):
            return [
                drift_of("content", path, f"list of {len(one)}", f"list of {len(other)}")
            ], pairs
        return [], pairs
    return _match_elements(path, one, other, prints, prints_after)


def _called(values: Sequence[Any]) -> list[str]:
    """The names of the tools that a list of calls calls; empty for any other list."""
    names = []
    for value in values:
        if isinstance(value, Mapping) and not _ARGUMENTS.isdisjoint(value):
            name = next((value[key] for key in ("name", "tool", "function") if key in value), None)
        elif _is_list(value) and len(value) == 2 and isinstance(value[1], Mapping):
            name = value[0]
        else:
            return []
        if not isinstance(name, str):
            return []
        names.append(name)
    return names


def _match_elements(
    path: str, one: list[Any], other: list[Any],
    prints: Sequence[str | None], prints_after: Sequence[str | None],
) -> tuple[list[Drift], list[_Pair]]:  # fmt: skip
    """Pair elements that are equal, then those with the same id, then the rest in order."""
    places: dict[str | None, list[int]] = {}
    for j in reversed(range(len(other))):
        places.setdefault(prints_after[j], []).append(j)
    left = []
    used: set[int] = set()
    for i, fingerprint in enumerate(prints):
        if places.get(fingerprint):
            used.add(places[fingerprint].pop())
        else:
            left.append(i)
    rest = [j for j in range(len(other)) if j not in used]
    id_key = _by_id(one, other)
    pairs: list[_Pair] = []
    if id_key:
        by_id = {str(other[j].get(id_key)): j for j in reversed(rest)}
        found = {i: by_id.pop(at) for i in left if (at := str(one[i].get(id_key))) in by_id}
        pairs += [_Pair(f"{path}[{i}]", one[i], other[j]) for i, j in found.items()]
        left = [i for i in left if i not in found]
        taken = frozenset(found.values())
        rest = [j for j in rest if j not in taken]
    if len(left) == len(rest) or len(one) == len(other):
        pairs += [_Pair(f"{path}[{i}]", one[i], other[j]) for i, j in zip(left, rest, strict=False)]
        return [], pairs
    drifts = [drift_of("content", f"{path}[{i}]", excerpt(one[i]), None) for i in left[len(rest) :]]
    known = frozenset(prints)
    drifts += [
        # What stands twice is counted, paid or sent twice by whoever reads the list.
        drift_of("content", f"{path}[{j}]", None, excerpt(other[j]),
                 "regression" if prints_after[j] in known else None)
        for j in rest[len(left) :]
    ]  # fmt: skip
    pairs += [_Pair(f"{path}[{i}]", one[i], other[j]) for i, j in zip(left, rest, strict=False)]
    if not left and rest:
        return drifts, pairs
    return drifts, pairs if len(left) == len(rest) or id_key is None else []


def _by_id(one: list[Any], other: list[Any]) -> str | None:
    """The key that tells the elements of both lists apart, where there is one."""
    if not all(isinstance(v, Mapping) for v in (*one, *other)):
        return None
    for key in _ID_KEYS:
        if all(key in v for v in (*one, *other)) and len({str(v[key]) for v in one}) == len(one):
            return key
    return None


def _fingerprint(value: JSON) -> str | None:
    """Equal for values that say the same; None where the value is too deep or no JSON."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    try:
        return json.dumps(value, sort_keys=True, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        return None


def _compare_leaves(path: str, one: JSON, other: JSON) -> list[Drift]:
    if isinstance(one, bool) and isinstance(other, bool):
        return [] if one == other else [drift_of("negation", path, one, other)]
    if _is_number(one) and _is_number(other):
        return [] if _equal_numbers(one, other) else [drift_of("number", path, one, other)]
    if one is None and other is None:
        return []
    containers = [isinstance(v, Mapping) or _is_list(v) for v in (one, other)]
    if any(containers) and one is not None and other is not None:
        unwrapped = _is_list(one) and len(one) == 1 and not isinstance(one[0], (Mapping, list))
        if all(containers) or isinstance(one, Mapping) or isinstance(other, Mapping):
            return [drift_of("shape", path, excerpt(one), excerpt(other))]
        kind = "shape" if unwrapped or _is_list(other) else "type"
        return [drift_of(kind, path, excerpt(one), excerpt(other))]  # type: ignore[arg-type]
    if type(one) is type(other):  # neither JSON: compared by what they print as
        return (
            [] if repr(one) == repr(other) else [drift_of("content", path, repr(one), repr(other))]
        )
    return [drift_of("type", path, excerpt(one), excerpt(other))]


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _equal_numbers(one: float, other: float) -> bool:
    if one == other or (one != one and other != other):
        return True
    if isinstance(one, int) and isinstance(other, int):
        return False  # two order numbers may differ in their last digit alone
    try:
        if not (isfinite(one) and isfinite(other)):
            return False  # any number is within some share of infinity
        return abs(one - other) <= 1e-9 * max(abs(one), abs(other))
    except OverflowError:  # an int too large for a float
        return False
