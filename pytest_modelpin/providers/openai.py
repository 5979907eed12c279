"""OpenAI: chat completions and responses.

Aliases resolve in the reply's `model` (`gpt-4o` gives `gpt-4o-2024-08-06`, `gpt-5.6` gives
`gpt-5.6-sol`). No header names the version: `openai-version` is the API's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pytest_modelpin.providers.endpoint import SECRET_HEADERS
from pytest_modelpin.providers.openai_compatible import OpenAICompatible
from pytest_modelpin.providers.own_requests import ListedModel, ModelList
from pytest_modelpin.providers.provider import (
    DAY,
    MONTH,
    YEAR,
    ModelId,
    Naming,
    Rule,
    is_spelt_plainly,
)

# The words of which OpenAI makes the names of its aliases; an id with any other word is unknown.
_WORDS = (
    r"mini|nano|pro|turbo|preview|codex|max|chat|audio|realtime|search|transcribe|tts|diarize|"
    r"16k|32k|instruct|vision|cyber|deep|research|api"
)
_FAMILIES = (
    r"(?:gpt-(?:\d|audio|image|realtime)|o\d|chatgpt-|codex-|computer-use-preview|"
    r"text-embedding-(?:3|ada)|"
    r"text-(?:moderation|davinci|curie|babbage|ada|search|similarity)-|"
    r"code-(?:davinci|cushman|search)-|tts-|whisper-|dall-e-|omni-moderation-|babbage-|davinci-|sora-)"
)

NAMING = Naming(
    provider="openai",
    claims=rf"(?:ft:)?{_FAMILIES}[a-z0-9.\-]*|ft:{_FAMILIES}[^/@]*",
    rules=(
        Rule(
            "pinned",
            rf"[a-z0-9.\-]+-{YEAR}-{MONTH}-{DAY}",
            "OpenAI's ids that end in a date (YYYY-MM-DD) are snapshots and never change.",
        ),
        Rule(
            "pinned",
            rf"gpt-(?:3\.5-turbo|4)(?:-16k|-32k|-instruct)?-{MONTH}{DAY}(?:-preview)?",
            "OpenAI's first snapshots end in month and day (MMDD).",
        ),
        Rule(
            "pinned",
            r"gpt-(?:5\.6-(?:sol|terra|luna)|6(?:\.\d+)?-(?:astra|sol|terra|luna))",
            "From GPT-5.6 on, OpenAI's snapshots bear a name (sol, terra, luna, astra) in place of"
            " a date; it is the most exact id that the API offers.",
        ),
        Rule(
            "pinned",
            r"text-embedding-(?:3-(?:small|large)|ada-002)",
            "OpenAI's embedding models bear their generation in their id (3, 002); it is the most"
            " exact id that the API offers.",
        ),
        Rule(
            "floating",
            r"computer-use-preview|gpt-image-\d\.\d+|sora-\d+(?:-pro)?"
            r"|text-moderation-stable",
            "An OpenAI id without a date is an alias: it moves to the next snapshot.",
        ),
        Rule(
            "floating",
            rf"(?:gpt-(?:\d+(?:\.\d+)?o?|audio(?:-\d+\.\d+)?|realtime)|o\d)(?:-(?:{_WORDS}))*",
            "An OpenAI id without a date is an alias: it moves to the next snapshot.",
        ),
    ),
    otherwise="OpenAI's naming rules do not say whether this id moves.",
)


def _listed(entry: Mapping[str, Any]) -> Iterator[ListedModel]:
    """`Model.shutdown_date`, openai 3.52 types/model.py; what an alias points to is not told."""
    yield ListedModel(entry["id"], entry.get("shutdown_date"))


class OpenAI(OpenAICompatible):
    """OpenAI itself, whose ids include fine-tuned models."""

    __slots__ = ()

    def identify(self, model: str) -> ModelId:
        """`ft:<base>:…` is as fixed as the snapshot that was tuned."""
        if not model.startswith("ft:"):
            return self.naming.identify(model)
        base = model.split(":")[1]
        if self.naming.identify(base).kind == "pinned" and is_spelt_plainly(model):
            says = f"A model tuned from the snapshot {base} never changes."
            return ModelId(model, self.name, "pinned", says)
        says = "A tuned model whose base is no snapshot: OpenAI does not say which one was tuned."
        return ModelId(model, self.name, "unknown", says)


OPENAI = OpenAI(
    name="openai",
    naming=NAMING,
    telemetry_paths=r"^/v1/traces/ingest/?$",  # of openai-agents, by a thread of its own
    hosts=("api.openai.com", ".api.openai.com"),
    key_variables=("OPENAI_API_KEY",),
    base_url="https://api.openai.com/v1",
    models_page="https://developers.openai.com/api/docs/models",
    base_url_variables=("OPENAI_BASE_URL", "OPENAI_API_BASE"),
    sdk_modules=("openai",),
    route_prefixes=("openai", "openai-chat", "openai-responses"),
    price_name="openai",
    model_list=ModelList("/models", _listed, lists_retirements=True),
    echoes=False,
    secret_headers=SECRET_HEADERS | {"openai-organization", "openai-project"},
    overload_statuses=frozenset({429, 500, 503}),
)
