"""Streams that hand on each chunk as it comes and tell a listener of it.

Nothing is read ahead and nothing held back.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterable, Iterator

from pytest_modelpin.intercept.door import Listener


def tee(chunks: Iterable[bytes], listener: Listener) -> Iterator[bytes]:
    """The chunks; what the listener makes of a failure is raised in its place."""
    try:
        for chunk in chunks:
            listener.chunk(chunk)
            yield chunk
    except GeneratorExit:
        raise
    except BaseException as error:
        raise_instead(error, listener)
    listener.end(exhausted=True)


async def tee_async(chunks: AsyncIterable[bytes], listener: Listener) -> AsyncIterator[bytes]:
    """As `tee`, for asynchronous streams."""
    source = aiter(chunks)
    try:
        async for chunk in source:
            listener.chunk(chunk)
            yield chunk
    except GeneratorExit:
        raise
    except BaseException as error:
        raise_instead(error, listener)
    finally:
        # Left to the garbage collector, it would be closed in no task of the test's.
        if isinstance(source, AsyncGenerator):
            await source.aclose()
    listener.end(exhausted=True)


def raise_instead(error: BaseException, listener: Listener) -> None:
    """Raise what the client is to hear of a failed connection."""
    heard = listener.broke(error)
    if heard is error:
        raise error
    raise heard from None
