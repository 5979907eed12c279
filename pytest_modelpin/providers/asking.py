"""The request that asks a model one question: for `resolve`, and for a judge."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.providers.identity import identify, provider_named
from pytest_modelpin.providers.reply import JSON

MOST_TOKENS = 1024
"""What an answer may be long, where the API wants a limit and the caller names none."""


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask a model."""

    model: str
    user: str
    system: str = ""
    most_tokens: int = MOST_TOKENS


@dataclass(frozen=True, slots=True)
class Asking:
    """One POST request with a JSON body."""

    url: str
    headers: Mapping[str, str]
    body: dict[str, JSON]


def provider_to_ask(model: str, provider: str | None = None) -> str:
    """Whose API to ask for `model`; `provider` is models.yml's, and decides where it is given.

    Raises ModelpinError where the id does not tell, or where no request can be made up for it.
    """
    named = provider or identify(model).provider
    known = provider_named(named) if named else None
    if known is None or known.name not in _ASKING:
        raise ModelpinError(
            f"Whose model {model!r} is can't be told from its id, or pytest-modelpin can't ask it; "
            f"set `provider:` in models.yml to one of: {', '.join(_ASKING)}."
        )
    return known.name


def key_for(provider: str, environment: Mapping[str, str]) -> str:
    """The provider's key in the environment. Raises ModelpinError where there is none."""
    known = provider_named(provider)
    variables = known.key_variables if known else ()
    for variable in variables:
        if key := environment.get(variable):
            return key
    raise ModelpinError(
        f"There is no key for {provider} in the environment; set {variables[0]} and try again."
    )


def asking(provider: str, question: Question, key: str, environment: Mapping[str, str]) -> Asking:
    """The request; `provider` is what `provider_to_ask` gave.

    The address can be another by the variable that the provider's own SDK reads, so that a
    gateway is asked where one is set up.
    """
    return _ASKING[provider](question, key, environment)


def _chat(variable: str, base: str) -> Callable[[Question, str, Mapping[str, str]], Asking]:
    """OpenAI's chat completions, at `base` unless the environment variable names another."""

    def ask(question: Question, key: str, environment: Mapping[str, str]) -> Asking:
        messages: list[JSON] = [{"role": "user", "content": question.user}]
        if question.system:
            messages.insert(0, {"role": "system", "content": question.system})
        # No limit of tokens: what its field is called differs from model to model.
        return Asking(
            f"{_base(environment, variable, base)}/chat/completions",
            {"authorization": f"Bearer {key}"},
            {"model": question.model, "messages": messages},
        )

    return ask


def _anthropic(question: Question, key: str, environment: Mapping[str, str]) -> Asking:
    base = _base(environment, "ANTHROPIC_BASE_URL", "https://api.anthropic.com")
    body: dict[str, JSON] = {
        "model": question.model,
        "max_tokens": question.most_tokens,
        "messages": [{"role": "user", "content": question.user}],
    }
    if question.system:
        body["system"] = question.system
    return Asking(
        f"{base}/v1/messages", {"x-api-key": key, "anthropic-version": "2023-06-01"}, body
    )


def _google(question: Question, key: str, environment: Mapping[str, str]) -> Asking:
    base = _base(environment, "GOOGLE_GEMINI_BASE_URL", "https://generativelanguage.googleapis.com")
    body: dict[str, JSON] = {"contents": [{"role": "user", "parts": [{"text": question.user}]}]}
    if question.system:
        body["systemInstruction"] = {"parts": [{"text": question.system}]}
    url = f"{base}/v1beta/models/{question.model}:generateContent"
    return Asking(url, {"x-goog-api-key": key}, body)


def _base(environment: Mapping[str, str], variable: str, usual: str) -> str:
    return (environment.get(variable) or usual).rstrip("/")


_ASKING: Mapping[str, Callable[[Question, str, Mapping[str, str]], Asking]] = {
    "openai": _chat("OPENAI_BASE_URL", "https://api.openai.com/v1"),
    "anthropic": _anthropic,
    "google": _google,
    "mistral": _chat("MISTRAL_BASE_URL", "https://api.mistral.ai/v1"),
    "xai": _chat("XAI_BASE_URL", "https://api.x.ai/v1"),
    "deepseek": _chat("DEEPSEEK_BASE_URL", "https://api.deepseek.com/v1"),
    "groq": _chat("GROQ_BASE_URL", "https://api.groq.com/openai/v1"),
    "openrouter": _chat("OPENROUTER_BASE_URL", "https://openrouter.ai/api/v1"),
    "fireworks": _chat("FIREWORKS_BASE_URL", "https://api.fireworks.ai/inference/v1"),
    "together": _chat("TOGETHER_BASE_URL", "https://api.together.xyz/v1"),
    "openai_compatible": _chat("OPENAI_BASE_URL", "https://api.openai.com/v1"),
}
