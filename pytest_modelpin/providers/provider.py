"""The extension point: what pytest-modelpin must know of one LLM API, and how its ids are spelled.

A provider is one file in this package that holds an object satisfying `Provider`; listing it in
`catalogue.py` is all that makes it known. A team's own, for a private gateway, is handed over by
the hook `pytest_modelpin_providers`. `contract.py` says in sentences what one still lacks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple, Protocol

from pytest_modelpin.providers.embeddings import Embeddings
from pytest_modelpin.providers.own_requests import ModelList, Question, QuestionRequest
from pytest_modelpin.providers.wire import JSON, Reply, Shape

Kind = Literal["pinned", "floating", "unknown"]


class ModelId(NamedTuple):
    """What an id's spelling says about it, by its provider's own naming rules."""

    id: str
    provider: str | None
    kind: Kind
    rule: str
    """The rule that decided, as a sentence for the user."""


class Provider(Protocol):
    """One LLM API: which requests are its own, and what its bytes mean.

    Every method is a pure function. A body is the parsed JSON of the request; what `recognises` is
    asked about is a JSON object. Paths are those of the URL, the query cut off.
    """

    @property
    def name(self) -> str:
        """As in models.yml's `provider:`, lower case."""

    @property
    def synonyms(self) -> tuple[str, ...]:
        """Other names under which users and other tools know it, lower case."""

    @property
    def hosts(self) -> tuple[str, ...]:
        """The provider's own hosts; a leading dot means any host below, `*` any run of letters.

        A request to one of them is to a model host, whether or not its path is known.
        """

    @property
    def base_url(self) -> str | None:
        """Where its API is, as its SDK has it by default; None where each user has their own."""

    @property
    def models_page(self) -> str | None:
        """Where a person reads about its models; None where it has no such page."""

    @property
    def base_url_variables(self) -> tuple[str, ...]:
        """Environment variables by which its SDKs are sent to another address."""

    @property
    def key_variables(self) -> tuple[str, ...]:
        """Environment variables in which its SDK looks for a key; the first is its main one."""

    @property
    def needs_key(self) -> bool:
        """Whether it refuses requests without a key; a local server takes them."""

    @property
    def names_deployments(self) -> bool:
        """Whether the id asked for is a deployment's name, which says nothing of the model."""

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
    def volatile_reply_fields(self) -> frozenset[str]:
        """Fields of its SDK's reply objects that differ from call to call: ids, times, usage."""

    @property
    def sdk_modules(self) -> tuple[str, ...]:
        """Packages whose objects are replies of it, or parts of one."""

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """The shapes in which its replies come."""

    @property
    def route_prefixes(self) -> tuple[str, ...]:
        """Words that libraries put before its ids: `openai` where they write `openai:gpt-4o`."""

    @property
    def price_name(self) -> str | None:
        """Its id in genai-prices; None where it has no list prices."""

    @property
    def caches_apart(self) -> bool:
        """Whether its `input_tokens` leave out what was read from the cache."""

    @property
    def model_list(self) -> ModelList | None:
        """Its list of models; None where it has none that a key opens."""

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

    def is_side_call(self, method: str, host: str, path: str) -> bool:
        """Whether this request, which `recognises` no question, belongs to one all the same.

        Embeddings, token counts, moderations, files, lists, polling: recorded and replayed as they
        are, their replies no answers. On the provider's own hosts that is whatever is asked there;
        elsewhere the path has to tell.
        """

    def may_be_pending(self, method: str, path: str, body: JSON) -> bool:
        """Whether the reply may say that the answer is still being made.

        It is an answer once it is complete, and a side call's reply until then.
        """

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

    def embeddings(self, path: str, body: JSON, content: bytes) -> Embeddings | None:
        """The texts of a request for embeddings and the vectors of the reply to it.

        None where the path asks for something else. Never raises on odd bytes.
        """

    def claims(self, model: str) -> bool:
        """Whether the id's spelling can only be this provider's."""

    def identify(self, model: str) -> ModelId:
        """What the id's spelling says by this provider's rules; `unknown` where they are silent."""

    def as_id(self, asked: str, served: str) -> str:
        """The served model, as it would be asked for here.

        A distributor's replies may name a model as its vendor does, which is no id of its own.
        """

    def proves(self, asked: str, served: str) -> bool:
        """Whether a reply that names `served` to a request for `asked` shows which version it was.

        Only a pinned id does: a floating one that comes back has merely been echoed.
        """

    def retirement_key(self, model: str, named: str) -> tuple[str, str]:
        """Whose calendar says when the id retires, and under which id.

        Each distributor has a clock of its own. `named` is the name or synonym that models.yml
        gives, or `name`.
        """

    def question(self, question: Question, key: str, base_url: str) -> QuestionRequest | None:
        """The request that asks it one question; None where none can be made up.

        `base_url` has no slash at its end.
        """


YEAR = r"20\d\d"
MONTH = r"(?:0[1-9]|1[0-2])"
DAY = r"(?:0[1-9]|[12]\d|3[01])"

_MOVES_BY_NAME = r"(?:.*[-:@/~])?latest(?::.*)?"

_SPELT_PLAINLY = r"[A-Za-z0-9@~][A-Za-z0-9_.:/@+~\[\]\-]*"
"""Every version of a provider's is spelt so. A reply names whom it likes, and a bump puts the name
into titles, commits and commands: no shell word, option or sentence is a version.
"""


class Rule(NamedTuple):
    """If an id is spelled like `pattern` (whole id, regular expression), it is of `kind`."""

    kind: Kind
    pattern: str
    says: str
    """The rule as a sentence for the user."""


class Naming(NamedTuple):
    """One provider's naming rules. The first rule that fits decides; no rule is `unknown`.

    Patterns are compiled at the first use: most runs ask about one provider's ids only.
    """

    provider: str
    claims: str
    """Regular expression of the ids that can only be this provider's."""
    rules: tuple[Rule, ...]
    otherwise: str
    """What to tell the user about an id that no rule covers."""
    has_pins: bool = True
    """False where no id of the provider's is a version: what its names mean may change."""

    def owns(self, model: str) -> bool:
        """Whether the id's spelling is this provider's own."""
        return re.fullmatch(self.claims, model) is not None

    def identify(self, model: str) -> ModelId:
        """What the spelling says; asked about another provider's id, most often `unknown`."""
        for kind, pattern, says in self.rules:
            if re.fullmatch(pattern, model) and (kind != "pinned" or is_spelt_plainly(model)):
                return ModelId(model, self.provider, kind, says)
        return moving_by_name(model, self.provider) or ModelId(
            model, self.provider, "unknown", self.otherwise
        )


def is_spelt_plainly(model: str) -> bool:
    """Whether an id is made of no more than the characters that providers name versions with."""
    return re.fullmatch(_SPELT_PLAINLY, model) is not None


def moving_by_name(model: str, provider: str | None) -> ModelId | None:
    """`…-latest` and the like say themselves that they move, whoever names them so."""
    if not re.fullmatch(_MOVES_BY_NAME, model):
        return None
    return ModelId(model, provider, "floating", "An id that ends in `latest` moves by its name.")


def of_vendor(model: str, inner: str, vendor: Callable[[str], ModelId], provider: str) -> ModelId:
    """What the vendor's own rules say about `inner`, which `provider` sells as `model`."""
    found = vendor(inner)
    return ModelId(model, provider, found.kind, found.rule)
