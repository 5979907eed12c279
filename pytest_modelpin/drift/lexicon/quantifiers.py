"""Words that say of how many, how often, or how bindingly something is true; a closed class."""

from __future__ import annotations

from collections.abc import Mapping


def _scale(*steps: str) -> Mapping[str, int]:
    return {word: step for step, words in enumerate(steps) for word in words.split()}


LIMITING = frozenset(("only", "solely", "exclusively", "nur", "ausschließlich", "seulement",
                      "uniquement", "solo", "solamente", "soltanto"))  # fmt: skip
"""Words that exclude all else."""

QUANTIFIERS: tuple[Mapping[str, int], ...] = (
    _scale(
        "all every each both any always",
        "most mostly usually generally typically often",
        "some several sometimes occasionally",
        "few rarely seldom",
    ),
    _scale("must shall mandatory", "should ought", "may might could"),
    _scale("exactly precisely", "about approximately roughly around"),
    _scale("minimum over above exceeding", "maximum under below"),
    _scale("least", "most"),
    _scale(
        "alle jeder jede jedes immer", "meistens meist", "manche einige manchmal", "selten wenige"
    ),
    _scale("muss müssen", "sollte sollten", "darf dürfen"),
    _scale("mindestens", "höchstens maximal"),
    _scale("tous toutes toujours", "quelques parfois", "rarement"),
    _scale("todos todas siempre", "algunos algunas", "pocos raramente"),
)
"""Scales; words of one step say the same, words of two steps of one scale don't."""
