"""Whether a sentence is polite and says nothing."""

from __future__ import annotations

import re
from functools import lru_cache

from pytest_modelpin.drift.lexicon.phrases import COURTESY, OPENING

_GREETING = re.compile(
    r"(?:hello|hi|hey|dear|good (?:morning|afternoon|evening)|hallo|guten (?:tag|morgen|abend)"
    r"|sehr geehrte[rs]?|liebe[rs]?|bonjour|hola|buenos días|ciao|olá)\b"
    r"[^,!.:;?\n]{0,40}[,!][ \n]+",
    re.IGNORECASE,
)


def ungreeted(sentence: str) -> str:
    """What follows a sentence's greeting; the sentence itself where it has none."""
    greeting = _GREETING.match(sentence)
    return sentence if greeting is None else sentence[greeting.end() :] or sentence


@lru_cache(maxsize=16384)
def courteous(sentence: str) -> bool:
    """Whether a sentence only greets, thanks, apologises or says goodbye.

    What follows a greeting counts: "Hi Ana, could you reply by Monday?" asks for something.
    """
    start = ungreeted(sentence.replace("’", "'"))
    return bool(COURTESY.match(start) or OPENING.match(start))
