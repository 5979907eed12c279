"""Where children ask instead of a provider: addresses of the loopback server, there and back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from pytest_modelpin.intercept.handing_over import under
from pytest_modelpin.providers.catalogue import known_providers
from pytest_modelpin.providers.model_hosts import ModelHosts, address_of, base_urls

ADDRESS = re.compile(r"/modelpin-(\d+)/(https?)/([^/]+)(/.*)?")
"""A path at the loopback server: capture, scheme, host and path of where it would have gone."""
REACHED = re.compile(r"/modelpin-(\d+)/reached")
"""The path at which a child of that capture tells what it reaches by an address of its own."""
LOCAL = "127.0.0.1"
_URL = re.compile(r"https?://[^\s\"'<>]+")
_PROXIES = ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
_SIGNED_FOR = re.compile(r"Credential=[^/]+/\d{8}/([a-z0-9-]+)/")
_LOCATION = re.compile(r"/locations/([a-z0-9-]+)/")


def child_base_urls(
    environment: Mapping[str, str], address: str, hosts: ModelHosts | None = None
) -> dict[str, str]:
    """The variables to change, so that a child with this environment asks at `address`.

    Those that SDKs read, and whichever else holds the URL of one of the `hosts`.
    """
    changed = {}
    for each in base_urls(known_providers()):
        url = environment.get(each.variable) or each.default
        url = url if not url or "://" in url else f"http://{url}"
        if url and (url := _led_back(url)):
            changed[each.variable] = under(address, url).rstrip("/")
    for name, value in environment.items():
        if name not in changed and not name.lower().endswith("_proxy"):
            url = _led_back(value) if _URL.fullmatch(value) else ""
            if url and (url != value or (hosts and _asks_models(hosts, url))):
                changed[name] = under(address, url)
    if any(environment.get(name) for name in _PROXIES):
        host = urlsplit(address).hostname or LOCAL
        for name in ("NO_PROXY", "no_proxy"):
            changed[name] = ",".join(filter(None, [environment.get(name, ""), host]))
    return changed


def _led_back(url: str) -> str:
    """Where a URL goes, also one that leads here already: of a child's child, or of the test before
    it. Empty for one that is none, such as `http://[half`.
    """
    try:
        known = ADDRESS.fullmatch(urlsplit(url).path)
    except ValueError:
        return ""
    return url if known is None else f"{known[2]}://{known[3]}{known[4] or ''}"


def _asks_models(hosts: ModelHosts, url: str) -> bool:
    address = address_of(url)
    return address is not None and hosts.knows(address.host, address.port, urlsplit(url).path)


def resolved(url: str, authorization: str) -> str:
    """The URL with the region in its host, where the variable that led here could not know it.

    Bedrock's stands in the signature of the request (SigV4's credential scope), Vertex's in its
    path.
    """
    if url.startswith("https://bedrock-runtime.amazonaws.com/"):
        if found := _SIGNED_FOR.search(authorization):
            return url.replace("runtime.", f"runtime.{found[1]}.", 1)
    elif url.startswith("https://aiplatform.googleapis.com/"):
        found = _LOCATION.search(url)
        if found and found[1] in ("us", "eu"):
            return url.replace("googleapis.com", f"{found[1]}.rep.googleapis.com", 1)
        if found and found[1] != "global":
            return url.replace("aiplatform", f"{found[1]}-aiplatform", 1)
    return url
