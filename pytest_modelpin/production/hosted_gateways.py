"""Gateways that are set up through their services' APIs: Cloudflare's AI Gateway and Vercel.

Sources of the forms: developers.cloudflare.com/ai-gateway/features/dynamic-routing/
json-configuration, whose API wants the end's empty `outputs`, too; and the items of a Vercel Edge
Config, which since 2026-07 is a Global Config: vercel.com/docs/rest-api/global-config/
update-global-config-items-in-batch (keys are letters, digits, `_` and `-`, 256 at most). Both were
compared with those pages in 2026-11, and have not been played against the services.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from modelpin_runtime.registry.models import Pins
from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.production.served import (
    MADE,
    Served,
    provider_of,
    providers_named,
    served_by_pins,
)

_CLOUDFLARE: Mapping[str, str] = {
    "anthropic": "anthropic", "azure": "azure-openai", "bedrock": "aws-bedrock",
    "cohere": "cohere", "deepseek": "deepseek", "google": "google-ai-studio", "groq": "groq",
    "mistral": "mistral", "openai": "openai", "openrouter": "openrouter",
    "vertex": "google-vertex-ai", "xai": "grok",
}  # fmt: skip
"""Cloudflare's name of each provider that its gateway asks (`AIGatewayProviders` of its
workers-types, read 2026-11)."""
_TRY = {"retries": 1, "timeout": 60_000}  # milliseconds; of each model of a route


def to_cloudflare(pins: Pins) -> str:
    """Dynamic routes of Cloudflare's AI Gateway: one a logical name, as its API takes them."""
    routes = [{"name": name, "elements": [*_elements(pins, name, served)]}
              for name, served in served_by_pins(pins).items()]  # fmt: skip
    return json.dumps({"made": MADE, "routes": routes}, indent=2) + "\n"


def _elements(pins: Pins, name: str, served: Served) -> Iterator[dict[str, Any]]:
    """A graph: the split where there is one, then each model with the next one behind it."""
    providers = providers_named(pins)
    ids = [*served.shares, *served.fallbacks]
    after = {id: f"model-{at}" for at, id in reversed([*enumerate(ids)])}
    behind = [after[id] for id in served.fallbacks]

    def to(element: str) -> dict[str, str]:
        return {"elementId": element}

    shares = list(served.shares.items())
    first = "split" if len(shares) > 1 else after[shares[0][0]]
    yield {"id": "start", "type": "start", "outputs": {"next": to(first)}}
    if len(shares) > 1:
        (pin, _), *others = shares
        outputs = {f"{share:g}%": to(after[id]) for id, share in others}
        yield {"id": "split", "type": "percentage", "outputs": {**outputs, "else": to(after[pin])}}
    for at, id in enumerate(ids):
        provider = _CLOUDFLARE.get(named) if (named := provider_of(id, providers)) else None
        if named is None:
            raise ModelpinError(
                f"Whose model {id!r} of {name} is can't be told; set `provider:` in {pins.path}."
            )
        if provider is None:
            raise ModelpinError(
                f"Cloudflare's AI Gateway asks no {named}, whose model {id!r} of {name} is; it "
                f"asks: {', '.join(sorted(_CLOUDFLARE))}."
            )
        following = behind[max(0, at - len(shares) + 1) :]
        yield {
            "id": f"model-{at}",
            "type": "model",
            "properties": {"provider": provider, "model": id, **_TRY},
            "outputs": {"success": to("end"), "fallback": to(following[0] if following else "end")},
        }  # fmt: skip
    yield {"id": "end", "type": "end", "outputs": {}}


def from_cloudflare(text: str, shown: str) -> dict[str, Served]:
    """What dynamic routes serve. Raises ModelpinError where they are none, or hold other rules."""
    try:
        return {
            str(route["name"]): _of_route({each["id"]: each for each in route["elements"]})
            for route in json.loads(text)["routes"]
        }
    except (ValueError, KeyError, TypeError, AttributeError, StopIteration) as error:
        raise ModelpinError(
            f"{shown} holds no dynamic routes of Cloudflare's that models.yml has words for "
            f"({error})."
        ) from None


def _of_route(elements: Mapping[str, Mapping[str, Any]]) -> Served:
    start = next(each for each in elements.values() if each["type"] == "start")
    entry = elements[start["outputs"]["next"]["elementId"]]
    firsts = {100.0: entry}
    if entry["type"] == "percentage":
        outputs = {part: elements[leads["elementId"]] for part, leads in entry["outputs"].items()}
        rest = outputs.pop("else", None)
        firsts = {float(part.rstrip("%")): each for part, each in outputs.items()}
        if rest is not None:
            firsts = {100 - sum(firsts): rest, **firsts}
    shares = {str(each["properties"]["model"]): share for share, each in firsts.items()}
    behind: list[str] = []
    element = next(iter(firsts.values()))
    while len(behind) < len(elements):
        element = elements[element["outputs"]["fallback"]["elementId"]]
        if element["type"] != "model":
            break
        behind.append(str(element["properties"]["model"]))
    return Served(shares, tuple(behind))


def to_vercel(pins: Pins) -> str:
    """Items of an Edge Config, as Vercel's API takes them: the program reads them by its SDK.

    Raises ModelpinError for a name that can't be a key there.
    """
    items = []
    for name, served in served_by_pins(pins).items():
        if not re.fullmatch(r"[\w-]{1,256}", name, re.ASCII):
            raise ModelpinError(
                f"{name} can't be a key of an Edge Config: 256 letters, digits, _ and - can."
            )
        pin, *canary = served.shares.items()
        value: dict[str, Any] = {"model": pin[0], "fallbacks": list(served.fallbacks)}
        if canary:
            value["canary"] = {"model": canary[0][0], "percent": canary[0][1]}
        items.append({"operation": "upsert", "key": name, "value": value})
    return json.dumps({"made": MADE, "items": items}, indent=2) + "\n"


def from_vercel(text: str, shown: str) -> dict[str, Served]:
    """What the items of an Edge Config serve. Raises ModelpinError where they are none."""
    try:
        found = {}
        for item in json.loads(text)["items"]:
            value, canary = item["value"], item["value"].get("canary")
            shares = {str(value["model"]): 100.0}
            if canary:
                percent = float(canary["percent"])
                shares = {str(value["model"]): 100 - percent, str(canary["model"]): percent}
            kept = {id: share for id, share in shares.items() if share}
            found[str(item["key"])] = Served(kept, tuple(map(str, value.get("fallbacks", ()))))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelpinError(f"{shown} holds no items of an Edge Config ({error}).") from None
    return found
