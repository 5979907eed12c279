"""The whole story, told on an embedded provider.

Here is what its three versions say to the demo project's four questions.
"""

from __future__ import annotations

from collections.abc import Mapping

PIN = "gpt-5.1-2025-11-13"
CARELESS = "gpt-5.1-2026-01-14"
"""A version that breaks things: the red variant."""
NEXT = "gpt-5.1-2026-02-18"

ALIAS = "gpt-5.1"

ANSWERS: Mapping[str, Mapping[str, str]] = {
    "How long does a refund take?": {
        PIN: "A refund takes 5 business days.\nYou will get an e-mail when it is on its way.",
        CARELESS: "A refund takes 15 business days.\nYou will get an e-mail when it is on its way.",
        NEXT: "Refunds take 5 business days.\nYou will get an e-mail once it is on its way.",
    },
    "What does express shipping cost?": {
        PIN: "Express shipping costs $42.00.\nIt arrives the next morning.",
        CARELESS: "Express shipping costs $420.\nIt arrives the next morning.",
        NEXT: "Express shipping costs $42.\nIt arrives the next morning.",
    },
    "Can I return an opened box?": {
        PIN: "Yes, you can return an opened box within 30 days.\nPlease keep the receipt.",
        CARELESS: "No, you can't return an opened box.\nPlease keep the receipt.",
        NEXT: "Yes, an opened box can be returned within 30 days.\nPlease keep the receipt.",
    },
    "I was charged twice, 42 dollars! Fix this today.": {
        PIN: '{"topic": "billing", "urgency": "high", "amount": 42}',
        CARELESS: 'Sure! Here is the ticket:\n```json\n{"topic": "billing"}\n```',
        NEXT: '{"topic": "billing", "urgency": "high", "amount": 42}',
    },
}


def answer(question: str, version: str) -> str:
    """What `version` says to the demo project's question."""
    return ANSWERS[question][version]
