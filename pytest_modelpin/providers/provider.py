"""The extension point: what pytest-modelpin must know of one LLM API.

A provider is one file in this package that holds an object satisfying `Provider`; listing it in
`catalogue.py` is all that makes it known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from pytest_modelpin.providers.reply import JSON, Reply

Kind = Literal["pinned", "floating", "unknown"]


@dataclass(frozen=True, slots=True)
class ModelId:
    """What an id's spelling says about it, by its provider's own naming rules."""

    id: str
    provider: str | None
    kind: Kind
    rule: str
    """The rule that decided, as a sentence for the user."""


class Provider(Protocol):
    """One LLM API: which requests are its own, and what its bytes mean.

    Every method is a pure function. A body is the parsed JSON of the request; a provider is asked
    only about requests with a JSON object as body. Paths are those of the URL, the query cut off.
    """

    @property
    def name(self) -> str:
        """As in models.yml's `provider:`, lower case."""

    @property
    def hosts(self) -> tuple[str, ...]:
        """The provider's own hosts; a leading dot means any host below it."""

    @property
    def key_variables(self) -> tuple[str, ...]:
        """Environment variables in which its SDK looks for a key; the first is its main one."""

    @property
    def secret_headers(self) -> frozenset[str]:
        """Lower case; never recorded (no header is, unless listed in `kept_headers`)."""

    @property
    def kept_headers(self) -> frozenset[str]:
        """Reply headers worth recording beside content-type, lower case."""

    @property
    def volatile_fields(self) -> frozenset[str]:
        """Top-level request fields that must not decide whether two requests are the same."""

    @property
    def overload_statuses(self) -> frozenset[int]:
        """HTTP statuses that say "later", not "no": a case lost to one is missing, not failed."""

    @property
    def echoes(self) -> bool:
        """Whether its replies name the id that was asked for and not the version behind it.

        Where they do, a floating id's served model proves nothing; see `proves`.
        """

    def recognises(self, method: str, host: str, path: str, body: JSON) -> bool:
        """Whether this request asks a model for an answer, by the path's shape and the body's."""

    def requested_model(self, path: str, body: JSON) -> str | None:
        """The model id in the request; None where it names none."""

    def with_model(self, path: str, body: JSON, model: str) -> tuple[str, JSON]:
        """The same path and body asking for `model`; the arguments stay as they were."""

    def without_model(self, path: str, body: JSON) -> tuple[str, JSON]:
        """Path and body with the model and the volatile fields taken out, for matching."""

    def read(
        self, path: str, body: JSON, status: int, headers: Mapping[str, str], content: bytes
    ) -> Reply:
        """What the reply says; plain JSON or server-sent events. Never raises on odd bytes.

        Header names are lower case.
        """

    def claims(self, model: str) -> bool:
        """Whether the id's spelling can only be this provider's."""

    def identify(self, model: str) -> ModelId:
        """What the id's spelling says by this provider's rules; `unknown` where they are silent."""

    def proves(self, asked: str, served: str) -> bool:
        """Whether a reply that names `served` to a request for `asked` shows which version it was.

        Only a pinned id does: a floating one that comes back has merely been echoed.
        """
