"""Taking secrets out of texts, JSON, URLs and headers.

Redacting twice is redacting once, so that a request which is redacted again in replay still matches
its recording. `secrets` are spellings, as `secret_values` gives them; by default those of the
environment.

A reply is looked into when it is recorded, when its test is reported, when the run is written. Most
hold no secret, so that looking is nearly all that redaction costs; the second look at a long text
asks only for what was no secret yet at the first.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections import OrderedDict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from pytest_modelpin.providers.wire import JSON
from pytest_modelpin.redaction.secret_values import (
    environment_secrets,
    is_secret_field,
    is_secret_parameter,
)
from pytest_modelpin.redaction.shapes import SHAPES, Shape, shapes_in, without_shapes
from pytest_modelpin.redaction.spellings import (
    PLACEHOLDER,
    looks_like_key,
    runs_of,
    standing_in,
    without_escaped,
    without_parted,
)

LONG = 2048
"""Characters. What is as long is remembered where it holds no secret."""

_MOST_REMEMBERED = 512  # texts
_NUMBER = re.compile(r"[0-9.eE+\-]+")


def redact(text: str, secrets: Iterable[str] | None = None, *, framed: bool = False) -> str:
    """`text` without secrets: `secrets` to the letter, and whatever is shaped like one.

    `framed`: it is a stream as it came, whose events part everything; what they say together has
    been redacted.
    """
    known = environment_secrets() if secrets is None else tuple(secrets)
    found = look(text, known, framed=framed)
    return without_shapes(_without(text, known)) if found else text


def redact_json(value: JSON, secrets: Collection[str] | None = None, *, sent: bool = False) -> JSON:
    """A copy of `value` with every text in it redacted; `value` itself where there is no secret.

    A number in whose digits a secret stands is taken out as a whole, and so is a text below the
    name of a secret: of what was `sent` any text, of an answer one that looks like a key, since
    `{"reset_password": "yes"}` is no secret.
    """
    known = environment_secrets() if secrets is None else secrets
    return redact_together((), value, known, sent=sent)[1]


def redact_request(url: str, body: JSON, secrets: Collection[str]) -> tuple[str, JSON]:
    """URL and body of a request as it was sent, as `redact_url` and `redact_json` have them."""
    [address], redacted = redact_together([without_parameters(url)], body, secrets, sent=True)
    return address, redacted


def redact_together(
    texts: Sequence[str], value: JSON, secrets: Collection[str], *, sent: bool = False
) -> tuple[Sequence[str], JSON]:
    """Texts and a JSON value as `redact` and `redact_json` have them, but looked into at once."""
    known = tuple(secrets)
    try:
        found = _look_into(value, known, "\n".join(texts))
        redacted = value
        if found or sent:
            redacted = _Walk(found or Found(), sent).of(value)
    except RecursionError:
        return [redact(text, known) for text in texts], _redact_deep(value, known)
    if not found:
        return texts, redacted
    return [without_shapes(_without(text, known)) for text in texts], redacted


def _redact_deep(value: JSON, known: tuple[str, ...]) -> JSON:
    """JSON too deep to be walked, redacted as the text that is written of it."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return value  # nobody can write it, either
    try:
        return json.loads(redact(text, known))
    except (ValueError, RecursionError):
        return PLACEHOLDER


def redact_url(url: str, secrets: Collection[str] | None) -> str:
    """`url` with the values of secret query parameters and any user and password taken out."""
    return redact(without_parameters(url), secrets)


@dataclass(frozen=True)
class _Walk:
    """Through one JSON value, looking only for what is known to stand in it."""

    found: Found
    sent: bool

    @cached_property
    def _numbers(self) -> tuple[str, ...]:
        return tuple(filter(_NUMBER.fullmatch, self.found.secrets))

    def of(self, value: JSON) -> JSON:
        """The value without secrets."""
        if isinstance(value, str):
            return self._text(value)
        if self._numbers and type(value) in (int, float):
            digits = json.dumps(value)
            return PLACEHOLDER if any(secret in digits for secret in self._numbers) else value
        if isinstance(value, list | tuple):  # tuples are JSON lists to be
            return [self.of(item) for item in value]
        if isinstance(value, dict):
            return {self._text(name): self._field(name, item) for name, item in value.items()}
        return value

    def _field(self, name: str, value: JSON) -> JSON:
        if isinstance(value, str) and value and is_secret_field(name):
            return PLACEHOLDER if self.sent or looks_like_key(value) else self._text(value)
        return self.of(value)

    def _text(self, text: str) -> str:
        secrets, shapes = self.found.secrets, self.found.shapes
        if not secrets and not shapes:
            return text
        return without_shapes(_without(text, secrets), shapes)


def _without(text: str, secrets: tuple[str, ...]) -> str:
    for secret in secrets:
        if secret in text:
            text = text.replace(secret, PLACEHOLDER)
    return without_parted(without_escaped(text, secrets), secrets)


def _without_long(value: JSON, long: list[str]) -> JSON:
    """`value` without its long texts, which are put on `long`: each is looked into by itself.

    Below the name of a secret they stay, since the name counts.
    """
    if isinstance(value, str):
        if len(value) < LONG:
            return value
        long.append(value)
        return ""
    if isinstance(value, list | tuple):
        return [
            _without_long(item, long) if isinstance(item, str | list | tuple | dict) else item
            for item in value
        ]
    if isinstance(value, dict):
        return {
            _without_long(name, long): item
            if isinstance(item, str) and is_secret_field(name)
            else _without_long(item, long)
            for name, item in value.items()
        }
    return value


def _look_into(value: JSON, known: tuple[str, ...], beside: str = "") -> Found | None:
    """What stands in a JSON value and in the text `beside` it. RecursionError where it is deep."""
    long: list[str] = []
    rest = _without_long(value, long)
    flat = json.dumps(rest, ensure_ascii=False, separators=(",", ":"))
    if beside:
        flat = f"{beside}\n{flat}"
    found = look(flat, known)
    return Found.together([found, *[look(text, known) for text in long]]) if long else found


def without_parameters(url: str) -> str:
    """`url` without the values of its secret query parameters."""
    address, mark, query = url.partition("?")
    return address + mark + "&".join([_redact_parameter(each) for each in query.split("&")])


def _redact_parameter(parameter: str) -> str:
    name, equals, value = parameter.partition("=")
    return f"{name}={PLACEHOLDER}" if equals and value and is_secret_parameter(name) else parameter


@dataclass(frozen=True, slots=True)
class Found:
    """What stands in a text, if anything does."""

    secrets: tuple[str, ...] = ()
    shapes: tuple[Shape, ...] = ()

    @classmethod
    def together(cls, looks: Iterable[Found | None]) -> Found | None:
        """What stands in any of several texts, the longest secret first."""
        if not (founds := [found for found in looks if found]):
            return None
        secrets = dict.fromkeys(secret for found in founds for secret in found.secrets)
        names = {shape.name for found in founds for shape in found.shapes}
        return cls(
            tuple(sorted(secrets, key=len, reverse=True)),
            tuple(shape for shape in SHAPES if shape.name in names),
        )


def look(text: str, known: tuple[str, ...], *, framed: bool = False) -> Found | None:
    """Which of the secrets `known`, and which shapes of one, stand in a text or in its JSON.

    None where none does.

    In a stream's events as they came (`framed`), none is sought across blanks and line breaks.
    """
    if not text:
        return None
    if framed or len(text) < LONG:
        return _look(text, known, shapes=True, parted=not framed)
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
    free_of = _Remembered.shared.free_of(digest)
    if free_of is None:
        found = _look(text, known, shapes=True)
    else:
        new = tuple(secret for secret in known if secret not in free_of)
        found = _look(text, new, shapes=False) if new else None
    if not found:
        _Remembered.shared.add(digest, known)
    return found


class _Remembered:
    """Long texts, by digest, and the secrets that each was found free of, beside all shapes."""

    shared: _Remembered

    def __init__(self) -> None:
        self._texts: OrderedDict[bytes, frozenset[str]] = OrderedDict()
        self._lock = threading.Lock()

    def free_of(self, digest: bytes) -> frozenset[str] | None:
        with self._lock:
            return self._texts.get(digest)

    def add(self, digest: bytes, known: tuple[str, ...]) -> None:
        with self._lock:
            before = self._texts.pop(digest, frozenset())
            self._texts[digest] = before.union(known) if not before.issuperset(known) else before
            if len(self._texts) > _MOST_REMEMBERED:
                self._texts.popitem(last=False)


_Remembered.shared = _Remembered()


def _look(text: str, known: tuple[str, ...], *, shapes: bool, parted: bool = True) -> Found | None:
    runs = runs_of(text)
    present, keys = standing_in(text, runs, known, parted=parted, keys=shapes)
    shaped = shapes_in(text, "\n".join(runs), keys) if shapes else ()
    return Found(present, shaped) if present or shaped else None
