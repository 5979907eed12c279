"""`MODELPIN_<NAME>`: the instant rollback, an environment variable that wins over the file."""

from __future__ import annotations

import re
from collections.abc import Mapping

from modelpin_runtime.errors import RegistryError
from modelpin_runtime.frozen import replace
from modelpin_runtime.registry.models import Model, unfit_id

OWN_VARIABLES = frozenset(
    {"MODELPIN_SOURCE", "MODELPIN_OBSERVATIONS", "MODELPIN_HEALTH", "MODELPIN_BREAKERS",
     "MODELPIN_SLACK_WEBHOOK"}
)  # fmt: skip
"""What says something else already: a folder's path would become a model id."""


def environment_variable(name: str) -> str:
    """The variable that overrides a logical model's production id."""
    return "MODELPIN_" + re.sub(r"[^A-Z0-9]", "_", name.upper())


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
