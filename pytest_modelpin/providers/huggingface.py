"""Hugging Face's router, which passes a question on to one of the hosts of open weights.

An id is the name of the weights, and may say behind a colon who is to answer
(https://huggingface.co/docs/inference-providers). Replies repeat what that host calls the model.
"""

from __future__ import annotations

from pytest_modelpin.providers.endpoint import at_host
from pytest_modelpin.providers.openai_compatible import OpenAICompatible
from pytest_modelpin.providers.own_requests import ModelList
from pytest_modelpin.providers.provider import Naming, Rule


class HuggingFace(OpenAICompatible):
    """OpenAI's shapes below any path of `router.huggingface.co`."""

    __slots__ = ()

    def is_side_call(self, method: str, host: str, path: str) -> bool:
        """A list of models, or vectors; whatever else is posted there asks a model unread."""
        beside = method == "GET" or path.rstrip("/").endswith("/pipeline/feature-extraction")
        return beside and at_host(self.hosts, host)


HUGGINGFACE = HuggingFace(
    name="huggingface",
    naming=Naming(
        provider="huggingface",
        claims=r"(?!)",
        rules=(
            Rule(
                "floating",
                r"[^:]+(?::(?:fastest|cheapest|preferred))?",
                "Hugging Face's router chooses who answers, unless a colon and a host's name end"
                " the id (`:together`).",
            ),
        ),
        otherwise="Hugging Face's ids name weights and who hosts them, no version: nothing says"
        " whether these stay.",
        has_pins=False,
    ),
    hosts=("router.huggingface.co",),
    key_variables=("HF_TOKEN", "HUGGINGFACE_API_KEY", "HUGGINGFACEHUB_API_TOKEN"),
    key_prefix="hf_",
    base_url="https://router.huggingface.co/v1",
    models_page="https://huggingface.co/inference/models",
    route_prefixes=("huggingface",),
    told_by=(
        "InferenceClient", "router.huggingface.co", "HuggingFaceEndpoint", "ChatHuggingFace",
        "HuggingFaceInferenceAPI",
    ),
    sdk_modules=("huggingface_hub",),
    model_list=ModelList("/models", public=True),
)  # fmt: skip
