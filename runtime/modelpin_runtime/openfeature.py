"""An OpenFeature provider over the pins: `pip install openfeature-sdk`, then

    from openfeature import api
    from modelpin_runtime import load
    from modelpin_runtime.openfeature import PinsProvider

    api.set_provider(PinsProvider(load()))
    api.get_client().get_string_value("claude", "", EvaluationContext(targeting_key=user_id))

A logical name is a flag whose value is the id to ask; the targeting key is who is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import FlagNotFoundError, TypeMismatchError
from openfeature.flag_evaluation import FlagResolutionDetails, Reason
from openfeature.provider import AbstractProvider, Metadata

from modelpin_runtime.pins import LivePins


class PinsProvider(AbstractProvider):
    """models.yml as flags: the pin, or the canary for its share of targeting keys.

    As a string, a flag is the id; as an object, `{"id", "role", "chain"}`. The variant is the role
    (`pin` or `canary`), and the reason says whether the split decided. Nothing here waits.
    """

    def __init__(self, pins: LivePins) -> None:
        super().__init__()
        self._pins = pins

    def get_metadata(self) -> Metadata:
        """The provider's name."""
        return Metadata(name="modelpin")

    def resolve_string_details(
        self,
        flag_key: str,
        default_value: str,
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[str]:
        """The id to ask. Raises FlagNotFoundError for a name that models.yml does not have."""
        return self._resolved(flag_key, evaluation_context, whole=False)

    def resolve_object_details(
        self,
        flag_key: str,
        default_value: Sequence[Any] | Mapping[str, Any],
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[Any]:
        """The id, its role, and all that may be asked, in order."""
        return self._resolved(flag_key, evaluation_context, whole=True)

    def resolve_boolean_details(
        self,
        flag_key: str,
        default_value: bool,
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[bool]:
        """No model is a truth value: raises TypeMismatchError."""
        _mismatch(flag_key)

    def resolve_integer_details(
        self,
        flag_key: str,
        default_value: int,
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[int]:
        """No model is a number: raises TypeMismatchError."""
        _mismatch(flag_key)

    def resolve_float_details(
        self,
        flag_key: str,
        default_value: float,
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[float]:
        """No model is a number: raises TypeMismatchError."""
        _mismatch(flag_key)

    def _resolved(
        self, name: str, context: EvaluationContext | None, *, whole: bool
    ) -> FlagResolutionDetails[Any]:
        if name not in self._pins:
            raise FlagNotFoundError(f"models.yml names no {name!r}; it names: "
                                    f"{', '.join(self._pins)}.")  # fmt: skip
        key = context.targeting_key if context else None
        route = self._pins.route(name, key)
        model = self._pins.models[name]
        split = model.canary is not None and not model.overridden and key is not None
        value: Any = route.id
        if whole:
            chain = [target.id for target in self._pins.chain(name, key)]
            value = {"id": route.id, "role": route.role, "chain": chain}
        reason = Reason.SPLIT if split else Reason.STATIC
        return FlagResolutionDetails(value=value, variant=route.role, reason=reason)


def _mismatch(name: str) -> NoReturn:
    raise TypeMismatchError(f"{name} is a model: ask for a string, or for an object.")
