"""Which requests ask a model, which model that is, and which id is to be sent instead."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import urlsplit

from pytest_modelpin.providers.endpoint import at_host
from pytest_modelpin.providers.reply import JSON
from pytest_modelpin.recordings.exchange import Exchange
from pytest_modelpin.recordings.matching import fingerprint
from pytest_modelpin.recordings.outgoing import Outgoing, ProviderFor
from pytest_modelpin.recordings.wire import RawHeaders
from pytest_modelpin.registry.selection import RecordMode, Selected, Selection

_ANY_QUESTION: JSON = {"model": "any", "messages": [], "input": ""}
"""A body that makes any provider recognise its path."""


class Recogniser:
    """Knows a client's requests by the providers and by the models selected."""

    def __init__(
        self, selection: Selection, providers: ProviderFor, ignore_fields: Sequence[str] = ()
    ) -> None:
        """`ignore_fields` are dotted paths in request bodies that don't tell two apart."""
        self.unlisted = _mode_for_unlisted(selection)
        """How to treat models that models.yml does not name."""
        self._selection = selection
        self._provider_for = providers
        self._ignore_fields = tuple(ignore_fields)
        self._pins = frozenset(selected.production for selected in selection.models.values())
        # A suite asks few addresses, each of them often.
        self._takes_questions = lru_cache(maxsize=256)(
            lambda url: providers("POST", url, _ANY_QUESTION) is not None
        )

    def key(self, exchange: Exchange) -> str | None:
        """The fingerprint of a recorded request; None where no provider knows it any more."""
        request = exchange.request
        provider = self._provider_for(request.method, request.url, request.body)
        return None if provider is None else fingerprint(provider, request, self._ignore_fields)

    def takes_questions(self, method: str, url: str, headers: RawHeaders) -> bool:
        """Whether a model may be asked; where none is, the body is not even looked at.

        Others' uploads are sent as they stream.
        """
        return method == "POST" and self._takes_questions(url) and _brings_json(headers)

    def recognise(
        self,
        url: str,
        headers: RawHeaders,
        content: bytes,
        names: Sequence[str] = (),
        only: Selected | None = None,
    ) -> Outgoing | None:
        """What a POST with this body asks of which model; None where it is none of ours.

        `names` are the logical models that the running test declares; requests for the id of
        `only` are its, whatever the selection says. Raises SelectionError where several logical
        models share the id and nothing tells which is meant.
        """
        try:
            body = json.loads(content)
        except (ValueError, RecursionError):
            return None
        provider = self._provider_for("POST", url, body) if type(body) is dict else None
        path = urlsplit(url).path
        requested = None if provider is None else provider.requested_model(path, body)
        if provider is None or requested is None:
            return None
        if only and only.id == requested:
            selected: Selected | None = only
        else:
            selected = self._selection.route(requested, names)
        if selected is None and not at_host(provider.hosts, urlsplit(url).netloc):
            return None
        asked = requested if selected is None else selected.id
        new_path, new_body = (
            (path, body) if asked == requested else provider.with_model(path, body, asked)
        )
        return Outgoing(
            provider=provider,
            name=asked if selected is None else selected.name,
            asked=asked,
            pinned=selected is None or selected.id == selected.production,
            record=self.unlisted if selected is None else selected.record,
            selected=selected,
            method="POST",
            url=url.replace(path, new_path, 1) if new_path != path else url,
            path=new_path,
            body=new_body,
            headers=headers,
            swapped=asked != requested,
            ignore_fields=self._ignore_fields,
            pins=self._pins,
        )


def _brings_json(headers: RawHeaders) -> bool:
    """Whether the body is JSON by its content-type, or may be, where it has none."""
    for name, value in headers:
        if name.lower() == b"content-type":
            return value.startswith(b"application/json")
    return True


def _mode_for_unlisted(selection: Selection) -> RecordMode:
    """How to treat models that models.yml does not name: as production is, where all is that."""
    if any(selected.which != "production" for selected in selection.models.values()):
        return "none"
    modes = {selected.record for selected in selection.models.values()}
    return modes.pop() if len(modes) == 1 else "none"
