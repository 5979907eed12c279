"""models.yml in the words of gateways.

Sources of the forms: LiteLLM's proxy configuration (`model_list`, `litellm_params.weight`,
`router_settings.fallbacks`; docs.litellm.ai/docs/proxy/configs, …/routing) and flagd's flag
definitions for OpenFeature (flagd.dev/reference/flag-definitions, `fractional` for shares).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from modelpin_runtime.registry.environment import environment_variable
from modelpin_runtime.registry.models import Pins
from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.production.hosted_gateways import (
    from_cloudflare,
    from_vercel,
    to_cloudflare,
    to_vercel,
)
from pytest_modelpin.production.served import (
    MADE,
    Served,
    provider_of,
    providers_named,
    served_by_pins,
)

_PREFIXES: Mapping[str, str] = {"google": "gemini", "vertex": "vertex_ai"}
"""LiteLLM's name of a provider, where it has one of its own."""


def to_litellm(pins: Pins) -> str:
    """A configuration of LiteLLM's proxy and Router."""
    import yaml

    models: list[dict[str, Any]] = []
    fallbacks: list[dict[str, list[str]]] = []
    providers = providers_named(pins)
    for name, served in served_by_pins(pins).items():
        for id, share in served.shares.items():
            params: dict[str, Any] = {"model": _for_litellm(id, providers)}
            if len(served.shares) > 1:
                params["weight"] = share
            models.append({"model_name": name, "litellm_params": params})
        if served.fallbacks:
            fallbacks.append({name: list(served.fallbacks)})
    for id in dict.fromkeys(id for each in fallbacks for ids in each.values() for id in ids):
        if id not in pins.models:
            params = {"model": _for_litellm(id, providers)}
            models.append({"model_name": id, "litellm_params": params})
    made: dict[str, Any] = {"model_list": models}
    if fallbacks:
        made["router_settings"] = {"fallbacks": fallbacks}
    return f"# {MADE}; edit models.yml instead.\n{yaml.safe_dump(made, sort_keys=False)}"


def from_litellm(text: str, shown: str) -> dict[str, Served]:
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


def from_openfeature(text: str, shown: str) -> dict[str, Served]:
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
    """`MODELPIN_<NAME>=id` lines, as a dotenv file has them."""
    lines = (f"{environment_variable(name)}={model.pin}" for name, model in pins.models.items())
    return "\n".join((f"# {MADE}; edit models.yml instead.", *lines)) + "\n"


def from_env(text: str, pins: Pins) -> dict[str, Served]:
    """What a dotenv file serves; lines of other variables are passed over."""
    names = {environment_variable(name): name for name in pins.models}
    found = {}
    for line in text.splitlines():
        variable, mark, id = line.removeprefix("export ").partition("=")
        if mark and variable.strip() in names:
            found[names[variable.strip()]] = Served({id.strip().strip("'\""): 100.0})
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
    "litellm": Gateway(to_litellm, lambda text, shown, _: from_litellm(text, shown)),
    "openfeature": Gateway(
        to_openfeature, lambda text, shown, _: from_openfeature(text, shown), fallbacks=False
    ),
    "cloudflare": Gateway(to_cloudflare, lambda text, shown, _: from_cloudflare(text, shown)),
    "vercel": Gateway(to_vercel, lambda text, shown, _: from_vercel(text, shown)),
    "env": Gateway(
        to_env, lambda text, _, pins: from_env(text, pins), canaries=False, fallbacks=False
    ),
}


def _for_litellm(id: str, providers: Mapping[str, str]) -> str:
    provider = provider_of(id, providers)
    return f"{_PREFIXES.get(provider, provider)}/{id}" if provider else id
