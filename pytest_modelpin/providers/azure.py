"""Azure OpenAI: the model asked for is the name of a deployment, the model served a snapshot."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import quote, unquote

from pytest_modelpin.providers import openai, wire
from pytest_modelpin.providers.openai_compatible import OpenAICompatible
from pytest_modelpin.providers.provider import Naming
from pytest_modelpin.providers.wire import JSON, Reply

_DEPLOYMENT = re.compile(r"(/openai/deployments/)([^/]+)(/.+)")


class Azure(OpenAICompatible):
    """OpenAI's shapes under `/openai/deployments/<name>/` or `/openai/v1/`."""

    __slots__ = ()

    def requested_model(self, path: str, body: JSON) -> str | None:
        """The deployment in the path; in the body where the path names none."""
        found = _DEPLOYMENT.search(path)
        return unquote(found[2]) if found else wire.word(wire.at(body, "model"))

    def with_model(self, path: str, body: JSON, model: str) -> tuple[str, JSON]:
        """The deployment replaced in the path and, where the body repeats it, there."""
        if not _DEPLOYMENT.search(path):
            return path, {**wire.mapping(body), "model": model}
        moved = _DEPLOYMENT.sub(lambda m: m[1] + quote(model, safe="") + m[3], path)
        repeats = wire.at(body, "model") is not None
        return moved, {**wire.mapping(body), "model": model} if repeats else body

    def without_model(self, path: str, body: JSON) -> tuple[str, JSON]:
        """Path and body without the deployment's name."""
        stripped, _ = self.with_model(path, {}, "model")
        return stripped, OpenAICompatible.without_model(self, path, body)[1]

    def read(
        self, path: str, body: JSON, status: int, headers: Mapping[str, str], content: bytes
    ) -> Reply:
        """The responses API echoes the undated name; there a header names the snapshot."""
        reply = OpenAICompatible.read(self, path, body, status, headers, content)
        served = wire.word(headers.get("x-ms-served-model"))
        return replace(reply, served_model=served) if served and reply.error is None else reply

    def proves(self, asked: str, served: str) -> bool:
        """The served model is OpenAI's id, not the deployment's name."""
        return openai.NAMING.identify(served).kind == "pinned"


AZURE = Azure(
    name="azure",
    naming=Naming(
        provider="azure",
        claims=r"(?!)",
        rules=(),
        otherwise="On Azure the id is a deployment's name: which version it runs, and when that"
        " is upgraded, is set in the deployment.",
    ),
    hosts=(".openai.azure.com", ".services.ai.azure.com", ".cognitiveservices.azure.com"),
    # The SDK's two, LiteLLM's, and what Microsoft's older samples call it.
    key_variables=(
        "AZURE_OPENAI_API_KEY",
        "AZURE_OPENAI_AD_TOKEN",
        "AZURE_API_KEY",
        "AZURE_OPENAI_KEY",
    ),
    synonyms=("azure_openai", "azure_ai"),
    base_url_variables=("AZURE_OPENAI_ENDPOINT", "AZURE_API_BASE"),
    price_name="azure",
    models_page="https://learn.microsoft.com/en-us/azure/foundry/openai/concepts/model-retirement-schedule",
    # On any host where the path names a deployment: API Management has one of the user's own.
    question_paths=r"/openai/deployments/[^/]+(?:/chat)?/completions/?$",
    side_paths=r"/openai/deployments/[^/]+/(?:embeddings|images/|audio/)",
    names_deployments=True,
    sells="openai",
    told_by=("AZURE_OPENAI_ENDPOINT", "AzureOpenAI"),
    sold_beside=tuple(
        f"{before}{client}OpenAI("  # a call: AzureOpenAI( is none of OpenAI's own
        for before in (" ", ".", "=", "(")
        for client in ("", "Async", "Chat")
    ),
    ways_in=(
        ("AZURE_OPENAI_API_KEY", "AZURE_OPENAI_ENDPOINT"),
        ("AZURE_OPENAI_AD_TOKEN", "AZURE_OPENAI_ENDPOINT"),
        ("AZURE_API_KEY", "AZURE_API_BASE"),
        ("AZURE_OPENAI_KEY", "AZURE_OPENAI_ENDPOINT"),
    ),
    echoes=False,
    kept_headers=frozenset({"x-request-id", "apim-request-id", "x-ms-served-model"}),
)
