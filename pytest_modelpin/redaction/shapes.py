"""Secrets that are told by their looks: keys of known kinds, and values that a name goes before.

Texts come from strangers, up to megabytes of them: every pattern begins with characters that are
sought in one pass, and consumes what it looked at, so that the time is linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from pytest_modelpin.redaction.secret_values import is_secret_parameter, is_signature_parameter
from pytest_modelpin.redaction.spellings import PLACEHOLDER, looks_like_key

Replace = Callable[[re.Match[str]], str]


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of secret."""

    name: str
    anchors: tuple[str, ...]
    """One of them stands in every text that holds a secret of this kind."""
    pattern: re.Pattern[str]
    replace: Replace
    within: Literal["text", "run", "key"] = "text"
    """Where it stands: anywhere, within one run of characters, or behind a name as a key does."""


def _whole(_: re.Match[str]) -> str:
    return PLACEHOLDER


def _unless_words(match: re.Match[str]) -> str:
    """`sk-learn-compatible` and `e2b_code_interpreter` are no keys."""
    return match[0] if _all_words(match[0]) else PLACEHOLDER


def _all_words(text: str) -> bool:
    rest = re.split(r"[-_.]", text, maxsplit=1)[-1]
    return not text.startswith(_ISSUED) and all(
        piece.islower() and piece.isalpha() and len(piece) < 14
        for piece in filter(None, re.split("[-_]", rest))
    )


_ISSUED = ("sk-ant-", "sk-proj-", "sk-or-", "sk-svcacct-", "sk-admin-", "sk-lf-")
"""How keys begin that can't be words, whatever follows."""

_ESCAPES = (r"\\[nrtbfv]", r"\\u[0-9A-Fa-f]{4}", r"\\x[0-9A-Fa-f]{2}", "%[0-9A-Fa-f]{2}")
"""How a character may be written in JSON, in program code and in a URL: with a letter or digit."""


def _begins(prefix: str, no: str = "[A-Za-z0-9]") -> str:
    """Where the `prefix` just read begins something: after none of `no`, or after an escape."""
    read = re.escape(prefix)
    return f"(?:(?<!{no}{read})" + "".join(f"|(?<={each}{read})" for each in _ESCAPES) + ")"


_WORD_BEGINS = _begins("", r"\w")


def _key(name: str, prefix: str, rest: str, replace: Replace = _whole) -> Shape:
    """A key with a prefix; the prefix comes first, because `re` seeks literals fastest."""
    pattern = re.compile(re.escape(prefix) + _begins(prefix) + rest)
    return Shape(name, (prefix,), pattern, replace, "run")


def _keep_scheme(match: re.Match[str]) -> str:
    value = match["value"]
    if value.startswith(PLACEHOLDER) or not (any(map(str.isdigit, value)) or len(value) >= 20):
        return match[0]
    return f"{match['scheme']}{PLACEHOLDER}"


def _keep_name(match: re.Match[str]) -> str:
    return f"{match['name']}{PLACEHOLDER}"


def _keep_parameter(match: re.Match[str]) -> str:
    name, value = match["name"][1:-1], match["value"]
    if value == PLACEHOLDER or not is_secret_parameter(name):
        return match[0]
    if is_signature_parameter(name, value) or looks_like_key(value):
        return f"{match['name']}{PLACEHOLDER}"
    return match[0]


def _keep_unless_key(match: re.Match[str]) -> str:
    value = match["value"]
    return f"{match['name']}{PLACEHOLDER}" if looks_like_key(value) else match[0]


def _keep_unless_secret_element(match: re.Match[str]) -> str:
    return _keep_unless_key(match) if _names_secret(match["name"].partition(">")[0]) else match[0]


_NAMES = (
    "key", "key_id", "keyid", "token", "secret", "password", "passwd", "passphrase", "_pass",
    "_pat", "_pwd", "cookie", "auth", "authorization", "credential", "credentials", "signature",
)  # fmt: skip
_LONGEST_NAME = 60  # characters before the colon that are looked at
_LONGEST_OPENING = 21  # characters: the colon, blanks, backslashes, a quote
_FEW = 30  # keys, each of which is sought in all of a text
_NUMBERED = re.compile(r"_\d{1,3}\Z")
_ASSIGNS = re.compile("[:=]")
_MOST_ASSIGNMENTS = 50  # in a row, in one value
_OPENING = r"[ \t]{0,4}\\{0,15}[\"']?"
_OF_VALUE = r"[A-Za-z0-9_\-.+/=~:%]"
_BLANKS = r"(?:\s|\\{1,15}[nrt]){0,4}"


def _keep_field(match: re.Match[str]) -> str:
    before = match.string[max(0, match.start() - _LONGEST_NAME) : match.start()]
    value = match["value"].rstrip(".,;:")
    rest = match["value"][len(value) :]
    if _names_secret(before) and looks_like_key(value):
        return f"{match['opened']}{PLACEHOLDER}{rest}"
    # What a field holds may be an assignment: {"content": "API_KEY=…"}.
    for found in islice(_ASSIGNS.finditer(value), _MOST_ASSIGNMENTS):
        name = value[max(0, found.start() - _LONGEST_NAME) : found.start()]
        if _names_secret(name) and looks_like_key(value[found.end() :]):
            return f"{match['opened']}{value[: found.end()]}{PLACEHOLDER}{rest}"
    return match[0]


def _names_secret(before: str) -> bool:
    return _NUMBERED.sub("", before.rstrip("\"'\\ \t").lower()).endswith(_NAMES)


_W = r"[A-Za-z0-9]"
_WD = r"[A-Za-z0-9_\-]"

_PADDED = (("Sentry", "sntrys_"), ("Atlassian", "ATATT3"))
_OTHERS = (
    ("Pinecone", "pcsk_"), ("Jina", "jina_"), ("E2B", "e2b_"), ("Grafana", "glsa_"),
    ("Supabase", "sbp_"), ("Notion", "ntn_"), ("Linear", "lin_api_"), ("DigitalOcean", "dop_v1_"),
    ("Docker Hub", "dckr_pat_"), ("Shopify", "shpat_"), ("Vault", "hvs."), ("GitLab", "glpat-"),
    ("xAI", "xai-"), ("NVIDIA", "nvapi-"), ("Together", "tgp_v1_"), ("Tavily", "tvly-"),
)  # fmt: skip

SHAPES: tuple[Shape, ...] = (
    _key("OpenAI, Anthropic, OpenRouter, DeepSeek", "sk-", rf"{_WD}{{10,}}", _unless_words),
    *(
        _key("Stripe", f"{kind}_{mode}_", rf"{_W}{{10,}}")
        for kind in ("sk", "pk", "rk")
        for mode in ("live", "test")
    ),
    _key("Langfuse", "pk-lf-", rf"{_WD}{{10,}}"),
    _key("Stripe webhook", "whsec_", r"[A-Za-z0-9+/=]{16,}"),
    _key("Google", "AIza", rf"{_WD}{{20,}}"),
    _key("Google, new", "AQ.A", rf"{_WD}{{20,}}"),
    _key("Google access token", "ya29.", rf"{_WD}{{20,}}"),
    _key("Google client secret", "GOCSPX-", rf"{_WD}{{16,}}"),
    *(_key("GitHub", f"gh{kind}_", rf"{_W}{{16,}}") for kind in "oprsu"),
    _key("GitHub, fine-grained", "github_pat_", r"[A-Za-z0-9_]{16,}"),
    *(_key("Slack", f"xox{kind}-", r"[A-Za-z0-9\-]{8,}") for kind in "abcdeoprs"),
    _key("Slack app", "xapp-", r"[A-Za-z0-9\-]{8,}"),
    *(_key("AWS", prefix, r"[A-Z0-9]{16}(?![A-Za-z0-9])") for prefix in ("AKIA", "ASIA")),
    _key("Bedrock", "ABSK", r"[A-Za-z0-9+/=]{24,}"),
    _key("Bedrock, short-lived", "bedrock-api-key-", r"[A-Za-z0-9+/=_\-]{16,}"),
    _key("Hugging Face", "hf_", rf"{_W}{{16,}}"),
    _key("Groq", "gsk_", rf"{_W}{{16,}}"),
    _key("Perplexity", "pplx-", rf"{_W}{{16,}}"),
    _key("Replicate", "r8_", rf"{_W}{{16,}}"),
    _key("Fireworks", "fw_", rf"{_W}{{16,}}"),
    _key("Cerebras", "csk-", rf"{_W}{{16,}}"),
    _key("LangSmith", "lsv2_", r"[A-Za-z0-9_]{16,}"),
    _key("npm", "npm_", rf"{_W}{{20,}}"),
    _key("PyPI", "pypi-A", rf"{_WD}{{16,}}"),
    _key("SendGrid", "SG.", rf"{_WD}{{16,}}\.{_WD}{{16,}}"),
    _key("Databricks", "dapi", r"[0-9a-f]{32}(?![A-Za-z0-9])"),
    *(_key(whose, prefix, r"[A-Za-z0-9+/=_\-]{20,}") for whose, prefix in _PADDED),
    *(_key(whose, prefix, rf"{_WD}{{16,}}", _unless_words) for whose, prefix in _OTHERS),
    *(_key("Doppler", f"dp.{kind}.", rf"{_W}{{20,}}") for kind in ("pt", "st", "ct", "sa")),
    _key("OpenAI organisation", "org-", rf"{_W}{{16,}}"),
    _key("OpenAI project", "proj_", rf"{_W}{{16,}}"),
    _key("Anthropic workspace", "wrkspc_", rf"{_W}{{10,}}"),
    _key("JSON web token", "eyJ", rf"{_WD}{{8,}}\.{_WD}{{8,}}(?:\.{_WD}*)?"),
    Shape(
        "private key",
        ("PRIVATE KEY",),
        re.compile(
            r"(?:-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----|\.{3}"  # cut in the middle
            r"(?=(?:[A-Za-z0-9+/=\s]|\\{1,15}[nrt]){1,20000}-----END [A-Z0-9 ]{0,30}PRIVATE KEY))"
            # Nothing that would end a field: of a key that is cut off, what follows stays.
            r"(?:[A-Za-z0-9+/=:,\s]|\.{3}|\\{1,15}[nrt]|-(?!----)){0,20000}"
            r"(?:-----END [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----)?"
        ),
        _whole,
    ),
    Shape(
        "Slack webhook",
        ("hooks.slack",),
        re.compile(
            r"(?P<name>hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/)(?!REDACTED)"
            r"[A-Za-z0-9/_\-]{8,}"
        ),
        _keep_name,
        "run",
    ),
    Shape(
        "Discord webhook",
        ("/api/webhooks/", "/api/v"),
        re.compile(
            r"(?P<name>discord(?:app)?\.com/api/(?:v\d{1,2}/)?webhooks/)(?!REDACTED)"
            r"[A-Za-z0-9/_\-]{8,}"
        ),
        _keep_name,
        "run",
    ),
    Shape(
        "Teams webhook",
        (".webhook.office.com", ".logic.azure.com", ".api.powerplatform.com"),
        re.compile(
            r"(?P<name>\.(?:webhook\.office|logic\.azure|api\.powerplatform)\.com(?::\d{1,5})?/)"
            r"(?!REDACTED)[^\s\"'<>\\]{8,}"
        ),
        _keep_name,
    ),
    Shape(
        "Telegram bot",
        ("api.telegram.org/bot",),
        re.compile(r"(?P<name>api\.telegram\.org/bot)(?!REDACTED)[A-Za-z0-9:_\-]{8,}"),
        _keep_name,
        "run",
    ),
    Shape(
        "authorization scheme",
        ("earer", "EARER", "asic", "ASIC", "Token"),
        re.compile(
            rf"(?P<scheme>{_WORD_BEGINS}(?:[Bb]earer|BEARER|[Bb]asic|BASIC|Token)"
            r"(?:\s|\\{1,15}[nrt]|%20|\+){1,3})(?P<value>[A-Za-z0-9._~+/=\-]{8,})"
        ),
        _keep_scheme,
    ),
    Shape(
        "header of a reply in a log",
        ("', b'",),
        # As httpcore logs what came: pairs of bytes. No request has carried these.
        re.compile(
            r"(?P<name>b'(?:[oO]pen(?:ai|AI)-(?:[oO]rganization|[pP]roject)"
            r"|[aA]nthropic-[oO]rganization-[iI][dD]|[sS]et-[cC]ookie)', b')"
            r"(?!REDACTED')[^']{1,4000}"
        ),
        _keep_name,
    ),
    Shape(
        "AWS signature",
        ("Signature=", "Credential="),
        re.compile(
            rf"(?P<name>{_WORD_BEGINS}(?:Signature|Credential)=)"
            r"(?!REDACTED)[A-Za-z0-9/+=%_\-]{16,}"
        ),
        _keep_name,
        "run",
    ),
    Shape(
        "user and password of a URL",
        ("@",),
        # A script's variable, as in $PUSH_TOKEN, is the name of a secret and none itself.
        re.compile(
            r"(?P<name>://)(?!REDACTED@)[^/\s@:\"'<>\\]{0,200}:"
            r"(?!\$\{?[A-Z]+(?:_[A-Z]+)+\}?@[^/\s@\"'<>\\]*(?![^/\s\"'<>\\]))"
            r"[^/\s\"'<>\\]{1,400}(?=@)"
        ),
        _keep_name,
    ),
    Shape(
        "token of a URL",
        ("@",),
        re.compile(r"(?P<name>://)(?P<value>[A-Za-z0-9._~%\-]{12,400})(?=@[A-Za-z0-9])"),
        _keep_unless_key,
    ),
    Shape(
        "element",
        ("</",),
        re.compile(
            rf"(?P<name><[A-Za-z][\w:.\-]{{0,60}}>{_BLANKS})(?P<value>{_OF_VALUE}{{12,}})(?={_BLANKS}</)"
        ),
        _keep_unless_secret_element,
    ),
    Shape(
        "argument of a command",
        ("password", "passwd", "--", "-u "),
        re.compile(
            r"(?P<name>(?:passw(?:or)?d|--[a-z][a-z\-]{,40}(?:key|token|secret))(?:[ \t]|\\+t){1,4}"
            rf"[\"']?|(?<!\S)-u [\"']?[^\s:\"']{{1,100}}:)(?P<value>{_OF_VALUE}{{12,}})"
        ),
        _keep_unless_key,
    ),
    Shape(
        "query parameter",
        ("?", "&"),
        re.compile(r"(?P<name>[?&][A-Za-z][\w.\-%]{0,60}=)(?P<value>[^&\s\"'<>#\\]+)"),
        _keep_parameter,
    ),
    Shape(
        "field or assignment",
        ("=", ":"),
        # A colon or an equals sign, what opens the value's quotes (which may be escaped, more than
        # once), and the value; what stands before is looked at only then.
        re.compile(
            rf"(?P<opened>(?:(?<!:):{{1,2}}?|=){_OPENING})(?!REDACTED)"
            # It does not end with what assigns the next value: {"content": "long_api_key: …"}.
            rf"(?P<value>{_OF_VALUE}{{12,}}(?<!:)(?!(?<==){_OPENING}{_OF_VALUE}{{12}}))"
        ),
        _keep_field,
        "key",
    ),
)
"""Every kind of secret that is known by its looks; what comes first is taken out first."""


def without_shapes(text: str, shapes: Sequence[Shape] = SHAPES) -> str:
    """`text` without whatever is shaped like a known kind of secret, or like one of `shapes`."""
    for shape in shapes:
        if any(anchor in text for anchor in shape.anchors):
            text = shape.pattern.sub(shape.replace, text)
    return text


def shapes_in(text: str, runs: str, keys: Sequence[str]) -> tuple[Shape, ...]:
    """The kinds of secret that stand in `text`, its runs of characters a line each being `runs`.

    `keys` are those of them that may be a key.
    """
    where = {"text": text, "run": runs, "key": _around_keys(text, keys)}
    return tuple(shape for shape in SHAPES if _stands(shape, where[shape.within]))


def _stands(shape: Shape, text: str) -> bool:
    return without_shapes(text, (shape,)) != text


def _around_keys(text: str, keys: Sequence[str]) -> str:
    """Each run that may be a key, with what stands before it; all of `text` where many may be."""
    if len(keys) > _FEW:
        return text
    found: set[str] = set()
    for key in keys:
        at = text.find(key)
        while at >= 0:
            found.add(text[max(0, at - _LONGEST_NAME - _LONGEST_OPENING) : at + len(key)])
            at = text.find(key, at + len(key))
    return "\n".join(found)
