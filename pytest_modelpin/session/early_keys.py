"""Stand-in keys before any conftest.py is imported, which may make a client there and then."""

from __future__ import annotations

import pytest

from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.providers.api_keys import Keys
from pytest_modelpin.registry import find, load, select


def give_keys(config: pytest.Config) -> None:
    """Give them until the run is over; nothing where options or models.yml are wrong.

    What is wrong is said once pytest is configured.
    """
    option = config.known_args_namespace
    try:
        path = find(config.rootpath, config.getini("modelpin_registry") or None)
        if path is None:
            return
        keys = Keys(select(load(path), option.model, option.model_record))
    except ModelpinError:
        return
    keys.stand_in()
    config.add_cleanup(keys.take_back)
