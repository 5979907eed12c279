"""Words that join, contrast, condition and order what a sentence says, by language."""

# ruff: noqa: E501, SIM905 - vocabularies read best in long lines of plain words

from __future__ import annotations

import re
from itertools import product

LISTING = frozenset("and or und oder et ou y o e".split())
"""What joins the last two items of a list."""

JOINING = LISTING | frozenset("but aber sondern mais pero mas ma".split())
"""What joins two clauses that each could stand alone."""

CONTRASTING = frozenset(
    "while whereas but während aber tandis mais mientras pero mentre ma".split()
)
"""What sets two against each other in one sentence."""

CLAUSE_OPENING = JOINING - {"sondern", "mas"} | frozenset(
    """while whereas if when because since unless which who that then before after während wenn weil
    si mientras mentre se""".split()
)
"""What begins another clause, of which other things are told."""

SUBORDINATING = frozenset(
    """as because since while although though but and or when if that which weil da und aber oder
    obwohl während car et mais quoique porque y pero aunque""".split()
)
"""What parts a word from what stands before it, so that it qualifies nothing there."""

EQUATING = frozenset("and or is are equals with met und oder ist et ou est y es".split())
"""Words on both sides of which two names may change places."""

CONDITION_OPENING = frozenset(
    """if when once until unless before after wenn falls sobald bis bevor nachdem si quand lorsque
    cuando antes se quando dopo prima""".split()
)
"""Words that begin a condition; whatever else leads a sentence comes and goes."""

CONDITION = re.compile(
    r"\b(?:only (?:after|if|when|with|for)|or if|unless|provided(?: that)?|except(?: for| on| in)?"
    r"|nur (?:wenn|nach|mit|für)|sofern|vorausgesetzt|außer|es sei denn"
    r"|sauf(?: si)?|à condition|seulement (?:si|après|avec)|pourvu que"
    r"|salvo(?: que| se)?|excepto|siempre que|solo (?:si|después|con|se|dopo)"
    r"|purché|a patto che|eccetto|tranne|exceto|desde que|(?:só|apenas) (?:se|após|depois|com))\b"
    r"(?P<told>[^,;:.()]+)",
    re.IGNORECASE,
)
"""A condition or exception, with what it tells."""
CONDITIONAL = frozenset(
    """only if unless provided except nur sofern vorausgesetzt außer sei sauf condition seulement
    pourvu salvo excepto siempre solo purché patto eccetto tranne exceto desde só apenas""".split()
)
"""Words of which every condition has one: to look for them is far cheaper."""

ORDERING = frozenset(
    """first firstly then next finally afterward afterwards beforehand zuerst zunächst dann danach
    anschließend schließlich zuletzt vorher davor abord puis ensuite enfin auparavant primero luego
    después finalmente prima poi infine primeiro depois""".split()
)
"""Words that say of steps that they follow each other."""
ORDERING_PAIRS = frozenset(
    (
        *product(("after", "before", "following"), ("that", "this", "anything")),
        *product(("start", "starts", "begin", "begins"), ("by", "with")),
        ("to", "begin"),
    )
)
"""Two words that say so together."""

STEP = re.compile(
    r"(?:[,.;:!?()–—]|\b(?:and|und|et|y|e)\b)+\s*"
    r"|\s(?=(?:before|after|once|bevor|nachdem|sobald|avant|après|antes|después)\b)",
    re.IGNORECASE,
)
"""What parts two steps within a sentence."""
_POINTING = r"(?! (?:that|this|which|anything|cela|eso)\b)"
SOONER = re.compile(
    rf"(?:(?:and|only|just|right) )*(?:after|once|as soon as|nachdem|sobald|après|después de)\b{_POINTING}",
    re.IGNORECASE,
)
"""How a step begins that is done before the one told before it."""
LATER = re.compile(rf"(?:before|bevor|avant|antes de)\b{_POINTING}", re.IGNORECASE)
"""How a step begins that is done after the one told next."""
BEFORE_THAT = re.compile(
    r"\bbefore (?:that|this)\b|\bbeforehand\b|\b(?:vorher|davor|zuvor|auparavant|antes de eso)\b",
    re.IGNORECASE,
)
"""What says of a whole sentence that it is done before all that was told so far."""
