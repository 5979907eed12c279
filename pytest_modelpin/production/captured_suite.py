"""Captured requests as a test suite: one case each, asked again with the key of the environment."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from modelpin_runtime.registry.models import Model
from pytest_modelpin.clock import utc_today
from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.production.traffic import Captured, CapturedReply
from pytest_modelpin.providers import bare
from pytest_modelpin.providers.asking import base_url_of, key_for, provider_to_ask
from pytest_modelpin.providers.catalogue import provider_named
from pytest_modelpin.providers.own_requests import Question
from pytest_modelpin.providers.provider import Provider
from pytest_modelpin.providers.replies import read_reply
from pytest_modelpin.providers.wire import JSON
from pytest_modelpin.recordings.exchange import Exchange, Request, Response
from pytest_modelpin.recordings.outgoing import canonical
from pytest_modelpin.recordings.owner import Owner, module_name
from pytest_modelpin.recordings.recording_file import Recording, save
from pytest_modelpin.redaction.redact import redact, redact_json
from pytest_modelpin.redaction.written import write_redacted
from pytest_modelpin.typed_json import Misfit, read_as

Hook = Callable[[dict[str, JSON]], dict[str, JSON] | None]
"""A team's own redaction of a request's body; None leaves the request out."""

_SECONDS = 120.0  # of silence before a provider counts as unreachable
_PENDING = CapturedReply(200, "{}")
"""Stands in a recording for a reply that nobody captured: it foretells the request alone."""


@dataclass(frozen=True, slots=True)
class CapturedCase:
    """One captured request, ready to be asked again."""

    id: str
    provider: str
    path: str
    """What is asked below the provider's base URL."""
    body: dict[str, JSON]
    reply: CapturedReply | None = None

    def ask(self) -> Any:
        """Send it, and give what the model said: its text, or text and calls of tools.

        Raises httpx.HTTPStatusError where the provider refuses, and ModelpinError where there is
        no key in the environment.
        """
        import httpx

        provider = _named(self.provider)
        key = key_for(self.provider, os.environ)
        base = base_url_of(provider, os.environ) or ""
        asking = provider.question(Question("any", "?"), key, base)
        headers = dict(asking.headers) if asking else {}
        url = base + self.path
        response = httpx.post(url, headers=headers, json=self.body, timeout=_SECONDS)
        response.raise_for_status()
        reply = read_reply(url, self.body, response.status_code, response.headers, response.content)
        said = reply.text or reply.refusal or ""
        return (
            {"text": said, "tools": [list(call) for call in reply.tools]} if reply.tools else said
        )


@dataclass(frozen=True, slots=True)
class Chosen:
    """The cases of a sample, and what became of the rest."""

    cases: tuple[CapturedCase, ...]
    left_out: Mapping[str, int]
    """How many requests, by why."""


def choose(
    traffic: Iterable[Captured], model: Model, most: int, redacted: Hook | None = None
) -> Chosen:
    """At most so many different requests to a version of `model`, by the hash of what they ask.

    Equal traffic gives the same sample in whatever order it comes. Secrets are taken out here,
    before anything is asked or written. Raises ModelpinError where nothing is left, or the
    model's provider can't be asked.
    """
    provider = _named(provider_to_ask(model.pin, model.provider))
    found: dict[str, CapturedCase] = {}
    left: Counter[str] = Counter()
    versions = {bare(id) for id in model.versions()}
    for captured in traffic:
        if captured.model is None or bare(captured.model) not in versions:
            left["asking another model"] += 1
            continue
        case = _case(captured, model, provider, redacted)
        if isinstance(case, str):
            left[case] += 1
        elif case.id in found:
            left["asking the same again"] += 1
        else:
            found[case.id] = case
    if not found:
        why = ", ".join(f"{count} {reason}" for reason, count in left.items())
        raise ModelpinError(
            f"No captured request asks a version of {model.name} ({', '.join(sorted(versions))}) "
            f"in a way that can be asked again: {why or 'there is none'}."
        )
    kept = sorted(found)[:most]
    if len(found) > most:
        left["not in the sample"] += len(found) - most
    return Chosen(tuple(found[id] for id in kept), dict(left))


def _case(
    captured: Captured, model: Model, provider: Provider, redacted: Hook | None
) -> CapturedCase | str:
    """The case, or why there is none."""
    body: dict[str, JSON] = dict(captured.body)
    if redacted is not None:
        kept = redacted(body)
        if kept is None:
            return "left out by the redaction hook"
        body = dict(kept)
    try:
        clean = redact_json(body, sent=True)
        json.dumps(clean, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, RecursionError):  # a lone surrogate, infinity, nested a thousand deep
        return "that no client could send as JSON"
    assert isinstance(clean, dict)
    path = _path(captured, clean, provider, model.pin)
    if path is None:
        return f"no question to {provider.name}"
    swapped, with_pin = provider.with_model(path.partition("?")[0], clean, model.pin)
    assert isinstance(with_pin, dict)
    query = path.partition("?")[1] + path.partition("?")[2]
    told = canonical(provider.without_model(swapped, with_pin)[1])
    digest = hashlib.sha256(f"{swapped}\n{told}".encode("utf-8", "surrogatepass")).hexdigest()
    answered = captured.reply
    if answered is not None and bare(captured.model or "") != bare(model.pin):
        answered = None  # what another version said is no recording of the pin
    if answered is not None and answered.status != 200:
        answered = None
    return CapturedCase(digest[:10], provider.name, swapped + query, with_pin, answered)


_OTHER_SHAPES = {"input": "/responses", "prompt": "/completions"}
"""What is asked beside the chat, by the field that tells."""


def _path(captured: Captured, body: Mapping[str, JSON], provider: Provider, pin: str) -> str | None:
    """What is asked below the base URL, by the body's shape; None where it is none of its own."""
    base = provider.base_url or ""
    asking = provider.question(Question(pin, "?"), "", base)
    if asking is None:
        return None
    path = asking.url.removeprefix(base)
    if path.endswith("/chat/completions") and "messages" not in body:
        other = next((end for key, end in _OTHER_SHAPES.items() if key in body), None)
        if other is None:
            return None
        path = path.removesuffix("/chat/completions") + other
    if captured.path.endswith(":streamGenerateContent"):
        path = path.replace(":generateContent", ":streamGenerateContent?alt=sse")
    parts = urlsplit(base + path)
    known = provider.recognises("POST", parts.netloc, parts.path, dict(body))
    shape = set(asking.body) - {"model", "max_tokens", "max_completion_tokens"}
    fits = path != asking.url.removeprefix(base) or shape <= set(body)
    return path if known and fits else None


def module_of(folder: Path, name: str) -> Path:
    """The test module of a logical model's cases. pytest takes no two of one file name for two
    modules, so that those of several models are told apart wherever they are.
    """
    return folder / f"test_captured_{_in_a_file_name(name)}.py"


def cases_of(folder: Path, name: str) -> Path:
    """What the tests beside it ask."""
    return folder / f"captured_{_in_a_file_name(name)}.json"


def _in_a_file_name(name: str) -> str:
    plain = re.sub(r"\W", "_", name, flags=re.ASCII)[:_LONGEST]
    return plain if plain == name else f"{plain}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"


_LONGEST = 60  # of a model's name in that of a file
_PATH = re.compile(r"/[!-~]*\Z")


_TEST = '''\
"""What production asked {name}, one case a request. Made by `pytest-modelpin {command}`."""

from pathlib import Path

import pytest
from pytest_modelpin.production.captured_suite import read_cases

CASES = read_cases(Path(__file__).with_name("{cases}"))


@pytest.mark.modelpin(models=["{name}"])
@pytest.mark.parametrize("captured", CASES, ids=[case.id for case in CASES])
def test_captured(captured, model_snapshot):
    assert captured.ask() == model_snapshot
'''


def refuse_others_work(folder: Path, name: str) -> None:
    """Raise ModelpinError where an import of `name` into `folder` would replace what a person
    wrote.
    """
    module, cases = module_of(folder, name), cases_of(folder, name)
    if module.exists():
        if module.read_text("utf-8", "replace") != _test(cases, name, "import"):
            raise ModelpinError(
                f"{module} was not made by `pytest-modelpin import`, or was changed since; name "
                "another folder by --into."
            )
    elif cases.exists():
        try:
            read_cases(cases)
        except ModelpinError:
            raise ModelpinError(
                f"{cases} was not made by `pytest-modelpin import`; name another folder by --into."
            ) from None


def _test(cases: Path, name: str, command: str) -> str:
    return _TEST.format(name=name, command=command, cases=cases.name)


def write_suite(
    folder: Path,
    cases: Sequence[CapturedCase],
    model: Model,
    command: str,
    *,
    foretelling: bool = False,
) -> int:
    """Write the tests, what they ask, and a recording of each reply of the pin's that was captured.

    With `foretelling`, those without a reply get a recording that tells only what will be asked,
    for tests that are asked anew. What is recorded already stays: it may be several samples, and
    what was accepted. Gives how many replies are recorded.
    """
    folder.mkdir(parents=True, exist_ok=True)
    listed = [
        {"id": case.id, "provider": case.provider, "path": case.path, "body": case.body}
        for case in cases
    ]
    module, beside = module_of(folder, model.name), cases_of(folder, model.name)
    write_redacted(beside, json.dumps(listed, indent=1, ensure_ascii=False) + "\n")
    write_redacted(module, _test(beside, model.name, command))
    recorded = 0
    for case in cases:
        reply = case.reply or (_PENDING if foretelling else None)
        if reply is None:
            continue
        owner = Owner(folder.absolute(), module_name(module), f"test_captured[{case.id}]")
        recorded += case.reply is not None
        if owner.file(model.pin).exists():
            continue
        provider = _named(case.provider)
        # Where it will be asked tells look-ahead its way; what is replayed is told by the path.
        base = (base_url_of(provider, os.environ) if foretelling else provider.base_url) or ""
        exchange = _exchange(case, reply, model.pin, provider, base)
        recording = Recording(owner.test, model.pin, utc_today(), (exchange,))
        save(owner.file(model.pin), recording)
    return recorded


def _exchange(
    case: CapturedCase, reply: CapturedReply, pin: str, provider: Provider, base: str
) -> Exchange:
    content = redact(reply.content).encode("utf-8", "replace")  # of a log, a lone surrogate
    headers = {"content-type": reply.content_type}
    said = provider.read(case.path, case.body, reply.status, headers, content)
    return Exchange(
        Request("POST", base + case.path, case.body),
        Response(reply.status, headers, content),
        asked=pin,
        served=said.served_model,
    )


def read_cases(path: Path) -> tuple[CapturedCase, ...]:
    """The cases beside a test module. Raises ModelpinError where the file is not of its form."""
    try:
        cases = read_as(tuple[CapturedCase, ...], path.read_bytes())
        if odd := next((case for case in cases if not _PATH.match(case.path)), None):
            # Behind `https://api.anthropic.com`, `@elsewhere.test` would be sent the key.
            raise Misfit(f"the path {odd.path[:_LONGEST]!r}", "one that begins with /")
        return cases
    except (OSError, Misfit) as error:
        raise ModelpinError(
            f"{path} holds no captured requests ({error}); restore it from git, or make it anew "
            "with `pytest-modelpin import`."
        ) from None


def _named(provider: str) -> Provider:
    known = provider_named(provider)
    if known is None:
        raise ModelpinError(f"No provider is called {provider!r}.")
    return known
