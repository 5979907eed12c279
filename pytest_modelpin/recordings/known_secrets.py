"""What one pytest session must not write: the environment's secrets and those of its requests."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Collection

from pytest_modelpin.recordings.outgoing import Outgoing
from pytest_modelpin.recordings.wire import RawHeaders

_Noted = tuple[str, RawHeaders, Collection[str]]

_MOST_NOTED = 200
"""Requests that are kept to be looked into later."""


class KnownSecrets:
    """A request is only noted when it goes by; what it carries is looked into when one writes.

    Of what is replayed, or asks no model, the last few are enough: no recording comes of it. Of
    what a model is asked live nothing is forgotten.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._passing: deque[_Noted] = deque(maxlen=_MOST_NOTED)
        self._sent: list[_Noted] = []
        self._found: dict[str, None] = {}

    def pass_by(self, url: str, headers: RawHeaders) -> None:
        """A request goes by, whomever it asks."""
        self._passing.append((url, headers, ()))

    def go_out(self, outgoing: Outgoing) -> None:
        """A model is asked."""
        noted = (outgoing.url, outgoing.headers, outgoing.provider.secret_headers)
        if outgoing.record == "none":
            self._passing.append(noted)
            return
        with self._lock:
            self._sent.append(noted)
            full = len(self._sent) >= _MOST_NOTED
        if full:
            self._look_into()

    def values(self) -> tuple[str, ...]:
        """All that must not be written now, in all spellings, the longest first."""
        from pytest_modelpin.redaction.secret_values import environment_secrets

        self._look_into()
        found = {*environment_secrets(), *self._found}
        return tuple(sorted(found, key=lambda each: (-len(each), each)))

    def _look_into(self) -> None:
        from pytest_modelpin.redaction.secret_values import request_secrets

        with self._lock:
            noted = [*self._sent, *self._passing]
            self._sent.clear()
            self._passing.clear()
            for url, headers, secret_headers in noted:
                named = [(n.decode("latin-1"), v.decode("latin-1")) for n, v in headers]
                self._found.update(dict.fromkeys(request_secrets(url, named, secret_headers)))
