"""Taking secrets out of texts, JSON, URLs and headers.

Every function is pure, and redacting twice is redacting once, so that a request which is redacted
again in replay still matches its recording. `secrets` are spellings, as `secret_values` gives
them; by default those of the environment.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from pytest_modelpin.providers.reply import JSON
from pytest_modelpin.redaction.looking import LONG, Found, look
from pytest_modelpin.redaction.names import is_secret_field, is_secret_parameter
from pytest_modelpin.redaction.secret_values import environment_secrets
from pytest_modelpin.redaction.shapes import Shape, without_shapes
from pytest_modelpin.redaction.spellings import (
    PLACEHOLDER,
    looks_like_key,
    without_escaped,
    without_parted,
)

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
    known = environment_secrets() if secrets is None else tuple(secrets)
    long: list[str] = []
    try:
        rest = _without_long(value, long)
        flat = json.dumps(rest, ensure_ascii=False, separators=(",", ":"))
    except RecursionError:  # deeper than JSON is ever written
        return value
    found = Found.together([look(flat, known), *(look(text, known) for text in long)])
    return _Walk(found.secrets, found.shapes, sent).of(value) if sent or found else value


def redact_url(url: str, secrets: Collection[str] | None = None) -> str:
    """`url` with the values of secret query parameters and any user and password taken out."""
    address, mark, query = url.partition("?")
    parameters = [_redact_parameter(parameter) for parameter in query.split("&")]
    return redact(address + mark + "&".join(parameters), secrets)


def kept_headers(
    headers: Mapping[str, str], kept: Collection[str], secrets: Collection[str]
) -> dict[str, str]:
    """The headers that may be recorded, by lower-case name, sorted: content-type and `kept`."""
    allowed = {"content-type", *kept}
    return {
        name: redact_url(value, secrets) if name == "location" else redact(value, secrets)
        for name, value in sorted((name.lower(), value) for name, value in headers.items())
        if name in allowed
    }


@dataclass(frozen=True)
class _Walk:
    """Through one JSON value, looking only for what is known to stand in it."""

    secrets: tuple[str, ...]
    shapes: tuple[Shape, ...]
    sent: bool

    @cached_property
    def _numbers(self) -> tuple[str, ...]:
        return tuple(filter(_NUMBER.fullmatch, self.secrets))

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
        if not self.secrets and not self.shapes:
            return text
        return without_shapes(_without(text, self.secrets), self.shapes)


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


def _redact_parameter(parameter: str) -> str:
    name, equals, value = parameter.partition("=")
    return f"{name}={PLACEHOLDER}" if equals and value and is_secret_parameter(name) else parameter
