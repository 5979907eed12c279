"""Two texts compared sentence by sentence: what is said differently, and what only reads so."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from pytest_modelpin.drift.context import Context
from pytest_modelpin.drift.documents import code_blocks, unfenced
from pytest_modelpin.drift.drift import Drift, DriftKind
from pytest_modelpin.drift.language import changed_language, language
from pytest_modelpin.drift.layout import compare_layout
from pytest_modelpin.drift.lexicon.phrases import COURTESY, OPENING
from pytest_modelpin.drift.numbers import unmatched
from pytest_modelpin.drift.program_code import compare_code, looks_like_code
from pytest_modelpin.drift.quantities import quantities
from pytest_modelpin.drift.refusal import refuses
from pytest_modelpin.drift.sentence_changes import changes
from pytest_modelpin.drift.sentences import Alignment, Sentence, align, sentences, topic
from pytest_modelpin.drift.severity import found
from pytest_modelpin.drift.similarity import similarity
from pytest_modelpin.drift.text_background import Whole
from pytest_modelpin.drift.truncation import broken_off

_LEAST_LENGTH_CHANGE = 40  # characters: "Paris" and "It is Paris." differ by more than half
_LONG_ENOUGH = 200  # characters from which a change of length is worth a look by itself
_MOST_OF_A_KIND = 20
_MOST_READ = 1000  # reworded sentences that are read closely, so that time stays bounded
_COVERED = 0.5  # share of a sentence's words that the other text must also have

_MOST_MEASURED = 5000  # characters of two texts whose likeness is measured
_REPEATED = 0.8  # from here on a sentence only says again what another says
_INVISIBLE = str.maketrans("", "", "\u200b\u200c\u200d\u2060\ufeff\u00ad")


def compare_text(before: str, after: str, context: Context, where: str = "") -> list[Drift]:
    """The drifts between two texts; empty where they are equal."""
    if before == after:
        return []
    if _look_alike(before, after):
        return _respaced(before, after, where)
    if not after.strip():
        return [found("empty", where, before, after)]
    if not before.strip():
        return [found("content", where, before, after)]
    refused, refused_before = refuses(after), refuses(before)
    if refused and not refused_before:
        return [found("refusal", where, before, after)]
    if refused_before and not refused:
        return [found("refusal", where, before, after, "review")]
    drifts: list[Drift] = []
    (inner, fenced), (inner_after, fenced_after) = unfenced(before), unfenced(after)
    if fenced != fenced_after and ("```" in before) != ("```" in after):
        drifts.append(found("fence", where, _fencing(fenced), _fencing(fenced_after)))
        before, after = inner, inner_after
        if before.strip() == after.strip():
            return drifts
    elif fenced and fenced_after:
        before, after = inner, inner_after
    if (fenced or fenced_after or looks_like_code(before)) and (
        looks_like_code(after) or (fenced and fenced_after)
    ):
        return drifts + compare_code(before, after, where)
    return drifts + _compare_prose(before, after, context, where)


def _look_alike(before: str, after: str) -> bool:
    """Whether the texts differ in nothing but white space and invisible characters."""
    if before.isascii() and after.isascii():
        return before.split(maxsplit=4)[:4] == after.split(maxsplit=4)[:4] and (
            before.split() == after.split()
        )
    return before.translate(_INVISIBLE).split() == after.translate(_INVISIBLE).split()


def _fencing(fenced: bool) -> str:
    return "fenced" if fenced else "bare"


def _respaced(before: str, after: str, where: str) -> list[Drift]:
    if looks_like_code(before):
        return compare_code(before, after, where)
    return [found("whitespace", where, before, after)]


def _compare_prose(before: str, after: str, context: Context, where: str) -> list[Drift]:
    drifts: list[Drift] = []
    prose, blocks = code_blocks(before)
    prose_after, blocks_after = code_blocks(after)
    if blocks or blocks_after:
        drifts += _compare_blocks(before, after, blocks, blocks_after, where)
        if any(drift.kind == "fence" for drift in drifts):
            prose, prose_after = before.replace("```", ""), after.replace("```", "")
    truncated = broken_off(before, after)
    if truncated:
        drifts.append(found("truncated", where, before[-200:], after[-200:]))
    parts, parts_after = sentences(prose), sentences(prose_after)
    aligned = align(parts, parts_after)
    if 2 * len(aligned.equal) < max(len(parts), len(parts_after)) and changed_language(
        prose, prose_after
    ):
        drifts.append(found("language", where, language(prose), language(prose_after)))
        return drifts + _figures_anywhere(parts, parts_after, where)
    if (layout := compare_layout(prose, prose_after, where)) is not None:
        drifts.append(layout)
    all_before, all_after = Whole(prose, parts), Whole(prose_after, parts_after)
    reworded: Drift | None = None
    for i, j in aligned.changed[:_MOST_READ]:
        one, other = parts[i], parts_after[j]
        if truncated and j == len(parts_after) - 1:
            continue
        for kind in changes(one, other, all_before, all_after):
            if kind != "wording":
                drifts.append(found(kind, _place(where, i, parts), one.text, other.text))
            elif reworded is None:
                reworded = found("wording", _place(where, i, parts), one.text, other.text)
    for i, j in aligned.equal:
        if parts[i].text != parts_after[j].text and reworded is None:
            reworded = found("wording", _place(where, i, parts), parts[i].text, parts_after[j].text)
    drifts += _one_sided(
        [i for i in aligned.gone if not truncated], aligned, parts, parts_after, where
    )
    drifts += _unrelated(before, after, parts, parts_after, aligned.changed, drifts, context, where)
    if (moved := _moved(before, aligned.equal, where)) is not None:
        drifts.append(moved)
    if not truncated and (length := _length(before, after, context, where)) is not None:
        drifts.append(length)
    if reworded is not None or not drifts:
        drifts.append(reworded or found("wording", where, before, after))
    return _capped(drifts)


def _place(where: str, index: int, parts: Sequence[Sentence]) -> str:
    if len(parts) == 1:
        return where
    return f"{where}, sentence {index + 1}" if where else f"sentence {index + 1}"


def _compare_blocks(
    before: str, after: str, blocks: list[str], blocks_after: list[str], where: str
) -> list[Drift]:
    if len(blocks) == len(blocks_after):
        return [
            drift
            for place, (one, other) in enumerate(zip(blocks, blocks_after, strict=True), start=1)
            if one != other
            for drift in compare_code(one, other, f"{where}code block {place}")
        ]
    fewer, more = sorted((blocks, blocks_after), key=len)
    bare = after if len(blocks_after) < len(blocks) else before
    if not fewer and all("".join(block.split()) in "".join(bare.split()) for block in more):
        return [found("fence", where, _fencing(bool(blocks)), _fencing(bool(blocks_after)))]
    return [
        found("content", where, f"{len(blocks)} code blocks", f"{len(blocks_after)} code blocks")
    ]


def _figures_anywhere(
    parts: Sequence[Sentence], parts_after: Sequence[Sentence], where: str
) -> list[Drift]:
    """Figures that a translation should have kept."""
    left = unmatched(
        [q for part in parts for q in quantities(part.text) if not q.soft],
        [q for part in parts_after for q in quantities(part.text) if not q.soft],
    )
    if left.before and left.after:
        return [found("number", where, left.before[0].text, left.after[0].text)]
    return []


def _one_sided(
    gone: Sequence[int], aligned: Alignment, parts: Sequence[Sentence],
    parts_after: Sequence[Sentence], where: str,
) -> list[Drift]:  # fmt: skip
    """Sentences that said something of their own and have no counterpart.

    What they said may have moved into a reworded sentence, but not into one that stayed the same.
    """
    if not gone and not aligned.new:
        return []
    loose = [parts[i] for i in (*(i for i, _ in aligned.changed), *aligned.gone)]
    loose_after = [parts_after[j] for j in (*(j for _, j in aligned.changed), *aligned.new)]
    before, after = Whole("", loose), Whole("", loose_after)
    all_before, all_after = Whole("", parts), Whole("", parts_after)
    lost = [i for i in gone if _says_more(parts[i], after, all_after)]
    added = [j for j in aligned.new if _says_more(parts_after[j], before, all_before)]
    drifts = [found("content", _place(where, i, parts), parts[i].text, None) for i in lost]
    return drifts + [found("content", where, None, parts_after[j].text) for j in added]


def _says_more(part: Sentence, loose: Whole, everything: Whole) -> bool:
    start = part.text.replace("’", "'")
    if COURTESY.match(start) or OPENING.match(start):
        return False
    for figure in quantities(part.text):
        if not figure.soft and figure.sort != "link" and not everything.holds(figure):
            return True
    told = topic(part.text)
    if len(told) < 2 or len(told & loose.topics) >= _COVERED * len(told):
        return False
    return not everything.repeats(told, _REPEATED)


def _unrelated(
    before: str, after: str, parts: Sequence[Sentence], parts_after: Sequence[Sentence],
    changed: Sequence[tuple[int, int]], drifts: Sequence[Drift], context: Context, where: str,
) -> list[Drift]:  # fmt: skip
    """A `content` finding where two texts look different and share too little to be a rewording."""
    grave: set[DriftKind] = {"content", "number", "negation", "truncated"}
    if any(drift.kind in grave for drift in drifts) or not changed:
        return []
    one, other, least = before[:_MOST_MEASURED], after[:_MOST_MEASURED], context.similarity
    if context.embed is not None:
        alike = similarity(one, other, context.embed) >= least
        return [] if alike else [found("content", where, before, after)]
    for i, j in changed:
        if _share_nothing(topic(parts[i].text), topic(parts_after[j].text)):
            if similarity(one, other, least=least) >= least:
                return []
            return [found("content", _place(where, i, parts), parts[i].text, parts_after[j].text)]
    return []


def _share_nothing(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one) >= 2 and len(other) >= 2 and one.isdisjoint(other)


def _moved(before: str, equal: Sequence[tuple[int, int]], where: str) -> Drift | None:
    """An `order` drift where equal sentences come in another order; steps may not be shuffled."""
    places = [j for _, j in equal]
    if all(a < b for a, b in pairwise(places)):
        return None
    from pytest_modelpin.drift.layout import layout

    steps = layout(before).steps >= 2
    first = next(k for k in range(1, len(places)) if places[k] < places[k - 1])
    place = (
        f"{where}, sentence {equal[first][0] + 1}" if where else f"sentence {equal[first][0] + 1}"
    )
    return found("order", place, None, None, "review" if steps else None)


def _length(before: str, after: str, context: Context, where: str) -> Drift | None:
    one, other = len(before.strip()), len(after.strip())
    if abs(one - other) < _LEAST_LENGTH_CHANGE:
        return None
    if one * (1 - context.length_ratio) <= other <= one * (1 + context.length_ratio):
        return None
    return found("length", where, one, other, None if max(one, other) >= _LONG_ENOUGH else "info")


def _capped(drifts: list[Drift]) -> list[Drift]:
    """The first findings of each kind: a page of them says no more than the first ones do."""
    counts: dict[str, int] = {}
    kept = []
    for drift in drifts:
        counts[drift.kind] = counts.get(drift.kind, 0) + 1
        if counts[drift.kind] <= _MOST_OF_A_KIND:
            kept.append(drift)
    return kept
