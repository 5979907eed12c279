"""How far a sentence obliges: what must be done, what is advised, what is left to the reader.

Languages say it with few words, of which any may stand for another of its step; but "not mandatory"
is no step of what is mandatory, and a prohibition is compared as a denial, apart.
"""

# ruff: noqa: E501 - patterns stay in one piece

from __future__ import annotations

import re
from functools import lru_cache

from pytest_modelpin.drift.text.tokens import worded

MUST, ADVISED, FREE = range(3)

_FREE = re.compile(
    r"\b(?:(?:do|does|did)(?: not|n['’]t) (?:\w+ )?(?:have|need) to|need(?: not|n['’]t)|no (?:need|obligation) to|(?:not|never|n['’]t) (?:\w+ )?(?:required|mandatory|compulsory|obligatory|obliged|necessary|needed)"
    r"|optional(?:ly)?|voluntar(?:y|ily)|(?:muss|musst|müssen|müsst|brauch\w*) (?:\w+ ){0,4}nicht|nicht (?:\w+ )?(?:nötig|erforderlich|notwendig|verpflichtend|verpflichtet|vorgeschrieben)|keine pflicht|freiwillig\w*"
    r"|pas (?:\w+ )?(?:obligatoire|nécessaire|tenue?s?|besoin|obligée?s?)|facultati\w+|optionnel\w*|no (?:\w+ )?(?:\w+ )?(?:obligatori\w+|necesari\w+|imprescindible|hace falta|ten\w+ que|tien\w+ que|hay que)|opcional\w*|voluntari\w+"
    r"|non (?:\w+ )?(?:\w+ )?(?:obbligatori\w+|necessari\w+|dev\w+|bisogna|occorre|serve)|facoltativ\w+|opzional\w+|não (?:\w+ )?(?:\w+ )?(?:obrigatóri\w+|necessári\w+|precisa\w*|tem (?:de|que)))\b",
    re.IGNORECASE,
)
_ADVISED = re.compile(
    r"\b(?:should|ought to|recommend\w*|advis(?:e[sd]?|able)|encourage[sd]?|sollte\w*|empfehl\w*|empfiehlt|empfohlen|ratsam|devr(?:ait|iez|aient)|conseill\w*|recommand\w*"
    r"|deber[ií]a\w*|recomiend\w*|recomend\w*|aconsej\w*|conviene|dovrebbe\w*|dovrest\w*|consigli(?:a|amo|ato|ata|abile)|raccomand\w*|deveria\w*|aconselh\w*)\b",
    re.IGNORECASE,
)
_MUST = re.compile(
    r"\b(?:must|shall|ha(?:ve|s) to|needs? to|(?:is|are|be) (?:required|needed|necessary)|requires?|mandatory|compulsory|obligatory|obliged|muss|musst|müssen|müsst|erforderlich|verpflichtend|verpflichtet|vorgeschrieben|zwingend|notwendig|pflicht"
    r"|doi(?:t|vent)|devez|obligatoire\w*|tenue?s? d|il faut|impérati\w+|debe[ns]?|deberá\w*|obligatori\w+|imprescindible|necesari\w+|hay que|tien(?:e|es|en) que"
    r"|dev(?:e|i|ono|ete)|obbligatori\w+|necessari\w+|bisogna|occorre|devem|obrigatóri\w+|necessári\w+|é preciso)\b",
    re.IGNORECASE,
)
_WORDS = re.compile(
    r"must|shall|have|has|need|requir|mandator|compuls|oblig|optional|voluntar|should|ought|recom|advis|encourag|necess|muss|müss|brauch|erford|verpflicht|vorgeschr|zwing|notwend|nötig|pflicht|freiwill"
    r"|soll|empf|ratsam|doi|devez|devr|impér|facult|faut|conseil|tenu|besoin|deb|impresc|necesari|hay|tien|hace|opcional|aconsej|convien|dev|dov|obblig|bisogn|occorr|serve|facolt|opzion|consigl|raccom|obrig|precis|tem|option"
)


@lru_cache(maxsize=20_000)
def _may_oblige(word: str) -> bool:
    return _WORDS.match(word) is not None


@lru_cache(maxsize=16384)
def obligations(sentence: str) -> frozenset[int]:
    """The steps that a sentence says anything of: MUST, ADVISED, FREE."""
    if not any(map(_may_oblige, worded(sentence))):
        return frozenset()  # to look for a word's start is far cheaper
    found = set()
    for step, pattern in ((FREE, _FREE), (ADVISED, _ADVISED), (MUST, _MUST)):
        rest = pattern.sub(" ", sentence)
        if rest != sentence:
            found.add(step)
        sentence = rest
    return frozenset(found)
