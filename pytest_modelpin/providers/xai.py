"""xAI's Grok."""

from __future__ import annotations

from pytest_modelpin.providers.naming import DAY, MONTH, Naming, Rule
from pytest_modelpin.providers.openai_compatible import OpenAICompatible

NAMING = Naming(
    provider="xai",
    claims=r"grok-[a-z0-9.\-]+",
    rules=(
        Rule(
            "pinned",
            rf"grok-.+-{MONTH}{DAY}(?:-(?:non-)?reasoning)?",
            "xAI's ids with month and day (MMDD) are releases and never change.",
        ),
        Rule(
            "floating",
            r"grok-(?!.*\d{4})[a-z0-9.\-]+",
            "An xAI id without month and day is an alias of the newest release.",
        ),
    ),
    otherwise="xAI's naming rules do not say whether this id moves.",
)

XAI = OpenAICompatible(
    name="xai",
    naming=NAMING,
    hosts=("api.x.ai", ".api.x.ai"),
    key_variables=("XAI_API_KEY",),
)
