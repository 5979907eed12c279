"""A provider's own list of its models: what it tells of each, and where it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from pytest_modelpin.providers.question import bearer


class ListedModel(NamedTuple):
    """What a list says about one id."""

    id: str
    retires: object = None
    """As the list writes it; anything but a date is passed over."""
    replacement: str | None = None
    points_to: str | None = None
    """The version behind an alias; None where the list does not tell."""


def _ids(entry: Mapping[str, Any]) -> Iterable[ListedModel]:
    return (ListedModel(entry["id"]),)


class ModelList(NamedTuple):
    """Where a provider lists its models, and how an entry is read."""

    path: str
    """What follows the base URL."""
    read: Callable[[Mapping[str, Any]], Iterable[ListedModel]] = _ids
    """From one entry of the list, of whose shape nothing is promised."""
    headers: Callable[[str], Mapping[str, str]] = bearer
    """From the key."""
    entries: str = "data"
    """The field that holds the entries."""
    lists_retirements: bool = False
    """Whether it says when a model retires."""
    public: bool = False
    """Whether it is read without a key."""
    one: str | None = None
    """The path to one entry, `{id}` in the place of its id, where an alias can be asked for too."""
