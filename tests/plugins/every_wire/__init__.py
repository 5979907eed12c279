"""The embedded provider on the wires that the demo has no use for, and with embeddings.

Bedrock's Converse and Invoke, Cohere's two chats and Ollama's, Gemini's interactions, and Mistral's
conversations, plain and streamed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from every_wire.bedrock import CONVERSE, INVOKE, signature_problem
from every_wire.cohere_and_ollama import COHERE, OLDER_COHERE, OLLAMA, shown_model
from every_wire.conversations import CONVERSATION, model_of
from every_wire.embeddings import Embed, by_chance, embeddings
from every_wire.interactions import INTERACTION
from pytest_modelpin.demo.dialects import CHAT
from pytest_modelpin.demo.http_server import OtherReply
from pytest_modelpin.demo.provider_server import ProviderServer, Question
from pytest_modelpin.demo.question_and_answer import Answer, Dialect, text_of, tools_of
from pytest_modelpin.providers import Reply, side_provider_for, wire


class EveryWire(ProviderServer):
    """The server; `embed` gives the vector of a text for a version.

    `aws_secrets` are secret access keys by key id: with them, Bedrock's requests are refused unless
    their signature holds.
    """

    dialects: Mapping[str, Dialect] = {
        **ProviderServer.dialects,
        "/converse": CONVERSE,
        "/converse-stream": CONVERSE,
        "/invoke": INVOKE,
        "/invoke-with-response-stream": INVOKE,
        "/api/chat": OLLAMA,
        "/v1/chat": OLDER_COHERE,
        "/v2/chat": COHERE,
        "/conversations": CONVERSATION,
        "/interactions": INTERACTION,
    }

    def __init__(
        self,
        answer: Callable[[Question], str | Reply] | None = None,
        aliases: Mapping[str, str] | None = None,
        *,
        aws_secrets: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(*filter(None, [answer]), aliases=aliases)
        self.aws_secrets = aws_secrets
        self.embed: Embed = by_chance

    def other_reply(
        self, target: str, headers: Mapping[str, str], content: bytes
    ) -> OtherReply | None:
        path = urlsplit(target).path
        if shown := shown_model(path):
            return OtherReply(shown)
        if served := model_of(path):
            return OtherReply(self._said_on(served, wire.parse(content)), served, served)
        provider, body = side_provider_for("POST", target), wire.parse(content)
        if model := provider.requested_model(path, body) if provider else None:
            return self._embedded(path, body, model)
        dialect = self.dialect_at(path)
        if dialect is None or dialect.provider != "bedrock" or self.aws_secrets is None:
            return None
        wrong = signature_problem("POST", target, headers, content, self.aws_secrets)
        return OtherReply(dialect.error(403, wrong), status=403) if wrong else None

    def _said_on(self, served: str, body: Any) -> Mapping[str, Any]:
        """The next answer of a conversation, whose questions name no model."""
        asked = Question("mistral", served, served, text_of(body), tools_of(body), body)
        reply, usage = self.reply_to(asked)
        return CONVERSATION.plain(Answer(reply, served, usage, self.next_number(), 0))

    def _embedded(self, path: str, body: Any, model: str) -> OtherReply | None:
        served = self.served_by(model)
        document = embeddings(path, body, served, self.embed)
        if document is None:
            return None
        fault = self.take_fault(model)
        if fault and fault.status is not None:
            error = CHAT.error(fault.status, fault.message)
            return OtherReply(error, model, None, fault.status, fault.headers)
        return OtherReply(document, model, served)
