"""The providers that pytest-modelpin knows. To add one: write its file, list it here."""

from __future__ import annotations

from pytest_modelpin.providers.anthropic import ANTHROPIC
from pytest_modelpin.providers.azure import AZURE
from pytest_modelpin.providers.bedrock import BEDROCK
from pytest_modelpin.providers.cohere import COHERE
from pytest_modelpin.providers.deepseek import DEEPSEEK
from pytest_modelpin.providers.fireworks import FIREWORKS
from pytest_modelpin.providers.google import GOOGLE
from pytest_modelpin.providers.groq import GROQ
from pytest_modelpin.providers.mistral import MISTRAL
from pytest_modelpin.providers.ollama import OLLAMA
from pytest_modelpin.providers.openai import OPENAI
from pytest_modelpin.providers.openai_compatible import OPENAI_COMPATIBLE
from pytest_modelpin.providers.openrouter import OPENROUTER
from pytest_modelpin.providers.provider import Provider
from pytest_modelpin.providers.together import TOGETHER
from pytest_modelpin.providers.xai import XAI

PROVIDERS: tuple[Provider, ...] = (
    OPENAI,
    ANTHROPIC,
    GOOGLE,
    MISTRAL,
    COHERE,
    XAI,
    DEEPSEEK,
    GROQ,
    BEDROCK,
    AZURE,
    OPENROUTER,
    FIREWORKS,
    TOGETHER,
    OLLAMA,
    OPENAI_COMPATIBLE,
)
"""In the order in which they are asked; the one that takes any address comes last."""

SYNONYMS = {
    "gemini": "google",
    "google_gemini": "google",
    "google-vertex": "google",
    "vertex": "google",
    "vertex_ai": "google",
    "azure_openai": "azure",
    "openai-compatible": "openai_compatible",
}
"""Other names under which users and other tools know a provider."""
