"""What models.yml says, as data."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Literal

from modelpin_runtime.errors import RegistryError, nearest
from modelpin_runtime.frozen import dataclass, field, replace

Gate = Literal["auto", "strict", "statistical"]
"""`strict` also asks that no sample fails; `auto` and `statistical` are the same."""


WHICH = ("production", "candidate", "staging", "fallback", "canary", "previous")
"""The words of `--model`; `staging` is `candidate`."""

RESERVED = frozenset(WHICH) | {"id"}
"""What no logical model may be called, whatever the case."""


@dataclass(frozen=True, slots=True)
class Canary:
    """A model that serves a share of production traffic."""

    model: str
    """Its id."""
    percent: float = 1.0
    """The share of users that it serves now."""
    steps: tuple[float, ...] = (1.0, 5.0, 25.0, 50.0, 100.0)
    """The shares that `pytest-modelpin canary` advances through."""
    min_requests: int = 200
    """Requests of the canary's at a step before it may advance."""
    min_hours: float = 24.0
    """Hours at a step before it may advance."""
    since: str | None = None
    """When this step began, ISO 8601 in UTC; `canary --apply` writes it."""


@dataclass(frozen=True, slots=True)
class Model:
    """One logical model: the pin that users get and the candidate to watch."""

    name: str
    production: str
    """The id in force: the file's, unless `MODELPIN_<NAME>` in the environment overrides it."""
    staging: str | None = None
    """The candidate; `candidate:` in the file is a synonym."""
    last_validated: date | None = None
    provider: str | None = None
    previous: str | None = None
    fallback: tuple[str, ...] = ()
    """Logical names or ids, in order."""
    canary: Canary | None = None
    policy: Literal["pin", "float", "protected"] = "pin"
    require: tuple[str, ...] = ("nightly",)
    """What has to be green before the pin moves: `nightly`, which always has to, `shadow`,
    `canary`."""
    group: str | None = None
    """Logical models of one group are bumped together."""
    introduced: date | None = None
    promoted: date | None = None
    prompt_version: str | None = None
    retires: date | None = None
    ignore: tuple[str, ...] = ()
    notes: str | None = None
    overridden: str | None = None
    """The file's production id, where the environment overrides it; else None."""

    @property
    def pin(self) -> str:
        """The id that the file pins, whatever the environment overrides it with."""
        return self.overridden or self.production

    def ids(self) -> frozenset[str]:
        """Every id that the entry names in any role; of `fallback`, logical names too."""
        return self.versions() | {*self.fallback}

    def versions(self) -> frozenset[str]:
        """Every id that the entry names as a version of its own: not those it falls back to."""
        canary = self.canary.model if self.canary else None
        named = (self.production, self.overridden, self.staging, self.previous, canary)
        return frozenset(id for id in (*named, *self.ignore) if id)


@dataclass(frozen=True, slots=True)
class Settings:
    """Suite-wide settings; each has the default that the documentation names."""

    green_runs: int = 3
    stale_days: int = 30
    warn_days: int = 90
    urgent_days: int = 30
    samples: int | Literal["auto"] = "auto"
    """Samples of each case a night; `auto`: as few as can decide on the last of `green_runs`."""
    pin_samples: int = 5
    """Samples of the pin that `record` takes: they say what may vary."""
    margin: float = 0.10
    similarity: float = 0.7
    budget_usd: float = 5.00
    gate: Gate = "auto"
    on_drift: Literal["fail", "hold", "report"] = "fail"
    """What a confirmed change of something the pin always says does to a night."""
    night_minutes: int = 45
    """After that, what is left is lost and the night is written down."""
    judge: str | None = None
    """Logical name of the model that judges."""
    judge_when: Literal["unsure", "marked"] = "unsure"
    """`unsure`: also of findings that the detectors leave to a person; `marked`: only where a test
    asks for it."""
    judge_budget_usd: float = 0.25
    """What a run's questions about unsure findings may cost; apart from `budget_usd`."""
    ignore: tuple[str, ...] = ()
    """Drift kinds lowered to `info` for the whole suite."""
    severities: Mapping[str, str] = field(default_factory=dict)
    """By drift kind: `info`, `review` or `regression` instead of the usual."""
    length_ratio: float = 0.5
    """A text longer or shorter by more than this fraction is a `length` drift."""
    token_ratio: float = 0.2
    """The same for output tokens and for the cost."""
    latency_ratio: float = 0.2
    """The same for latency."""
    prices: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """By model id: `input` and `output`, US dollars a million tokens."""
    max_cost_increase: float | None = None
    """As a fraction: 0.2 is 20 %."""
    max_latency_increase: float | None = None
    max_token_increase: float | None = None
    on_red: Literal["close", "draft", "comment"] = "draft"
    alarm: Literal["none", "issue"] = "none"
    draft: bool = False
    automerge: bool = False
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    embedding: str | None = None
    """`model2vec` id or folder and revision for the `[semantic]` extra, as `name@revision`."""
    entailment: str | None = None
    """Folder of a cross-encoder in ONNX, or `owner/name@revision`, for the `[semantic]` extra."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address at which a known API is spoken, where its host or path doesn't say so."""

    host: str
    """Its port too, where it has one; a leading dot: any host below; `*`: any run of letters."""
    provider: str
    """Whose API it is."""
    path: str = ""
    """What the path begins with; empty for any."""
    as_path: str = ""
    """The provider's own path for which it stands; empty where it is the same."""


@dataclass(frozen=True, slots=True)
class Pins:
    """models.yml as a whole; `pins["claude"]` is the production id of the model `claude`."""

    models: Mapping[str, Model]
    settings: Settings
    path: Path
    lines: Mapping[tuple[str, ...], int] = field(default_factory=dict)
    """The line of each key, such as ("models", "claude", "production"), counted from 1."""
    endpoints: tuple[Endpoint, ...] = ()
    text: str = ""
    """The file, as it was read."""

    def __getitem__(self, name: str) -> str:
        """The production id of a logical model; KeyError names those there are."""
        try:
            return self.models[name].production
        except KeyError:
            known = ", ".join(self.models) or "none"
            raise KeyError(f"{name!r} is not in {self.path}; it names: {known}") from None

    def fallbacks(self, name: str) -> tuple[str, ...]:
        """The ids to try, in order, when the production id of `name` is down.

        A logical name in the list stands for that model's production id.
        """
        entries = self.models[name].fallback
        return tuple(self.models[e].production if e in self.models else e for e in entries)

    def __contains__(self, name: object) -> bool:
        return name in self.models


_LONGEST = 512
"""Characters; Bedrock's inference profile ARNs, the longest ids in use, stay below 300."""


def unfit_id(text: str) -> str | None:
    """Why `text` can't be a model id, None where it can."""
    if not text:
        return "is empty"
    if len(text) > _LONGEST:
        return f"is longer than {_LONGEST} characters"
    if any(character.isspace() or not character.isprintable() for character in text):
        return "holds a space or control character"
    return None


OWN_VARIABLES = frozenset(
    {"MODELPIN_SOURCE", "MODELPIN_OBSERVATIONS", "MODELPIN_HEALTH", "MODELPIN_BREAKERS",
     "MODELPIN_SLACK_WEBHOOK"}
)  # fmt: skip
"""What says something else already: a folder's path would become a model id."""


_PREFIX = "MODELPIN_"


def environment_variable(name: str) -> str:
    """The variable that overrides a logical model's production id."""
    return _PREFIX + re.sub(r"[^A-Z0-9]", "_", name.upper())


def overrides_nothing(
    names: Collection[str], environment: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """The variables that are called much like one which overrides a pin, each with that one.

    `names` are the logical models. A mistyped rollback would else be taken for one that holds.
    """
    ends = {environment_variable(name).removeprefix(_PREFIX) for name in names}
    for variable in sorted(environment):
        end = variable.removeprefix(_PREFIX)
        if end == variable or end in ends or variable in OWN_VARIABLES or not environment[variable]:
            continue
        if meant := nearest(end, ends):
            yield variable, f"{_PREFIX}{meant}"


def overridden(model: Model, environment: Mapping[str, str]) -> Model:
    """The model with the environment's production id; `overridden` then keeps the file's.

    An empty variable counts as unset. Raises RegistryError where it holds no model id.
    """
    variable = environment_variable(model.name)
    wanted = environment.get(variable, "")
    if not wanted or wanted == model.production:
        return model
    if problem := unfit_id(wanted):
        raise RegistryError(
            f"The environment variable {variable} {problem}; set it to a model id, or unset it."
        )
    return replace(model, production=wanted, overridden=model.production)
