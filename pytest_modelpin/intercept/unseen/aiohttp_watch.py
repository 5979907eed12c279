"""aiohttp, whose event loop and kept connections leave little to the audit events.

Nothing is recorded or replayed here: each request is announced to the net before it is sent.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from types import ModuleType
from typing import Any
from urllib.parse import urljoin, urlsplit

from pytest_modelpin.intercept.unseen import net
from pytest_modelpin.intercept.unseen.sending import hooked, is_hooked


def watch(module: ModuleType) -> Callable[[], None]:
    """Stand in `aiohttp.client`'s ClientSession; returns what puts it back."""
    session: Any = module.ClientSession
    original = session._request

    @wraps(original)
    async def announced(self: Any, method: str, str_or_url: Any, **options: Any) -> Any:
        out = net.cast()
        if out is None or is_hooked():
            return await original(self, method, str_or_url, **options)
        url = urljoin(str(getattr(self, "_base_url", None) or ""), str(str_or_url))
        out.request(method.upper(), url, client="aiohttp")
        with hooked((urlsplit(url).hostname or "").lower()):
            return await original(self, method, str_or_url, **options)

    session._request = announced

    def put_back() -> None:
        if session._request is announced:
            session._request = original

    return put_back
