"""What a hook for one HTTP client library has to bring: requests in, replies out.

The interceptor knows neither httpx nor any other library. For each request a hook makes a door,
which puts the request into neutral terms and the outcome into the library's own, and has one of
the two drivers (`driving.py`) carry out what the interceptor decides, in the steps that are listed
here. A further library is one more file.
"""

from __future__ import annotations

from collections.abc import (
    AsyncIterable,
    AsyncIterator,
    Callable,
    Generator,
    Iterable,
    Iterator,
    Mapping,
)
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from pytest_modelpin.recordings.exchange import HttpRequest, RawHeaders, StoredReply

if TYPE_CHECKING:
    from pytest_modelpin.live.routes import Sender


class Listener(Protocol):
    """What follows a reply's bytes on their way to the client."""

    def follow(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The chunks, one by one: nothing is read ahead and nothing held back.

        What it makes of a failure is raised in its place.
        """

    def follow_async(self, chunks: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
        """As `follow`, for asynchronous streams."""

    def chunk(self, data: bytes) -> None:
        """The next bytes, as they came over the wire. May raise, to break the reply off."""

    def end(self, *, exhausted: bool) -> None:
        """No more bytes: the reply ended, or the client stopped reading. May come twice."""

    def broke(self, error: BaseException) -> BaseException:
        """The connection failed midway; returns what the client is to hear, mostly `error`."""


class HttpReply(NamedTuple):
    """The head of a reply that a client library has received; its body is still to come."""

    status: int
    headers: Mapping[str, str]
    """Lower-case names, or a mapping that takes any case."""
    native: Any
    """The library's own object."""
    from_network: bool = True
    """False where a mock below the hook answered."""


class Way(Protocol):
    """What synchronous and asynchronous doors have in common."""

    @property
    def method(self) -> str:
        """In capitals."""

    @property
    def url(self) -> str:
        """As the client wrote it, with its query."""

    @property
    def headers(self) -> RawHeaders:
        """As the client sends them."""

    @property
    def mock(self) -> str | None:
        """The library that answers in the network's place below this hook, such as `respx`."""

    def patience(self) -> float:
        """Seconds for which the client waits for a reply's head; infinite where it waits on."""

    def sender(self) -> Sender | None:
        """A copy of the connection's settings; None where it can't be copied faithfully."""

    def abort(self) -> None:
        """Break the connection off, so that whoever waits for it hears an error; from any thread.

        Does nothing where there is no connection.
        """

    def give(self, reply: StoredReply, listener: Listener | None) -> Any:
        """A stored reply in the library's own form."""

    def deliver(self, reply: HttpReply, listener: Listener | None) -> Any:
        """A received reply in the library's own form, followed by the listener if there is one."""


class Door(Way, Protocol):
    """One request of a synchronous client."""

    def read(self) -> bytes:
        """The request's body, which may be a stream."""

    def send(self, request: HttpRequest | None) -> HttpReply:
        """Send the client's own request, or another in its place; returns at the reply's head."""

    def discard(self, reply: HttpReply) -> None:
        """Close a reply that nobody will read."""


class AsyncDoor(Way, Protocol):
    """One request of an asynchronous client."""

    async def read(self) -> bytes:
        """As `Door.read`."""

    async def send(self, request: HttpRequest | None) -> HttpReply:
        """As `Door.send`."""

    async def discard(self, reply: HttpReply) -> None:
        """As `Door.discard`."""


# What the interceptor asks of a driver


class Read(NamedTuple):
    """Read the request's body; answered by bytes."""


class Wait(NamedTuple):
    """Call something that may block for long; answered by what it returns.

    A task that is cancelled meanwhile leaves it to itself: whoever asked for it has to end it.
    """

    call: Callable[[], Any]


class Send(NamedTuple):
    """Send a request; answered by the HttpReply."""

    request: HttpRequest


class Discard(NamedTuple):
    """Close a reply."""

    reply: HttpReply


# What becomes of a request in the end; a failed one raises


class Pass(NamedTuple):
    """Sent as the client would, or as `request`, and none of our business any more."""

    request: HttpRequest | None = None
    by_mock: bool = False
    """A mock below the hook answers, and what it lets through all the same is nobody's."""
    content: bytes | None = None
    """The body that is looked at in what it lets through, where no provider's is recognised."""


class Give(NamedTuple):
    """Answered without the network, or at least without this request."""

    reply: StoredReply
    listener: Listener | None = None


class Deliver(NamedTuple):
    """Answered by the network."""

    reply: HttpReply
    listener: Listener | None = None


Step = Read | Wait | Send | Discard
Outcome = Pass | Give | Deliver
Flow = Generator[Step, Any, Outcome]
"""The decisions about one request; does no I/O itself and never waits."""
