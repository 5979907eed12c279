from __future__ import annotations

import base64
import html
import json
import re
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.redaction.redact import redact, redact_json
from pytest_modelpin.redaction.secret_values import spellings
from pytest_modelpin.redaction.spellings import is_path, is_word, looks_like_key

ODD = 'p"ä ss/wörd+&<7>\\x'


def _in_units(text: str) -> str:
    return re.sub("(....)", r"\\u\1", text.encode("utf-16-be").hex())


SPELT = {
    "plain": str,
    "json": lambda text: json.dumps(text)[1:-1],
    "json, as it is": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "json in json": lambda text: json.dumps(json.dumps(text))[3:-3],
    "repr": lambda text: repr(text)[1:-1],
    "html": html.escape,
    "url": lambda text: quote(text, safe=""),
    "url, lower case": lambda text: re.sub(
        "%..", lambda found: found[0].lower(), quote(text, safe="")
    ),
    "url, slashes kept": quote,
    "url, plus for blanks": quote_plus,
    "url twice": lambda text: quote(quote(text, safe=""), safe=""),
    "hex": lambda text: text.encode().hex(),
    "HEX": lambda text: text.encode().hex().upper(),
    "url, every byte": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    "json, every character": _in_units,
    "json, every sign": lambda text: "".join(
        each if each.isalnum() and each.isascii() else _in_units(each) for each in text
    ),
    "json, slashes": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "program code": lambda text: "".join(
        f"\\x{ord(each):02x}" if ord(each) < 256 else each for each in text
    ),
    "html, every character": lambda text: "".join(f"&#{ord(each)};" for each in text),
    "html, in hex": lambda text: "".join(f"&#x{ord(each):X};" for each in text),
    "url in json": lambda text: "".join(f"\\u0025{byte:02x}" for byte in text.encode()),
    "hex with colons": lambda text: text.encode().hex(":"),
    "HEX with dashes": lambda text: text.encode().hex("-").upper(),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64, no padding": lambda text: base64.b64encode(text.encode()).decode().rstrip("="),
    "base64 for urls": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
}


@pytest.mark.parametrize("how", SPELT)
@pytest.mark.parametrize("secret", [ODD, "Zq7xCanary91bc", "0123456789abcdef"])
def test_a_secret_is_found_however_it_is_spelt(how: str, secret: str) -> None:
    spelt = SPELT[how](secret)
    redacted = redact(f"<{spelt}>", spellings([secret]))
    assert spelt not in redacted
    assert "REDACTED" in redacted


@pytest.mark.parametrize("before", ["", "u", "us", "user:", '{"key":"'])
@pytest.mark.parametrize("after", ["", "}", '"}', "and more"])
def test_a_secret_within_a_text_in_base64_is_found(before: str, after: str) -> None:
    secret = "Zq7xCanary91bc-longer"
    encoded = base64.b64encode(f"{before}{secret}{after}".encode()).decode()
    redacted = redact(encoded, spellings([secret]))
    left = redacted.replace("REDACTED", "")
    assert len(encoded) - len(left) >= len(secret)  # all but a few characters at the edges


@given(st.text(alphabet=st.characters(codec="utf-8"), min_size=8, max_size=30))
def test_any_secret_is_found_in_each_of_its_spellings(secret: str) -> None:
    if not (known := spellings([secret])):
        return
    for name, how in SPELT.items():
        if name == "json, slashes" and not secret.isprintable():
            continue  # no encoder's choice of escapes for control characters is promised there
        spelt = how(secret.strip())
        assert spelt not in redact(f"[{spelt}]", known) or spelt in "[REDACTED]"


@pytest.mark.parametrize("how", ["url, every byte", "json, every sign", "html, every character"])
def test_what_stands_around_an_escaped_secret_stays_to_the_letter(how: str) -> None:
    text = f"100%25 of \\u00e4 &amp; <{SPELT[how]('Zq7x-Canary/91bc')}> and %41\\x42"
    known = spellings(["Zq7x-Canary/91bc"])
    redacted = redact(text, known)
    assert redacted == "100%25 of \\u00e4 &amp; <REDACTED> and %41\\x42"
    assert redact(redacted, known) == redacted


def test_an_escaped_secret_goes_from_json_which_stays_valid() -> None:
    known = spellings(["Zq7x-Canary/91bc"])
    for text in [
        "Zq7x\\u002dCanary\\/91bc",
        "C:\\\\u005aq7x-Canary%2F91bc",
        "&#90;q7x-Canary/91bc",
    ]:
        value = {"said": [f"it is {text}."], f"{text}": 1}
        redacted = redact_json(value, known)
        assert "Canary" not in json.dumps(redacted)
        written = redact(json.dumps(value), known)
        assert "Canary" not in written
        assert len(json.loads(written)) == 2


@given(st.text(alphabet='%\\\\ux&#;/41amp"Ff0 é', max_size=60))
def test_what_only_looks_escaped_is_left_alone(text: str) -> None:
    assert redact(text, spellings(["Zq7x-Canary/91bc"])) == text


def test_what_is_short_or_stands_on_every_machine_is_no_secret() -> None:
    assert spellings(["short", "postgres", "changeme", "password", " REDACTED "]) == ()


def test_the_longest_goes_first_so_that_no_end_of_it_stays() -> None:
    known = spellings(["canary-one", "canary-one-and-more"])
    assert redact("canary-one-and-more", known) == "REDACTED"


@pytest.mark.parametrize(
    "value",
    ["Ab3dEf6hIj9lMn2p", "0f1e2d3c4b5a69788796a5b4c3d2e1f0", "4f9c8a2e-11aa-4c1e-9f00-aa11bb22cc33",
     "sk-canary-openai-7f3a", "abcdefghijklmnopqrstuvwxyz", "1234567890123456", "a1b2c3d4e5f6",
     "dXNlcjpodW50ZXIyMTIz", "Ab3/Ef6+Ij9lMn2="],
)  # fmt: skip
def test_keys_look_like_keys(value: str) -> None:
    assert looks_like_key(value)


@pytest.mark.parametrize(
    "value",
    ["yes", "chocolate chip", "priority", "created_at", "2026-11-27T10:00:00Z", "gpt-4o-2024-08-06",
     "claude-sonnet-4-5-20250929", "correct horse battery staple", "/home/ada/key1a2b3c4d5e6f.json",
     "REDACTED", "two-step-verification", "YOUR_API_KEY", "", "hunter2", "not a key 1a2b3c4d5e6f"],
)  # fmt: skip
def test_words_dates_ids_and_paths_do_not(value: str) -> None:
    assert not looks_like_key(value)


def test_words_and_paths_are_told() -> None:
    assert all(map(is_word, ("priority", "created_at", "sort by date")))
    assert not any(map(is_word, ("Ab3dEf6h", "planted-secret", "a_b_c_d")))
    assert all(map(is_path, ("/etc/keys/x.json", "~/.aws", "C:\\keys\\x.json")))
    assert not any(map(is_path, ("Ab3/Ef6+Ij9", "word")))


PARTED = "sk-Zq7xCanary91bc-4f2a"


@pytest.mark.parametrize("between", [" ", "\n", "\r\n", "\t ", "\n    ", "\\n", "\\\\n"])
@pytest.mark.parametrize("width", [1, 3, 10])
def test_a_key_parted_by_blanks_or_line_breaks_is_found(between: str, width: int) -> None:
    pieces = [PARTED[at : at + width] for at in range(0, len(PARTED), width)]
    text = f"It is {between.join(pieces)}, as you said."
    known = spellings([PARTED])
    assert redact(text, known) == "It is REDACTED, as you said."
    assert redact_json({"said": text}, known) == {"said": "It is REDACTED, as you said."}
    assert json.loads(redact(json.dumps({"said": text}), known))


def test_base64_that_is_broken_into_lines_is_found() -> None:
    long = base64.encodebytes(f"user:{PARTED}-and-more-that-makes-it-longer-than-a-line".encode())
    assert long.count(b"\n") > 1
    known = spellings([f"{PARTED}-and-more-that-makes-it-longer-than-a-line"])
    assert "REDACTED" in redact(long.decode(), known)


def test_words_that_make_a_secret_only_together_stay() -> None:
    assert redact("the horse battery staple", spellings(["horsebatterystaple"])) == (
        "the horse battery staple"
    )
    assert redact("call 12 34 56 78", spellings(["12345678"])) == "call 12 34 56 78"
