"""Whether a reply came out of a cache between here and its provider, as gateways keep them.

It came over the network, and no model was asked for it: an answer of another day, perhaps of
another version, is no candidate's of tonight.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_HIT = re.compile(r"(?<![a-z])hit(?![a-z])", re.IGNORECASE)
"""As a word: `HIT`, `SEMANTIC HIT`, `TCP_HIT`, `Hit from cloudfront`, `gateway; hit; ttl=60`."""
_OF_A_PROMPT = ("prompt", "prefix", "token", "kv-")
"""In names of headers on what a provider keeps of a prompt, for which a model answers all the same.
"""
_LONGEST = 60  # characters: it is shown
_ONLY_OF_A_HIT = "x-litellm-cache-key"
"""LiteLLM's proxy gives it with what its cache answers, and with nothing else."""


def from_cache(headers: Mapping[str, str]) -> str:
    """The name of the header by which a cache says that it answered; empty where none does.

    Cloudflare's (`cf-aig-cache-status`), Helicone's, Portkey's, LiteLLM's, and those of HTTP caches
    (RFC 9211 `cache-status`, `x-cache`).
    """
    for name, value in headers.items():
        known = name.lower()
        if known == _ONLY_OF_A_HIT:
            return known
        if "cache" not in known or any(part in known for part in _OF_A_PROMPT):
            continue
        if _HIT.search(value) or (known.endswith("hit") and value.strip().lower() in ("true", "1")):
            return known[:_LONGEST]
    return ""
