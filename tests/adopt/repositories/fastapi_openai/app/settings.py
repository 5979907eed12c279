"""Settings, each from the environment."""

import os
from dataclasses import dataclass, field


def _model() -> str:
    return os.environ.get("DESK_MODEL", "gpt-5.4-mini")


@dataclass
class Settings:
    support_model: str = field(default_factory=_model)
    triage_model: str = "gpt-5.2-2025-12-11"
    embeddings: str = "text-embedding-3-small"
