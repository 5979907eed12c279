"""Every API that speaks OpenAI's chat completions or responses, and any gateway that does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pytest_modelpin.providers import chat, responses, wire
from pytest_modelpin.providers.body import Shape, read
from pytest_modelpin.providers.endpoint import OVERLOAD, SECRET_HEADERS, at_host, without
from pytest_modelpin.providers.naming import Naming
from pytest_modelpin.providers.provider import ModelId
from pytest_modelpin.providers.reply import JSON, Reply


@dataclass(frozen=True, slots=True)
class OpenAICompatible:
    """A provider whose API has OpenAI's shape: only names, hosts and id rules are its own."""

    name: str
    naming: Naming
    hosts: tuple[str, ...]
    key_variables: tuple[str, ...]
    echoes: bool = True
    secret_headers: frozenset[str] = SECRET_HEADERS
    kept_headers: frozenset[str] = field(default_factory=lambda: frozenset({"x-request-id"}))
    volatile_fields: frozenset[str] = field(
        # Who asks and how the prompt cache is keyed; neither is part of the question.
        default_factory=lambda: frozenset(
            {"metadata", "user", "safety_identifier", "prompt_cache_key"}
        )
    )
    overload_statuses: frozenset[int] = OVERLOAD

    def recognises(self, method: str, host: str, path: str, body: JSON) -> bool:
        """On the provider's own hosts, by the path."""
        return method == "POST" and _shape(path) is not None and at_host(self.hosts, host)

    def requested_model(self, path: str, body: JSON) -> str | None:
        """The body's `model`."""
        return wire.word(wire.at(body, "model"))

    def with_model(self, path: str, body: JSON, model: str) -> tuple[str, JSON]:
        """The body's `model` replaced."""
        return path, {**wire.mapping(body), "model": model}

    def without_model(self, path: str, body: JSON) -> tuple[str, JSON]:
        """The body without `model` and the volatile fields."""
        return path, without(body, self.volatile_fields | {"model"})

    def read(
        self, path: str, body: JSON, status: int, headers: Mapping[str, str], content: bytes
    ) -> Reply:
        """A chat completion, or a response where the path says so."""
        reply = read(_shape(path) or chat.SHAPE, status, headers, content)
        return replace(reply, provider=self.name, requested_model=self.requested_model(path, body))

    def claims(self, model: str) -> bool:
        """By the naming rules."""
        return self.naming.owns(model)

    def identify(self, model: str) -> ModelId:
        """By the naming rules."""
        return self.naming.identify(model)

    def proves(self, asked: str, served: str) -> bool:
        """A pinned id does."""
        return self.identify(served).kind == "pinned"


@dataclass(frozen=True, slots=True)
class AnyGateway(OpenAICompatible):
    """A proxy, gateway or local server at any address: recognised by what is asked."""

    def recognises(self, method: str, host: str, path: str, body: JSON) -> bool:
        """Any host; the body must name a model and ask it something."""
        asks = wire.at(body, "messages") is not None or wire.at(body, "input") is not None
        named = self.requested_model(path, body) is not None
        return method == "POST" and _shape(path) is not None and named and asks


def _shape(path: str) -> Shape | None:
    if path.rstrip("/").endswith("/chat/completions"):
        return chat.SHAPE
    if path.rstrip("/").endswith("/responses"):
        return responses.SHAPE
    return None


OPENAI_COMPATIBLE = AnyGateway(
    name="openai_compatible",
    naming=Naming(
        provider="openai_compatible",
        claims=r"(?!)",
        rules=(),
        otherwise="A server at an address of its own may call any model by any name.",
    ),
    hosts=(),
    key_variables=("OPENAI_API_KEY",),
)
