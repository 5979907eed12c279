"""Two texts at one place of an answer, read as far as any detector asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pytest_modelpin.drift.figures.numbers import Quantity
from pytest_modelpin.drift.figures.quantity_words import counts_only
from pytest_modelpin.drift.once import once
from pytest_modelpin.drift.programs.program_code import looks_like_code, respelled
from pytest_modelpin.drift.programs.shell_and_sql import same_commands
from pytest_modelpin.drift.text.alignment import Alignment, align
from pytest_modelpin.drift.text.documents import unfenced
from pytest_modelpin.drift.text.language import changed_language
from pytest_modelpin.drift.text.markdown import Markdown, read_markdown
from pytest_modelpin.drift.text.non_answers import broken_off, refuses, still_declines
from pytest_modelpin.drift.text.sentences import Sentence, Whole, read_whole, sentences
from pytest_modelpin.drift.text.similarity import likeness

Form = Literal["respaced", "emptied", "filled", "refused", "no longer refused", "code", "prose"]

_INVISIBLE = str.maketrans("", "", "\u200b\u200c\u200d\u2060\ufeff\u00ad")
_FEWEST_REWRITTEN = 4  # sentences; a shorter text is compared sentence by sentence
_KEPT = 0.5  # share of sentences that are still there where a text was not rewritten as a whole
_STEADY = 0.7  # the same share from which a change of one sentence is certain
_AS_LONG = 0.6  # a text's length over the other's, below which something is left out
SHARED = 0.3
"""Share of the words of a reworded text from which it is about the same."""
_INTACT = 0.6  # likeness from which a sentence is the same one, edited


class TextPair:
    """Two unequal texts; `where` is their place in the answer, empty for the whole of it."""

    def __init__(self, before: str, after: str, where: str = "") -> None:
        self.before = before
        self.after = after
        self.where = where

    @once
    def form(self) -> Form:
        """Of which kind the two are, and so what can be said of them at all."""
        before, after = self.before, self.after
        if _look_alike(before, after):
            return "code" if looks_like_code(before) else "respaced"
        if not after.strip():
            return "emptied"
        if not before.strip():
            return "filled"
        refused, refused_before = refuses(after), refuses(before)
        if refused and not refused_before:
            return "refused"
        if refused_before and not refused and not still_declines(before, after):
            return "no longer refused"
        (inner, fenced), (inner_after, fenced_after) = unfenced(before), unfenced(after)
        if self.fence_changed:
            if inner.strip() == inner_after.strip():
                return "respaced"
            before, after = inner, inner_after
        elif fenced and fenced_after:
            before, after = inner, inner_after
        if (fenced or fenced_after or looks_like_code(before)) and (
            looks_like_code(after) or (fenced and fenced_after)
        ):
            return "code"
        return "prose"

    @once
    def fence_changed(self) -> bool:
        """Whether the whole text was put into a Markdown fence, or taken out of one."""
        fenced, fenced_after = unfenced(self.before)[1], unfenced(self.after)[1]
        return fenced != fenced_after and ("```" in self.before) != ("```" in self.after)

    @property
    def inner(self) -> tuple[str, str]:
        """The two texts without a fence around the whole of them."""
        return unfenced(self.before)[0], unfenced(self.after)[0]

    @once
    def markdown(self) -> tuple[Markdown, Markdown]:
        """Both texts as Markdown."""
        before, after = self.inner if self.fence_changed else (self.before, self.after)
        return read_markdown(before), read_markdown(after)

    @once
    def bare_blocks(self) -> bool:
        """Whether the same code stands on both sides, fenced on one of them only."""
        one, other = self.markdown
        fewer, more = sorted((one.blocks, other.blocks), key=len)
        if fewer or not more:
            return False
        bare = self.after if len(other.blocks) < len(one.blocks) else self.before
        bare = "".join(bare.split())
        return all("".join(block.split()) in bare for block in more)

    @once
    def inline_blocks(self) -> bool:
        """Whether the blocks of code of one side are inline code in the other's sentences."""
        one, other = self.markdown
        bare, blocks = (self.before, other.blocks) if other.blocks else (self.after, one.blocks)
        return all(f"`{block.strip()}`" in bare for block in blocks)

    @once
    def prose(self) -> tuple[str, str]:
        """What both say outside of code blocks."""
        if self.bare_blocks:
            return self.before.replace("```", ""), self.after.replace("```", "")
        one, other = self.markdown
        return one.prose, respelled(one.prose, other.prose)

    @once
    def parts(self) -> tuple[Sequence[Sentence], Sequence[Sentence]]:
        """The sentences of both."""
        return sentences(self.prose[0]), sentences(self.prose[1])

    @once
    def aligned(self) -> Alignment:
        """Which sentence became which."""
        return align(*self.parts)

    @once
    def wholes(self) -> tuple[Whole, Whole]:
        """Both texts as the background of their sentences."""
        before, after = self.prose
        return read_whole(before), read_whole(after)

    @once
    def loose(self) -> tuple[Whole, Whole]:
        """The sentences of either side that did not stay as they were."""
        (parts, parts_after), aligned = self.parts, self.aligned
        loose = [parts[i] for i in (*(i for i, _ in aligned.changed), *aligned.gone)]
        loose_after = [parts_after[j] for j in (*(j for _, j in aligned.changed), *aligned.new)]
        return Whole("", loose), Whole("", loose_after)

    @once
    def restated(self) -> bool:
        """Whether it is about the same, also where sentences that stayed are left out of account.

        Else a text whose one statement gave way to others would be for information, the more so
        the more stands around it.
        """
        told, told_after = (each.topics for each in self.loose)
        return len(told & told_after) >= SHARED * min(len(told), len(told_after))

    @once
    def truncated(self) -> bool:
        """Whether the second text ends in the middle of something."""
        return self.form == "prose" and broken_off(self.before, self.after)

    @once
    def translated(self) -> bool:
        """Whether it is in another language."""
        parts, parts_after = self.parts
        few = 2 * len(self.aligned.equal) < max(len(parts), len(parts_after))
        return few and changed_language(*self.prose)

    @property
    def is_prose(self) -> bool:
        """Whether both are prose in one language, so that sentences can be held against others."""
        return self.form == "prose" and not self.translated

    @once
    def rewritten(self) -> bool:
        """Whether the prose was rewritten as a whole, so that no sentence has a counterpart.

        Two answers of one model to an open question are mostly of this kind.
        """
        parts, parts_after = self.parts
        longest = max(len(parts), len(parts_after))
        if min(len(parts), len(parts_after)) < 2 or longest < _FEWEST_REWRITTEN:
            return False
        return self.kept < _KEPT

    @once
    def kept(self) -> float:
        """0 to 1: how much of the text is still there, sentence by sentence, equal or edited."""
        parts, parts_after = self.parts
        near = (likeness(parts[i].text, parts_after[j].text) for i, j in self.aligned.changed)
        kept = len(self.aligned.equal) + sum(each for each in near if each >= _INTACT)
        return kept / max(len(parts), len(parts_after), 1)

    @once
    def one_edited(self) -> bool:
        """Whether one sentence changed and all others, at least one, stayed as they were."""
        aligned = self.aligned
        return (
            bool(aligned.equal) and len(aligned.changed) == 1 and not (aligned.gone or aligned.new)
        )

    @once
    def steady(self) -> bool:
        """Whether most of the text is still there, so that a change of the rest is certain."""
        return self.kept >= _STEADY

    @property
    def stands(self) -> bool:
        """Whether most of the first text is still there, whatever else the second says."""
        parts, parts_after = self.parts
        return self.kept * max(len(parts), len(parts_after)) >= _KEPT * len(parts)

    @once
    def explained(self) -> bool:
        """Whether code that stood alone now has prose around it, as many blocks as before."""
        one, other = self.markdown
        return bool(one.blocks) and not one.prose.strip() and len(other.blocks) >= len(one.blocks)

    @once
    def reworded(self) -> bool:
        """Whether no sentence is still there, equal or edited: all is said in other words."""
        return self.kept == 0

    def says_as_much(self, shared: float, *, as_long: float = _AS_LONG) -> bool:
        """Whether all figures, as much text and at least this share of the words are still there.

        Words that stand for others are known too few to say what a rewritten text lacks; its
        figures are known, and so is its length.
        """
        before, after = self.wholes
        # Rules, bars and markers of a layout say nothing, and code is no sentence.
        told = [sorted(sum(len(part.text) for part in parts) for parts in self.parts)]
        told.append(sorted((len(self.before), len(self.after))))
        if len(before.topics & after.topics) < shared * min(len(before.topics), len(after.topics)):
            return False
        return any(shorter >= as_long * longer for shorter, longer in told) and not any(
            self.one_sided_figures
        )

    @once
    def one_sided_figures(self) -> tuple[Sequence[Quantity], Sequence[Quantity]]:
        """The figures of the first text that are gone, and the new ones of the second.

        Without what is vague, and what only counts items.
        """
        before, after = self.wholes
        return (
            [
                q
                for q in before.figures
                if not (q.soft or self.counts_items(q)) and not after.gives(q)
            ],
            [q for q in after.figures if not (q.soft or counts_only(q)) and not before.gives(q)],
        )

    def counts_items(self, figure: Quantity) -> bool:
        """Whether a figure of the first text only counts the items of its list."""
        layout = self.markdown[0]
        return counts_only(figure) and figure.plain[0] in (layout.items, layout.steps)

    def certain(self, before: Sentence, after: Sentence) -> bool:
        """Whether a sentence is surely its counterpart's, so that what differs was changed.

        It has to stand as it was around the change, and so has most of the text around it: where
        all is reworded, another figure may belong to another statement. One word that is the whole
        answer has nothing around it.
        """
        if all(len(text.split()) == 1 for text in (self.before, self.after)):
            return True
        return (self.steady or max(map(len, self.parts)) == 1) and likeness(
            before.text, after.text
        ) >= _INTACT

    @once
    def edited(self) -> tuple[tuple[int, int], ...]:
        """The pairs of sentences that are held against each other; none where all is rewritten.

        A last sentence that is cut off is no statement.
        """
        if not self.is_prose or self.rewritten:
            return ()
        last = len(self.parts[1]) - 1 if self.truncated else -1
        (parts, parts_after) = self.parts
        return tuple(
            [
                (i, j)
                for i, j in self.aligned.changed
                if j != last and not same_commands(parts[i].text, parts_after[j].text)
            ]
        )

    def place(self, index: int) -> str:
        """Where the sentence of that index is, by the first text."""
        if len(self.parts[0]) == 1:
            return self.where
        return self.within(f"sentence {index + 1}")

    def within(self, place: str) -> str:
        """A place inside the text, as findings name it."""
        return f"{self.where}, {place}" if self.where else place


def _look_alike(before: str, after: str) -> bool:
    """Whether the texts differ in nothing but white space and invisible characters."""
    if before.isascii() and after.isascii():
        return before.split(maxsplit=4)[:4] == after.split(maxsplit=4)[:4] and (
            before.split() == after.split()
        )
    return before.translate(_INVISIBLE).split() == after.translate(_INVISIBLE).split()
