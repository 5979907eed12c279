"""What each LLM API's bytes and ids mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_modelpin.providers.catalogue import (
    PROVIDERS,
    identify,
    is_telemetry,
    known_providers,
    proven,
    provider_for,
    provider_named,
    route_prefixes,
    served_id,
    side_provider_for,
)
from pytest_modelpin.providers.endpoint import Endpoint, EndpointByPath, bare
from pytest_modelpin.providers.openai_compatible import OpenAICompatible
from pytest_modelpin.providers.provider import Kind, ModelId, Naming, Provider, Rule
from pytest_modelpin.providers.wire import Reply, ToolCall, Usage

if TYPE_CHECKING:
    from pytest_modelpin.providers.replies import read_reply
    from pytest_modelpin.providers.retirements import Floor, Retirement, floor, retirement

__all__ = [
    "PROVIDERS",
    "Endpoint",
    "EndpointByPath",
    "Floor",
    "Kind",
    "ModelId",
    "Naming",
    "OpenAICompatible",
    "Provider",
    "Reply",
    "Retirement",
    "Rule",
    "ToolCall",
    "Usage",
    "bare",
    "floor",
    "identify",
    "is_telemetry",
    "known_providers",
    "proven",
    "provider_for",
    "provider_named",
    "read_reply",
    "retirement",
    "route_prefixes",
    "served_id",
    "side_provider_for",
]


def __getattr__(name: str) -> Any:
    # A test that replays reads neither what replies say nor the table of retirements.
    if name == "read_reply":
        from pytest_modelpin.providers.replies import read_reply

        return read_reply
    if name in ("Floor", "Retirement", "floor", "retirement"):
        from pytest_modelpin.providers import retirements

        return getattr(retirements, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
