"""What requests to all the APIs have in common: hosts, headers, fields; and a known provider at
another address, as models.yml's `endpoints:` has it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any, ClassVar, cast
from urllib.parse import quote, unquote

from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.providers.embeddings import Embeddings
from pytest_modelpin.providers.own_requests import ModelList, Question, QuestionRequest
from pytest_modelpin.providers.provider import Kind, ModelId, Naming, Provider
from pytest_modelpin.providers.wire import JSON, Reply, Shape, read

SECRET_HEADERS = frozenset(
    {"authorization", "proxy-authorization", "cookie", "set-cookie", "api-key", "x-api-key"}
)
VOLATILE_REPLY_FIELDS = frozenset(
    {"id", "call_id", "created", "created_at", "completed_at", "model", "object", "response_id"}
    | {"service_tier", "system_fingerprint", "usage"}
)
OVERLOAD = frozenset({429, 500, 502, 503, 504})


@lru_cache(maxsize=1024)  # a suite asks few hosts, each of them often
def at_host(hosts: tuple[str, ...], host: str) -> bool:
    """Whether `host` (lower case, with its port where the URL names one) is among `hosts`.

    A leading dot means any host below, `*` any run of letters; a port counts only where the entry
    names one.
    """
    bare = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    return any(
        bare.endswith(entry)
        if entry.startswith(".")
        else fnmatchcase(bare, entry)
        if "*" in entry
        else entry in (host, bare)
        for entry in hosts
    )


@lru_cache(maxsize=1024)  # the same
def _declared(anywhere: str, own: str, hosts: tuple[str, ...], host: str, path: str) -> bool:
    """Whether a path asks on any host, or is one of these hosts' own; empty patterns tell none."""
    if anywhere and re.search(anywhere, path):
        return True
    return bool(own and re.search(own, path)) and at_host(hosts, host)


_PATH_OF_ID = r"(?:models/|(?:projects/[^/]+/locations/[^/]+/)?publishers/[^/]+/models/)"


@lru_cache(maxsize=1024)  # the same
def bare(model: str) -> str:
    """The id without the resource path that Google puts before it (`models/`, `projects/…/`)."""
    return re.sub(rf"^{_PATH_OF_ID}", "", model)


def without(body: JSON, fields: frozenset[str]) -> dict[str, Any]:
    """A copy of the body that lacks the top-level fields."""
    if not isinstance(body, dict):
        return {}
    return {name: value for name, value in body.items() if name not in fields}


@dataclass(frozen=True, slots=True, eq=False)  # each is told by itself
class Endpoint:
    """Most of a `Provider`, for an API that names the model in its JSON body's `model`.

    What is special about an API overrides it.
    """

    name: str
    naming: Naming
    hosts: tuple[str, ...]
    key_variables: tuple[str, ...]
    shapes: tuple[Shape, ...]
    synonyms: tuple[str, ...] = ()
    base_url: str | None = None
    models_page: str | None = None
    base_url_variables: tuple[str, ...] = ()
    sdk_modules: tuple[str, ...] = ()
    route_prefixes: tuple[str, ...] = ()
    price_name: str | None = None
    caches_apart: bool = False
    model_list: ModelList | None = None
    needs_key: bool = True
    key_prefix: str = ""
    """What its SDK wants a key to begin with."""
    login_ids: str = "(?!)"
    """Regular expression of its ids that are asked with a cloud's login, and with no key."""
    question_paths: str = ""
    """Regular expression of the paths that ask a model on any host; empty where none does."""
    own_question_paths: str = ""
    """The same of those that ask one on its own hosts alone."""
    side_paths: str = ""
    """Regular expression of the paths that tell a side call on any host; empty where none does."""
    no_answer_paths: str = ""
    """The same of side calls that name a model and are no question; where empty, `side_paths`."""
    telemetry_paths: str = ""
    """The same of paths to which its libraries report what was asked and answered."""
    names_deployments: bool = False
    sells: str | None = None
    """Whose ids a project writes where they are, in truth, names of the user's own here."""
    told_by: tuple[str, ...] = ()
    """Words by which code or settings show that they ask here, where the ids look like others'."""
    sold_beside: tuple[str, ...] = ()
    """Words by which code shows that it asks whose models it sells, too, by a client of theirs."""
    ways_in: tuple[tuple[str, ...], ...] = ()
    """The variables of each way to authenticate, the usual way first, where one takes several."""
    certain_kinds: frozenset[Kind] = frozenset({"pinned", "floating"})
    """Which of its ids are a model's wherever they stand; others look like images or packages."""
    echoes: bool = True
    secret_headers: frozenset[str] = SECRET_HEADERS
    kept_headers: frozenset[str] = frozenset({"x-request-id"})
    volatile_fields: frozenset[str] = frozenset()
    volatile_reply_fields: frozenset[str] = VOLATILE_REPLY_FIELDS
    overload_statuses: frozenset[int] = OVERLOAD

    def asks_at(self, host: str, path: str) -> bool:
        """Whether what is posted there may be a question, by the declared paths alone."""
        return _declared(self.question_paths, self.own_question_paths, self.hosts, host, path)

    def recognises(self, method: str, host: str, path: str, body: JSON) -> bool:
        """By the declared paths, and by what is posted there."""
        return method == "POST" and self.asks_at(host, path) and self.asks(host, path, body)

    def asks(self, host: str, path: str, body: JSON) -> bool:
        """Whether what is posted to one of its declared paths is a question: all of it is."""
        return True

    def shape(self, path: str, content: bytes) -> Shape:
        """How this reply to a request of this path is read."""
        return self.shapes[0]

    def is_side_call(self, method: str, host: str, path: str) -> bool:
        """On its own hosts, or by the path."""
        return at_host(self.hosts, host) or bool(
            self.side_paths and re.search(self.side_paths, path)
        )

    def may_be_unread(self, method: str, path: str) -> bool:
        """Whether a side call that names a model may be a question, in a wire that is not read."""
        known = self.no_answer_paths or self.side_paths
        return method == "POST" and not (known and re.search(known, path))

    def is_telemetry(self, host: str, path: str) -> bool:
        """On its own hosts, by the path."""
        told = self.telemetry_paths and re.search(self.telemetry_paths, path)
        return bool(told) and at_host(self.hosts, host)

    def may_be_pending(self, method: str, path: str, body: JSON) -> bool:
        """No: an answer comes with the reply."""
        return False

    def requested_model(self, path: str, body: JSON) -> str | None:
        """The body's `model`."""
        model = body.get("model") if isinstance(body, dict) else None
        return model if isinstance(model, str) and model else None

    def with_model(self, path: str, body: JSON, model: str) -> tuple[str, JSON]:
        """The body's `model` replaced."""
        return path, {**(body if isinstance(body, dict) else {}), "model": model}

    def without_model(self, path: str, body: JSON) -> tuple[str, JSON]:
        """The body without `model` and the volatile fields."""
        left = without(body, self.volatile_fields)
        left.pop("model", None)
        return path, left

    def read(
        self, path: str, body: JSON, status: int, headers: Mapping[str, str], content: bytes
    ) -> Reply:
        """By the path's shape, plain or streamed."""
        requested, shape = self.requested_model(path, body), self.shape(path, content)
        return read(shape, status, headers, content, provider=self.name, requested_model=requested)

    def embeddings(self, path: str, body: JSON, content: bytes) -> Embeddings | None:
        """None: what is special about an API reads them."""
        return None

    def claims(self, model: str) -> bool:
        """By the naming rules."""
        return self.naming.owns(model)

    def identify(self, model: str) -> ModelId:
        """By the naming rules."""
        return self.naming.identify(model)

    def as_id(self, asked: str, served: str) -> str:
        """As the reply names it."""
        return served.removeprefix("models/")

    def proves(self, asked: str, served: str) -> bool:
        """A pinned id does, as a request would spell it."""
        return self.identify(self.as_id(asked, served)).kind == "pinned"

    def retirement_key(self, model: str, named: str) -> tuple[str, str]:
        """By its own name and the id as it stands."""
        return self.name, model.removeprefix("models/")

    def question(self, question: Question, key: str, base_url: str) -> QuestionRequest | None:
        """None: what is special about an API makes one up."""
        return None


class EndpointByPath(Endpoint):
    """As `Endpoint`, for an API that names the model in the URL's path."""

    __slots__ = ()
    call: ClassVar[re.Pattern[str]]
    """Groups: what stands before the id, the id, what follows it."""
    unquoted: ClassVar[str] = ""
    """Characters of an id that stay as they are in a path."""

    def asks_at(self, host: str, path: str) -> bool:
        """By the declared paths; where there are none, every call is a question."""
        if self.question_paths or self.own_question_paths:
            return Endpoint.asks_at(self, host, path)
        return self.call.search(path) is not None

    def requested_model(self, path: str, body: JSON) -> str | None:
        """The id in the path."""
        found = self.call.search(path)
        return unquote(found[2]) if found else None

    def with_model(self, path: str, body: JSON, model: str) -> tuple[str, JSON]:
        """The id in the path replaced."""
        name = quote(model, safe=self.unquoted)
        return self.call.sub(lambda found: found[1] + name + found[3], path), body

    def without_model(self, path: str, body: JSON) -> tuple[str, JSON]:
        """The path with `model` in the id's place; the body without the volatile fields."""
        return self.with_model(path, None, "model")[0], without(body, self.volatile_fields)


def at_custom_endpoint(provider: Provider, host: str, path: str, as_path: str) -> Provider:
    """`provider`, at `host` (as in `Provider.hosts`) and below `path`.

    What is asked there is read as if it had been asked at `as_path`, where one is given. Raises
    ModelpinError where it can't be: for an API that names the model in its path.
    """
    if as_path and provider.requested_model(as_path, {"model": "a-model"}) != "a-model":
        raise ModelpinError(
            f"models.yml: endpoints: {provider.name} names the model in its path, so "
            f"`as: {as_path}` can't stand for another; leave `as:` out."
        )
    return cast(Provider, _AtCustomEndpoint(provider, host, path, as_path))


class _AtCustomEndpoint:
    """Everything but the address is the provider's own."""

    def __init__(self, provider: Provider, host: str, path: str, as_path: str) -> None:
        self._provider = provider
        self._path = path
        self._as_path = as_path
        self.hosts = (host.lower(),)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._provider, name)

    def recognises(self, method: str, host: str, path: str, body: JSON) -> bool:
        """At this address, by what the provider recognises on its own hosts."""
        own = self._provider.hosts[0] if self._provider.hosts else host
        return self._is_here(host, path) and self._provider.recognises(
            method, own, self._known_as(path), body
        )

    def is_side_call(self, method: str, host: str, path: str) -> bool:
        """Whatever else is asked at this address."""
        return self._is_here(host, path)

    def requested_model(self, path: str, body: JSON) -> str | None:
        """As the provider has it."""
        return self._provider.requested_model(self._known_as(path), body)

    def with_model(self, path: str, body: JSON, model: str) -> tuple[str, JSON]:
        """As the provider has it; a path that stands for another stays."""
        new_path, new_body = self._provider.with_model(self._known_as(path), body, model)
        return (path if self._as_path else new_path), new_body

    def without_model(self, path: str, body: JSON) -> tuple[str, JSON]:
        """As the provider has it; a path that stands for another stays."""
        new_path, new_body = self._provider.without_model(self._known_as(path), body)
        return (path if self._as_path else new_path), new_body

    def may_be_pending(self, method: str, path: str, body: JSON) -> bool:
        """As the provider has it."""
        return self._provider.may_be_pending(method, self._known_as(path), body)

    def read(
        self, path: str, body: JSON, status: int, headers: Mapping[str, str], content: bytes
    ) -> Reply:
        """As the provider has it."""
        return self._provider.read(self._known_as(path), body, status, headers, content)

    def embeddings(self, path: str, body: JSON, content: bytes) -> Embeddings | None:
        """As the provider has it."""
        return self._provider.embeddings(self._known_as(path), body, content)

    def _is_here(self, host: str, path: str) -> bool:
        return at_host(self.hosts, host) and path.startswith(self._path)

    def _known_as(self, path: str) -> str:
        return self._as_path or path
