"""Which keys models.yml may hold, and what of them belongs together.

Imported only when a file is read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from modelpin_runtime.errors import did_you_mean
from modelpin_runtime.registry import document
from modelpin_runtime.registry.fields import (
    Mistakes,
    by_name,
    choice,
    day,
    entries,
    model_id,
    number,
    record,
    several,
    text,
    truth,
    whole,
    whole_or,
)
from modelpin_runtime.registry.models import (
    OWN_VARIABLES,
    RESERVED,
    WHICH,
    Canary,
    Endpoint,
    Model,
    Pins,
    Settings,
    environment_variable,
)

# The words of `compare`, which lies above: models.yml can be read without it.
DRIFT_KINDS = (
    "identical", "whitespace", "wording", "order", "fence", "unparseable", "keys", "type", "enum",
    "shape", "number", "negation", "refusal", "truncated", "empty", "length", "language", "format",
    "content", "tools", "neighbours", "tokens", "cost", "latency", "finish_reason",
)  # fmt: skip
_SEVERITIES = ("info", "review", "regression")

_WORD = re.compile(r"[a-z][a-z0-9_-]*")
_HOST = re.compile(r"[a-z0-9.*\-]+(?::\d+)?|\[[0-9a-f:]+\](?::\d+)?")
_LOGICAL_NAME = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,99}")


def _provider(node: yaml.Node, key: str, mistakes: Mistakes) -> str | None:
    written = text(node, key, mistakes)
    if written is None or _WORD.fullmatch(written):
        return written
    mistakes.unfit(node, key, "a provider's name in lower case, such as openai")
    return None


def _instant(node: yaml.Node, key: str, mistakes: Mistakes) -> str | None:
    written = text(node, key, mistakes)
    try:
        if written is not None and datetime.fromisoformat(written.replace("Z", "+00:00")).tzinfo:
            return written
    except ValueError:
        pass
    if written is not None:
        mistakes.unfit(node, key, "a time with its zone, such as 2026-11-27T03:00:00Z")
    return None


_CANARY = record(
    {
        "model": model_id,
        "percent": number(0, 100),
        "steps": several(number(0, 100)),
        "min_requests": whole(1),
        "min_hours": number(0),
        "since": _instant,
    },
    required=("model",),
)


def _canary(node: yaml.Node, key: str, mistakes: Mistakes) -> Canary | None:
    values = {name: value for name, value in (_CANARY(node, key, mistakes) or {}).items()
              if value is not None}  # fmt: skip
    if "model" not in values:
        return None
    steps = values.get("steps")
    if steps is not None:
        if not steps or None in steps or list(steps) != sorted(set(steps)):
            written = next(value for name, value in node.value if name.value == "steps")
            allowed = "percentages that grow, such as [1, 5, 25, 100]"
            mistakes.unfit(written, f"{key}.steps", allowed)
            return None
        values.setdefault("percent", steps[0])
    return Canary(**values)


_MODEL = record(
    {
        "production": model_id,
        "staging": model_id,
        "candidate": model_id,
        "last_validated": day,
        "provider": _provider,
        "previous": model_id,
        "fallback": several(model_id),
        "canary": _canary,
        "policy": choice("pin", "float", "protected"),
        "require": several(choice("nightly", "shadow", "canary")),
        "group": text,
        "introduced": day,
        "promoted": day,
        "prompt_version": text,
        "retires": day,
        "ignore": several(model_id),
        "notes": text,
    },
    required=("production",),
)

_JUDGE = record(
    {"model": text, "when": choice("unsure", "marked"), "budget_usd": number(0)},
    required=("model",),
)


def _judge(node: yaml.Node, key: str, mistakes: Mistakes) -> dict[str, Any] | None:
    """A logical name, or a mapping with one; as the fields of Settings."""
    if isinstance(node, yaml.ScalarNode):
        return {"judge": text(node, key, mistakes)}
    found = _JUDGE(node, key, mistakes) or {}
    fields = {"model": "judge", "when": "judge_when", "budget_usd": "judge_budget_usd"}
    return {fields[name]: value for name, value in found.items() if value is not None}


_PRICE = record({"input": number(0), "output": number(0)}, required=("input", "output"))

_SETTINGS = record(
    {
        "green_runs": whole(1),
        "stale_days": whole(1),
        "warn_days": whole(0),
        "urgent_days": whole(0),
        "samples": whole_or("auto", 1),
        "pin_samples": whole(1),
        "margin": number(0, 1),
        "similarity": number(0, 1),
        "budget_usd": number(0),
        "gate": choice("auto", "strict", "statistical"),
        "on_drift": choice("fail", "hold", "report"),
        "night_minutes": whole(1),
        "judge": _judge,
        "ignore": several(choice(*DRIFT_KINDS)),
        "severities": record(dict.fromkeys(DRIFT_KINDS, choice(*_SEVERITIES))),
        "length_ratio": number(0),
        "token_ratio": number(0),
        "latency_ratio": number(0),
        "prices": by_name(_PRICE),
        "max_cost_increase": number(0),
        "max_latency_increase": number(0),
        "max_token_increase": number(0),
        "on_red": choice("close", "draft", "comment"),
        "alarm": choice("none", "issue"),
        "draft": truth,
        "automerge": truth,
        "labels": several(text),
        "reviewers": several(text),
        "assignees": several(text),
        "embedding": text,
        "entailment": text,
    }
)


@lru_cache(maxsize=1)  # a pytest session asks twice: for the keys, before any conftest, and anew
def read(content: str, path: Path, shown: str) -> Pins:
    """What a models.yml says; `shown` is the path that messages name.

    Raises RegistryError that lists every mistake, a line each.
    """
    root = document.compose(content, shown).root
    mistakes = Mistakes(shown)
    keys = {"models": _models, "settings": _settings, "endpoints": several(_endpoint)}
    parts = record(keys, required=("models",))(root, "", mistakes)
    endpoints = tuple(each for each in parts.get("endpoints") or () if each)
    models, settings = parts.get("models") or {}, parts.get("settings") or Settings()
    _check_references(root, models, settings, mistakes)
    mistakes.raise_any()
    return Pins(models, settings, path, dict(_lines(root)), endpoints, content)


def _host(node: yaml.Node, key: str, mistakes: Mistakes) -> str | None:
    written = text(node, key, mistakes)
    if written is None or _HOST.fullmatch(written.lower()):
        return written
    mistakes.unfit(node, key, "a host alone, such as llm.acme.example, .acme.example or host:8080")
    return None


def _path(node: yaml.Node, key: str, mistakes: Mistakes) -> str | None:
    written = text(node, key, mistakes)
    if written is None or written.startswith("/"):
        return written
    mistakes.unfit(node, key, "a path that begins with /, such as /llm/ask")
    return None


_ENDPOINT = record(
    {"host": _host, "provider": _provider, "path": _path, "as": _path},
    required=("host", "provider"),
)


def _endpoint(node: yaml.Node, key: str, mistakes: Mistakes) -> Endpoint | None:
    values = _ENDPOINT(node, key, mistakes) or {}
    if not values.get("host") or not values.get("provider"):
        return None
    return Endpoint(
        values["host"].lower(), values["provider"], values.get("path") or "", values.get("as") or ""
    )


def _models(node: yaml.Node, key: str, mistakes: Mistakes) -> dict[str, Model | None]:
    pairs = entries(node, key, mistakes) or {}
    if isinstance(node, yaml.MappingNode) and not node.value:
        mistakes.add(
            document.line(node), key, "names no model; write a name and its `production:`."
        )
    models: dict[str, Model | None] = {}
    variables: dict[str, str] = {}
    for name, (written, value) in pairs.items():
        variable = environment_variable(name)
        _check_name(name, written, mistakes)
        if variable in variables:
            sentence = (
                f"`{name}` and `{variables[variable]}` would both be overridden by {variable}; "
                "rename one so that they differ in a letter or digit."
            )
            mistakes.add(document.line(written), f"{key}.{name}", sentence)
        elif variable in OWN_VARIABLES:
            sentence = f"{variable} is a setting, and would override `{name}`; rename it."
            mistakes.add(document.line(written), f"{key}.{name}", sentence)
        variables.setdefault(variable, name)
        models[name] = _model(name, value, f"{key}.{name}", mistakes)
    return models


def _model(name: str, node: yaml.Node, key: str, mistakes: Mistakes) -> Model | None:
    values: dict[str, Any] | None = _MODEL(node, key, mistakes)
    if values is None:
        return None
    if "staging" in values and "candidate" in values:
        mistakes.add(document.line(node), key, "`staging` and `candidate` mean the same; keep one.")
    if (candidate := values.pop("candidate", None)) is not None:
        values["staging"] = candidate
    return Model(name, **values) if "production" in values else None


def _settings(node: yaml.Node, key: str, mistakes: Mistakes) -> Settings:
    values = {name: value for name, value in (_SETTINGS(node, key, mistakes) or {}).items()
              if value is not None}  # fmt: skip
    judge = values.pop("judge", {})
    settings = Settings(**values, **judge)
    if settings.urgent_days > settings.warn_days:
        sentence = (
            f"urgent_days ({settings.urgent_days}) lies before the warning, warn_days "
            f"({settings.warn_days}); make urgent_days the smaller one."
        )
        mistakes.add(document.line(node), key, sentence)
    return settings


def _check_name(name: str, node: yaml.Node, mistakes: Mistakes) -> None:
    if not _LOGICAL_NAME.fullmatch(name):
        allowed = "letters, digits, - _ and ., at most 100, the first a letter"
        mistakes.add(document.line(node), "models", f"found the name {name!r}; allowed: {allowed}.")
    elif name.lower() in RESERVED:
        sentence = f"the name {name!r} is a word of `--model` ({', '.join(WHICH)}); choose another."
        mistakes.add(document.line(node), "models", sentence)


def _check_references(
    root: yaml.MappingNode,
    models: Mapping[str, Model | None],
    settings: Settings,
    mistakes: Mistakes,
) -> None:
    lines = dict(_lines(root))
    for name, model in models.items():
        if model and model.canary and model.canary.model == model.production:
            at = ("models", name, "canary")
            sentence = f"its model is the pin {model.production} itself; name another id."
            mistakes.add(lines[at], ".".join(at), sentence)
        elif model and (meant := _logical_canary(model, models)):
            at = ("models", name, "canary")
            sentence = f"`{meant.name}` is a logical name; write its id: {meant.production}."
            mistakes.add(lines[at], ".".join(at), sentence)
        if model and name in (model.fallback or ()):
            at = ("models", name, "fallback")
            mistakes.add(lines[at], ".".join(at), f"`{name}` can't be its own fallback.")
    if settings.judge is not None and settings.judge not in models:
        sentence = (
            f"found {settings.judge!r}; allowed: a logical name of this file "
            f"({', '.join(models)}).{did_you_mean(settings.judge, models)}"
        )
        mistakes.add(lines["settings", "judge"], "settings.judge", sentence)


def _logical_canary(model: Model, models: Mapping[str, Model | None]) -> Model | None:
    """The logical model that a canary names where an id is due: users would be sent to no model.

    A logical name may be spelt like an id, which then is meant.
    """
    meant = models.get(model.canary.model) if model.canary else None
    if meant is None or model.provider is not None:
        return None
    from modelpin_runtime.provider_of import provider_of

    return meant if provider_of(meant.name) is None else None


def _lines(node: yaml.Node, above: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], int]]:
    if not isinstance(node, yaml.MappingNode) or len(above) > 3:
        return []
    found = []
    for written, value in node.value:
        key = (*above, str(written.value))
        found.append((key, document.line(written)))
        found += _lines(value, key)
    return found
