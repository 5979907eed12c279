"""models.yml in the words of gateways, and where a gateway serves something else.

Sources of the forms: LiteLLM's proxy configuration (`model_list`, `litellm_params.weight`,
`router_settings.fallbacks`; docs.litellm.ai/docs/proxy/configs, …/routing) and flagd's flag
definitions for OpenFeature (flagd.dev/reference/flag-definitions, `fractional` for shares).

Two are set up through APIs, compared with their pages in 2026-11 and never played against the
services: Cloudflare's AI Gateway (developers.cloudflare.com/ai-gateway/features/dynamic-routing/
json-configuration; the end's empty `outputs` is wanted, too) and Vercel's Global Config (vercel.
com/docs/rest-api/global-config/update-global-config-items-in-batch: keys of letters, digits, _, -).
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from modelpin_runtime.registry.models import Pins, environment_variable
from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.providers import identify

MADE = "Made by pytest-modelpin sync"
"""In every file that is ours to write anew."""


@dataclass(frozen=True, slots=True)
class Served:
    """What a gateway answers a logical name with."""

    shares: Mapping[str, float]
    """By id: the share of requests in per cent; together 100."""
    fallbacks: tuple[str, ...] = ()
    """Ids, in order; always empty where the gateway's form has no word for them."""


def served_by_pins(
    pins: Pins, *, canaries: bool = True, fallbacks: bool = True
) -> dict[str, Served]:
    """What models.yml says, by logical name; the file's pins, whatever the environment has."""
    found = {}
    for name, model in pins.models.items():
        canary = model.canary if canaries else None
        shares = {model.pin: 100.0 - (canary.percent if canary else 0)}
        if canary:
            shares[canary.model] = float(canary.percent)
        others = tuple(pins.models[e].pin if e in pins.models else e for e in model.fallback)
        found[name] = Served(
            {id: share for id, share in shares.items() if share}, others if fallbacks else ()
        )
    return found


def differences(says: Mapping[str, Served], serves: Mapping[str, Served]) -> Iterator[str]:
    """A sentence for each route of the gateway that serves something else than models.yml says.

    Routes of names that models.yml does not have are the gateway's own business.
    """
    for name, right in says.items():
        there = serves.get(name)
        if there is None:
            yield f"{name} has no route"
            continue
        if {id: round(share, 1) for id, share in there.shares.items()} != {
            id: round(share, 1) for id, share in right.shares.items()
        }:
            yield f"{name} serves {_told(there.shares)}; models.yml says {_told(right.shares)}"
        if there.fallbacks != right.fallbacks:
            yield (
                f"{name} falls back to {', '.join(there.fallbacks) or 'nothing'}; models.yml says "
                f"{', '.join(right.fallbacks) or 'nothing'}"
            )


def providers_of(pins: Pins) -> Callable[[str], str | None]:
    """Whose model an id is: as models.yml names it or the id tells; None where neither does."""
    named = {
        id: model.provider
        for model in pins.models.values()
        if model.provider
        for id in (model.pin, *((model.canary.model,) if model.canary else ()))
    }
    return lambda id: named.get(id) or identify(id).provider


def _told(shares: Mapping[str, float]) -> str:
    if len(shares) == 1:
        return next(iter(shares))
    return ", ".join(f"{id} ({share:g} %)" for id, share in shares.items()) or "nothing"


_PREFIXES: Mapping[str, str] = {"google": "gemini", "vertex": "vertex_ai"}
"""LiteLLM's name of a provider, where it has one of its own."""
_CLOUDFLARE: Mapping[str, str] = {
    "anthropic": "anthropic", "azure": "azure-openai", "bedrock": "aws-bedrock",
    "cohere": "cohere", "deepseek": "deepseek", "google": "google-ai-studio", "groq": "groq",
    "mistral": "mistral", "openai": "openai", "openrouter": "openrouter",
    "vertex": "google-vertex-ai", "xai": "grok",
}  # fmt: skip
"""Cloudflare's name of each provider that its gateway asks (`AIGatewayProviders` of its
workers-types, read 2026-11)."""
_TRY = {"retries": 1, "timeout": 60_000}  # milliseconds; of each model of a route


def to_litellm(pins: Pins) -> str:
    """A configuration of LiteLLM's proxy and Router."""
    import yaml

    models: list[dict[str, Any]] = []
    fallbacks: list[dict[str, list[str]]] = []
    provider_of = providers_of(pins)
    for name, served in served_by_pins(pins).items():
        for id, share in served.shares.items():
            params: dict[str, Any] = {"model": _for_litellm(id, provider_of(id))}
            if len(served.shares) > 1:
                params["weight"] = share
            models.append({"model_name": name, "litellm_params": params})
        if served.fallbacks:
            fallbacks.append({name: list(served.fallbacks)})
    for id in dict.fromkeys(id for each in fallbacks for ids in each.values() for id in ids):
        if id not in pins.models:
            params = {"model": _for_litellm(id, provider_of(id))}
            models.append({"model_name": id, "litellm_params": params})
    made: dict[str, Any] = {"model_list": models}
    if fallbacks:
        made["router_settings"] = {"fallbacks": fallbacks}
    return f"# {MADE}; edit models.yml instead.\n{yaml.safe_dump(made, sort_keys=False)}"


def from_litellm(text: str, shown: str, _: Pins) -> dict[str, Served]:
    """What a LiteLLM configuration serves. Raises ModelpinError where it is none."""
    import yaml

    try:
        content = yaml.safe_load(text)
        entries = content["model_list"]
        weights: dict[str, dict[str, float]] = {}
        for entry in entries:
            params = entry["litellm_params"]
            id = str(params["model"]).rpartition("/")[2]
            of_name = weights.setdefault(str(entry["model_name"]), {})
            of_name[id] = of_name.get(id, 0.0) + float(params.get("weight", 1))
        listed = (content.get("router_settings") or {}).get("fallbacks") or []
        others = {str(name): tuple(map(str, ids)) for each in listed for name, ids in each.items()}
    except (yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelpinError(f"{shown} is no LiteLLM configuration ({error}).") from None
    alone = {name: next(iter(ids)) for name, ids in weights.items() if len(ids) == 1}
    return {
        name: Served(
            {id: 100 * weight / (sum(ids.values()) or 1.0) for id, weight in ids.items()},
            tuple(alone.get(each, each) for each in others.get(name, ())),
        )
        for name, ids in weights.items()
    }


def to_openfeature(pins: Pins) -> str:
    """Flag definitions of flagd, an OpenFeature provider; fallbacks stay the program's own."""
    flags: dict[str, Any] = {}
    for name, served in served_by_pins(pins, fallbacks=False).items():
        roles = dict(zip(("pin", "canary"), served.shares.items(), strict=False))
        flag: dict[str, Any] = {
            "state": "ENABLED",
            "variants": {role: id for role, (id, _) in roles.items()},
            "defaultVariant": "pin",
        }
        if len(roles) > 1:
            shares = [[role, share] for role, (_, share) in roles.items()]
            flag["targeting"] = {"fractional": shares}
        flags[name] = flag
    return json.dumps({"metadata": {"made": MADE}, "flags": flags}, indent=2) + "\n"


def from_openfeature(text: str, shown: str, _: Pins) -> dict[str, Served]:
    """What flagd's definitions serve. Raises ModelpinError where they are none."""
    try:
        found = {}
        for name, flag in json.loads(text)["flags"].items():
            variants = flag["variants"]
            rule = (flag.get("targeting") or {}).get("fractional")
            parts = rule or [[flag["defaultVariant"], 1]]
            whole = sum(float(share) for _, share in parts) or 1.0
            found[name] = Served(
                {str(variants[part]): 100 * float(share) / whole for part, share in parts}
            )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelpinError(f"{shown} holds no flag definitions of flagd ({error}).") from None
    return found


def to_env(pins: Pins) -> str:
    """`MODELPIN_<NAME>=id` lines, as a dotenv file has them; quoted where a shell would act."""
    pins_of = ((environment_variable(name), model.pin) for name, model in pins.models.items())
    lines = (f"{variable}={shlex.quote(pin)}" for variable, pin in pins_of)
    return "\n".join((f"# {MADE}; edit models.yml instead.", *lines)) + "\n"


def from_env(text: str, shown: str, pins: Pins) -> dict[str, Served]:
    """What a dotenv file serves; lines of other variables are passed over."""
    names = {environment_variable(name): name for name in pins.models}
    said = (line.removeprefix("export ").partition("=") for line in text.splitlines())
    own = ((names[name.strip()], id) for name, mark, id in said if mark and name.strip() in names)
    try:
        return {name: Served({"".join(shlex.split(id)): 100.0}) for name, id in own}
    except ValueError as error:
        raise ModelpinError(f"{shown} is no dotenv file ({error}).") from None


def _for_litellm(id: str, provider: str | None) -> str:
    return f"{_PREFIXES.get(provider, provider)}/{id}" if provider else id


def to_cloudflare(pins: Pins) -> str:
    """Dynamic routes of Cloudflare's AI Gateway: one a logical name, as its API takes them."""
    routes = [{"name": name, "elements": [*_elements(pins, name, served)]}
              for name, served in served_by_pins(pins).items()]  # fmt: skip
    return json.dumps({"made": MADE, "routes": routes}, indent=2) + "\n"


def _elements(pins: Pins, name: str, served: Served) -> Iterator[dict[str, Any]]:
    """A graph: the split where there is one, then each model with the next one behind it."""
    provider_of = providers_of(pins)
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
        provider = _CLOUDFLARE.get(named) if (named := provider_of(id)) else None
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


def from_cloudflare(text: str, shown: str, _: Pins) -> dict[str, Served]:
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


def from_vercel(text: str, shown: str, _: Pins) -> dict[str, Served]:
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


@dataclass(frozen=True, slots=True)
class Gateway:
    """One form: how it is written and read back, and what it has words for."""

    write: Callable[[Pins], str]
    read: Callable[[str, str, Pins], dict[str, Served]]
    """Of the text, the path to show, and the pins."""
    canaries: bool = True
    fallbacks: bool = True


GATEWAYS: Mapping[str, Gateway] = {
    "litellm": Gateway(to_litellm, from_litellm),
    "openfeature": Gateway(to_openfeature, from_openfeature, fallbacks=False),
    "cloudflare": Gateway(to_cloudflare, from_cloudflare),
    "vercel": Gateway(to_vercel, from_vercel),
    "env": Gateway(to_env, from_env, canaries=False, fallbacks=False),
}
