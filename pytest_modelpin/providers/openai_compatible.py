"""Every API that speaks OpenAI's chat completions or responses, and any gateway that does."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pytest_modelpin.providers import chat, responses
from pytest_modelpin.providers.body import Shape
from pytest_modelpin.providers.embeddings import Embeddings, read_openai
from pytest_modelpin.providers.endpoint import VOLATILE_REPLY_FIELDS, Endpoint
from pytest_modelpin.providers.own_requests import Question, QuestionRequest, chat_request
from pytest_modelpin.providers.provider import Naming
from pytest_modelpin.providers.reply import JSON

_QUESTION_PATHS = r"/(?:completions|responses)/*$"  # of a chat, or the older ones of a text
_ONE_RESPONSE = r"/responses/[^/]+/?$"
_SIDE_PATHS = (
    r"(?:(?<!/chat)/completions"  # of a text, whose model is not in models.yml
    r"|/(?:embeddings|moderations|rerank|images/(?:generations|edits|variations)"
    r"|audio/(?:speech|transcriptions|translations)|responses/.+|chat/completions/.+"
    r"|(?:files|uploads|batches|vector_stores|conversations|containers|models)(?:/.+)?))/?$"
)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class OpenAICompatible(Endpoint):
    """A provider whose API has OpenAI's shape: only names, hosts and id rules are its own."""

    shapes: tuple[Shape, ...] = (chat.SHAPE, responses.SHAPE)
    own_question_paths: str = _QUESTION_PATHS
    # Who asks and how the prompt cache is keyed; neither is part of the question.
    volatile_fields: frozenset[str] = frozenset(
        {"metadata", "user", "safety_identifier", "prompt_cache_key"}
    )

    def may_be_pending(self, method: str, path: str, body: JSON) -> bool:
        """A response that is made in the background, and each look at it."""
        if method == "GET":
            return re.search(_ONE_RESPONSE, path) is not None
        return isinstance(body, dict) and body.get("background") is True

    def shape(self, path: str, content: bytes) -> Shape:
        """A chat completion, or a response where the path says so."""
        is_response = path.rstrip("/").endswith("/responses") or re.search(_ONE_RESPONSE, path)
        return responses.SHAPE if is_response else chat.SHAPE

    def embeddings(self, path: str, body: JSON, content: bytes) -> Embeddings | None:
        """OpenAI's, by the end of the path."""
        return read_openai(body, content) if path.rstrip("/").endswith("/embeddings") else None

    def question(self, question: Question, key: str, base_url: str) -> QuestionRequest | None:
        """A chat completion."""
        return chat_request(question, key, base_url)


class AnyGateway(OpenAICompatible):
    """A proxy, gateway or local server at any address: recognised by what is asked."""

    __slots__ = ()

    def asks(self, host: str, path: str, body: JSON) -> bool:
        """The body must name a model and ask it something."""
        if not isinstance(body, dict):
            return False
        named = isinstance(model := body.get("model"), str) and model != ""
        return named and not (
            body.get("messages") is body.get("input") is body.get("prompt") is None
        )


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
    question_paths=_QUESTION_PATHS,
    side_paths=_SIDE_PATHS,
    synonyms=("openai-compatible",),
    base_url="https://api.openai.com/v1",
    base_url_variables=("OPENAI_BASE_URL", "OPENAI_API_BASE"),
    sdk_modules=("litellm",),
    volatile_reply_fields=VOLATILE_REPLY_FIELDS
    | {"create_time", "model_version", "signature", "thought_signature", "usage_metadata"},
)
