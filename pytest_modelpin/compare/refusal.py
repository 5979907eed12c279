"""Whether an answer declines to answer."""

# ruff: noqa: E501 - tables and patterns stay in one piece

from __future__ import annotations

from pytest_modelpin.compare.words.phrases import REFUSAL

_CUES = (
    "can't", "cannot", "can not", "sorry", "unable", "not ", "won't", "decline", "as an", "apolog",
    "guideline", "polic", "comfortable", "blocked", "refused", "nicht", "sprachmodell", "je ne", "désolé",
    "en tant que", "puedo", "siento", "posso", "не могу", "как ", "无法", "不能", "没法", "抱歉", "对不起",
    "作为", "不便", "ません", "かねます", "として", "أستطيع", "يمكنني", "عذر", "آسف", "أتمكن", "قادر",
    "بصفتي", "죄송", "inteligencia", "inappropriate", "irresponsible", "unethical", "beyond", "don't", "keine", "no me es", "an ai",
)  # fmt: skip
_OPENING = 500  # a refusal comes first; what follows explains it

REFUSING_FINISHES = frozenset(
    """content_filter refusal safety prohibited_content blocklist recitation spii
    guardrail_intervened content_filtered image_safety""".split()  # noqa: SIM905
)
"""Finish reasons, lower case, that mean the provider or the model withheld the answer."""


def refuses(text: str) -> bool:
    """Whether the text opens by declining to answer, in any of the known languages."""
    opening = text[:_OPENING].replace("’", "'").strip().lower()
    return any(cue in opening for cue in _CUES) and bool(REFUSAL.search(opening))
